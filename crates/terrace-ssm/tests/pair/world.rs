//! A client and an agent in one process, on a clock of their own, with a link between that has faults.

use std::collections::BTreeMap;
use std::time::Duration;

use bytes::Bytes;
use terrace_ssm::{Event, Limits, MessageIds, Now, PortProperties, Session, SessionError, StreamId, gateway};

/// Numbers that look like any (SplitMix64, Steele 2014); the same for a seed in each run.
#[derive(Clone, Debug)]
pub(crate) struct Numbers(pub u64);

impl Numbers {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let a = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let b = (a ^ (a >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        b ^ (b >> 31)
    }

    pub(crate) fn below(&mut self, end: u64) -> u64 {
        self.next() % end.max(1)
    }

    pub(crate) fn bytes(&mut self, count: usize) -> Vec<u8> {
        (0..count).map(|_| self.next().to_le_bytes()[3]).collect()
    }
}

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

/// What a stream is to carry and what has come.
#[derive(Clone, Debug, Default)]
pub(crate) struct Talk {
    /// What the client sends, and the server.
    pub(crate) up: Vec<u8>,
    pub(crate) down: Vec<u8>,
    /// The server closes it, once it has all; else the client does.
    pub(crate) server_closes: bool,
    /// The server does not read at all; or the client.
    pub(crate) server_stalls: bool,
    pub(crate) client_stalls: bool,
    pub(crate) refused: bool,
    pub(crate) id: Option<StreamId>,
    pub(crate) up_sent: usize,
    pub(crate) down_sent: usize,
    pub(crate) up_got: Vec<u8>,
    pub(crate) down_got: Vec<u8>,
    pub(crate) accepted: bool,
    pub(crate) client_done: bool,
    pub(crate) server_done: bool,
    pub(crate) overflowed: bool,
}

impl Talk {
    pub(crate) fn of(up: Vec<u8>, down: Vec<u8>) -> Self {
        Self { up, down, ..Self::default() }
    }

    /// All of it has come, and both sides have closed.
    pub(crate) fn is_complete(&self) -> bool {
        self.client_done && self.server_done && self.up_got == self.up && self.down_got == self.down
    }
}

type Pipe = BTreeMap<(Duration, u64), Bytes>;

pub(crate) struct World {
    pub(crate) client: Session,
    pub(crate) agent: Session,
    pub(crate) at: Duration,
    pub(crate) faults: Faults,
    pub(crate) numbers: Numbers,
    pub(crate) talks: Vec<Talk>,
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
        let mut world = Self {
            client: Session::client(client, MessageIds::new([1; 16])),
            agent: Session::agent(properties(), "a rehearsal", agent, MessageIds::new([2; 16])),
            at: Duration::ZERO,
            faults,
            numbers: Numbers(seed),
            talks,
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
            let mut moved = self.applications();
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
        let copies = 1 + u64::from(self.numbers.below(100) < faults.duplication);
        for _ in 0..copies {
            if self.numbers.below(100) < faults.loss {
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

    fn talk(&mut self, id: StreamId) -> Option<&mut Talk> {
        self.talks.iter_mut().find(|t| t.id == Some(id))
    }

    fn events(&mut self) {
        while let Some(event) = self.client.event() {
            match event {
                Event::Ready { properties: found, message, .. } => {
                    assert_eq!((found, message.as_str()), (properties(), "a rehearsal"));
                    self.ready.0 = true;
                }
                Event::Finished(id) => {
                    self.talk(id).unwrap().client_done = true;
                    self.read_client(id);
                }
                Event::Overflowed(id) => {
                    let talk = self.talk(id).unwrap();
                    (talk.overflowed, talk.client_done) = (true, true);
                }
                Event::ConnectFailed => self.connect_failed += 1,
                Event::Paused => self.paused += 1,
                event => self.common(event),
            }
        }
        while let Some(event) = self.agent.event() {
            match event {
                Event::Ready { properties: found, .. } => {
                    assert_eq!(found, properties());
                    self.ready.1 = true;
                }
                Event::Accepted(id) => {
                    let talk = self.talk(id).unwrap();
                    assert!(!talk.accepted, "accepted twice");
                    talk.accepted = true;
                    if talk.refused {
                        talk.server_done = true;
                        self.agent.refuse(id);
                    }
                }
                Event::Finished(id) => {
                    self.talk(id).unwrap().server_done = true;
                    self.read_agent(id);
                }
                Event::Overflowed(id) => {
                    let talk = self.talk(id).unwrap();
                    (talk.overflowed, talk.server_done) = (true, true);
                }
                Event::Terminated => self.terminated = true,
                Event::Paused => self.paused += 1,
                event => self.common(event),
            }
        }
    }

    fn common(&mut self, event: Event) {
        match event {
            Event::Failed(error) => self.failed.push(error),
            Event::Closed { output } => self.closed.push(output),
            Event::Ignored(what) => self.ignored.push(what),
            Event::Readable(_) | Event::Writable(_) | Event::Resumed => {}
            event => panic!("unexpected: {event:?}"),
        }
    }

    fn read_client(&mut self, id: StreamId) {
        while let Some(piece) = self.client.read(id) {
            self.talk(id).unwrap().down_got.extend_from_slice(&piece);
        }
    }

    fn read_agent(&mut self, id: StreamId) {
        while let Some(piece) = self.agent.read(id) {
            self.talk(id).unwrap().up_got.extend_from_slice(&piece);
        }
    }

    /// The applications at both ends read, write and close. Whether anything moved.
    fn applications(&mut self) -> bool {
        let mut moved = false;
        for index in 0..self.talks.len() {
            if self.talks[index].id.is_none() {
                let Some(id) = self.client.open() else { continue };
                self.talks[index].id = Some(id);
                moved = true;
            }
            let id = self.talks[index].id.unwrap();
            let before = (self.talks[index].up_got.len(), self.talks[index].down_got.len());
            if !self.talks[index].client_stalls {
                self.read_client(id);
            }
            if !self.talks[index].server_stalls && self.talks[index].accepted {
                self.read_agent(id);
            }
            let talk = &mut self.talks[index];
            moved |= before != (talk.up_got.len(), talk.down_got.len());
            if !talk.client_done {
                let wrote = self.client.write(id, &talk.up[talk.up_sent..]);
                talk.up_sent += wrote;
                moved |= wrote > 0;
                let all = talk.up_sent == talk.up.len() && talk.down_got.len() == talk.down.len();
                if all && !talk.server_closes && !talk.refused {
                    talk.client_done = true;
                    self.client.finish(id);
                    moved = true;
                }
            }
            if talk.accepted && !talk.server_done {
                let wrote = self.agent.write(id, &talk.down[talk.down_sent..]);
                talk.down_sent += wrote;
                moved |= wrote > 0;
                let all = talk.down_sent == talk.down.len() && talk.up_got.len() == talk.up.len();
                if all && talk.server_closes {
                    talk.server_done = true;
                    self.agent.finish(id);
                    moved = true;
                }
            }
        }
        moved
    }

    /// Everything that was to be carried was carried, and nothing is left.
    pub(crate) fn assert_complete(&self, what: &str) {
        assert!(self.failed.is_empty(), "{what}: {:?}", self.failed);
        for talk in &self.talks {
            assert!(
                talk.is_complete(),
                "{what}: stream {:?}: up {}/{} down {}/{} closed {} {}",
                talk.id,
                talk.up_got.len(),
                talk.up.len(),
                talk.down_got.len(),
                talk.down.len(),
                talk.client_done,
                talk.server_done
            );
        }
        for session in [&self.client, &self.agent] {
            let held = session.statistics();
            assert!(session.is_quiet(), "{what}: {held:?}");
            assert_eq!(
                (held.unacknowledged_bytes, held.spooled_bytes, held.reordering_bytes),
                (0, 0, 0),
                "{what}"
            );
            assert_eq!(session.streams(), 0, "{what}");
        }
    }
}
