//! How much of a core the replicas use, and how many there should be for it.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use terrace_local::{Observation, Scaler, ScalingPace};
use terrace_topology::Capacity;

use super::life::LifeId;
use super::set::{ReplicaSet, Standing};
use crate::EventKind;
use crate::leash::descendants::{ProcessKey, ProcessTable};

/// What was measured last, and what follows from it.
#[derive(Debug)]
pub(super) struct Scaling {
    scaler: Scaler,
    began: Instant,
    measured: Instant,
    ticks: BTreeMap<LifeId, BTreeMap<ProcessKey, u64>>,
}

impl Scaling {
    pub(super) fn new(capacity: Capacity) -> Self {
        Self {
            scaler: Scaler::new(capacity, ScalingPace::default()),
            began: Instant::now(),
            measured: Instant::now(),
            ticks: BTreeMap::new(),
        }
    }
}

impl ReplicaSet {
    /// Measures every serving replica with all it has started, and changes their number if that is called for.
    pub(super) async fn measure(&mut self) {
        let serving: Vec<_> = self
            .replicas
            .iter()
            .filter(|(_, replica)| matches!(replica.standing, Standing::Serving(_)))
            .filter_map(|(id, replica)| {
                Some((*id, replica.instance.clone(), replica.leashed.as_ref()?.leash()))
            })
            .collect();
        if serving.is_empty() {
            return;
        }
        let Ok(table) = tokio::task::spawn_blocking(ProcessTable::read).await else { return };
        let now = Instant::now();
        let passed = now.saturating_duration_since(self.scaling.measured);
        self.scaling.measured = now;
        let mut measured = Vec::new();
        let mut ticks = BTreeMap::new();
        for (id, instance, leash) in serving {
            let now = i32::try_from(leash).map(|leash| table.ticks_below(leash)).unwrap_or_default();
            if let Some(before) = self.scaling.ticks.get(&id) {
                let used = used(before, &now);
                let percent = percent(used, passed);
                self.run.board.uses(&instance, whole(percent));
                measured.push(percent);
            }
            ticks.insert(id, now);
        }
        self.scaling.ticks = ticks;
        self.follow(&measured);
    }

    fn follow(&mut self, measured: &[f64]) {
        let steady = self.replicas.values().all(|replica| matches!(replica.standing, Standing::Serving(_)));
        let Ok(running) = u16::try_from(measured.len()) else { return };
        // While replicas come and go, what is measured says nothing about how many are needed.
        if !steady || running == 0 || running != self.count() {
            return;
        }
        let cpu_percent = measured.iter().sum::<f64>() / f64::from(running);
        let wanted = self.scaling.scaler.observe(Observation {
            at: self.scaling.began.elapsed(),
            running,
            cpu_percent,
        });
        if wanted != self.desired {
            self.run.hub.tell(EventKind::Scaled {
                process: self.process.name.clone(),
                from: self.desired,
                to: wanted,
                cpu_percent: u16::try_from(whole(cpu_percent)).unwrap_or(u16::MAX),
            });
            self.desired = wanted;
            self.reconcile();
        }
    }
}

/// Clock ticks between two looks. What a process used before it was first seen counts, too.
fn used(before: &BTreeMap<ProcessKey, u64>, now: &BTreeMap<ProcessKey, u64>) -> u64 {
    now.iter().map(|(key, ticks)| ticks.saturating_sub(before.get(key).copied().unwrap_or(0))).sum()
}

fn percent(ticks: u64, passed: Duration) -> f64 {
    let per_second = f64::from(u32::try_from(procfs::ticks_per_second()).unwrap_or(100));
    let ticks = f64::from(u32::try_from(ticks).unwrap_or(u32::MAX));
    100.0 * ticks / per_second / passed.as_secs_f64().max(0.001)
}

fn whole(percent: f64) -> u32 {
    percent.round().clamp(0.0, 1e6) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn processes_that_come_and_go_are_counted() {
        let key = |pid, started| ProcessKey { pid, started };
        let before = BTreeMap::from([(key(1, 1), 100), (key(2, 1), 50)]);
        let now = BTreeMap::from([(key(1, 1), 130), (key(2, 9), 20)]);
        assert_eq!(used(&before, &now), 50);
        assert_eq!(
            whole(percent(50, Duration::from_millis(500))),
            5000 / u32::try_from(procfs::ticks_per_second()).unwrap() * 2
        );
    }
}
