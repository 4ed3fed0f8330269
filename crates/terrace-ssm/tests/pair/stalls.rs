//! One stream that nobody reads never delays another; memory stays bounded; a slow reader is waited for.

use std::time::Duration;

use terrace_ssm::Limits;

use crate::numbers::Numbers;
use crate::world::{Faults, Talk, World};

const HOUR: Duration = Duration::from_secs(3600);
const KIB: usize = 1024;

fn limits(spool: usize) -> Limits {
    Limits::default().with_spool(spool).unwrap()
}

/// A stream that the client (or the server) does not read, of `size` bytes.
fn stalled(size: usize, client: bool) -> Talk {
    let (up, down) = if client { (vec![], vec![7; size]) } else { (vec![7; size], vec![]) };
    Talk { client_stalls: client, server_stalls: !client, server_closes: !client, ..Talk::of(up, down) }
}

#[test]
fn a_stalled_stream_is_kept_while_it_fits() {
    for client in [true, false] {
        let other = Talk::of(Numbers(1).bytes(300 * KIB), Numbers(2).bytes(300 * KIB));
        let mut world = World::new(
            1,
            limits(256 * KIB),
            limits(256 * KIB),
            Faults::NONE,
            vec![stalled(100 * KIB, client), other],
        );
        assert!(world.run(HOUR));
        assert!(world.talks[1].is_complete(), "client {client}");
        assert!(!world.talks[0].overflowed);
        let held = world.client.statistics().spooled_bytes + world.agent.statistics().spooled_bytes;
        assert_eq!(held, 100 * KIB);
        // And when it is read after all, it is all there.
        (world.talks[0].client_stalls, world.talks[0].server_stalls) = (false, false);
        assert!(world.run(HOUR));
        world.assert_complete("read late");
    }
}

#[test]
fn a_stalled_stream_is_reset_alone_and_says_so() {
    for client in [true, false] {
        let other = Talk::of(Numbers(1).bytes(3000 * KIB), Numbers(2).bytes(3000 * KIB));
        let talks = vec![stalled(3000 * KIB, client), other];
        let mut world = World::new(1, limits(256 * KIB), limits(256 * KIB), Faults::NONE, talks);
        assert!(world.run(HOUR));
        assert!(world.talks[0].overflowed && world.talks[1].is_complete(), "client {client}");
        assert!(!world.talks[1].overflowed);
        assert!(world.talks[0].client_done && world.talks[0].server_done, "both sides are told");
        assert!(world.at < Duration::from_secs(20), "nobody waited for it long: {:?}", world.at);
        let held = world.client.statistics().spooled_bytes + world.agent.statistics().spooled_bytes;
        assert_eq!((held, world.failed.len()), (0, 0));
        assert!(world.client.is_quiet() && world.agent.is_quiet());
    }
}

#[test]
fn the_only_stream_holds_the_sender_back() {
    for client in [true, false] {
        let talks = vec![stalled(20_000 * KIB, client)];
        let mut world = World::new(1, Limits::default(), Limits::default(), Faults::NONE, talks);
        let until = if client { HOUR } else { Duration::from_secs(299) };
        world.run(until);
        let (receiver, sender) =
            if client { (&world.client, &world.agent) } else { (&world.agent, &world.client) };
        assert!(!receiver.wants_input());
        assert!(receiver.statistics().spooled_bytes < 4 * KIB * KIB + 2 * KIB);
        assert!(sender.statistics().unacknowledged_bytes <= KIB * KIB);
        assert!(!world.talks[0].overflowed && world.failed.is_empty());
        (world.talks[0].client_stalls, world.talks[0].server_stalls) = (false, false);
        assert!(world.run(2 * HOUR));
        world.assert_complete("read late");
    }
}

#[test]
fn a_second_stream_frees_the_client_of_the_first() {
    let mut world =
        World::new(1, Limits::default(), Limits::default(), Faults::NONE, vec![stalled(20_000 * KIB, true)]);
    world.run(Duration::from_secs(60));
    assert!(!world.client.wants_input());
    world.talks.push(Talk::of(vec![1; 1000], vec![2; 1000]));
    world.run(Duration::from_secs(120));
    assert!(world.talks[1].is_complete());
    world.talks[0].client_stalls = false;
    assert!(world.run(HOUR));
    world.assert_complete("read late");
}

#[test]
fn all_spools_together_are_bounded_and_the_fullest_is_reset() {
    let spools = Limits::default().with_spool(400 * KIB).unwrap().with_spools(600 * KIB).unwrap();
    let sizes = [100, 300, 250];
    let mut talks: Vec<Talk> = sizes.iter().map(|size| stalled(size * KIB, true)).collect();
    talks.push(Talk::of(vec![], Numbers(2).bytes(500 * KIB)));
    let mut world = World::new(1, spools, Limits::default(), Faults::NONE, talks);
    assert!(world.run(HOUR));
    let overflowed: Vec<bool> = world.talks.iter().map(|talk| talk.overflowed).collect();
    assert_eq!(overflowed.iter().filter(|reset| **reset).count(), 1, "{overflowed:?}");
    assert!(!overflowed[0] && world.talks[3].is_complete(), "{overflowed:?}");
}

/// Of two streams one is read slowly, but read: it is not reset, and the other goes on.
#[test]
fn a_slow_reader_is_waited_for() {
    let talks = vec![stalled(2000 * KIB, true), Talk::of(vec![3; 10], vec![4; 500 * KIB])];
    let mut world = World::new(1, limits(256 * KIB), Limits::default(), Faults::NONE, talks);
    let mut end = Duration::ZERO;
    while world.talks[0].down_got.len() < 2000 * KIB {
        end += Duration::from_millis(10);
        world.run(end);
        world.at = world.at.max(end);
        let id = world.talks[0].id;
        if let Some(piece) = id.and_then(|id| world.client.read(id)) {
            world.talks[0].down_got.extend_from_slice(&piece);
        }
        assert!(end < HOUR && !world.talks[0].overflowed);
    }
    world.talks[0].client_stalls = false;
    assert!(world.run(2 * HOUR));
    world.assert_complete("slow");
}

#[test]
fn a_refused_stream_harms_no_other() {
    let mut refused = Talk::of(vec![1; 5000], vec![]);
    refused.refused = true;
    let talks = vec![refused, Talk::of(Numbers(1).bytes(50_000), Numbers(2).bytes(50_000))];
    let mut world = World::new(1, Limits::default(), Limits::default(), Faults::NONE, talks);
    assert!(world.run(HOUR));
    assert_eq!(world.connect_failed, 1);
    assert!(world.talks[0].client_done && world.talks[1].is_complete());
    assert!(world.client.is_quiet() && world.agent.is_quiet());
}

#[test]
fn the_end_of_a_session_arrives() {
    let mut world = World::new(1, Limits::default(), Limits::default(), Faults::NONE, Vec::new());
    assert!(world.run(HOUR));
    world.client.terminate();
    world.faults = Faults { loss: 60, until: HOUR, ..Faults::NONE };
    assert!(world.run(HOUR));
    assert!(world.terminated && world.client.is_quiet());
}

#[test]
fn who_terminates_hears_of_it_though_a_stream_is_stalled() {
    let talks = vec![stalled(20_000 * KIB, true)];
    let mut world = World::new(1, Limits::default(), Limits::default(), Faults::NONE, talks);
    world.run(Duration::from_secs(10));
    assert!(!world.client.wants_input());
    world.client.terminate();
    world.run(Duration::from_secs(20));
    assert!(world.terminated && world.client.is_quiet());
}
