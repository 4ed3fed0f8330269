//! `terrace exec`: the program, the endpoint that stands in for AWS, and a real shell with a terminal at the far end.

use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::process::Stdio;

use pty_process::blocking::{Command as Terminal, Pty};
use terrace_tunnel::endpoint::{
    AccountId, Endpoint, Name, Options, Place, Replica, Shape, Shells, Surroundings, System, open_with,
};
use tokio::runtime::Runtime;
use tokio::sync::watch;

use crate::folder::{Folder, Ran};

const FARGATE: &str = "name = \"shop\"\nshape = \"fargate\"\nregion = \"us-east-1\"\n\n[web]\nroot = \"page\"\n\n\
                       [app]\nroot = \"app\"\nrun = \"./app\"\npaths = [\"/api/*\"]\nexec = true\n\n\
                       [data]\nengine = \"postgres\"\nversion = \"16\"\n";

/// What stands in for AWS, as long as this is there.
struct Far {
    runtime: Runtime,
    endpoint: Endpoint,
    _system: watch::Sender<System>,
}

fn name(text: &str) -> Name {
    text.parse().unwrap()
}

fn far(shape: Shape) -> Far {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let replicas = vec![Replica { start: "app-1".to_owned(), since: 1_795_000_000 }];
    let (system, watched) =
        watch::channel(System { shape, replicas, database: None, others: BTreeMap::new() });
    let place = Place {
        region: "us-east-1".parse().unwrap(),
        account: AccountId::rehearsal(),
        run: "shop".to_owned(),
    };
    let options =
        Options { place, system: watched, port: None, faults: "unpaced".parse().unwrap(), seed: 20_261_122 };
    let shells = Shells::new(|replica| {
        let environment = [("REPLICA", replica.start.as_str()), ("PATH", "/usr/bin:/bin")];
        let environment = environment.map(|(name, value)| (name.into(), value.into())).to_vec();
        Some(Surroundings { folder: "/".into(), environment })
    });
    let endpoint = runtime.block_on(open_with(options, Some(shells))).unwrap();
    Far { runtime, endpoint, _system: system }
}

fn tasks(exec: bool) -> Shape {
    Shape::Fargate { cluster: name("shop"), service: name("shop-app"), container: name("app"), exec }
}

fn project(manifest: &str) -> Folder {
    Folder::with(&[("terrace.toml", manifest), ("page/index.html", ""), ("app/x", "")])
}

impl Far {
    fn run(&self, folder: &Folder, words: &[&str]) -> Ran {
        let mut command = folder.command("exec");
        command.args(["--endpoint-url", &self.endpoint.url()]).args(words).stdin(Stdio::null());
        command.env("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE").env("AWS_SECRET_ACCESS_KEY", "none");
        let output = command.output().unwrap();
        Ran {
            code: output.status.code().unwrap(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// Everything is ended on the other side, too.
    fn rest(&self) {
        self.runtime.block_on(async {
            while self.endpoint.sessions() > 0 {
                tokio::task::yield_now().await;
            }
        });
    }
}

#[test]
fn a_command_says_what_it_says_and_ends_as_it_ends() {
    for (manifest, shape) in [
        (FARGATE.to_owned(), tasks(true)),
        (
            FARGATE.replace("fargate", "ec2").replace("exec = true\n", ""),
            Shape::Ec2 { group: name("shop-app"), tags: BTreeMap::new() },
        ),
    ] {
        let (folder, far) = (project(&manifest), far(shape));
        let cases: [(&[&str], i32, &str); 4] = [
            (&["--", "sh", "-c", "echo $REPLICA; pwd; exit 7"], 7, "app-1\n/\n"),
            (&["app", "--", "printf", "%s|", "it's", "$HOME", ""], 0, "it's|$HOME||"),
            (&["--", "sh", "-c", "cat; echo end"], 0, "end\n"),
            (&["--", "sh", "-c", "exit 255"], 255, ""),
        ];
        for (words, code, said) in cases {
            let ran = far.run(&folder, words);
            assert_eq!((ran.code, ran.stdout.as_str()), (code, said), "{words:?}: {}", ran.stderr);
            assert_eq!(ran.stderr, "", "{words:?}");
            far.rest();
        }
    }
}

#[test]
fn what_cannot_be_had_is_said_with_what_to_do() {
    let folder = project(FARGATE);
    let open = far(tasks(true));
    let cases: [(&[&str], i32, &str); 5] = [
        (&[], 2, "error: there is no terminal for a shell\nhelp: give a command after `--`"),
        (&["ap", "--", "ls"], 2, "error: there is no service `ap`\nhelp: did you mean `app`?"),
        (&["ls", "--", "ls"], 2, "a command of its own stands after `--`: `terrace exec -- ls`"),
        (
            &["--task", "zz", "--", "ls"],
            1,
            "error: no task of `shop-app` that runs has an id beginning with `zz`\nhelp: there are ",
        ),
        (&["--target", "app", "--", "ls"], 2, "`app` is no target"),
    ];
    for (words, code, said) in cases {
        let ran = open.run(&folder, words);
        assert_eq!((ran.code, ran.stdout.as_str()), (code, ""), "{words:?}: {}", ran.stderr);
        assert!(ran.stderr.contains(said), "{words:?}: {}", ran.stderr);
    }
    let closed = far(tasks(false)).run(&folder, &["--", "ls"]);
    assert_eq!(closed.code, 1);
    assert!(closed.stderr.contains("write `[app] exec = true` in terrace.toml"), "{}", closed.stderr);
    let machines = project(&FARGATE.replace("fargate", "ec2").replace("exec = true\n", ""));
    let ran = open.run(&machines, &["--task", "7", "--", "ls"]);
    assert!(ran.code == 2 && ran.stderr.contains("`--target i-…` names a machine"), "{}", ran.stderr);
    let local = folder.run("exec --local -- ls");
    assert_eq!((local.code, local.stdout.as_str()), (3, ""), "{}", local.stderr);
    assert!(local.stderr.contains("help: `terrace up` starts it"), "{}", local.stderr);
}

#[test]
fn the_least_policy_is_printed() {
    let (folder, far) = (project(FARGATE), far(tasks(true)));
    let ran = far.run(&folder, &["--policy"]);
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
    let policy: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    let first = policy.pointer("/Statement/0").unwrap();
    assert_eq!(first.pointer("/Action").unwrap(), "ecs:ExecuteCommand");
    assert_eq!(first.pointer("/Condition/StringEquals/ecs:container-name").unwrap(), "app");
}

/// Reads until the terminal has shown this.
fn shown(terminal: &mut Pty, all: &mut String, end: &str) {
    let mut buffer = [0; 4096];
    while !all.contains(end) {
        match terminal.read(&mut buffer) {
            Ok(count @ 1..) => all.push_str(&String::from_utf8_lossy(buffer.get(..count).unwrap())),
            // On Linux an error says that nobody has the other end any more.
            _ => return,
        }
    }
}

#[test]
fn a_person_has_the_shell_and_then_the_terminal_as_it_was() {
    let (folder, far) = (project(FARGATE), far(tasks(true)));
    let (mut terminal, end) = pty_process::blocking::open().unwrap();
    terminal.resize(pty_process::Size::new(33, 101)).unwrap();
    let script = format!(
        "echo \"before $(stty -g)\"; {} exec --endpoint-url {}; echo \"code $?\"; echo \"after $(stty -g)\"; echo o''ver",
        env!("CARGO_BIN_EXE_terrace"),
        far.endpoint.url()
    );
    let mut child = Terminal::new("/bin/sh")
        .arg("-c")
        .arg(script)
        .current_dir(folder.project())
        .env("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE")
        .env("AWS_SECRET_ACCESS_KEY", "none")
        .env("TERM", "xterm")
        .env_remove("CI")
        .spawn(end)
        .unwrap();
    let mut all = String::new();
    shown(&mut terminal, &mut all, "task ");
    terminal.write_all(b"PS1=; stty -echo; echo re''ady\r").unwrap();
    shown(&mut terminal, &mut all, "ready\r\n");
    terminal.write_all(b"stty size; echo $REPLICA; echo si''zed\r").unwrap();
    shown(&mut terminal, &mut all, "sized\r\n");
    terminal.resize(pty_process::Size::new(10, 40)).unwrap();
    // Ctrl-C goes to what runs there.
    let reads =
        b"(stty -isig -icanon; echo wai''ting; head -c 1 | od -An -tx1; stty sane -echo; echo cau''ght)\r";
    terminal.write_all(reads).unwrap();
    shown(&mut terminal, &mut all, "waiting\r\n");
    terminal.write_all(b"\x03").unwrap();
    shown(&mut terminal, &mut all, "caught\r\n");
    terminal.write_all(b"stty size; exit 5\r").unwrap();
    shown(&mut terminal, &mut all, "over\r\n");
    child.wait().unwrap();
    assert!(all.contains("33 101\r\napp-1\r\nsized\r\n"), "{all}");
    assert!(all.contains(" 03\r\ncaught\r\n"), "{all}");
    assert!(all.contains("10 40\r\n"), "{all}");
    assert!(all.contains("code 5\r\n"), "{all}");
    let stty = |when: &str| {
        let line = all.lines().find(|line| line.starts_with(when)).unwrap();
        line.strip_prefix(when).unwrap().to_owned()
    };
    assert_eq!(stty("before "), stty("after "));
    assert!(!all.contains("5522"), "{all}");
    far.rest();
}
