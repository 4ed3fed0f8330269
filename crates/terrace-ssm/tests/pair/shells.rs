//! Shells over links that lose, repeat, reorder and break: what is typed and written arrives once and in order, the size is
//! told, the exit code comes last.

use std::time::Duration;

use proptest::prelude::*;
use terrace_ssm::{Limits, SessionError, ShellKind, WindowSize};

use crate::world::{Dialogue, Faults, Incident, World};

const END: Duration = Duration::from_secs(3600);
const KINDS: [Option<ShellKind>; 4] =
    [None, Some(ShellKind::Standard), Some(ShellKind::Interactive), Some(ShellKind::NonInteractive)];
const INCIDENTS: [Incident; 4] = [Incident::Cut, Incident::CutAgent, Incident::CutBoth, Incident::Pause];

fn said(typed: usize, written: &[(bool, usize)]) -> Dialogue {
    let bytes = |count: usize, from: usize| -> Vec<u8> {
        (0..count).map(|at| u8::try_from((at * 7 + at / 251 + from) % 256).unwrap()).collect()
    };
    Dialogue {
        typed: bytes(typed, 3),
        written: written
            .iter()
            .enumerate()
            .map(|(at, (errors, count))| (*errors, bytes(*count, at)))
            .collect(),
        exits: Some(42),
        size: Some(WindowSize { columns: 211, rows: 57 }),
        ..Dialogue::default()
    }
}

#[test]
fn what_is_said_arrives_whatever_the_link_does() {
    for (number, kind) in KINDS.into_iter().enumerate() {
        for seed in 0..12 {
            let faults = Faults {
                loss: seed % 4 * 10,
                duplication: seed % 3 * 15,
                reordering: seed % 5 * 20,
                ..Faults::NONE
            };
            let said = said(40_000, &[(false, 70_000), (true, 5000), (false, 1), (true, 1), (false, 30_000)]);
            let limits = (Limits::default(), Limits::default());
            let mut world = World::shell(seed + 100 * number as u64, kind, limits, faults, said);
            world.incident = Some((20 + 9 * seed as usize, INCIDENTS[seed as usize % 4]));
            assert!(world.run(END), "{kind:?} {seed}");
            assert!(world.failed.is_empty(), "{kind:?} {seed}: {:?}", world.failed);
            world.dialogue.as_ref().unwrap().assert_complete();
            assert!(world.client.is_quiet() && world.agent.is_quiet(), "{kind:?} {seed}");
        }
    }
}

/// Agents of most shells offer no handshake, and some commands say nothing for long.
#[test]
fn a_shell_that_is_silent_and_offers_no_handshake_can_be_typed_into_after_a_moment() {
    let said = Dialogue { exits: None, ..said(5, &[]) };
    let limits = (Limits::default(), Limits::default());
    let mut world = World::shell(1, None, limits, Faults::NONE, said);
    assert!(world.run(END));
    world.dialogue.as_ref().unwrap().assert_complete();
    assert!(world.at >= Duration::from_secs(3) && world.at < Duration::from_secs(4), "{:?}", world.at);
}

#[test]
fn a_shell_that_nobody_reads_waits_and_nothing_of_it_is_lost() {
    let said = Dialogue { stalls: true, ..said(0, &[(false, 12 << 20)]) };
    let limits = (Limits::default(), Limits::default());
    let mut world = World::shell(2, None, limits, Faults::NONE, said);
    world.run(Duration::from_secs(30));
    let held = world.client.statistics();
    assert!(held.spooled_bytes > 4 << 20 && held.spooled_bytes < 5 << 20, "{held:?}");
    assert!(!world.client.wants_input());
    world.dialogue.as_mut().unwrap().stalls = false;
    assert!(world.run(END));
    assert!(world.failed.is_empty(), "{:?}", world.failed);
    world.dialogue.as_ref().unwrap().assert_complete();
}

#[test]
fn a_session_that_is_ended_or_closed_says_so() {
    let limits = || (Limits::default(), Limits::default());
    let mut world = World::shell(3, None, limits(), Faults::NONE, said(10, &[(false, 10)]));
    assert!(world.run(END));
    world.client.terminate();
    assert!(world.run(END));
    assert!(world.terminated);
    assert_eq!(world.client.say(b"more"), 0);

    let mut world = World::shell(4, None, limits(), Faults::NONE, said(10, &[(false, 1 << 20)]));
    world.incident = Some((30, Incident::Close));
    world.run(END);
    assert_eq!(world.closed, ["Enough.", "Enough."]);
}

/// A port's client and a shell's agent, and the other way round: told apart in the handshake.
#[test]
fn a_session_of_another_kind_fails_with_its_name() {
    let limits = || (Limits::default(), Limits::default());
    let mut world =
        World::shell(5, Some(ShellKind::Interactive), limits(), Faults::NONE, Dialogue::default());
    world.client = terrace_ssm::Session::client(Limits::default(), terrace_ssm::MessageIds::new([1; 16]));
    let now = world.now();
    world.client.connected(now);
    world.run(END);
    assert!(
        world.failed.contains(&SessionError::Kind("InteractiveCommands".to_owned())),
        "{:?}",
        world.failed
    );
    let mut world = World::new(6, Limits::default(), Limits::default(), Faults::NONE, Vec::new());
    world.client = terrace_ssm::Session::shell(Limits::default(), terrace_ssm::MessageIds::new([1; 16]));
    let now = world.now();
    world.client.connected(now);
    world.run(END);
    assert!(world.failed.contains(&SessionError::NoShell("Port".to_owned())), "{:?}", world.failed);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn any_dialogue_in_any_limits_over_any_link(
        seed: u64,
        kind in prop::sample::select(KINDS.to_vec()),
        typed in 0..3000_usize,
        written in prop::collection::vec((any::<bool>(), 0..3000_usize), 0..8),
        (payload, queue, window) in (1..2000_usize, 1..4000_usize, 1..100_000_usize),
        (loss, duplication, reordering) in (0..40_u64, 0..40_u64, 0..90_u64),
        cut in 1..400_usize,
        incident in prop::sample::select(INCIDENTS.to_vec()),
    ) {
        let limits = || {
            let limits = Limits::default().with_payload(payload).unwrap();
            limits.with_queue(queue).unwrap().with_window(window).unwrap()
        };
        let faults = Faults { loss, duplication, reordering, ..Faults::NONE };
        let mut world = World::shell(seed, kind, (limits(), limits()), faults, said(typed, &written));
        world.incident = Some((cut, incident));
        prop_assert!(world.run(Duration::from_secs(200_000)));
        prop_assert!(world.failed.is_empty(), "{:?}", world.failed);
        world.dialogue.as_ref().unwrap().assert_complete();
    }
}
