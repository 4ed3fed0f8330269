//! Short-lived programs of others: what they are told, what they answer, and how a failure is shown.

use std::ffi::OsStr;
use std::io::{self, Write};
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use tokio::io::AsyncReadExt;
use tokio::process::Command;

use super::server::Passwords;
use crate::Executable;
use crate::leash::{self, Exit, Identity, Inherited, Launch, LaunchError, Output, StopSignal};

/// How long any of them may take, unless it is given longer.
const WITHIN: Duration = Duration::from_secs(120);
/// How long a program may take to say its version.
const ANSWER_WITHIN: Duration = Duration::from_secs(10);

/// A program that did not do what it was for.
#[derive(Debug, thiserror::Error)]
pub enum ToolError {
    /// It could not be started.
    #[error(transparent)]
    Launch(#[from] LaunchError),
    /// It could not be spoken to.
    #[error("cannot speak to `{program}`: {source}")]
    Io {
        /// Which.
        program: String,
        /// Why.
        source: io::Error,
    },
    /// It failed.
    #[error("`{program}` failed ({exit}):\n{said}")]
    Failed {
        /// Which.
        program: String,
        /// How.
        exit: Exit,
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

/// How programs are run on this machine.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Hands<'a> {
    /// What plays the leash.
    pub(crate) executable: &'a Executable,
    /// As whom a database's programs run; as the current user if none.
    pub(crate) identity: Option<Identity>,
}

/// One run of a program, with an empty environment but for what is set, `PATH` and a neutral locale.
pub(crate) struct Tool<'a> {
    launch: Launch,
    input: String,
    secrets: Vec<&'a str>,
    within: Duration,
}

impl<'a> Tool<'a> {
    pub(crate) fn new(program: &Path) -> Self {
        let launch = Launch {
            program: program.into(),
            args: Vec::new(),
            environment: vec![("LC_ALL".into(), "C".into()), ("TZ".into(), "UTC".into())],
            inherited: Inherited::Basics,
            folder: "/".into(),
            identity: None,
            stop_signal: StopSignal::Terminate,
            // What it was making is thrown away: there is nothing to finish.
            stop_within: Duration::from_millis(200),
        };
        Self { launch, input: String::new(), secrets: Vec::new(), within: WITHIN }
    }

    pub(crate) fn args<S: AsRef<OsStr>>(mut self, args: impl IntoIterator<Item = S>) -> Self {
        self.launch.args.extend(args.into_iter().map(|arg| arg.as_ref().to_owned()));
        self
    }

    /// All that Terrace has in its environment: for the user's own tools.
    pub(crate) fn with_environment(mut self) -> Self {
        self.launch.environment.clear();
        self.launch.inherited = Inherited::Everything;
        self
    }

    pub(crate) fn folder(mut self, folder: &Path) -> Self {
        self.launch.folder = folder.to_owned();
        self
    }

    /// As whom it runs; all other groups are given up.
    pub(crate) fn identity(mut self, identity: Option<Identity>) -> Self {
        self.launch.identity = identity;
        self
    }

    /// What it reads from its standard input; less than a pipe holds.
    pub(crate) fn input(mut self, text: String) -> Self {
        self.input = text;
        self
    }

    /// How long it may take.
    pub(crate) fn within(mut self, within: Duration) -> Self {
        self.within = within;
        self
    }

    /// The passwords of a server must never be shown should they be repeated.
    pub(crate) fn secrets(mut self, passwords: &'a Passwords) -> Self {
        self.secrets.extend([passwords.application.reveal(), passwords.administrator.reveal()]);
        self
    }

    /// Asks a program something that it answers at once; its standard output.
    pub(crate) async fn ask(self) -> Option<String> {
        let Launch { program, args, environment, folder, .. } = self.launch;
        let path = std::env::var_os("PATH").unwrap_or_default();
        let mut command = Command::new(program);
        command.args(args).env_clear().env("PATH", path).envs(environment).current_dir(folder);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).kill_on_drop(true);
        let output = tokio::time::timeout(ANSWER_WITHIN, command.output()).await.ok()?.ok()?;
        output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
    }

    /// Runs it to a good end, under a leash: it does not outlive Terrace.
    pub(crate) async fn run(self, executable: &Executable) -> Result<Said, ToolError> {
        let program = self.launch.program.display().to_string();
        let running = self.to_the_end(executable);
        let Ok(ended) = tokio::time::timeout(self.within, running).await else {
            return Err(ToolError::TooLong { program, within: self.within });
        };
        let (mut said, exit) = ended?;
        for secret in &self.secrets {
            said.output = said.output.replace(secret, "…");
            said.errors = said.errors.replace(secret, "…");
        }
        if exit.is_success() { Ok(said) } else { Err(ToolError::Failed { program, exit, said: said.end() }) }
    }

    async fn to_the_end(&self, executable: &Executable) -> Result<(Said, Exit), ToolError> {
        let io = |source| ToolError::Io { program: self.launch.program.display().to_string(), source };
        // What is written here waits in the pipe, which holds 16 pages at least.
        let (read, mut write) = io::pipe().map_err(io)?;
        write.write_all(self.input.as_bytes()).map_err(io)?;
        drop(write);
        let (leashed, Output { mut stdout, mut stderr }) =
            leash::start(&self.launch, Some(read.into()), executable).await?;
        let (mut output, mut errors) = (Vec::new(), Vec::new());
        tokio::try_join!(stdout.read_to_end(&mut output), stderr.read_to_end(&mut errors)).map_err(io)?;
        let exit = leashed.ended().await;
        let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
        Ok((Said { output: text(output), errors: text(errors) }, exit))
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

    #[test]
    fn only_the_end_of_what_was_said_is_shown() {
        let output: String = (1..=20).map(|n| format!("line {n}\n")).collect();
        let end = Said { output, errors: "so it is".to_owned() }.end();
        assert!(end.starts_with("  line 10\n  line 11\n"), "{end}");
        assert!(end.ends_with("  line 20\n  so it is"), "{end}");
    }

    #[tokio::test]
    async fn a_program_is_asked_without_the_environment() {
        let said = Tool::new(Path::new("/usr/bin/env")).ask().await.unwrap();
        let names: Vec<&str> = said.lines().filter_map(|l| l.split_once('=')).map(|p| p.0).collect();
        assert!(names.iter().all(|n| ["LC_ALL", "TZ", "PATH"].contains(n)), "{names:?}");
        assert!(Tool::new(Path::new("/nowhere")).ask().await.is_none());
    }
}
