//! Whatever the link does, every stream's bytes arrive once, in order, complete.

use std::time::Duration;

use proptest::prelude::*;
use terrace_ssm::Limits;

use crate::numbers::Numbers;
use crate::world::{Faults, Incident, Talk, World};

const HOUR: Duration = Duration::from_secs(3600);

fn small(numbers: &mut Numbers) -> Vec<Talk> {
    let mut closes = Talk::of(numbers.bytes(3000), numbers.bytes(5000));
    closes.server_closes = true;
    vec![
        Talk::of(numbers.bytes(4000), numbers.bytes(9000)),
        Talk::of(Vec::new(), numbers.bytes(1)),
        closes,
        Talk::of(numbers.bytes(1), Vec::new()),
        Talk::of(Vec::new(), Vec::new()),
    ]
}

#[test]
fn a_faultless_link_carries_all_and_repeats_nothing() {
    let talks = small(&mut Numbers(1));
    let mut world = World::new(1, Limits::default(), Limits::default(), Faults::NONE, talks);
    assert!(world.run(HOUR));
    world.assert_complete("no faults");
    assert_eq!(world.ignored, Vec::<String>::new());
    for session in [&world.client, &world.agent] {
        let statistics = session.statistics();
        assert_eq!((statistics.retransmissions, statistics.duplicates), (0, 0));
    }
}

#[test]
fn each_incident_at_each_message() {
    let mut quiet = World::new(1, Limits::default(), Limits::default(), Faults::NONE, small(&mut Numbers(1)));
    assert!(quiet.run(HOUR));
    let count = quiet.delivered;
    assert!(count > 40, "{count}");
    for incident in [Incident::Cut, Incident::CutAgent, Incident::CutBoth, Incident::Pause, Incident::Close] {
        for at in 1..=count {
            let mut world =
                World::new(1, Limits::default(), Limits::default(), Faults::NONE, small(&mut Numbers(1)));
            world.incident = Some((at, incident));
            assert!(world.run(HOUR), "{incident:?} at {at} does not come to rest");
            if incident == Incident::Close {
                assert_eq!(world.closed, ["Enough.", "Enough."], "at {at}");
                for talk in &world.talks {
                    assert!(talk.up.starts_with(&talk.up_got) && talk.down.starts_with(&talk.down_got));
                }
            } else {
                world.assert_complete(&format!("{incident:?} at {at}"));
            }
        }
    }
}

prop_compose! {
    fn limits()(payload in prop_oneof![Just(1024_usize), 1..=32_768_usize, 1..=20_usize], window in prop_oneof![Just(1 << 20), 1..200_000_usize], queue in prop_oneof![Just(262_144_usize), 1..3000_usize]) -> Limits {
        Limits::default().with_payload(payload).unwrap().with_window(window).unwrap().with_queue(queue).unwrap()
    }
}

prop_compose! {
    fn faulty()(loss in 0..40_u64, duplication in 0..30_u64, reordering in 0..50_u64, delay in 0..200_u64) -> Faults {
        Faults { loss, duplication, reordering, delay: Duration::from_millis(delay), until: Duration::from_secs(30) }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn bytes_arrive_once_in_order_complete(
        seed in any::<u64>(),
        client in limits(),
        agent in limits(),
        faults in faulty(),
        sizes in prop::collection::vec((0..20_000_usize, 0..20_000_usize, any::<bool>()), 1..6),
        incident in prop::option::of((1..400_usize, prop_oneof![
            Just(Incident::Cut), Just(Incident::CutAgent), Just(Incident::CutBoth), Just(Incident::Pause)
        ])),
    ) {
        let mut numbers = Numbers(seed);
        let small = client.payload().min(agent.payload()) < 100;
        let talks = sizes.iter().map(|(up, down, server_closes)| {
            let (up, down) = if small { (up / 40, down / 40) } else { (*up, *down) };
            Talk { server_closes: *server_closes, ..Talk::of(numbers.bytes(up), numbers.bytes(down)) }
        });
        let talks = talks.collect();
        let mut world = World::new(seed, client, agent, faults, talks);
        world.incident = incident;
        prop_assert!(world.run(HOUR));
        world.assert_complete("faults");
        prop_assert_eq!(&world.ignored, &Vec::<String>::new());
    }
    #[test]
    fn or_the_stream_is_reset_and_says_so(
        seed in any::<u64>(),
        faults in faulty(),
        spools in (0..3_usize, 0..3_usize),
        sizes in prop::collection::vec((0..200_000_usize, 0..200_000_usize, 0..4_u8), 1..5),
        incident in prop::option::of((1..900_usize, prop_oneof![
            Just(Incident::Cut), Just(Incident::CutAgent), Just(Incident::CutBoth), Just(Incident::Pause)
        ])),
    ) {
        let mut numbers = Numbers(seed);
        let talks = sizes.iter().map(|(up, down, stall)| Talk {
            client_stalls: *stall == 1,
            server_stalls: *stall == 2,
            server_closes: *stall == 2,
            ..Talk::of(numbers.bytes(*up), numbers.bytes(*down))
        });
        let talks = talks.collect();
        let limits = |size: usize| {
            let limits = Limits::default().with_spool((1 << 16) << size).unwrap();
            limits.with_spools((1 << 17) << size).unwrap()
        };
        let mut world = World::new(seed, limits(spools.0), limits(spools.1), faults, talks);
        world.incident = incident;
        world.run(Duration::from_secs(60));
        // Whoever did not stall and was not reset for the room of all is done, whatever the others do.
        let alone = world.talks.len() == 1;
        for talk in &world.talks {
            prop_assert!(
                alone || talk.client_stalls || talk.server_stalls || talk.overflowed || talk.is_complete(),
                "stream {:?} up {}/{} down {}/{}",
                talk.id, talk.up_got.len(), talk.up.len(), talk.down_got.len(), talk.down.len()
            );
        }
        for (session, spool) in [(&world.client, spools.0), (&world.agent, spools.1)] {
            prop_assert!(session.statistics().spooled_bytes <= (1 << 17) << spool);
        }
        for talk in &mut world.talks {
            (talk.client_stalls, talk.server_stalls) = (false, false);
        }
        prop_assert!(world.run(HOUR));
        prop_assert!(world.failed.is_empty(), "{:?}", world.failed);
        for talk in &world.talks {
            prop_assert!(talk.up.starts_with(&talk.up_got) && talk.down.starts_with(&talk.down_got));
            prop_assert!(talk.overflowed || talk.is_complete());
            prop_assert!(talk.client_done && talk.server_done, "both ends are told");
        }
        for session in [&world.client, &world.agent] {
            prop_assert!(session.is_quiet() && session.streams() == 0);
            prop_assert_eq!(session.statistics().spooled_bytes, 0);
        }
    }
}
