//! Tasks of ECS: a release's task definition, the service that is told to run it, and what its tasks do.
//!
//! GUARANTEE: of the task definition in force nothing changes but the image and the release's settings; a task that stops is explained when it stops;
//! outside production two that stop are enough, and the service is told to go back to what it ran; the same release can be
//! begun again after any break, registers nothing twice and tells the service nothing twice.

mod definition;
mod follow;
mod migration;
mod stopped;

use serde_json::{Value as Json, json};
use terrace_account::service::ECS;
use terrace_account::{Account, Call, Refusal};

use crate::deployed::{Containers, Names};
use crate::release::record::{Digest, Settings};
use crate::release::{Failure, Pace};

pub use definition::Brought;
pub(crate) use migration::migration_of;
pub use stopped::Stopped;

/// As many tasks may stop outside production.
const BAD: usize = 2;

/// The service of a system.
#[derive(Clone, Copy, Debug)]
pub struct Service<'a> {
    /// Where.
    pub account: &'a Account,
    /// Of which system.
    pub names: &'a Names,
    /// Which.
    pub containers: &'a Containers,
}

/// What is told while a service changes.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Event {
    /// There is a task definition with the release's image and settings.
    Defined {
        /// Its ARN.
        definition: String,
    },
    /// The service was told to run it.
    Told,
    /// So many of the new tasks run.
    Running {
        /// Of the new tasks.
        running: u64,
        /// So many are to run.
        desired: u64,
    },
    /// ECS says something of the service.
    Said {
        /// What.
        message: String,
    },
    /// A new task stopped.
    Stopped(Stopped),
    /// The service was told to go back.
    Back {
        /// To this task definition.
        definition: String,
    },
    /// The migration runs.
    Migrating {
        /// In this task.
        task: String,
    },
    /// The migration prints a line.
    Printed {
        /// What.
        line: String,
    },
    /// The new tasks run, and are healthy.
    Steady,
}

impl Service<'_> {
    /// Has the task definition with an image that is in the registry and with these settings; gives its ARN.
    ///
    /// # Errors
    /// If ECS refuses or does not answer, or the family is not as it was made.
    pub async fn define(
        &self,
        image: Digest,
        settings: &Settings,
        events: &(dyn Fn(Event) + Send + Sync),
    ) -> Result<String, Failure> {
        let definition = self.registered(image, settings).await?.arn;
        events(Event::Defined { definition: definition.clone() });
        Ok(definition)
    }

    /// Has the service run a task definition, and follows it until its tasks run and are healthy. `former` is what it is told
    /// to go back to if they do not.
    ///
    /// # Errors
    /// If ECS refuses or does not answer, or the new tasks do not become healthy: then why.
    pub async fn run(
        &self,
        definition: &str,
        former: Option<&str>,
        pace: Pace,
        events: &(dyn Fn(Event) + Send + Sync),
    ) -> Result<(), Failure> {
        self.lead((definition, former, false), pace, events).await
    }

    /// The same, with new tasks even if it runs this definition already: tasks read their settings when they start.
    ///
    /// # Errors
    /// As for [`Self::run`].
    pub async fn renew(
        &self,
        definition: &str,
        former: Option<&str>,
        pace: Pace,
        events: &(dyn Fn(Event) + Send + Sync),
    ) -> Result<(), Failure> {
        self.lead((definition, former, true), pace, events).await
    }

    async fn lead(
        &self,
        (definition, former, anew): (&str, Option<&str>, bool),
        pace: Pace,
        events: &(dyn Fn(Event) + Send + Sync),
    ) -> Result<(), Failure> {
        let now = self.described().await?;
        let runs = now.get("taskDefinition").and_then(Json::as_str).unwrap_or_default();
        // A service that was just made runs none, so that nothing starts before its first migration has run.
        let none = now.get("desiredCount").and_then(Json::as_u64) == Some(0);
        if runs != definition || none || anew {
            let anew = anew && runs == definition;
            self.tell(definition, none.then_some(self.containers.least), anew).await?;
            events(Event::Told);
        }
        let former = former.or(Some(runs)).filter(|former| *former != definition && !former.is_empty());
        self.follow((definition, former), pace, events).await
    }

    /// Telling it twice is telling it once, but for tasks that are to be new.
    async fn tell(&self, definition: &str, count: Option<u32>, anew: bool) -> Result<(), Failure> {
        let (cluster, service) = (self.containers.cluster.as_str(), self.containers.service.as_str());
        let mut fields = json!({ "cluster": cluster, "service": service, "taskDefinition": definition });
        if let (Some(fields), Some(count)) = (fields.as_object_mut(), count) {
            fields.insert("desiredCount".to_owned(), count.into());
        }
        if let (Some(fields), true) = (fields.as_object_mut(), anew) {
            fields.insert("forceNewDeployment".to_owned(), true.into());
        }
        let mut answer = self.ecs("UpdateService", fields.clone()).await;
        if answer.as_ref().is_err_and(Refusal::is_cut) {
            answer = self.ecs("UpdateService", fields).await;
        }
        let what = || format!("service {service} could not be told to run {definition}");
        answer.map(drop).map_err(|refusal| refused(what(), &refusal))
    }

    /// The service, as ECS describes it.
    async fn described(&self) -> Result<Json, Failure> {
        let (cluster, service) = (self.containers.cluster.as_str(), self.containers.service.as_str());
        let what = || format!("service {service} in cluster {cluster} could not be looked at");
        let answer = self.ecs("DescribeServices", json!({ "cluster": cluster, "services": [service] })).await;
        let mut answer = answer.map_err(|refusal| refused(what(), &refusal))?;
        let found = answer.pointer_mut("/services/0").map(Json::take);
        let active = |one: &Json| one.get("status").and_then(Json::as_str) == Some("ACTIVE");
        found.filter(active).ok_or_else(|| {
            let next = "type `terrace deploy`: it makes what is missing";
            Failure::found(what(), "there is none, or it is being taken away", next)
        })
    }

    async fn ecs(&self, action: &str, fields: Json) -> Result<Json, Refusal> {
        let target = ("AmazonEC2ContainerServiceV20141113", "1.1");
        self.account.json(&Call::json(ECS, target, action, fields)).await
    }
}

fn refused(what: impl Into<String>, refusal: &Refusal) -> Failure {
    Failure::refused(what, refusal)
}
