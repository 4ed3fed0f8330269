//! CPU time of client and agent together for a megabyte carried in memory, by payload size and direction.
//!
//! `cargo bench -p terrace-ssm`.

#![expect(clippy::unwrap_used, reason = "a measurement may stop where it is wrong")]
#![expect(clippy::print_stdout, reason = "it prints a table")]
#![expect(clippy::disallowed_methods, reason = "it reads how much CPU time it took")]

use std::time::Duration;

use terrace_ssm::{Event, Limits, MessageIds, Now, PortProperties, Session, StreamId};

const TOTAL: usize = 16 * 1024 * 1024;

/// Nanoseconds of CPU that this process has had (proc(5), `/proc/PID/schedstat`).
fn cpu() -> u64 {
    let text = std::fs::read_to_string("/proc/self/schedstat").unwrap();
    text.split_whitespace().next().unwrap().parse().unwrap()
}

struct Pair {
    client: Session,
    agent: Session,
    now: Now,
    accepted: Vec<StreamId>,
}

impl Pair {
    fn new(payload: usize) -> Self {
        let limits = Limits::default().with_payload(payload).unwrap();
        let properties = PortProperties {
            kind: PortProperties::LOCAL_PORT_FORWARDING.to_owned(),
            ..PortProperties::default()
        };
        let mut client = Session::client(limits.clone(), MessageIds::new([1; 16]));
        let mut agent = Session::agent(properties, "", limits, MessageIds::new([2; 16]));
        let now = Now { at: Duration::ZERO, unix_millis: 1 };
        client.connected(now);
        agent.connected(now);
        let mut pair = Self { client, agent, now, accepted: Vec::new() };
        pair.turn();
        pair
    }

    /// All frames that both have, back and forth; a microsecond passes.
    fn turn(&mut self) {
        self.now.at += Duration::from_micros(1);
        loop {
            let mut quiet = true;
            while let Some(frame) = self.client.transmit(self.now) {
                self.agent.receive(frame, self.now);
                quiet = false;
            }
            while let Some(frame) = self.agent.transmit(self.now) {
                self.client.receive(frame, self.now);
                quiet = false;
            }
            while let Some(event) = self.agent.event() {
                if let Event::Accepted(stream) = event {
                    self.accepted.push(stream);
                }
            }
            while self.client.event().is_some() {}
            if quiet {
                return;
            }
        }
    }
}

fn measure(name: &str, payload: usize, streams: usize, up: bool) {
    let mut pair = Pair::new(payload);
    let opened: Vec<StreamId> = (0..streams).map(|_| pair.client.open().unwrap()).collect();
    pair.turn();
    assert_eq!(pair.accepted, opened);
    let data = vec![0x5a; 64 * 1024];
    let (before, mut arrived) = (cpu(), 0);
    while arrived < TOTAL {
        for stream in &opened {
            let from = if up { &mut pair.client } else { &mut pair.agent };
            from.write(*stream, &data);
        }
        pair.turn();
        for stream in &opened {
            let to = if up { &mut pair.agent } else { &mut pair.client };
            while let Some(piece) = to.read(*stream) {
                arrived += piece.len();
            }
        }
    }
    let seconds = Duration::from_nanos(cpu() - before).as_secs_f64();
    let megabytes = f64::from(u32::try_from(arrived).unwrap()) / 1e6;
    println!("{name:10} {payload:6} B {streams:3} streams {:8.1} MB/s of CPU", megabytes / seconds);
}

fn main() {
    for payload in [1024, 4096, 16_384, 32_768] {
        for streams in [1, 16] {
            measure("upload", payload, streams, true);
            measure("download", payload, streams, false);
        }
    }
}
