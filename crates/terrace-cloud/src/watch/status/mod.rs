//! What runs where, and how it fares.
//!
//! Calls that only read: of ECS or Auto Scaling, of the load balancers that these name, of RDS and
//! CloudWatch.

mod alarms;
mod asking;
mod containers;
mod database;
mod machines;
mod targets;
mod value;

use std::collections::BTreeMap;

use futures_util::future::{join_all, join3};
use terrace_account::Account;

use self::asking::Asking;
use super::WatchError;
use crate::deployed::{Names, Shape};
pub use value::{Alarm, Blind, Database, Event, Health, PartyStatus, Rollout, Runner, State, Status};

/// As many of the last events as are told.
const EVENTS: usize = 20;

/// Which releases there are, as far as it is told what they are made of.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Releases {
    /// The one in force.
    pub in_force: Option<u32>,
    /// By what runs of them: a task definition's family and revision (`items-app:12`), an image's digest
    /// (`sha256:…`), or a launch template and its version (`lt-0a:7`).
    pub made_of: BTreeMap<String, u32>,
}

/// Looks what runs.
///
/// # Errors If nobody answers, or the credentials are good no longer. What is refused beyond that is told in
/// [`Status::blind`].
pub async fn status(account: &Account, names: &Names, releases: &Releases) -> Result<Status, WatchError> {
    let asking = Asking::new(account);
    let parties = async {
        match &names.shape {
            Shape::Containers(containers) => vec![containers::look(&asking, containers, releases).await],
            Shape::Machines(machines) => {
                join_all(machines.parties.iter().map(|party| machines::look(&asking, party, releases))).await
            }
        }
    };
    let database = async {
        match &names.database {
            Some(database) => database::look(&asking, database).await,
            None => None,
        }
    };
    let (found, database, alarms) = join3(parties, database, alarms::look(&asking, names)).await;
    let blind = asking.end()?;
    let (mut parties, mut events) = (Vec::new(), Vec::new());
    for (party, of) in found {
        parties.extend(party);
        events.extend(of);
    }
    events.sort_by(|one, other| other.at.cmp(&one.at).then_with(|| one.message.cmp(&other.message)));
    events.truncate(EVENTS);
    Ok(Status {
        system: names.system.to_string(),
        environment: names.environment.to_string(),
        region: names.region.to_string(),
        url: names.url.as_ref().map(ToString::to_string),
        release: releases.in_force,
        parties,
        database,
        alarms,
        events,
        blind,
    })
}
