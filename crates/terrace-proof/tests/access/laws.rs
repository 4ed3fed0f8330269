//! The decision against the plainer reading: with everything known, and with keys unknown.

use proptest::prelude::*;
use proptest::sample::subsequence;
use terrace_proof::access::{Denial, Verdict};

use crate::plain::Answer;
use crate::worlds::{KEYS, ask, choice, choices, world};

pub(crate) fn answer(verdict: &Verdict) -> Option<Answer> {
    match verdict {
        Verdict::Allowed(_) => Some(Answer::Allowed),
        Verdict::Denied(Denial::Explicit(_)) => Some(Answer::Explicit),
        Verdict::Denied(Denial::Implicit(_)) => Some(Answer::Implicit),
        Verdict::Depends { .. } => None,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]

    #[test]
    fn what_is_known_is_decided_as_the_flow_chart_does(world in world(), ask in ask(), choice in choice()) {
        prop_assert_eq!(answer(&world.decide(&ask, &choice, &[])), Some(world.plainly(&ask, &choice)));
    }

    #[test]
    fn what_is_decided_holds_whatever_the_unknown_keys_are(
        world in world(), ask in ask(), choice in choice(), hidden in subsequence((0..KEYS.len()).collect::<Vec<_>>(), 1..3),
    ) {
        let names: Vec<&str> = hidden.iter().map(|at| KEYS[*at].0).collect();
        let verdict = world.decide(&ask, &choice, &names);
        let mut all = vec![choice];
        for at in hidden {
            all = all
                .iter()
                .flat_map(|one| choices(at).into_iter().map(move |value| {
                    let mut next = one.clone();
                    next.insert(KEYS[at].0, value);
                    next
                }))
                .collect();
        }
        let answers: Vec<Answer> = all.iter().map(|one| world.plainly(&ask, one)).collect();
        match verdict {
            Verdict::Allowed(_) => prop_assert!(answers.iter().all(|a| *a == Answer::Allowed), "{:?}", answers),
            Verdict::Denied(Denial::Explicit(_)) => {
                prop_assert!(answers.iter().all(|a| *a == Answer::Explicit), "{:?}", answers);
            }
            Verdict::Denied(_) => prop_assert!(answers.iter().all(|a| *a != Answer::Allowed), "{:?}", answers),
            Verdict::Depends { on, .. } => prop_assert!(!on.is_empty()),
        }
    }
}
