//! Whom somebody is told through when something is wrong, and what counts as wrong.
//!
//! Each threshold is a constant beside its reason. What is not measured while all is well (errors, unhealthy
//! targets) counts as well when it is missing; a database that says nothing counts as broken.

mod balancers;
mod database;
mod deploys;
mod topic;
mod watch;

pub(crate) use topic::Topics;

use super::data::Data;
use super::secrets::Secrets;
use super::{Draft, Refusal, codes};

pub(crate) fn lower(draft: &mut Draft<'_>, secrets: &Secrets, data: &Data) -> Topics {
    if draft.topology.production && draft.topology.alerts.is_none() {
        let message = "this is production, and nobody is told when something is wrong";
        draft.warn(Refusal::new(codes::NOBODY_TOLD, "alerts", message).help(
            "write `[alerts]` with `email = \"…\"`, or subscribe to the topic that `alarms_topic_arn` names",
        ));
    }
    let topics = topic::lower(draft, secrets);
    balancers::lower(draft, &topics);
    database::lower(draft, &topics, data);
    deploys::lower(draft, &topics);
    topics
}
