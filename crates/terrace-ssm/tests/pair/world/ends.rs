//! The applications at both ends: what each stream is to carry, and what has come of it.

use terrace_ssm::{Event, StreamId};

use super::{World, properties};

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

impl World {
    fn talk(&mut self, id: StreamId) -> Option<&mut Talk> {
        self.talks.iter_mut().find(|t| t.id == Some(id))
    }

    pub(super) fn events(&mut self) {
        while let Some(event) = self.client.event() {
            match event {
                Event::Ready { properties: found, message, .. } => {
                    assert_eq!((found, message.as_str()), (properties(), "a rehearsal"));
                    self.ready.0 = true;
                }
                Event::Entered { .. } => self.ready.0 = true,
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
                Event::Entered { .. } => self.ready.1 = true,
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
            Event::Readable(_) | Event::Writable(_) | Event::Resumed | Event::Arrived | Event::Room => {}
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
    pub(super) fn applications(&mut self) -> bool {
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
