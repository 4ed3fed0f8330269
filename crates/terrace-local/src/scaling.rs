//! Target tracking: how many replicas keep CPU use at its target.
//!
//! As Application Auto Scaling does it, in seconds where that takes minutes: out at once when use stays above the
//! target, in slowly and one by one when it stays well below. Source: "How target tracking scaling for Application
//! Auto Scaling works" (AWS documentation).

use std::time::Duration;

use terrace_topology::Capacity;

/// How quickly scaling follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ScalingPace {
    /// For how long use is above the target before replicas are added.
    pub out_after: Duration,
    /// For how long use is below nine tenths of the target before one is taken away.
    pub in_after: Duration,
}

impl Default for ScalingPace {
    fn default() -> Self {
        Self { out_after: Duration::from_secs(5), in_after: Duration::from_secs(30) }
    }
}

/// What was seen at one time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Observation {
    /// When, since any fixed moment; never goes back.
    pub at: Duration,
    /// Replicas that run.
    pub running: u16,
    /// Their mean CPU use in percent of one core each.
    pub cpu_percent: f64,
}

/// Follows one service.
#[derive(Clone, Debug)]
pub struct Scaler {
    capacity: Capacity,
    pace: ScalingPace,
    above_since: Option<Duration>,
    below_since: Option<Duration>,
}

impl Scaler {
    /// A scaler that has seen nothing.
    pub fn new(capacity: Capacity, pace: ScalingPace) -> Self {
        Self { capacity, pace, above_since: None, below_since: None }
    }

    /// How many replicas there should be, always within the capacity.
    pub fn observe(&mut self, seen: Observation) -> u16 {
        let (min, max) = (self.capacity.min(), self.capacity.max());
        let within = seen.running.clamp(min, max);
        let Some(target) = self.capacity.cpu().map(|c| f64::from(c.percent())) else { return within };
        if within != seen.running || !seen.cpu_percent.is_finite() {
            return within;
        }
        if seen.cpu_percent > target {
            self.below_since = None;
            let since = *self.above_since.get_or_insert(seen.at);
            if seen.at.saturating_sub(since) >= self.pace.out_after {
                self.above_since = None;
                return needed(seen.running, seen.cpu_percent / target).clamp(min, max);
            }
        } else if seen.cpu_percent < target * 0.9 {
            self.above_since = None;
            let since = *self.below_since.get_or_insert(seen.at);
            let fewer = seen.running.saturating_sub(1).max(min);
            // One fewer must not push the others over the target again.
            let then = seen.cpu_percent * f64::from(seen.running) / f64::from(fewer.max(1));
            if seen.at.saturating_sub(since) >= self.pace.in_after && then < target * 0.9 {
                self.below_since = None;
                return fewer;
            }
        } else {
            self.above_since = None;
            self.below_since = None;
        }
        seen.running
    }
}

/// The smallest number of replicas that brings use down to the target: `ceil(running * ratio)`.
fn needed(running: u16, ratio: f64) -> u16 {
    (running..=Capacity::MOST).find(|n| f64::from(*n) >= f64::from(running) * ratio).unwrap_or(Capacity::MOST)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use terrace_topology::CpuTarget;

    use super::*;

    fn scaler(min: u16, max: u16) -> Scaler {
        Scaler::new(
            Capacity::new(min, max, Some(CpuTarget::new(60).unwrap())).unwrap(),
            ScalingPace::default(),
        )
    }

    fn seen(at: u64, running: u16, cpu_percent: f64) -> Observation {
        Observation { at: Duration::from_secs(at), running, cpu_percent }
    }

    #[test]
    fn it_goes_out_when_use_stays_high() {
        let mut scaler = scaler(2, 6);
        assert_eq!(scaler.observe(seen(0, 2, 95.0)), 2);
        assert_eq!(scaler.observe(seen(4, 2, 95.0)), 2);
        assert_eq!(scaler.observe(seen(5, 2, 95.0)), 4);
        assert_eq!(scaler.observe(seen(6, 4, 61.0)), 4, "the wait begins anew");
    }

    #[test]
    fn it_comes_in_one_by_one_and_never_swings() {
        let mut scaler = scaler(1, 6);
        assert_eq!(scaler.observe(seen(0, 3, 10.0)), 3);
        assert_eq!(scaler.observe(seen(30, 3, 10.0)), 2);
        let mut swing = self::scaler(1, 6);
        swing.observe(seen(0, 2, 40.0));
        assert_eq!(swing.observe(seen(99, 2, 40.0)), 2, "one replica would stand at 80 percent");
    }

    #[test]
    fn a_spike_changes_nothing() {
        let mut scaler = scaler(2, 6);
        scaler.observe(seen(0, 2, 95.0));
        scaler.observe(seen(3, 2, 58.0));
        assert_eq!(scaler.observe(seen(6, 2, 95.0)), 2);
    }

    proptest! {
        #[test]
        fn it_stays_within_the_capacity(
            min in 1_u16..5, more in 0_u16..5, steps in prop::collection::vec((0_u64..40, 0.0_f64..400.0), 1..60)
        ) {
            let mut scaler = scaler(min, min + more);
            let (mut at, mut running) = (0, min);
            for (pause, cpu) in steps {
                at += pause;
                let next = scaler.observe(seen(at, running, cpu));
                prop_assert!((min..=min + more).contains(&next));
                if cpu <= 60.0 { prop_assert!(next <= running) } else { prop_assert!(next >= running) }
                running = next;
            }
        }
    }
}
