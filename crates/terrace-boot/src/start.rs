//! From settings to a command with its environment, and the turn into it.

use std::os::unix::process::CommandExt;
use std::process::Command;

use crate::arguments::Start;
use crate::aws::{Read, Reader};
use crate::config::{Config, OWN};
use crate::environment::Environment;
use crate::failure::{Exit, Failure};

/// A variable of this program's own environment.
pub(crate) fn inherited(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// What starts are made from.
#[derive(Debug)]
pub(crate) struct Starter {
    pub(crate) start: Start,
    pub(crate) config: Config,
    pub(crate) reader: Reader,
}

impl Starter {
    pub(crate) fn new(start: Start) -> Result<Self, Failure> {
        let config = Config::read(start.config.as_deref(), inherited)?;
        // What is wrong on this machine is said before AWS is asked.
        if let Some(database) = &config.database {
            database.bundle()?;
        }
        let reader = Reader::new(&config, &inherited)?;
        Ok(Self { start, config, reader })
    }

    /// Reads all there is.
    pub(crate) async fn read(&self) -> Result<Read, Failure> {
        self.reader.read(&self.config, &inherited, true).await
    }

    /// Reads the secrets only: they are what changes by itself.
    pub(crate) async fn read_secrets(&self) -> Result<Read, Failure> {
        self.reader.read(&self.config, &inherited, false).await
    }

    /// Makes the environment, and the files from templates.
    pub(crate) fn prepare(&self, read: Read) -> Result<Environment, Failure> {
        let bundle = self.config.database.as_ref().map(|database| database.bundle()).transpose()?.flatten();
        let environment = Environment::compose(&self.config, read, bundle.as_deref(), inherited)?;
        for template in &self.start.templates {
            template.render(&environment)?;
        }
        Ok(environment)
    }

    /// The command with that environment: ours, without our settings, and with what was read.
    pub(crate) fn command(&self, environment: &Environment) -> Command {
        let mut command = Command::new(&self.start.program);
        command.args(&self.start.arguments);
        for own in OWN {
            command.env_remove(own);
        }
        for (name, value) in environment.variables() {
            command.env(name.as_str(), value.reveal());
        }
        command
    }

    /// Turns into the command; comes back only with the reason why it could not.
    pub(crate) fn exec(&self, environment: &Environment) -> Failure {
        let error = self.command(environment).exec();
        self.not_started(&error)
    }

    /// Why the command could not be started.
    pub(crate) fn not_started(&self, error: &std::io::Error) -> Failure {
        let program = self.start.program.display();
        match error.kind() {
            std::io::ErrorKind::NotFound => {
                Failure::new(Exit::NoCommand, format!("there is no `{program}` to start"))
            }
            _ => Failure::new(Exit::NotExecutable, format!("`{program}` cannot be run: {error}")),
        }
    }
}
