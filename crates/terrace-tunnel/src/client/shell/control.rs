//! Who starts a shell: ECS in a container, Session Manager on a machine.
//!
//! Amazon ECS API Reference: ExecuteCommand; AWS Systems Manager API Reference: StartSession.

use http::{HeaderName, HeaderValue};
use serde_json::json;
use terrace_account::Account;
use terrace_net::Port;

use crate::client::account::Calls;
use crate::client::{Control, ControlError, Grant, SessionId, Target};
use crate::permission::{ONE_COMMAND, Place};
use crate::wire::StreamUrl;

/// Where a shell is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Inside {
    /// In a container of a task.
    Container {
        /// The container whose agent is asked.
        target: Target,
        /// Its name in the task's definition.
        name: String,
    },
    /// On a machine.
    Machine(Target),
}

impl Inside {
    /// As Session Manager takes it.
    pub const fn target(&self) -> &Target {
        match self {
            Self::Container { target, .. } | Self::Machine(target) => target,
        }
    }
}

/// One shell, in an account.
#[derive(Debug)]
pub struct ShellControl {
    calls: Calls,
    place: Place,
    inside: Inside,
    command: Option<String>,
}

impl ShellControl {
    /// Runs a command; on a machine none is the shell that the account's preferences give. The agent of a container cuts the
    /// command into words as a shell does, and starts the first; that of a machine has a shell run it.
    pub const fn new(account: Account, place: Place, inside: Inside, command: Option<String>) -> Self {
        Self { calls: Calls::new(account), place, inside, command }
    }
}

impl Control for ShellControl {
    async fn start(&self, _local: Option<Port>) -> Result<Grant, ControlError> {
        match &self.inside {
            Inside::Container { target, name } => {
                let (cluster, task, _) = target.container().unwrap_or_default();
                let fields = json!({
                    "cluster": cluster, "task": task, "container": name, "interactive": true,
                    "command": self.command.as_deref().unwrap_or("/bin/sh"),
                });
                self.calls.execute(fields, &self.place, target).await
            }
            Inside::Machine(target) => {
                let fields = match &self.command {
                    Some(command) => json!({
                        "Target": target.as_str(), "DocumentName": ONE_COMMAND, "Parameters": { "command": [command] },
                    }),
                    None => json!({ "Target": target.as_str() }),
                };
                self.calls.shell(fields, &self.place, target, self.command.is_some()).await
            }
        }
    }

    async fn resume(&self, session: &SessionId) -> Result<Grant, ControlError> {
        self.calls.resume(session).await
    }

    async fn terminate(&self, session: &SessionId) -> Result<(), ControlError> {
        self.calls.terminate(session).await
    }

    async fn sign(
        &self,
        session: &SessionId,
        url: &StreamUrl,
    ) -> Result<Vec<(HeaderName, HeaderValue)>, ControlError> {
        self.calls.sign(session, url).await
    }

    fn region(&self) -> &str {
        self.calls.region()
    }
}
