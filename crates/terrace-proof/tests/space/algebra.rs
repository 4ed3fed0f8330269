//! Laws of the sets.

use proptest::prelude::*;
use terrace_proof::space::*;

use crate::universe::*;

fn holds(specs: &[Spec], packet: &Packet) -> bool {
    specs.iter().any(|s| s.matches(packet))
}

/// How many of the boxes hold a packet: one at most.
fn times(set: &PacketSet, packet: &Packet) -> usize {
    set.boxes().iter().filter(|b| b.contains(packet)).count()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn operations_are_those_of_sets(a in specs(plain_traffic(), 5), b in specs(plain_traffic(), 5)) {
        let (x, y) = (union_of(&a), union_of(&b));
        let (union, both, only) = (x.union(&y), x.intersection(&y), x.difference(&y));
        let (rest, simple) = (x.complement(&PacketSet::everything()), union.simplified());
        let (mut more, mut other, mut common) = (false, false, false);
        let (mut some, mut count) = (false, 0_u128);
        for (packet, weight) in plain_points() {
            let (in_a, in_b) = (holds(&a, &packet), holds(&b, &packet));
            prop_assert_eq!(times(&union, &packet), usize::from(in_a || in_b), "{} or", packet);
            prop_assert_eq!(times(&simple, &packet), usize::from(in_a || in_b), "{} simple", packet);
            prop_assert_eq!(times(&both, &packet), usize::from(in_a && in_b), "{} and", packet);
            prop_assert_eq!(times(&only, &packet), usize::from(in_a && !in_b), "{} but not", packet);
            prop_assert_eq!(times(&rest, &packet), usize::from(!in_a), "{} not", packet);
            more |= in_a && !in_b;
            other |= in_b && !in_a;
            common |= in_a && in_b;
            some |= in_a;
            count = count.saturating_add(if in_a { weight } else { 0 });
        }
        prop_assert_eq!(x.is_subset(&y), !more);
        prop_assert_eq!(x.same_packets(&y), !more && !other);
        prop_assert_eq!(x.meets(&y), common);
        prop_assert_eq!(x.is_empty(), !some);
        prop_assert_eq!(x.count(), count);
        prop_assert!(x.witness().map_or(!some, |p| holds(&a, &p) && x.contains(&p)));
        prop_assert!(only.boxes().iter().all(|b| holds(&a, &b.witness()) && b.contains(&b.witness())));
    }

    /// What a box rests on is enough for it, and matches all of it.
    #[test]
    fn boxes_rest_on_what_matches_them(a in specs(plain_traffic(), 5), b in specs(plain_traffic(), 4)) {
        let shifted = b.iter().zip(100..).fold(PacketSet::nothing(), |all, (s, id)| all.union(&s.set(id)));
        let union = union_of(&a);
        for set in [union.intersection(&shifted), union.difference(&shifted), union.union(&shifted)] {
            for set in [set.simplified(), set.canonical(), set] {
                for part in set.boxes() {
                    let alone = part.rests().rules().iter().fold(PacketSet::everything(), |all, RuleId(id)| {
                        let specs = if *id < 100 { &a } else { &b };
                        all.intersection(&specs[usize::try_from(*id % 100).unwrap()].set(*id))
                    });
                    prop_assert!(PacketSet::of([part.clone()]).is_subset(&alone), "{part}");
                }
            }
        }
    }

    /// Order and cuts leave no trace in the canonical form; different sets have different ones.
    #[test]
    fn canonical_forms_tell_sets_apart(a in specs(plain_traffic(), 4), b in specs(plain_traffic(), 4)) {
        let (x, y) = (union_of(&a), union_of(&b));
        let again = y.difference(&x).union(&x).bare();
        let canonical = again.canonical();
        let other = x.union(&y).bare().canonical();
        let twice = canonical.canonical();
        prop_assert_eq!(canonical.boxes(), other.boxes());
        prop_assert_eq!(twice.boxes(), canonical.boxes());
        let same = x.bare().canonical().boxes() == y.bare().canonical().boxes();
        prop_assert_eq!(same, x.same_packets(&y));
        prop_assert!(again.simplified().boxes().len() <= again.boxes().len());
    }

    #[test]
    fn answers_are_those_of_the_packets(a in specs(icmp_traffic(KINDS), 4)) {
        let set = union_of(&a);
        let (replies, requests) = (set.replies(), set.requests());
        for (packet, _) in icmp_points() {
            let answer = answer(&packet);
            let asks = answer.is_some_and(|p| holds(&a, &p));
            prop_assert_eq!(times(&requests, &packet), usize::from(asks), "{}", packet);
            if let Some(answer) = answer {
                prop_assert_eq!(times(&replies, &answer), usize::from(holds(&a, &packet)), "{}", packet);
            }
        }
        prop_assert!(replies.requests().is_subset(&set));
        prop_assert!(requests.replies().is_subset(&set));
    }
}
