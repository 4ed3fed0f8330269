//! A client and an agent in one process, on a clock of their own, with a link between that has faults.

mod dialogue;
mod ends;

use std::collections::BTreeMap;
use std::time::Duration;

use bytes::Bytes;
use terrace_ssm::{Limits, MessageIds, Now, PortProperties, Session, SessionError, gateway};

use crate::numbers::Numbers;
pub(crate) use dialogue::Dialogue;
pub(crate) use ends::Talk;

/// What a link does to frames, in percent, until `until`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Faults {
    pub(crate) loss: u64,
    pub(crate) duplication: u64,
    pub(crate) reordering: u64,
    pub(crate) delay: Duration,
    pub(crate) until: Duration,
}

impl Faults {
    pub(crate) const NONE: Self = Self {
        loss: 0,
        duplication: 0,
        reordering: 0,
        delay: Duration::from_millis(1),
        until: Duration::from_secs(3600),
    };
}

/// Something that happens when so many frames have been delivered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Incident {
    /// The client's socket is gone for 300 ms, with all that was on the way.
    Cut,
    /// The agent's is.
    CutAgent,
    /// Both ends' are.
    CutBoth,
    /// The gateway asks both to pause, and lets them go on 700 ms later.
    Pause,
    /// The gateway closes the channel.
    Close,
}

type Pipe = BTreeMap<(Duration, u64), Bytes>;

pub(crate) struct World {
    pub(crate) client: Session,
    pub(crate) agent: Session,
    pub(crate) at: Duration,
    pub(crate) faults: Faults,
    pub(crate) numbers: Numbers,
    pub(crate) talks: Vec<Talk>,
    pub(crate) dialogue: Option<Dialogue>,
    pub(crate) delivered: usize,
    pub(crate) incident: Option<(usize, Incident)>,
    pub(crate) failed: Vec<SessionError>,
    pub(crate) closed: Vec<String>,
    pub(crate) ignored: Vec<String>,
    pub(crate) connect_failed: usize,
    pub(crate) ready: (bool, bool),
    pub(crate) terminated: bool,
    pub(crate) paused: usize,
    /// Only so many frames are taken from a sender at each moment.
    up: Pipe,
    down: Pipe,
    frames: u64,
    linked: (bool, bool),
    later: BTreeMap<(Duration, u64), Later>,
    gateway: MessageIds,
}

#[derive(Clone, Copy, Debug)]
enum Later {
    Connect,
    ConnectAgent,
    Start,
}

pub(crate) fn properties() -> PortProperties {
    PortProperties {
        host: "db".to_owned(),
        port_number: "5432".to_owned(),
        local_port_number: "15432".to_owned(),
        kind: PortProperties::LOCAL_PORT_FORWARDING.to_owned(),
    }
}

impl World {
    pub(crate) fn new(seed: u64, client: Limits, agent: Limits, faults: Faults, talks: Vec<Talk>) -> Self {
        let client = Session::client(client, MessageIds::new([1; 16]));
        let agent = Session::agent(properties(), "a rehearsal", agent, MessageIds::new([2; 16]));
        let mut world = Self::of(seed, (client, agent), faults);
        world.talks = talks;
        world
    }

    fn of(seed: u64, (client, agent): (Session, Session), faults: Faults) -> Self {
        let mut world = Self {
            client,
            agent,
            at: Duration::ZERO,
            faults,
            numbers: Numbers(seed),
            talks: Vec::new(),
            dialogue: None,
            delivered: 0,
            incident: None,
            failed: Vec::new(),
            closed: Vec::new(),
            ignored: Vec::new(),
            connect_failed: 0,
            ready: (false, false),
            terminated: false,
            paused: 0,
            up: Pipe::new(),
            down: Pipe::new(),
            frames: 0,
            linked: (true, true),
            later: BTreeMap::new(),
            gateway: MessageIds::new([3; 16]),
        };
        let now = world.now();
        world.client.connected(now);
        world.agent.connected(now);
        world
    }

    pub(crate) fn now(&self) -> Now {
        let millis = u64::try_from(self.at.as_millis()).unwrap();
        Now { at: self.at, unix_millis: 1_700_000_000_000 + millis }
    }

    /// Runs until nothing happens any more, or until `end`. Whether it came to rest.
    pub(crate) fn run(&mut self, end: Duration) -> bool {
        loop {
            self.act();
            let next = [
                self.up.first_key_value().filter(|_| self.agent.wants_input()).map(|((at, _), _)| *at),
                self.down.first_key_value().filter(|_| self.client.wants_input()).map(|((at, _), _)| *at),
                self.later.first_key_value().map(|((at, _), _)| *at),
                self.client.deadline(),
                self.agent.deadline(),
            ];
            let Some(next) = next.into_iter().flatten().min() else { return true };
            if next > end {
                return false;
            }
            self.at = self.at.max(next);
            self.happen();
        }
    }

    /// Both ends do what they can at this moment.
    pub(crate) fn act(&mut self) {
        loop {
            self.events();
            let mut moved = self.applications() | self.converse();
            let now = self.now();
            for session in [&mut self.client, &mut self.agent] {
                if session.deadline().is_some_and(|at| at <= now.at) {
                    session.tick(now);
                }
            }
            while let Some(frame) = self.client.transmit(now) {
                assert!(self.linked.0, "the client sends without a connection");
                self.send(frame, true);
                moved = true;
            }
            while let Some(frame) = self.agent.transmit(now) {
                assert!(self.linked.1, "the agent sends without a connection");
                self.send(frame, false);
                moved = true;
            }
            if !moved {
                break;
            }
        }
        self.events();
        for session in [&self.client, &self.agent] {
            assert!(session.deadline().is_none_or(|at| at > self.at), "a deadline that has passed");
        }
    }

    fn send(&mut self, frame: Bytes, up: bool) {
        let faults = if self.at < self.faults.until { self.faults } else { Faults::NONE };
        // A handshake may fail by its 15 s; that is not what is tried here.
        let loss = if self.ready == (true, true) { faults.loss } else { faults.loss.min(20) };
        let copies = 1 + u64::from(self.numbers.below(100) < faults.duplication);
        for _ in 0..copies {
            if self.numbers.below(100) < loss {
                continue;
            }
            let mut at = self.at + faults.delay;
            if self.numbers.below(100) < faults.reordering {
                at += Duration::from_micros(self.numbers.below(50_000));
            }
            self.frames += 1;
            let pipe = if up { &mut self.up } else { &mut self.down };
            pipe.insert((at, self.frames), frame.clone());
        }
    }

    /// What is due happens.
    fn happen(&mut self) {
        while let Some(entry) = self.later.first_entry().filter(|e| e.key().0 <= self.at) {
            let later = entry.remove();
            let now = self.now();
            match later {
                Later::Connect => {
                    self.linked.0 = true;
                    self.client.connected(now);
                }
                Later::ConnectAgent => {
                    self.linked.1 = true;
                    self.agent.connected(now);
                }
                Later::Start => {
                    let frame = gateway::started(&mut self.gateway, now);
                    self.client.receive(frame.clone(), now);
                    self.agent.receive(frame, now);
                }
            }
        }
        for up in [true, false] {
            loop {
                let (pipe, session, linked) = if up {
                    (&mut self.up, &mut self.agent, self.linked.1)
                } else {
                    (&mut self.down, &mut self.client, self.linked.0)
                };
                if !session.wants_input() {
                    break;
                }
                let Some(entry) = pipe.first_entry().filter(|e| e.key().0 <= self.at) else { break };
                let frame = entry.remove();
                if !linked {
                    continue;
                }
                let millis = u64::try_from(self.at.as_millis()).unwrap();
                session.receive(frame, Now { at: self.at, unix_millis: 1 + millis });
                self.delivered += 1;
                if let Some((_, incident)) = self.incident.take_if(|(at, _)| *at == self.delivered) {
                    self.befall(incident);
                }
                self.act();
            }
        }
    }

    fn befall(&mut self, incident: Incident) {
        let now = self.now();
        self.frames += 1;
        let soon = (self.at + Duration::from_millis(300), self.frames);
        if matches!(incident, Incident::Cut | Incident::CutBoth) {
            self.linked.0 = false;
            self.client.disconnected();
            self.later.insert(soon, Later::Connect);
        }
        if matches!(incident, Incident::CutAgent | Incident::CutBoth) {
            self.linked.1 = false;
            self.agent.disconnected();
            self.later.insert((soon.0 + Duration::from_millis(50), soon.1), Later::ConnectAgent);
        }
        match incident {
            Incident::Cut | Incident::CutAgent | Incident::CutBoth => {
                self.up.clear();
                self.down.clear();
            }
            Incident::Pause => {
                let frame = gateway::paused(&mut self.gateway, now);
                self.client.receive(frame.clone(), now);
                self.agent.receive(frame, now);
                self.later.insert((soon.0 + Duration::from_millis(400), soon.1), Later::Start);
            }
            Incident::Close => {
                let frame = gateway::closed("somebody-0123", "Enough.", &mut self.gateway, now);
                self.client.receive(frame.clone(), now);
                self.agent.receive(frame, now);
            }
        }
    }
}
