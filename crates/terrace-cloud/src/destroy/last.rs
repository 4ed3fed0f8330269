//! The last snapshot of a database, which outlives the system and its key.
//!
//! Amazon RDS API Reference, version 2014-10-31: CreateDBSnapshot, CopyDBSnapshot, DescribeDBSnapshots,
//! DeleteDBSnapshot, and the same of clusters. A snapshot is encrypted with its database's key, and the
//! system's key goes some days after the system: so it is copied with the key that AWS keeps for RDS, and the
//! copy is what stays ("Copying a DB snapshot", Amazon RDS User Guide).

use std::time::{Duration, SystemTime};

use serde::Serialize;
use terrace_account::{Account, Call, Refusal, Xml, service};

use crate::deployed::{Database, DatabaseKind};
use crate::release::Pace;
use crate::watch::{ENVIRONMENT, Owner, SYSTEM, WatchError};

const VERSION: &str = "2014-10-31";
/// The key that AWS keeps for RDS in every account.
const KEY: &str = "alias/aws/rds";
/// One that was begun so long ago by a run that broke off is gone on with; an older one lacks too much.
const FRESH: Duration = Duration::from_secs(3600);
/// The end of the name of what is copied and then deleted.
const FIRST: &str = "-first";

/// What is told while a database's last snapshot is made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Snapshot {
    /// It is being made.
    Begun {
        /// Its name.
        name: String,
    },
    /// It is copied, so that it does not need the system's key.
    Copied {
        /// The copy's name.
        name: String,
    },
    /// How far either is.
    Percent(u32),
}

/// Why there is no last snapshot.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LastError {
    /// AWS refuses, or does not answer.
    #[error(transparent)]
    Refused(#[from] WatchError),
    /// RDS gave it up.
    #[error("RDS says of the snapshot {name} that it is `{state}`")]
    Failed {
        /// Its name.
        name: String,
        /// In RDS's word.
        state: String,
    },
    /// Nobody waits any longer; RDS goes on.
    #[error("the snapshot {name} is not whole yet")]
    StillGoing {
        /// Its name.
        name: String,
    },
}

/// Makes a last snapshot, and waits until it is whole; goes on with one that a run has begun which broke off.
/// Its name; none if there is no such database.
///
/// # Errors
/// If RDS refuses, does not answer, or gives up. Begun again, it goes on.
pub async fn snapshot(
    account: &Account,
    (owner, database): (Owner<'_>, &Database),
    at: SystemTime,
    pace: Pace,
    events: impl Fn(Snapshot),
) -> Result<Option<String>, LastError> {
    let form = Form::of(database.kind);
    let rds = Rds { account, owner, form, database: database.id.as_str() };
    let Some(there) = rds.snapshots().await? else { return Ok(None) };
    let prefix = format!("{}-last-", rds.database);
    let oldest = format!("{prefix}{}", stamp(at.checked_sub(FRESH).unwrap_or(at)));
    let begun = there.iter().filter(|one| one.name.starts_with(&prefix) && one.name >= oldest);
    let newest = begun.map(|one| one.name.trim_end_matches(FIRST).to_owned()).max();
    let last = newest.unwrap_or_else(|| format!("{prefix}{}", stamp(at)));
    let first = format!("{last}{FIRST}");
    let is_there = |name: &str| there.iter().any(|one| one.name == name);
    if !is_there(&last) {
        events(Snapshot::Begun { name: first.clone() });
        if !is_there(&first) {
            rds.make(&first).await?;
        }
        rds.whole(&first, pace, &events).await?;
        rds.copy(&first, &last).await?;
    }
    events(Snapshot::Copied { name: last.clone() });
    rds.whole(&last, pace, &events).await?;
    rds.delete(&first).await?;
    Ok(Some(last))
}

/// `20261122t013005z`: sorted as the moments are.
fn stamp(at: SystemTime) -> String {
    let text = humantime::format_rfc3339_seconds(at).to_string();
    text.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase()
}

/// The words of RDS for one kind of database.
#[derive(Clone, Copy)]
struct Form {
    /// `CreateDBSnapshot` and so on, without the verb.
    one: &'static str,
    all: &'static str,
    database: &'static str,
    id: &'static str,
    source: &'static str,
    target: &'static str,
}

impl Form {
    fn of(kind: DatabaseKind) -> Self {
        match kind {
            DatabaseKind::Instance => Self {
                one: "DBSnapshot",
                all: "DBSnapshots",
                database: "DBInstanceIdentifier",
                id: "DBSnapshotIdentifier",
                source: "SourceDBSnapshotIdentifier",
                target: "TargetDBSnapshotIdentifier",
            },
            DatabaseKind::Cluster => Self {
                one: "DBClusterSnapshot",
                all: "DBClusterSnapshots",
                database: "DBClusterIdentifier",
                id: "DBClusterSnapshotIdentifier",
                source: "SourceDBClusterSnapshotIdentifier",
                target: "TargetDBClusterSnapshotIdentifier",
            },
        }
    }
}

struct Rds<'a> {
    account: &'a Account,
    owner: Owner<'a>,
    form: Form,
    database: &'a str,
}

struct Found {
    name: String,
    state: String,
    percent: Option<u32>,
}

impl Rds<'_> {
    async fn ask(&self, action: &str, fields: &[(&str, &str)]) -> Result<Xml, Refusal> {
        let call = fields
            .iter()
            .fold(Call::query(service::RDS, VERSION, action), |call, (name, value)| call.with(name, value));
        self.account.xml(&call).await
    }

    /// Those that were made by hand; none if there is no such database any more.
    async fn snapshots(&self) -> Result<Option<Vec<Found>>, WatchError> {
        let database = match self.form.one {
            "DBSnapshot" => "DescribeDBInstances",
            _ => "DescribeDBClusters",
        };
        let own = (self.form.database, self.database);
        let doing = |refusal| WatchError::new(format!("looking at the database {}", self.database), refusal);
        match self.ask(database, &[own]).await {
            Err(refusal) if refusal.is_absent() => return Ok(None),
            Err(refusal) => return Err(doing(refusal)),
            Ok(_) => {}
        }
        self.listed(&[own, ("SnapshotType", "manual")]).await.map(Some)
    }

    async fn listed(&self, fields: &[(&str, &str)]) -> Result<Vec<Found>, WatchError> {
        let answer = self.ask(&format!("Describe{}", self.form.all), fields).await.map_err(|refusal| {
            WatchError::new(format!("looking at the snapshots of {}", self.database), refusal)
        })?;
        let all = answer.find(self.form.all).map(Xml::children).unwrap_or_default();
        Ok(all
            .iter()
            .filter_map(|one| {
                Some(Found {
                    name: one.word(self.form.id)?.to_owned(),
                    state: one.word("Status").unwrap_or_default().to_owned(),
                    percent: one.word("PercentProgress").and_then(|percent| percent.parse().ok()),
                })
            })
            .collect())
    }

    async fn make(&self, name: &str) -> Result<(), WatchError> {
        let fields = [(self.form.id, name), (self.form.database, self.database)];
        self.begin(&format!("Create{}", self.form.one), &fields, name).await
    }

    async fn copy(&self, from: &str, to: &str) -> Result<(), WatchError> {
        let fields = [(self.form.source, from), (self.form.target, to), ("KmsKeyId", KEY)];
        self.begin(&format!("Copy{}", self.form.one), &fields, to).await
    }

    /// That it is there already is no failure: the answer to the same call may have been lost.
    async fn begin(&self, action: &str, fields: &[(&str, &str)], name: &str) -> Result<(), WatchError> {
        let tags = [(SYSTEM, self.owner.system), (ENVIRONMENT, self.owner.environment)];
        let mut all = fields.to_vec();
        let labels: Vec<(String, String)> = (1..=tags.len())
            .map(|nth| (format!("Tags.Tag.{nth}.Key"), format!("Tags.Tag.{nth}.Value")))
            .collect();
        for ((key, value), (label, worth)) in tags.iter().zip(&labels) {
            all.extend([(label.as_str(), *key), (worth.as_str(), *value)]);
        }
        match self.ask(action, &all).await {
            Err(refusal) if refusal.code().contains("AlreadyExists") => Ok(()),
            Err(refusal) => Err(WatchError::new(format!("making the snapshot {name}"), refusal)),
            Ok(_) => Ok(()),
        }
    }

    async fn whole(&self, name: &str, pace: Pace, events: &impl Fn(Snapshot)) -> Result<(), LastError> {
        let mut told = None;
        for _ in 0..pace.most {
            let found = self.listed(&[(self.form.id, name)]).await?;
            let Some(found) = found.into_iter().find(|one| one.name == name) else {
                pace.wait().await;
                continue;
            };
            match found.state.as_str() {
                "available" => return Ok(()),
                "creating" | "copying" | "pending" | "" => {}
                _ => return Err(LastError::Failed { name: found.name, state: found.state }),
            }
            if let Some(percent) = found.percent.filter(|percent| told != Some(*percent)) {
                events(Snapshot::Percent(percent));
                told = Some(percent);
            }
            pace.wait().await;
        }
        Err(LastError::StillGoing { name: name.to_owned() })
    }

    async fn delete(&self, name: &str) -> Result<(), WatchError> {
        match self.ask(&format!("Delete{}", self.form.one), &[(self.form.id, name)]).await {
            Err(refusal) if !refusal.is_absent() => Err(WatchError::new(
                format!("deleting the snapshot {name}, of which there is a copy"),
                refusal,
            )),
            _ => Ok(()),
        }
    }
}
