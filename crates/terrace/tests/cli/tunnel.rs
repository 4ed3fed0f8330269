//! `terrace tunnel` and what goes through it: a real database, the endpoint that rehearses AWS, real clients.

use std::io::{BufRead as _, BufReader, Read as _};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use crate::folder::Folder;
use crate::stand_in::StandIn;
use crate::up::shop;

const MANIFEST: &str = "name = \"shop\"\nshape = \"ec2\"\nregion = \"us-east-1\"\n\n[web]\nroot = \"page\"\n\n\
                        [app]\nroot = \"app\"\nrun = \"./app\"\npaths = [\"/api/*\"]\n\n\
                        [data]\nengine = \"postgres\"\nversion = \"16\"\n";

#[test]
fn what_is_asked_wrongly_is_refused_before_anything_is_opened() {
    let folder = Folder::with(&[("terrace.toml", MANIFEST), ("page/index.html", ""), ("app/x", "")]);
    folder.write("kept.sql", "select 1;\n");
    folder.write("dump.sql.gz", "\u{1f}\u{8b}");
    std::fs::write(folder.project().join("dump.sql.gz"), [0x1f, 0x8b, 8, 0]).unwrap();
    let cases = [
        ("tunnel --local", 3, "error: shop does not run\n"),
        ("tunnel --port 1 --port 2", 2, "error: 2 ports for 1 endpoints\n"),
        ("tunnel --to db.internal", 2, "`db.internal` has no port: write `host:port`"),
        ("tunnel --spool 5", 2, "a size is a whole number with a unit"),
        ("tunnel --spool 1KiB", 2, "error: the spool of a stream is 1024, but goes from 65536 to"),
        ("tunnel --sessions 0", 2, "invalid value '0' for '--sessions <N>'"),
        ("tunnel --target ecs:shop_app", 2, "`ecs:shop_app` is no target"),
        ("tunnel --local --profile me", 2, "cannot be used with '--profile <NAME>'"),
        (
            "db shell --region eu-west-1",
            2,
            "error: `--region` is about the deployed database\nhelp: add `--aws`\n",
        ),
        ("db dump --aws --rehearse x.sql", 2, "cannot be used with"),
        ("db dump kept.sql", 2, "error: kept.sql is there already\nhelp: `--force` writes over it"),
        ("db dump app", 2, "error: app is a folder\n"),
        ("db dump new.sql", 3, "error: shop does not run\n"),
        ("db dump new.sql --rehearse", 3, "error: shop does not run\n"),
        ("db shell --aws --ca nowhere.pem", 2, "error: nowhere.pem cannot be read\n"),
        ("tunnel --ca kept.sql", 2, "error: kept.sql holds no certificate as PEM\n"),
        ("db restore nowhere.sql", 2, "error: nowhere.sql cannot be read\n"),
        (
            "db restore dump.sql.gz --yes",
            2,
            "error: dump.sql.gz is compressed (gzip)\nhelp: `gunzip dump.sql.gz` first\n",
        ),
        ("db restore kept.sql --aws", 2, "error: this overwrites data, and nobody is there to confirm it\n"),
        ("up --tunnel-faults loss=90%", 2, "`90%` is no share: write 0% to 50%, as in `loss=2%`"),
        ("up --tunnel-faults gremlins", 2, "`gremlins` is no fault; there are unpaced, close=TIME,"),
    ];
    for (line, code, said) in cases {
        let ran = folder.run(line);
        assert_eq!((ran.code, ran.stdout.as_str()), (code, ""), "{line}: {}", ran.stderr);
        assert!(ran.stderr.contains(said), "{line}: {}", ran.stderr);
    }
    assert!(!folder.project().join("new.sql").exists());
    assert_eq!(folder.read("kept.sql"), "select 1;\n");
}

#[test]
fn an_account_that_cannot_be_asked_is_told_with_what_to_do() {
    let folder = Folder::with(&[("terrace.toml", MANIFEST), ("page/index.html", ""), ("app/x", "")]);
    let ask = |given: bool, line: &str| {
        let mut command = folder.command(line);
        command.env("AWS_EC2_METADATA_DISABLED", "true");
        if given {
            command.env("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE").env("AWS_SECRET_ACCESS_KEY", "planted-secret");
        }
        let output = command.output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(!said.contains("planted-secret"), "{said}");
        (output.status.code(), said)
    };
    // Discard: nobody listens there, and nobody but root could.
    let (code, said) = ask(true, "tunnel --endpoint-url http://127.0.0.1:9");
    assert_eq!(code, Some(1));
    assert!(said.contains("http://127.0.0.1:9 cannot be reached") && said.contains("HTTPS_PROXY"), "{said}");
    let (code, said) = ask(false, "db shell --aws --endpoint-url http://127.0.0.1:9");
    assert_eq!(code, Some(1));
    assert!(said.contains("no AWS credentials were found") && said.contains("aws sso login"), "{said}");
}

#[test]
fn the_policy_is_about_this_system() {
    let folder = Folder::with(&[("terrace.toml", MANIFEST), ("page/index.html", ""), ("app/x", "")]);
    let containers = MANIFEST.replace("ec2", "fargate").replace("postgres", "mysql").replace("16", "8.0");
    folder.write("terrace.fargate.toml", &containers);
    for (line, names) in [
        ("tunnel --policy", ["arn:aws:rds:us-east-1:*:db:shop-data", "\"shop-app\""]),
        (
            "tunnel --policy --region eu-west-1 terrace.fargate.toml",
            ["arn:aws:rds:eu-west-1:*:cluster:shop-data", "arn:aws:ecs:eu-west-1:*:task/shop/*"],
        ),
    ] {
        let output = folder.command(line).env("AWS_EC2_METADATA_DISABLED", "true").output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let text = String::from_utf8(output.stdout).unwrap();
        let policy: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(policy["Version"], "2012-10-17");
        for name in names {
            assert!(text.contains(name), "{name}: {text}");
        }
    }
}

#[test]
fn the_plugin_is_a_link_to_this_program_that_answers_as_the_official_one_does() {
    let folder = Folder::new();
    for _again in 0..2 {
        let ran = folder.run("tunnel --install-plugin ../bin");
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        assert!(ran.stderr.contains("the AWS CLI takes it from now on"), "{}", ran.stderr);
    }
    let link = folder.project().join("../bin/session-manager-plugin");
    let plugin = |words: &[&str]| Command::new(&link).args(words).output().unwrap();
    let version = String::from_utf8(plugin(&["--version"]).stdout).unwrap();
    assert_eq!(version.trim().split('.').filter(|part| part.parse::<u32>().is_ok()).count(), 4, "{version}");
    assert!(String::from_utf8(plugin(&[]).stdout).unwrap().contains("installed successfully"));
    assert_ne!(
        plugin(&["{}", "us-east-1", "StartSession", "", "{}", "http://127.0.0.1:9"]).status.code(),
        Some(0)
    );

    let elsewhere = folder.run("tunnel --install-plugin elsewhere");
    assert_eq!(elsewhere.code, 0);
    assert!(
        elsewhere.stderr.contains("the AWS CLI takes [FOLDER]/bin/session-manager-plugin before it"),
        "{}",
        elsewhere.stderr
    );
    folder.write("own/session-manager-plugin", "somebody else's");
    let refused = folder.run("tunnel --install-plugin own");
    assert_eq!(refused.code, 1);
    assert_eq!(folder.read("own/session-manager-plugin"), "somebody else's");
}

/// A tunnel that is open, and what it said of itself.
struct Tunnel {
    child: Child,
    said: Value,
    errors: BufReader<std::process::ChildStderr>,
}

impl Tunnel {
    fn open(folder: &Folder, line: &str) -> Self {
        let mut command = folder.command(line);
        command.env("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE").env("AWS_SECRET_ACCESS_KEY", "planted-secret");
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut errors = BufReader::new(child.stderr.take().unwrap());
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let mut said = String::new();
        if line.is_empty() {
            errors.read_to_string(&mut said).unwrap();
        }
        assert!(!line.is_empty(), "it did not open: {said}");
        let said = serde_json::from_str::<Value>(&line).unwrap().pointer("/tunnels/0").unwrap().clone();
        Self { child, said, errors }
    }

    fn text(&self, name: &str) -> &str {
        self.said.get(name).and_then(Value::as_str).unwrap()
    }

    /// Runs the line that it said, with a query.
    fn query(&self, password: &str, query: &str) -> String {
        let line = format!("{} --no-align --tuples-only --command '{query}'", self.text("command"));
        let mut command = Command::new("sh");
        let output = command.args(["-c", &line]).env("PGPASSWORD", password).output().unwrap();
        assert!(output.status.success(), "{line}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    /// Ctrl-C; what it still said.
    fn end(mut self) -> String {
        kill_process(Pid::from_raw(self.child.id().try_into().unwrap()).unwrap(), Signal::INT).unwrap();
        let mut rest = String::new();
        self.errors.read_to_string(&mut rest).unwrap();
        assert_eq!(self.child.wait().unwrap().code(), Some(0), "{rest}");
        assert!(TcpStream::connect(self.text("local")).is_err(), "its port is still open");
        rest
    }
}

#[test]
fn the_running_database_is_reached_as_the_deployed_one_is() {
    let folder = shop();
    let up = folder.run("up --offline --detach --tunnel-unpaced");
    assert_eq!(up.code, 0, "{}", up.stderr);
    let status: Value = serde_json::from_str(&folder.run("status --json").stdout).unwrap();
    let way = &status["tunnel"];
    let (url, host) = (way["url"].as_str().unwrap(), way["host"].as_str().unwrap());
    assert!(up.stderr.contains(&format!("--endpoint-url {url}")), "{}", up.stderr);
    assert!(host.starts_with("shop-data.") && host.ends_with(".us-east-1.rds.amazonaws.com"), "{host}");
    assert_eq!((way["targets"].as_array().unwrap().len(), way["faults"].as_str()), (2, Some("unpaced")));
    let address = folder.run("db url").stdout;
    let password = address.split([':', '@']).nth(2).unwrap();

    // By hand, and under the names that it has on AWS: the same way, from the manifest to the session.
    for line in ["tunnel --local --json".to_owned(), format!("tunnel --json --endpoint-url {url}")] {
        let tunnel = Tunnel::open(&folder, &line);
        assert_eq!(tunnel.text("remote"), format!("{host}:5432"));
        assert!(way["targets"].as_array().unwrap().contains(&tunnel.said["target"]), "{}", tunnel.said);
        assert!(!tunnel.said.to_string().contains(password), "{}", tunnel.said);
        if line.contains("--local") {
            assert_eq!(tunnel.query(password, "select 40 + 2"), "42\n");
        }
        let arguments = std::fs::read(format!("/proc/{}/cmdline", tunnel.child.id())).unwrap();
        assert!(!String::from_utf8_lossy(&arguments).contains(password));
        let second = Tunnel::open(&folder, "tunnel --local --json --show-password");
        assert_ne!(second.text("local"), tunnel.text("local"), "the next free port");
        assert_eq!(second.text("password"), password);
        let taken = folder.run(&format!("tunnel --local --port {}", second.said["port"]));
        assert_eq!(taken.code, 1);
        let by = format!(
            "error: port {} is taken by terrace (process {})",
            second.said["port"],
            second.child.id()
        );
        assert!(taken.stderr.contains(&by), "{}", taken.stderr);
        for tunnel in [tunnel, second] {
            assert!(tunnel.end().contains("ending the session"));
        }
    }

    // What is written through it is what is written beside it, and comes back through it.
    let fill = "db shell --rehearse -- --quiet --file=fill.sql";
    folder.write(
        "fill.sql",
        "create table item as select n, md5(n::text) as sum from generate_series(1, 20000) n;\n",
    );
    let filled = folder.run(fill);
    assert_eq!(filled.code, 0, "{}", filled.stderr);
    for (line, file) in
        [("db dump --rehearse through.sql", "through.sql"), ("db dump beside.sql", "beside.sql")]
    {
        let dumped = folder.run(line);
        assert_eq!(dumped.code, 0, "{}", dumped.stderr);
        assert!(folder.read(file).lines().count() > 20000);
    }
    // Newer programs write a word of chance into a dump.
    let plain = |file: &str| {
        folder.read(file).lines().filter(|l| !l.contains("restrict")).collect::<Vec<_>>().join("\n")
    };
    assert!(plain("through.sql") == plain("beside.sql"), "the dumps differ");
    folder.write("empty.sql", "delete from item;\n");
    assert_eq!(folder.run("db restore empty.sql --yes --rehearse").code, 0);
    assert_eq!(folder.run("db restore through.sql --yes --rehearse").code, 0);
    folder.write("half.sql", "delete from item;\nselect nonsense;\n");
    let half = folder.run("db restore half.sql --yes --rehearse");
    assert_eq!(half.code, 1);
    assert!(half.stderr.contains("nothing was changed"), "{}", half.stderr);
    assert_eq!(folder.run("db dump --force --rehearse through.sql").code, 0);
    assert!(plain("through.sql") == plain("beside.sql"), "a restore that failed changed something");
    assert_eq!(folder.run("db shell --rehearse -- --command=nonsense").code, 1, "the client's own exit code");
    assert_eq!(folder.run("db shell --rehearse -- --file=nowhere").code, 1);

    // With a password that is kept where RDS keeps it: read for whoever uses it, and never sent without TLS.
    let aws = StandIn::before(url, "shop", "kept-in-secrets-manager");
    let tunnel = Tunnel::open(&folder, &format!("tunnel --json --endpoint-url {}", aws.url));
    assert!(tunnel.text("command").contains("sslmode=require"), "{}", tunnel.said);
    assert_eq!((aws.reads(), tunnel.said.get("password")), (0, None));
    tunnel.end();
    let tunnel = Tunnel::open(&folder, &format!("tunnel --json --show-password --endpoint-url {}", aws.url));
    assert_eq!((aws.reads(), tunnel.text("password")), (1, "kept-in-secrets-manager"));
    tunnel.end();
    let mut command = folder.command(&format!("db dump --aws aws.sql --endpoint-url {}", aws.url));
    command.env("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE").env("AWS_SECRET_ACCESS_KEY", "planted-secret");
    let output = command.output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(
        said.contains("does not support SSL") && said.contains("only a database of this machine"),
        "{said}"
    );
    assert!(!said.contains("kept-in-secrets-manager") && !said.contains("planted-secret"), "{said}");
    assert!(!folder.project().join("aws.sql").exists());

    // On the far side nobody is left when the system goes.
    let tunnel = Tunnel::open(&folder, "tunnel --local --json");
    assert_eq!(folder.run("stop").code, 0);
    let rest = tunnel.end();
    assert!(rest.contains("the system is being stopped"), "{rest}");
    assert_eq!(folder.left_running(), [0; 0]);
}
