//! One replica taking the place of another: for a new build, because someone asked, or because the old one is unwell.
//! The successor is healthy and serves before the old one leaves, and there is one change at a time.

use std::collections::VecDeque;
use std::num::NonZeroU16;

use std::time::Duration;

use tokio::sync::oneshot;

use super::life::LifeId;
use super::set::{ReplicaSet, Standing};
use crate::control::Phase;
use crate::{EventKind, Instance};

/// What is still to be replaced.
#[derive(Debug, Default)]
pub(super) struct Roll {
    queue: VecDeque<LifeId>,
    waiting: Vec<oneshot::Sender<Result<(), String>>>,
}

impl ReplicaSet {
    /// Replaces one replica or all of them.
    pub(super) fn restart(&mut self, which: Option<NonZeroU16>, done: oneshot::Sender<Result<(), String>>) {
        let mut chosen: Vec<(Option<NonZeroU16>, LifeId)> = self
            .replicas
            .iter()
            .filter(|(_, replica)| replica.standing != Standing::Leaving && replica.replaces.is_none())
            .filter(|(_, replica)| which.is_none() || replica.instance.replica == which)
            .map(|(id, replica)| (replica.instance.replica, *id))
            .collect();
        if let Some(number) = which.filter(|_| chosen.is_empty()) {
            let _nobody = done.send(Err(format!("there is no `{}-{number}`", self.process.name)));
            return;
        }
        chosen.sort_unstable();
        // A second wish while the first is being done begins anew: what was replaced then may be old by now.
        self.roll.queue = chosen.into_iter().map(|(_, id)| id).collect();
        self.roll.waiting.push(done);
        self.roll_on();
    }

    /// A replica answers badly: a successor is started, unless one is on its way.
    pub(super) fn unhealthy(&mut self, id: LifeId, reason: String) {
        let Some(replica) = self.replicas.get(&id) else { return };
        if !matches!(replica.standing, Standing::Serving(_)) {
            return;
        }
        let instance = replica.instance.clone();
        self.run.journal.remark(&instance, format!("unhealthy: {reason}"));
        self.run.board.enter(&instance, Phase::Unhealthy, |entry| entry.reason = Some(reason.clone()));
        self.run.hub.tell(EventKind::Unhealthy { instance, reason });
        let expected = self.replicas.values().any(|other| other.replaces == Some(id));
        if !expected && !self.roll.queue.contains(&id) {
            self.roll.queue.push_back(id);
            self.roll_on();
        }
    }

    /// Begins the next change, if none is under way.
    pub(super) fn roll_on(&mut self) {
        while !self.replicas.values().any(|replica| replica.replaces.is_some()) {
            let Some(old) = self.roll.queue.pop_front() else {
                for done in self.roll.waiting.drain(..) {
                    let _nobody = done.send(Ok(()));
                }
                return;
            };
            match self.replicas.get(&old).map(|replica| replica.standing) {
                None | Some(Standing::Leaving) => {}
                Some(Standing::Coming) => {
                    // It serves nobody: nothing is lost when it goes first.
                    self.leave(old);
                    self.reconcile();
                }
                Some(Standing::Serving(_)) => {
                    let instance = self.free_instance();
                    self.begin(instance, Duration::ZERO, Some(old));
                }
            }
        }
    }

    /// A successor did not come: the old ones stay, and whoever waits is told.
    pub(super) fn roll_failed(&mut self, instance: &Instance, reason: &str) {
        self.roll.queue.clear();
        let text = format!("`{instance}` did not become healthy ({reason}): the replicas before it stay");
        self.run.hub.tell(EventKind::Note { process: Some(self.process.name.clone()), text: text.clone() });
        for done in self.roll.waiting.drain(..) {
            let _nobody = done.send(Err(text.clone()));
        }
    }
}
