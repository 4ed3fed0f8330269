//! Which target takes the next request: a pure function of how the targets stand.
//!
//! The law: targets that are up come before those that are down (which are asked only when no other is left: a
//! pool fails open), targets not yet tried for this request before those tried, healthy before not yet judged.
//! Among equals the one with the fewest requests in flight takes it, ties broken at random. A target in its slow
//! start takes part in a choice only with a probability equal to how far it has come, compared with the one that
//! has come farthest.

/// How a target stands, best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Standing {
    /// Takes requests.
    Healthy,
    /// Not yet judged.
    Initial,
    /// Failed requests lately.
    Ejected,
    /// Fails its checks.
    Unhealthy,
}

impl Standing {
    /// Whether it is asked only when no other is left.
    pub(crate) const fn is_down(self) -> bool {
        matches!(self, Self::Ejected | Self::Unhealthy)
    }
}

/// How far a target has come in its slow start, in thousandths.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Ramp(u16);

impl Ramp {
    /// All of the way.
    pub(crate) const FULL: Self = Self(1000);

    /// `passed` of `whole` milliseconds; never nothing, so that a lone request can find it.
    pub(crate) fn of(passed: u128, whole: u128) -> Self {
        let share = passed.saturating_mul(1000).checked_div(whole).unwrap_or(1000).clamp(1, 1000);
        Self(u16::try_from(share).unwrap_or(1000))
    }

    fn takes_part(self, farthest: Self, random: &mut impl FnMut() -> u64) -> bool {
        self >= farthest || random().checked_rem(u64::from(farthest.0)).is_some_and(|r| r < u64::from(self.0))
    }
}

/// A target as the choice sees it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Candidate {
    /// How it stands.
    pub(crate) standing: Standing,
    /// Its requests in flight.
    pub(crate) in_flight: u32,
    /// How far its slow start has come.
    pub(crate) ramp: Ramp,
    /// Whether it is at its limit.
    pub(crate) full: bool,
    /// Whether this request has been tried on it.
    pub(crate) tried: bool,
}

impl Candidate {
    fn class(&self) -> (bool, bool, Standing) {
        (self.standing.is_down(), self.tried, self.standing)
    }
}

/// Who takes the request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Choice {
    /// This one, by its place.
    Target(usize),
    /// All that come into question are at their limit.
    Full,
    /// There is none.
    Nobody,
}

/// Chooses.
pub(crate) fn choose<I>(candidates: I, random: &mut impl FnMut() -> u64) -> Choice
where
    I: Iterator<Item = Candidate> + Clone,
{
    let Some(best) = candidates.clone().map(|c| c.class()).min() else { return Choice::Nobody };
    let open = |c: &Candidate| !c.full && c.class() == best;
    let Some(farthest) = candidates.clone().filter(open).map(|c| c.ramp).max() else { return Choice::Full };
    let mut chosen: Option<(usize, u32)> = None;
    let mut equals: u64 = 0;
    for (place, candidate) in candidates.enumerate().filter(|(_, c)| open(c)) {
        if !candidate.ramp.takes_part(farthest, random) {
            continue;
        }
        match chosen {
            Some((_, fewest)) if candidate.in_flight > fewest => {}
            Some((_, fewest)) if candidate.in_flight == fewest => {
                // Each of n equals is kept with probability 1/n, seen one at a time.
                equals = equals.saturating_add(1);
                if random().checked_rem(equals) == Some(0) {
                    chosen = Some((place, fewest));
                }
            }
            _ => {
                equals = 1;
                chosen = Some((place, candidate.in_flight));
            }
        }
    }
    chosen.map_or(Choice::Full, |(place, _)| Choice::Target(place))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn generator(seed: u64) -> impl FnMut() -> u64 {
        let mut state = seed;
        move || {
            state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            mixed ^ (mixed >> 29)
        }
    }

    fn candidate() -> impl Strategy<Value = Candidate> {
        let standing = prop_oneof![
            Just(Standing::Healthy),
            Just(Standing::Initial),
            Just(Standing::Ejected),
            Just(Standing::Unhealthy)
        ];
        (standing, 0_u32..5, 1_u128..=1000, any::<bool>(), any::<bool>()).prop_map(
            |(standing, in_flight, ramp, full, tried)| Candidate {
                standing,
                in_flight,
                ramp: Ramp::of(ramp, 1000),
                full,
                tried,
            },
        )
    }

    proptest! {
        #[test]
        fn the_chosen_target_is_of_the_best_class_and_not_full(
            candidates in prop::collection::vec(candidate(), 0..8),
            seed: u64,
        ) {
            let best = candidates.iter().map(Candidate::class).min();
            match choose(candidates.iter().copied(), &mut generator(seed)) {
                Choice::Nobody => prop_assert!(candidates.is_empty()),
                Choice::Full => {
                    prop_assert!(candidates.iter().filter(|c| Some(c.class()) == best).all(|c| c.full));
                }
                Choice::Target(place) => {
                    prop_assert_eq!(Some(candidates[place].class()), best);
                    prop_assert!(!candidates[place].full);
                }
            }
        }

        #[test]
        fn among_equals_the_least_outstanding_takes_it(
            in_flight in prop::collection::vec(0_u32..50, 1..8),
            seed: u64,
        ) {
            let candidates = in_flight.iter().map(|&in_flight| Candidate {
                standing: Standing::Healthy, in_flight, ramp: Ramp::FULL, full: false, tried: false,
            });
            let Choice::Target(place) = choose(candidates, &mut generator(seed)) else { panic!("nobody") };
            prop_assert_eq!(Some(&in_flight[place]), in_flight.iter().min());
        }

        #[test]
        fn a_ramping_target_gets_at_most_its_share(percent in 1_u128..=100, seed: u64) {
            let idle = |ramp| Candidate {
                standing: Standing::Healthy, in_flight: 0, ramp, full: false, tried: false,
            };
            // The other is busier, so that only the ramp keeps this one from taking everything.
            let old = Candidate { in_flight: 9, ..idle(Ramp::FULL) };
            let candidates = [old, idle(Ramp::of(percent, 100))];
            let mut random = generator(seed);
            let rounds = 4000_u32;
            let taken = (0..rounds)
                .filter(|_| choose(candidates.iter().copied(), &mut random) == Choice::Target(1))
                .count();
            let share = f64::from(u32::try_from(taken).unwrap()) / f64::from(rounds);
            let ramp = f64::from(u32::try_from(percent).unwrap()) / 100.0;
            // Six standard deviations.
            let margin = 6.0 * (ramp * (1.0 - ramp) / f64::from(rounds)).sqrt() + 1e-9;
            prop_assert!((share - ramp).abs() <= margin, "{share} of {ramp}");
        }
    }

    #[test]
    fn equals_are_taken_equally_often() {
        let idle = Candidate {
            standing: Standing::Healthy,
            in_flight: 0,
            ramp: Ramp::FULL,
            full: false,
            tried: false,
        };
        let mut random = generator(1);
        let mut taken = [0_u32; 3];
        for _ in 0..9000 {
            if let Choice::Target(place) = choose([idle; 3].into_iter(), &mut random) {
                taken[place] += 1;
            }
        }
        assert!(taken.iter().all(|n| (2700..3300).contains(n)), "{taken:?}");
    }
}
