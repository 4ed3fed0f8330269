//! A refresh on its way: what it does is told, what comes to nothing is explained, and two bad machines are enough.

use std::collections::{BTreeMap, BTreeSet};

use super::explain::{self, Activity};
use super::group::{Health, State};
use super::refresh::{Refresh, Status};
use super::releasing::{Releasing, Way};
use super::{Bad, Event};
use crate::release::Failure;

/// A machine counts as bad when the load balancer has found it so this many times in a row: programs that start slowly are
/// found unhealthy for a moment.
const LOOKS: u32 = 10;
/// Bad machines that are enough where nobody is served, and where somebody is.
const ENOUGH: usize = 2;
const ENOUGH_IN_PRODUCTION: usize = 10;

/// What has been seen so far.
#[derive(Default)]
struct Seen {
    started: BTreeSet<String>,
    healthy: BTreeSet<String>,
    /// How often in a row a machine was found unhealthy.
    unhealthy: BTreeMap<String, u32>,
    /// By machine, or by what Auto Scaling did.
    bad: BTreeMap<String, Bad>,
    told: Option<(u8, u32, usize, Option<String>)>,
    /// Asked by us, or begun by AWS.
    back: bool,
    /// What AWS says of how it ended.
    why: Option<String>,
}

impl Releasing<'_> {
    /// Follows a refresh to its end.
    pub(super) async fn follow(&self, way: &Way<'_>, id: &str) -> Result<(), Failure> {
        let (party, mut seen) = (way.party, Seen::default());
        let to = way.to.number.to_string();
        for _ in 0..self.pace.most {
            let what = || format!("the machines of {} could not be followed", party.party);
            let refused = |refusal| {
                Failure::refused(what(), &refusal).in_force("AWS goes on with it, or back, by itself")
            };
            let refresh = Refresh::read(self.account, &party.group, Some(id)).await.map_err(refused)?.pop();
            let Some(refresh) = refresh else {
                let why = format!("Auto Scaling knows no instance refresh {id} of {}", party.group);
                return Err(Failure::found(what(), why, "type the same again"));
            };
            let state = self.state(party).await?;
            let health = state.health(self.account).await.map_err(refused)?;
            let activities =
                explain::activities(self.account, &party.group, &refresh.start).await.map_err(refused)?;
            if !seen.back {
                self.notice(way, &state, &health, &mut seen);
                self.judge(way, (&state, &health, activities), &mut seen).await;
            }
            self.progress(way, &refresh, state.serving(&to, &health), &mut seen);
            match refresh.status {
                // Auto Scaling itself says `Successful` while the last machines still warm up.
                Status::Done if state.is_all(&to, &health) => return Ok(()),
                Status::Done => {}
                Status::Back | Status::Stopped => return Err(self.failure(way, &refresh, &state, seen)),
                Status::Returning => {
                    if !seen.back {
                        let why = refresh.rollback.or(refresh.reason).unwrap_or_default();
                        (self.events)(Event::GoingBack { party: party.party.clone(), why: why.clone() });
                        seen.why = Some(why);
                    }
                    seen.back = true;
                }
                Status::Going => self.enough(way, &state, &mut seen).await?,
            }
            self.pace.wait().await;
        }
        let mut failure = Failure::found(
            format!("the machines of {} did not come to an end with it in the time given", party.party),
            format!("instance refresh {id} of {}", party.group),
            "type the same again: it is followed from where it is",
        );
        failure.why.extend(seen.bad.into_values().flat_map(|bad| bad.why));
        Err(Failure { passing: true, ..failure }.in_force("AWS goes on with it, or back, by itself"))
    }

    /// Tells of machines that are new, or answer for the first time.
    fn notice(&self, way: &Way<'_>, state: &State, health: &BTreeMap<String, Health>, seen: &mut Seen) {
        let (party, to) = (&way.party.party, way.to.number.to_string());
        for machine in state.machines.iter().filter(|one| one.version == to) {
            let instance = machine.id.clone();
            if seen.started.insert(instance.clone()) {
                (self.events)(Event::Started { party: party.clone(), instance: instance.clone() });
            }
            let good = health.get(&instance).is_some_and(|health| health.state == "healthy");
            if good && seen.healthy.insert(instance.clone()) {
                (self.events)(Event::Healthy { party: party.clone(), instance });
            }
        }
    }

    /// Finds machines that came to nothing, and says why.
    async fn judge(
        &self,
        way: &Way<'_>,
        (state, health, activities): (&State, &BTreeMap<String, Health>, Vec<Activity>),
        seen: &mut Seen,
    ) {
        let to = way.to.number.to_string();
        let mut found: Vec<(String, Option<String>, Vec<String>)> = Vec::new();
        for activity in activities {
            match activity {
                Activity::Unstarted { id, why } => {
                    found.push((id, None, vec![format!("no machine could be started: {why}")]));
                }
                Activity::Removed { instance, why } if seen.started.contains(&instance) => {
                    found.push((instance.clone(), Some(instance), vec![why]));
                }
                // One of the release before, or one of which nothing is known any more.
                Activity::Removed { .. } => {}
            }
        }
        for machine in state.machines.iter().filter(|one| one.version == to) {
            let (id, told) = (machine.id.clone(), health.get(&machine.id));
            let unhealthy = told.is_some_and(|health| health.state == "unhealthy");
            let looks = seen.unhealthy.entry(id.clone()).or_default();
            *looks = if unhealthy { *looks + 1 } else { 0 };
            if *looks < LOOKS && machine.healthy {
                continue;
            }
            let mut why: Vec<String> = told.filter(|_| unhealthy).map(explain::health).into_iter().collect();
            if !machine.healthy {
                why.push("Auto Scaling finds it unhealthy and takes it away".to_owned());
            }
            found.push((id.clone(), Some(id), why));
        }
        for (key, instance, mut why) in found {
            if seen.bad.contains_key(&key) {
                continue;
            }
            if let Some(instance) = &instance {
                why.extend(explain::last_words(self.account, &way.party.log_group, instance).await);
            }
            let bad = Bad { instance, why };
            (self.events)(Event::Bad { party: way.party.party.clone(), bad: bad.clone() });
            seen.bad.insert(key, bad);
        }
    }

    fn progress(&self, way: &Way<'_>, refresh: &Refresh, serving: usize, seen: &mut Seen) {
        let Refresh { percent, left, reason, .. } = refresh.clone();
        let now = Some((percent, left, serving, reason.clone()));
        if seen.told != now {
            seen.told = now;
            let party = way.party.party.clone();
            (self.events)(Event::Progress { party, percent, left, serving, waits: reason });
        }
    }

    /// Goes back if as many machines came to nothing as are enough: a group of one has no second to try.
    async fn enough(&self, way: &Way<'_>, state: &State, seen: &mut Seen) -> Result<(), Failure> {
        let enough =
            if self.names.production { ENOUGH_IN_PRODUCTION } else { ENOUGH.min(state.desired.max(1)) };
        if seen.bad.len() < enough || seen.back {
            return Ok(());
        }
        let party = &way.party.party;
        let group = &way.party.group;
        let why = match seen.bad.len() {
            1 => "its one machine of the new release came to nothing".to_owned(),
            many => format!("{many} machines of the new release came to nothing"),
        };
        (self.events)(Event::GoingBack { party: party.clone(), why: why.clone() });
        let Err(refusal) = Refresh::roll_back(self.account, group).await else {
            (seen.back, seen.why) = (true, Some(why));
            return Ok(());
        };
        if refusal.code() == "ActiveInstanceRefreshNotFound" || refusal.is_doubtful() {
            // It has ended meanwhile, or is on its way back: the next look tells.
            return Ok(());
        }
        let stopped = Refresh::cancel(self.account, group).await;
        let mut failure = Failure::refused(format!("{party}: {why}, and AWS does not go back"), &refusal);
        failure.why.extend(std::mem::take(&mut seen.bad).into_values().flat_map(|bad| bad.why));
        failure.next = "bring back the release before: `terrace rollback`".to_owned();
        let stays = match stopped {
            Ok(()) => {
                "machines that were not replaced yet run the release before; nothing is replaced any more"
                    .to_owned()
            }
            Err(refusal) => format!("the machines are still being replaced: {}", refusal.text()),
        };
        Err(failure.in_force(stays))
    }

    fn failure(&self, way: &Way<'_>, refresh: &Refresh, state: &State, seen: Seen) -> Failure {
        let party = &way.party.party;
        let own = seen.why.or_else(|| refresh.rollback.clone());
        let mut why: Vec<String> = own.into_iter().chain(refresh.reason.clone()).collect();
        // Machines fail alike: the same reason is told once.
        let mut alike: Vec<(Bad, usize)> = Vec::new();
        for bad in seen.bad.into_values() {
            match alike.iter_mut().find(|(other, _)| other.why == bad.why) {
                Some((_, others)) => *others += 1,
                None => alike.push((bad, 0)),
            }
        }
        for (bad, others) in alike {
            let whom = match (bad.instance, others) {
                (Some(instance), 0) => format!("{instance}: "),
                (Some(instance), _) => format!("{instance} and {others} more: "),
                (None, 0) => String::new(),
                (None, _) => format!("{} times: ", others + 1),
            };
            why.extend(bad.why.into_iter().map(|line| format!("{whom}{line}")));
        }
        let from = way.from.number.to_string();
        let old = state.machines.iter().filter(|one| one.version == from).count();
        let all = state.machines.len();
        let release = way.from.release().map(|digest| format!(" ({digest})")).unwrap_or_default();
        let in_force = match (old, all) {
            (1, 1) => format!("the release before{release}, on the one machine of {party}"),
            _ if old == all => format!("the release before{release}, on all {all} machines of {party}"),
            _ => format!("the release before{release} on {old} of {all} machines of {party}"),
        };
        let next = if refresh.status == Status::Back {
            "correct it, then type `terrace deploy` again".to_owned()
        } else {
            "bring back the release before: `terrace rollback`; or correct it and type `terrace deploy` again"
                .to_owned()
        };
        Failure {
            why,
            ..Failure::found(format!("the machines of {party} did not come to run the release"), "", next)
        }
        .in_force(in_force)
    }
}
