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

fn new_addresses() -> impl Strategy<Value = Addresses> {
    family().prop_flat_map(|f| address_range(f).prop_map(move |r| addresses(f, r)))
}

fn new_ports() -> impl Strategy<Value = PortSpan> {
    prop::sample::select(vec![(0, 0), (1, 4), (1, u16::MAX), (0, u16::MAX)])
        .prop_map(|(a, b)| PortSpan::new(a, b).unwrap())
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

    /// What both hold rests on all that it rests on in either, and a union's on what it rests on in the first.
    #[test]
    fn nothing_that_a_box_rests_on_is_forgotten(
        a in specs(plain_traffic(), 3), b in specs(plain_traffic(), 3), bare in any::<bool>(),
    ) {
        let x = if bare { union_of(&a).bare() } else { union_of(&a) };
        let y = b.iter().zip(100..).fold(PacketSet::nothing(), |all, (s, id)| all.union(&s.set(id)));
        let y = y.resting_on(RuleId(7)).simplified();
        let (both, either, only) = (x.intersection(&y), x.union(&y), y.difference(&x));
        let rules = |set: &PacketSet, packet: &Packet| {
            set.box_of(packet).map(|b| b.rests().rules().iter().copied().collect::<std::collections::BTreeSet<_>>())
        };
        for (packet, _) in plain_points() {
            let (in_x, in_y) = (rules(&x, &packet), rules(&y, &packet));
            prop_assert!(in_y.as_ref().is_none_or(|r| r.len() == 2 && r.contains(&RuleId(7))));
            let all = in_x.clone().zip(in_y.clone()).map(|(x, y)| &x | &y);
            prop_assert_eq!(rules(&both, &packet), all, "{}", packet);
            prop_assert_eq!(rules(&only, &packet), in_y.clone().filter(|_| in_x.is_none()), "{}", packet);
            prop_assert_eq!(rules(&either, &packet), in_x.or(in_y), "{}", packet);
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

    #[test]
    fn what_is_sent_on_comes_from_something(
        a in specs(plain_traffic(), 3),
        (source, destination) in (prop::option::of(new_addresses()), prop::option::of(new_addresses())),
        (from, to) in (prop::option::of(new_ports()), prop::option::of(new_ports())),
    ) {
        let rewrite = Rewrite { source, source_port: from, destination, destination_port: to };
        let image = union_of(&a).rewritten(&rewrite);
        let mut wanted = std::collections::BTreeSet::new();
        let all = plain_points();
        let replaced = |p: &Packet| {
            let ports = [6, 17].contains(&p.protocol);
            // What is lost by the way becomes a number that is always the same.
            (
                p.protocol,
                p.source_port * u16::from(!(ports && from.is_some())),
                p.destination_port * u16::from(!(ports && to.is_some())),
                Family::of(p.source),
                if source.is_some() { 0 } else { number(p.source) },
                if destination.is_some() { 0 } else { number(p.destination) },
            )
        };
        wanted.extend(all.iter().filter(|(p, _)| holds(&a, p)).map(|(p, _)| replaced(p)));
        for (p, _) in &all {
            let ports = [6, 17].contains(&p.protocol);
            let fits = |port: u16, new: Option<PortSpan>| {
                !ports || new.is_none_or(|s| (s.first()..=s.last()).contains(&port))
            };
            let is = wanted.contains(&replaced(p))
                && source.is_none_or(|s| s.contains(p.source))
                && destination.is_none_or(|s| s.contains(p.destination))
                && fits(p.source_port, from)
                && fits(p.destination_port, to);
            prop_assert_eq!(times(&image, p), usize::from(is), "{}", p);
        }
    }

    #[test]
    fn services_are_what_is_left_without_the_rest(a in specs(plain_traffic(), 4)) {
        let services = union_of(&a).services();
        let all = plain_points();
        let wanted: std::collections::BTreeSet<(u8, u16)> =
            all.iter().filter(|(p, _)| holds(&a, p)).map(|(p, _)| (p.protocol, p.destination_port)).collect();
        for (p, _) in &all {
            let times = services.iter().filter(|((first, last), ports)| {
                (first..=last).contains(&&p.protocol) && (ports.first()..=ports.last()).contains(&p.destination_port)
            });
            prop_assert_eq!(times.count(), usize::from(wanted.contains(&(p.protocol, p.destination_port))), "{}", p);
        }
    }
}
