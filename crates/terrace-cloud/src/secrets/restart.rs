//! What has to start again to read a value that changed.
//!
//! Amazon ECS API Reference: UpdateService with `forceNewDeployment`, DescribeServices. On machines
//! terrace-boot sees by itself that a secret has a new version (`--watch`), and starts the application again.

use serde::Serialize;
use serde_json::{Value as Json, json};
use terrace_account::{Account, Call, service};

use crate::deployed::{Containers, Names, Shape};
use crate::release::Pace;
use crate::watch::WatchError;

const TARGET: (&str, &str) = ("AmazonEC2ContainerServiceV20141113", "1.1");
/// Seconds between two looks of terrace-boot at the versions of its secrets.
const LOOKS: u32 = 300;

/// What is told while something starts again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Restart {
    /// A service begins to replace its tasks, one after the other.
    Begun {
        /// Which.
        service: String,
    },
    /// So many of its new tasks run.
    Running {
        /// That run.
        running: u64,
        /// That are wanted.
        wanted: u64,
    },
}

/// What came of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Restarted {
    /// All tasks are new.
    Done,
    /// Machines do it by themselves.
    ByItself {
        /// Within as many seconds.
        within: u32,
    },
    /// ECS gave up; the tasks from before serve, with the value from before.
    Failed {
        /// In ECS's words.
        why: String,
    },
    /// It is not over, and nobody waits any longer.
    StillGoing,
}

/// Has everything that reads secrets start again, and waits until it has.
///
/// # Errors
/// If AWS refuses or does not answer; what was begun goes on.
pub async fn restart(
    account: &Account,
    names: &Names,
    pace: Pace,
    events: impl Fn(Restart),
) -> Result<Restarted, WatchError> {
    let Shape::Containers(containers) = &names.shape else {
        return Ok(Restarted::ByItself { within: LOOKS });
    };
    let (cluster, service) = (containers.cluster.as_str(), containers.service.as_str());
    let fields = json!({"cluster": cluster, "service": service, "forceNewDeployment": true});
    let call = Call::json(service::ECS, TARGET, "UpdateService", fields);
    let doing = || format!("starting the tasks of {service} again");
    let answer = account.json(&call).await.map_err(|refusal| WatchError::new(doing(), refusal))?;
    let begun = answer.get("service").and_then(primary).and_then(|one| text(one, "id")).map(str::to_owned);
    events(Restart::Begun { service: service.to_owned() });
    wait(account, containers, begun.as_deref(), pace, events).await
}

async fn wait(
    account: &Account,
    containers: &Containers,
    begun: Option<&str>,
    pace: Pace,
    events: impl Fn(Restart),
) -> Result<Restarted, WatchError> {
    let (cluster, service) = (containers.cluster.as_str(), containers.service.as_str());
    let fields = json!({"cluster": cluster, "services": [service]});
    let call = Call::json(service::ECS, TARGET, "DescribeServices", fields);
    let mut told = None;
    for _ in 0..pace.most {
        let answer = account.json(&call).await;
        let answer = answer
            .map_err(|refusal| WatchError::new(format!("looking at the service {service}"), refusal))?;
        let deployments =
            answer.get("services").and_then(|all| all.get(0)).map(deployments).unwrap_or_default();
        let Some(own) = deployments.iter().find(|one| begun.is_none() || text(one, "id") == begun) else {
            return Ok(Restarted::Failed { why: format!("{service} was deployed anew meanwhile") });
        };
        let count = |name: &str| own.get(name).and_then(Json::as_u64).unwrap_or_default();
        let now = (count("runningCount"), count("desiredCount"));
        if told != Some(now) {
            events(Restart::Running { running: now.0, wanted: now.1 });
            told = Some(now);
        }
        match text(own, "rolloutState") {
            Some("COMPLETED") => return Ok(Restarted::Done),
            Some("FAILED") => {
                let why = text(own, "rolloutStateReason").unwrap_or("its new tasks do not start").to_owned();
                return Ok(Restarted::Failed { why });
            }
            _ => pace.wait().await,
        }
    }
    Ok(Restarted::StillGoing)
}

fn deployments(service: &Json) -> &[Json] {
    service.get("deployments").and_then(Json::as_array).map(Vec::as_slice).unwrap_or_default()
}

fn primary(service: &Json) -> Option<&Json> {
    deployments(service).iter().find(|one| text(one, "status") == Some("PRIMARY"))
}

fn text<'a>(of: &'a Json, name: &str) -> Option<&'a str> {
    of.get(name).and_then(Json::as_str)
}
