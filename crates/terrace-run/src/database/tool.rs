//! Short-lived programs of others: what they are told, what they answer, and how a failure is shown.

use std::ffi::OsStr;
use std::io;
use std::path::Path;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use tokio::io::AsyncWriteExt;
use tokio::process::Command;

use super::server::Passwords;
use crate::leash::Identity;

/// How long any of them may take, unless it is given longer.
const WITHIN: Duration = Duration::from_secs(120);

/// A program that did not do what it was for.
#[derive(Debug, thiserror::Error)]
pub enum ToolError {
    /// It could not be started.
    #[error("cannot run `{program}`: {source}")]
    Start {
        /// Which.
        program: String,
        /// Why.
        source: io::Error,
    },
    /// It failed.
    #[error("`{program}` failed ({status}):\n{said}")]
    Failed {
        /// Which.
        program: String,
        /// How.
        status: ExitStatus,
        /// The end of what it said, secrets taken out.
        said: String,
    },
    /// It took too long and was ended.
    #[error("`{program}` did not end within {} s", within.as_secs())]
    TooLong {
        /// Which.
        program: String,
        /// How long it was given.
        within: Duration,
    },
}

/// One run of a program, with an empty environment but for what is set and `PATH`.
pub(crate) struct Tool<'a> {
    command: Command,
    program: &'a Path,
    input: Option<String>,
    secrets: Vec<&'a str>,
    within: Duration,
}

impl<'a> Tool<'a> {
    pub(crate) fn new(program: &'a Path) -> Self {
        let mut command = Command::new(program);
        command.env_clear().env("LC_ALL", "C").env("TZ", "UTC");
        if let Some(path) = std::env::var_os("PATH") {
            command.env("PATH", path);
        }
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
        Self { command, program, input: None, secrets: Vec::new(), within: WITHIN }
    }

    pub(crate) fn args<S: AsRef<OsStr>>(mut self, args: impl IntoIterator<Item = S>) -> Self {
        self.command.args(args);
        self
    }

    pub(crate) fn environment<S: AsRef<OsStr>>(
        mut self,
        environment: impl IntoIterator<Item = (S, S)>,
    ) -> Self {
        self.command.envs(environment);
        self
    }

    pub(crate) fn folder(mut self, folder: &Path) -> Self {
        self.command.current_dir(folder);
        self
    }

    /// As whom it runs; all other groups are given up.
    pub(crate) fn identity(mut self, identity: Option<Identity>) -> Self {
        if let Some(Identity { uid, gid }) = identity {
            self.command.uid(uid).gid(gid);
        }
        self
    }

    /// What it reads from its standard input.
    pub(crate) fn input(mut self, text: String) -> Self {
        self.command.stdin(Stdio::piped());
        self.input = Some(text);
        self
    }

    /// How long it may take.
    pub(crate) fn within(mut self, within: Duration) -> Self {
        self.within = within;
        self
    }

    /// What must never be shown should it be repeated.
    pub(crate) fn secret(mut self, secret: &'a str) -> Self {
        self.secrets.push(secret);
        self
    }

    /// The passwords of a server must never be shown either.
    pub(crate) fn secrets(self, passwords: &'a Passwords) -> Self {
        self.secret(passwords.application.reveal()).secret(passwords.administrator.reveal())
    }

    /// Runs it to a good end; its standard output and error.
    pub(crate) async fn run(mut self) -> Result<Said, ToolError> {
        let program = self.program.display().to_string();
        let start = |source| ToolError::Start { program: program.clone(), source };
        let mut child = self.command.spawn().map_err(start)?;
        let pipe = child.stdin.take();
        let input = self.input.take();
        let feed = async move {
            if let (Some(mut pipe), Some(text)) = (pipe, input) {
                // A program that closes its input early says why by its exit status.
                let _ = pipe.write_all(text.as_bytes()).await;
            }
        };
        let both = async { tokio::join!(feed, child.wait_with_output()).1 };
        let output = match tokio::time::timeout(self.within, both).await {
            Err(_) => return Err(ToolError::TooLong { program, within: self.within }),
            Ok(output) => output.map_err(start)?,
        };
        let mut said = Said {
            output: String::from_utf8_lossy(&output.stdout).into_owned(),
            errors: String::from_utf8_lossy(&output.stderr).into_owned(),
        };
        for secret in &self.secrets {
            said.output = said.output.replace(secret, "…");
            said.errors = said.errors.replace(secret, "…");
        }
        if output.status.success() {
            Ok(said)
        } else {
            Err(ToolError::Failed { program, status: output.status, said: said.end() })
        }
    }
}

/// What a program said.
#[derive(Clone, Debug)]
pub(crate) struct Said {
    pub(crate) output: String,
    pub(crate) errors: String,
}

impl Said {
    /// The last lines of both, indented.
    fn end(&self) -> String {
        let lines: Vec<&str> = self.output.lines().chain(self.errors.lines()).collect();
        let skipped = lines.len().saturating_sub(12);
        lines
            .into_iter()
            .skip(skipped)
            .map(|line| format!("  {line}\n"))
            .collect::<String>()
            .trim_end()
            .to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_failure_shows_what_was_said_but_no_secret() {
        let error = Tool::new(Path::new("/bin/sh"))
            .args(["-c", "cat >&2; echo out; exit 3"])
            .input("the password is hunter2".to_owned())
            .secret("hunter2")
            .run()
            .await
            .unwrap_err()
            .to_string();
        assert_eq!(error, "`/bin/sh` failed (exit status: 3):\n  out\n  the password is …");
    }

    #[tokio::test]
    async fn the_environment_is_not_handed_on() {
        let said = Tool::new(Path::new("/usr/bin/env")).environment([("A", "b")]).run().await.unwrap();
        let names: Vec<&str> = said.output.lines().filter_map(|l| l.split_once('=')).map(|p| p.0).collect();
        assert!(names.iter().all(|n| ["A", "LC_ALL", "TZ", "PATH"].contains(n)), "{names:?}");
    }
}
