//! Every byte value, in every length of a write from 1 to 4096, both ways.

use std::time::Duration;

use terrace_ssm::{Event, Limits, MessageIds, Now, Session, StreamId};

use crate::world::properties;

/// All frames that both have, back and forth.
fn turn(client: &mut Session, agent: &mut Session, now: Now) {
    loop {
        let mut quiet = true;
        while let Some(frame) = client.transmit(now) {
            agent.receive(frame, now);
            quiet = false;
        }
        while let Some(frame) = agent.transmit(now) {
            client.receive(frame, now);
            quiet = false;
        }
        if quiet {
            return;
        }
    }
}

fn read(session: &mut Session, stream: StreamId) -> Vec<u8> {
    std::iter::from_fn(|| session.read(stream)).flatten().collect()
}

#[test]
fn every_byte_in_every_length() {
    let mut client = Session::client(Limits::default(), MessageIds::new([1; 16]));
    let mut agent = Session::agent(properties(), "", Limits::default(), MessageIds::new([2; 16]));
    let now = Now { at: Duration::from_secs(1), unix_millis: 1 };
    client.connected(now);
    agent.connected(now);
    turn(&mut client, &mut agent, now);
    let stream = client.open().unwrap();
    turn(&mut client, &mut agent, now);
    while let Some(event) = agent.event() {
        assert!(matches!(event, Event::Ready { .. } | Event::Accepted(_)));
    }
    for length in 1..=4096 {
        // All of one value; lengths that are no multiple of 256 make each value stand at each end in some write.
        let step = if length <= 64 { 1 } else { 37 };
        for value in (0..256_usize).step_by(step).map(|value| u8::try_from((value + length) % 256).unwrap()) {
            let data = vec![value; length];
            assert_eq!(client.write(stream, &data), length);
            turn(&mut client, &mut agent, now);
            assert!(read(&mut agent, stream) == data, "{length} times {value:#04x}, up");
            assert_eq!(agent.write(stream, &data), length);
            turn(&mut client, &mut agent, now);
            assert!(read(&mut client, stream) == data, "{length} times {value:#04x}, down");
        }
        // All values in a row, from each.
        let data: Vec<u8> =
            (0..length).map(|index| u8::try_from((index + length * 7) % 256).unwrap()).collect();
        client.write(stream, &data);
        agent.write(stream, &data);
        turn(&mut client, &mut agent, now);
        assert!(read(&mut agent, stream) == data && read(&mut client, stream) == data, "{length} in a row");
        while client.event().is_some() || agent.event().is_some() {}
    }
    assert_eq!(client.statistics().retransmissions + agent.statistics().retransmissions, 0);
}
