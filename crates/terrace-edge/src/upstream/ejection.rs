//! Failures seen in passing: after so many in a row a target is left out, twice as long each time.

use std::time::Duration;

use terrace_edge_config::Ejection;

use super::moment::Moment;

/// What is remembered of a target's failures. A pure value; whoever holds it knows the time.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Offences {
    in_a_row: u32,
    times: u32,
    /// Until when it was left out last, and for how long.
    last: Option<(Moment, Duration)>,
}

impl Offences {
    /// Counts a failure. Returns until when the target is to be left out, if it is; `last_one` says that no other
    /// target would be left, in which case it never is.
    pub(crate) fn failed(&mut self, now: Moment, rules: &Ejection, last_one: bool) -> Option<Moment> {
        self.in_a_row = self.in_a_row.saturating_add(1);
        if self.in_a_row < rules.after.get() || last_one {
            return None;
        }
        self.in_a_row = 0;
        let factor = 1_u32.checked_shl(self.times).unwrap_or(u32::MAX);
        let duration = rules.base.duration().saturating_mul(factor).min(rules.at_most.duration());
        self.times = self.times.saturating_add(1).min(31);
        let until = now.after(duration);
        self.last = Some((until, duration));
        Some(until)
    }

    /// Counts a success. Having been back for as long as it was left out clears a target's name.
    pub(crate) fn succeeded(&mut self, now: Moment) {
        self.in_a_row = 0;
        if let Some((until, duration)) = self.last
            && now >= until.after(duration)
        {
            *self = Self::default();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU32;

    use terrace_edge_config::Millis;

    use super::*;

    fn rules() -> Ejection {
        Ejection { after: NonZeroU32::new(2).unwrap(), base: Millis::new(100), at_most: Millis::new(350) }
    }

    #[test]
    fn each_time_is_twice_as_long_up_to_the_longest() {
        let mut offences = Offences::default();
        let mut now = Moment::from_raw(1);
        let mut lengths = Vec::new();
        for _ in 0..4 {
            assert_eq!(offences.failed(now, &rules(), false), None);
            let until = offences.failed(now, &rules(), false).unwrap();
            lengths.push(until.since(now).as_millis());
            now = until;
        }
        assert_eq!(lengths, [100, 200, 350, 350]);
    }

    #[test]
    fn a_success_between_failures_starts_the_count_again() {
        let mut offences = Offences::default();
        let now = Moment::from_raw(1);
        for _ in 0..5 {
            assert_eq!(offences.failed(now, &rules(), false), None);
            offences.succeeded(now);
        }
    }

    #[test]
    fn the_last_target_is_never_left_out() {
        let mut offences = Offences::default();
        for _ in 0..100 {
            assert_eq!(offences.failed(Moment::from_raw(1), &rules(), true), None);
        }
    }

    #[test]
    fn good_conduct_clears_the_name() {
        let mut offences = Offences::default();
        let now = Moment::from_raw(1);
        offences.failed(now, &rules(), false);
        let until = offences.failed(now, &rules(), false).unwrap();
        offences.succeeded(until);
        offences.failed(until, &rules(), false);
        let second = offences.failed(until, &rules(), false).unwrap();
        assert_eq!(second.since(until).as_millis(), 200);
        let later = second.after(Duration::from_millis(200));
        offences.succeeded(later);
        offences.failed(later, &rules(), false);
        assert_eq!(offences.failed(later, &rules(), false).unwrap().since(later).as_millis(), 100);
    }
}
