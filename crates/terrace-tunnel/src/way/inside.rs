//! What a shell is opened in: a container of a running task, or a machine.

use super::{Search, TaskService, WayError, machines, tasks};
use crate::client::Target;
use crate::client::shell::Inside;

/// What is looked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ShellSought {
    /// A service's container.
    Task {
        /// The cluster's name.
        cluster: String,
        /// The service and its container.
        service: TaskService,
        /// This task, or the one whose id begins so; else a healthy one, the newest of them.
        task: Option<String>,
    },
    /// A machine of an Auto Scaling group.
    Machine {
        /// The group's name.
        group: String,
    },
    /// Something that is known already.
    Target(Target),
}

/// What was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShellFound {
    /// As AWS takes it.
    pub inside: Inside,
    /// As people know it: `task 7412… of items-prod-app`.
    pub called: String,
}

impl Search<'_> {
    /// Where a shell can be opened now.
    ///
    /// # Errors
    /// If there is nothing, or AWS does not say.
    pub async fn shell(&self, sought: &ShellSought) -> Result<ShellFound, WayError> {
        match sought {
            ShellSought::Task { cluster, service, task } => {
                let found = tasks::find_one(self, cluster, service, task.as_deref()).await?;
                let inside = Inside::Container { target: found.target, name: service.container.clone() };
                Ok(ShellFound { inside, called: found.called })
            }
            ShellSought::Machine { group } => {
                let found = machines::find_any(self, std::slice::from_ref(group)).await?;
                Ok(ShellFound { inside: Inside::Machine(found.target), called: found.called })
            }
            ShellSought::Target(target) if target.container().is_some() => {
                let name = tasks::container_of(self, target).await?;
                let called = format!("container {name} of {target}");
                Ok(ShellFound { inside: Inside::Container { target: target.clone(), name }, called })
            }
            ShellSought::Target(target) => {
                Ok(ShellFound { inside: Inside::Machine(target.clone()), called: target.to_string() })
            }
        }
    }
}
