//! Migrations that a run which was killed has left: a machine with a migration's tag, a task that was started for one.
//!
//! Nobody follows them any more, and while they run neither their subnet nor their cluster goes. Before Terraform removes
//! those, they are found and ended.
//!
//! "ListTasks", "DescribeTasks", "StopTask", Amazon ECS API Reference; "DescribeInstances", "TerminateInstances", Amazon EC2
//! API Reference.
//!
//! GUARANTEE: only what was started for a migration of this very system and environment is ended.

use std::collections::BTreeSet;

use serde_json::{Value as Json, json};
use terrace_account::{Account, Call, Refusal, service};

use crate::deployed::Cluster;
use crate::release::Pace;
use crate::release::containers::migration_of;
use crate::release::machines::Apart;
use crate::watch::{Owner, WatchError};

const ECS: (&str, &str) = ("AmazonEC2ContainerServiceV20141113", "1.1");
/// As many tasks are told of at once.
const AT_ONCE: usize = 100;

/// A migration that still runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leftover {
    /// Its machine or task: `i-0123456789abcdef0`, a task's ARN.
    pub id: String,
    /// Of which release.
    pub release: String,
    /// In words.
    pub what: &'static str,
    /// Whether AWS is taking it away already.
    going: bool,
}

/// Where migrations of a system run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ground<'a> {
    /// As tasks of this cluster, which is the system's own.
    Tasks(&'a Cluster),
    /// On machines of their own.
    Machines,
}

impl Leftover {
    /// As it is told: `machine i-0123456789abcdef0`.
    pub fn called(&self) -> String {
        format!("{} {}", self.what, self.id.rsplit('/').next().unwrap_or_default())
    }
}

/// The migrations of a system that still run.
///
/// # Errors
/// If AWS refuses or does not answer.
pub async fn leftovers<'a>(
    account: &Account,
    owner: impl Into<Owner<'a>>,
    ground: Ground<'_>,
) -> Result<Vec<Leftover>, WatchError> {
    let owner = owner.into();
    let found = match ground {
        Ground::Machines => machines(account, owner).await,
        Ground::Tasks(cluster) => tasks(account, owner, cluster).await,
    };
    found.map_err(|refusal| WatchError::new("looking for migrations that still run", refusal))
}

/// Ends them, and waits until they are gone; those that are not by then.
///
/// # Errors
/// If AWS refuses or does not answer.
pub async fn end_leftovers<'a>(
    account: &Account,
    owner: impl Into<Owner<'a>>,
    ground: Ground<'_>,
    pace: Pace,
    events: impl Fn(&Leftover),
) -> Result<Vec<Leftover>, WatchError> {
    let owner = owner.into();
    let mut asked = BTreeSet::new();
    let mut left = leftovers(account, owner, ground).await?;
    for _ in 0..pace.most {
        if left.is_empty() {
            break;
        }
        for one in &left {
            if !one.going && asked.insert(one.id.clone()) {
                events(one);
                let ended = end(account, ground, one).await;
                ended.map_err(|refusal| WatchError::new(format!("ending the {}", one.called()), refusal))?;
            }
        }
        pace.wait().await;
        left = leftovers(account, owner, ground).await?;
    }
    Ok(left)
}

async fn end(account: &Account, ground: Ground<'_>, one: &Leftover) -> Result<(), Refusal> {
    let cluster = match ground {
        Ground::Machines => return Apart::end(account, &one.id).await,
        Ground::Tasks(cluster) => cluster,
    };
    let fields = json!({"cluster": cluster.as_str(), "task": one.id, "reason": "the system is destroyed"});
    match account.json(&Call::json(service::ECS, ECS, "StopTask", fields)).await {
        Err(refusal) if !refusal.is_absent() => Err(refusal),
        _ => Ok(()),
    }
}

async fn machines(account: &Account, owner: Owner<'_>) -> Result<Vec<Leftover>, Refusal> {
    let all = Apart::read(account, owner).await?.into_iter().filter(|one| !one.is_gone());
    let told =
        |one: Apart| Leftover { going: one.is_going(), id: one.id, release: one.number, what: "machine" };
    Ok(all.map(told).collect())
}

async fn tasks(account: &Account, owner: Owner<'_>, cluster: &Cluster) -> Result<Vec<Leftover>, Refusal> {
    // Those that are to stop, but have not, are listed as well.
    let mut all = Vec::new();
    for wanted in ["RUNNING", "STOPPED"] {
        let fields = json!({"cluster": cluster.as_str(), "desiredStatus": wanted});
        let call = Call::json(service::ECS, ECS, "ListTasks", fields);
        let pages = match account.sheets(&call, ("nextToken", "nextToken")).await.whole() {
            Err(refusal) if refusal.is_absent() => return Ok(Vec::new()),
            pages => pages?,
        };
        let arns = pages.iter().flat_map(|page| list(page, "taskArns")).filter_map(Json::as_str);
        all.extend(arns.map(str::to_owned));
    }
    let mut found = Vec::new();
    for some in all.chunks(AT_ONCE) {
        let fields = json!({"cluster": cluster.as_str(), "tasks": some});
        let answer = account.json(&Call::json(service::ECS, ECS, "DescribeTasks", fields)).await?;
        found.extend(list(&answer, "tasks").iter().filter_map(|task| leftover(task, owner)));
    }
    Ok(found)
}

fn leftover(task: &Json, owner: Owner<'_>) -> Option<Leftover> {
    let word = |name: &str| task.get(name).and_then(Json::as_str).unwrap_or_default();
    let release = migration_of(word("startedBy"), owner)?;
    let ended = word("lastStatus") == "STOPPED";
    let task = || Leftover {
        id: word("taskArn").to_owned(),
        release: release.to_owned(),
        what: "task",
        going: word("desiredStatus") == "STOPPED",
    };
    (!ended).then(task)
}

fn list<'a>(of: &'a Json, name: &str) -> &'a [Json] {
    of.get(name).and_then(Json::as_array).map(Vec::as_slice).unwrap_or_default()
}
