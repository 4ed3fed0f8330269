//! The program, started in an environment that holds nothing else.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use serde_json::Value;

use super::Aws;
use super::aws::{KEY, SECRET_KEY};

/// How long anything may take before the test is given up.
const PATIENCE: Duration = Duration::from_secs(60);

/// A folder and a stand-in for AWS.
pub(crate) struct Stage {
    pub(crate) folder: tempfile::TempDir,
    pub(crate) aws: Aws,
}

/// How it ended.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Ended {
    /// The variables, where the command was `env -0`.
    pub(crate) fn variables(&self) -> BTreeMap<&str, &str> {
        assert_eq!(self.code, Some(0), "{self:?}");
        self.out.split_terminator('\0').map(|pair| pair.split_once('=').unwrap()).collect()
    }
}

impl Stage {
    pub(crate) fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap(), aws: Aws::start() }
    }

    /// Writes a file, and says where.
    pub(crate) fn file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    }

    /// The program with a configuration file, static credentials, and the stand-in as AWS.
    pub(crate) fn program(&self, config: &Value) -> Program {
        let config = self.file("boot.json", &config.to_string());
        let mut program = self.bare();
        program.args(["--config", config.to_str().unwrap()]);
        program
    }

    /// The same without a configuration file.
    pub(crate) fn bare(&self) -> Program {
        let mut program = self.nobody();
        for (name, value) in [
            ("AWS_REGION", "eu-central-1"),
            ("AWS_ACCESS_KEY_ID", KEY),
            ("AWS_SECRET_ACCESS_KEY", SECRET_KEY),
        ] {
            program.env(name, value);
        }
        program
    }

    /// The same without credentials.
    pub(crate) fn nobody(&self) -> Program {
        let mut command = Command::new(env!("CARGO_BIN_EXE_terrace-boot"));
        command.env_clear().env("PATH", "/usr/bin:/bin").env("AWS_ENDPOINT_URL", &self.aws.url);
        // Whatever is not set by a test must not be found on the machine that it runs on.
        command.env("AWS_EC2_METADATA_SERVICE_ENDPOINT", &self.aws.url);
        command.env("TERRACE_LIMIT", "20");
        Program { command }
    }
}

/// The program, not started yet.
pub(crate) struct Program {
    command: Command,
}

impl Program {
    pub(crate) fn env(&mut self, name: &str, value: &str) -> &mut Self {
        self.command.env(name, value);
        self
    }

    pub(crate) fn args<'a>(&mut self, args: impl IntoIterator<Item = &'a str>) -> &mut Self {
        self.command.args(args);
        self
    }

    /// Runs `env -0` by it.
    pub(crate) fn variables(&mut self) -> Ended {
        self.args(["--", "env", "-0"]).run()
    }

    /// Runs it to its end.
    pub(crate) fn run(&mut self) -> Ended {
        self.start().ended()
    }

    pub(crate) fn start(&mut self) -> Started {
        let mut child =
            self.command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let (tell, lines) = channel();
        let out = child.stdout.take().unwrap();
        std::thread::spawn(move || {
            for line in BufReader::new(out).lines() {
                let _gone = tell.send(line.unwrap());
            }
        });
        let mut err = child.stderr.take().unwrap();
        let err = std::thread::spawn(move || {
            let mut text = String::new();
            err.read_to_string(&mut text).unwrap();
            text
        });
        Started { child, lines, err: Some(err) }
    }
}

/// The program while it runs. Ended with the test.
pub(crate) struct Started {
    child: Child,
    lines: Receiver<String>,
    err: Option<std::thread::JoinHandle<String>>,
}

impl Started {
    pub(crate) fn pid(&self) -> i32 {
        self.child.id().try_into().unwrap()
    }

    /// The next line that it prints.
    pub(crate) fn line(&self) -> String {
        self.lines.recv_timeout(PATIENCE).unwrap()
    }

    pub(crate) fn signal(&self, number: nix::sys::signal::Signal) {
        nix::sys::signal::kill(nix::unistd::Pid::from_raw(self.pid()), number).unwrap();
    }

    /// Waits for its end.
    pub(crate) fn ended(mut self) -> Ended {
        let out: Vec<String> = self.lines.iter().collect();
        let status = self.child.wait().unwrap();
        let err = self.err.take().unwrap().join().unwrap();
        Ended { code: status.code(), out: out.join("\n"), err }
    }
}

impl Drop for Started {
    fn drop(&mut self) {
        let _ended = self.child.kill();
        let _ended = self.child.wait();
    }
}
