//! Who belongs to a pool: the endpoints wanted, what their names resolve to, who is on the way out.
//!
//! Targets are kept by address: one that stays wanted stays the same target, with its connections and standing.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use terrace_edge_config::{TargetState, TargetStatus};
use terrace_net::Endpoint;
use tokio::task::AbortHandle;

use super::moment::Moment;
use super::target::Target;

/// The members of a pool.
#[derive(Debug, Default)]
pub(crate) struct Membership {
    wanted: BTreeSet<Endpoint>,
    names: BTreeMap<Endpoint, Name>,
    targets: BTreeMap<SocketAddr, Arc<Target>>,
    draining: Vec<Draining>,
}

/// What is known of a name.
#[derive(Debug, Default)]
struct Name {
    addresses: BTreeSet<SocketAddr>,
    /// Whether any answer came yet.
    asked: bool,
    error: Option<String>,
    task: Option<AbortHandle>,
}

impl Drop for Name {
    fn drop(&mut self) {
        if let Some(task) = &self.task {
            task.abort();
        }
    }
}

#[derive(Debug)]
struct Draining {
    target: Arc<Target>,
    until: Moment,
}

/// The targets after a change.
#[derive(Debug)]
pub(crate) struct Changes {
    /// All that take requests.
    pub(crate) all: Vec<Arc<Target>>,
    /// Those that are new.
    pub(crate) added: Vec<Arc<Target>>,
}

impl Membership {
    /// Replaces what is wanted; returns the names that have to be resolved from now on.
    pub(crate) fn want(&mut self, wanted: BTreeSet<Endpoint>) -> Vec<Endpoint> {
        self.names.retain(|name, _| wanted.contains(name));
        let new: Vec<_> = wanted
            .iter()
            .filter(|endpoint| endpoint.address().is_none() && !self.names.contains_key(endpoint))
            .cloned()
            .collect();
        self.names.extend(new.iter().map(|name| (name.clone(), Name::default())));
        self.wanted = wanted;
        new
    }

    /// Hands over the task that resolves a name; it ends with the name.
    pub(crate) fn watched_by(&mut self, name: Endpoint, task: AbortHandle) {
        match self.names.get_mut(&name) {
            Some(name) => name.task = Some(task),
            None => task.abort(),
        }
    }

    /// Takes in an answer. When there is none, the last good one stays.
    pub(crate) fn resolved(&mut self, name: &Endpoint, answer: Result<BTreeSet<SocketAddr>, String>) {
        let Some(name) = self.names.get_mut(name) else { return };
        name.asked = true;
        match answer {
            Ok(addresses) => {
                name.addresses = addresses;
                name.error = None;
            }
            Err(error) => name.error = Some(error),
        }
    }

    /// Whether some name has had no answer yet.
    pub(crate) fn is_resolving(&self) -> bool {
        self.names.values().any(|name| !name.asked)
    }

    /// Brings the targets in line with what is wanted; those that leave drain for `delay`.
    pub(crate) fn targets(&mut self, checked: bool, delay: Duration) -> Changes {
        let literal = self.wanted.iter().filter_map(Endpoint::address);
        let named = self.names.values().flat_map(|name| name.addresses.iter().copied());
        let wanted: BTreeSet<SocketAddr> = literal.chain(named).collect();
        let until = Moment::now().after(delay);
        let leaving = self.targets.extract_if(.., |address, _| !wanted.contains(address));
        self.draining.extend(leaving.map(|(_, target)| {
            target.remove();
            Draining { target, until }
        }));
        let mut added = Vec::new();
        for address in wanted {
            if !self.targets.contains_key(&address)
                && let Ok(endpoint) = Endpoint::try_from(address)
            {
                let target = Arc::new(Target::new(endpoint, address, checked));
                added.push(Arc::clone(&target));
                self.targets.insert(address, target);
            }
        }
        Changes { all: self.targets.values().map(Arc::clone).collect(), added }
    }

    /// Lets all targets drain, for as long as the next change says.
    pub(crate) fn forget_targets(&mut self) {
        let until = Moment::now().after(Duration::from_secs(30));
        let leaving = std::mem::take(&mut self.targets);
        self.draining.extend(leaving.into_values().map(|target| {
            target.remove();
            Draining { target, until }
        }));
    }

    /// Forgets the leavers that are idle, and those whose time is up (their tunnels are closed).
    pub(crate) fn forget_drained(&mut self, now: Moment) {
        self.draining.retain(|draining| {
            let late = now >= draining.until;
            if late {
                draining.target.end();
            }
            !late && draining.target.in_flight() > 0
        });
    }

    /// Who is on the way out.
    pub(crate) fn draining(&self) -> impl Iterator<Item = &Arc<Target>> {
        self.draining.iter().map(|draining| &draining.target)
    }

    /// Why a name could not be resolved the last time.
    #[cfg(test)]
    pub(crate) fn names_error(&self) -> Option<String> {
        self.names.values().find_map(|name| name.error.clone())
    }

    /// Names that stand for no target, and why.
    pub(crate) fn unresolved(&self) -> impl Iterator<Item = TargetStatus> {
        self.names.iter().filter(|(_, name)| name.addresses.is_empty()).map(|(endpoint, name)| TargetStatus {
            target: endpoint.clone(),
            state: if name.asked { TargetState::Unhealthy } else { TargetState::Initial },
            in_flight: 0,
            reason: name.error.clone().or_else(|| name.asked.then(|| "the name has no address".to_owned())),
        })
    }
}
