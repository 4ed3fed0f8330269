//! What a frame from the socket does to a session.

use bytes::Bytes;

use super::carried::Carried;
use super::greeting::Greeted;
use super::inbox::Offer;
use super::{HANDSHAKE, Role, Session, State, greeting};
use crate::acknowledge::Acknowledge;
use crate::gateway::ChannelClosed;
use crate::handshake::HandshakeComplete;
use crate::message::{Flag, Message, MessageType, PayloadType};
use crate::mux::Frame;
use crate::{Event, SessionError};

/// Acknowledgements that wait to be sent. What is not acknowledged comes again.
const ACKNOWLEDGEMENTS: usize = 20_000;
/// Events about nothing that are kept for a driver that does not look.
const IGNORED: usize = 256;

impl Session {
    pub(super) fn process(&mut self, frame: &Bytes) {
        let message = match Message::decode(frame) {
            Ok(message) => message,
            Err(error) => return self.ignore(|| error.to_string()),
        };
        match (&message.kind, &self.role) {
            (MessageType::Acknowledge, _) => match Acknowledge::sequence_of(&message.payload) {
                Ok(sequence) => {
                    self.resume();
                    self.outbox.acknowledge(sequence, self.clock.at);
                }
                Err(error) => self.ignore(|| format!("an acknowledgement cannot be read: {error}")),
            },
            (MessageType::OutputStreamData, Role::Client)
            | (MessageType::InputStreamData, Role::Agent { .. }) => {
                self.resume();
                self.take(message);
            }
            (MessageType::PausePublication, _) => {
                if !self.paused {
                    self.paused = true;
                    self.events.push_back(Event::Paused);
                }
            }
            (MessageType::StartPublication, _) => self.resume(),
            (MessageType::ChannelClosed, _) => {
                self.state = State::Closed;
                self.patience = None;
                let output = ChannelClosed::output_of(&message.payload);
                self.events.push_back(Event::Closed { output });
            }
            (kind, _) => {
                let name = kind.name().to_owned();
                self.ignore(|| format!("a message of type `{name}`"));
            }
        }
    }

    /// The gateway starts again, or something else came of the other side: the pause is over.
    fn resume(&mut self) {
        if self.paused {
            self.paused = false;
            self.outbox.resume(self.clock.at);
            self.events.push_back(Event::Resumed);
        }
    }

    fn take(&mut self, message: Message) {
        let (sequence, id) = (message.sequence, message.id);
        match self.inbox.offer(message) {
            Offer::Refused => {
                return self
                    .ignore(|| format!("message {sequence} does not fit: too far ahead, or no number"));
            }
            Offer::Kept => {}
            Offer::Again => self.counts.duplicates += 1,
            Offer::Next(first) => {
                let mut next = Some(first);
                while let Some(message) = next {
                    self.counts.received += 1;
                    self.obey(&message);
                    next = self.inbox.follow();
                }
            }
        }
        if self.acknowledge.len() < ACKNOWLEDGEMENTS {
            self.acknowledge.push_back((sequence, id));
        }
    }

    /// A data message in its turn.
    fn obey(&mut self, message: &Message) {
        if !self.is_alive() {
            return;
        }
        match (&self.role, message.payload_type) {
            (_, kind @ PayloadType::OUTPUT) if self.carried.is_shell() => {
                self.of_shell(kind, &message.payload)
            }
            (Role::Client, kind @ (PayloadType::ERRORS | PayloadType::EXIT_CODE))
            | (Role::Agent { .. }, kind @ PayloadType::SIZE)
                if self.carried.is_shell() =>
            {
                self.of_shell(kind, &message.payload);
            }
            (_, PayloadType::OUTPUT) => {
                if matches!(self.state, State::Ready) {
                    self.demultiplex(&message.payload);
                } else {
                    self.ignore(|| "data before the handshake was complete".to_owned());
                }
            }
            (Role::Client, PayloadType::HANDSHAKE_REQUEST) => self.answer(&message.payload),
            (Role::Client, PayloadType::HANDSHAKE_COMPLETE) => self.complete(&message.payload),
            (Role::Agent { .. }, PayloadType::HANDSHAKE_RESPONSE) => self.accept(&message.payload),
            (_, PayloadType::FLAG) => match (&self.role, Flag::decode(&message.payload)) {
                (Role::Agent { .. }, Some(Flag::TerminateSession)) => {
                    self.events.push_back(Event::Terminated)
                }
                (Role::Client, Some(Flag::ConnectToPortError)) => self.events.push_back(Event::ConnectFailed),
                (_, flag) => self.ignore(|| format!("the flag {flag:?}")),
            },
            (_, PayloadType(other)) => self.ignore(|| format!("a payload of type {other}")),
        }
    }

    fn answer(&mut self, request: &[u8]) {
        let late =
            matches!((&self.state, &self.carried), (State::Ready, Carried::Shell(shell)) if !shell.greeted);
        if !late && !matches!(self.state, State::Greeting(None)) {
            return self.ignore(|| "a second request for a handshake".to_owned());
        }
        if let Some(shell) = self.carried.as_shell_mut() {
            shell.greeted = true;
            self.patience = Some(self.clock.at.saturating_add(HANDSHAKE));
        }
        let (response, greeted) = greeting::answer(request, self.carried.is_shell());
        if let Some(response) = response {
            self.control.push_back((PayloadType::HANDSHAKE_RESPONSE, Bytes::from(response)));
        }
        match greeted {
            Ok(greeted) => self.state = State::Greeting(Some(greeted)),
            Err(error) => self.fail(error),
        }
    }

    fn complete(&mut self, complete: &[u8]) {
        let State::Greeting(greeted) = &mut self.state else {
            return self.ignore(|| "a second end of the handshake".to_owned());
        };
        let Some(greeted) = greeted.take() else {
            return self.ignore(|| "the end of a handshake that had not begun".to_owned());
        };
        match serde_json::from_slice::<HandshakeComplete>(complete) {
            Ok(complete) => match greeted {
                Greeted::Port(peer, properties) => {
                    self.state = State::Ready;
                    self.patience = None;
                    let message = complete.customer_message;
                    self.events.push_back(Event::Ready { peer, properties, message });
                }
                Greeted::Shell(peer, kind) => self.enter(Some((peer, kind)), complete.customer_message),
            },
            Err(error) => self.fail(SessionError::Handshake(error.to_string())),
        }
    }

    fn accept(&mut self, response: &[u8]) {
        let (State::Greeting(_), Role::Agent { properties, customer_message }) = (&self.state, &self.role)
        else {
            return self.ignore(|| "a second answer to the handshake".to_owned());
        };
        match greeting::accept(response) {
            Ok(peer) => {
                let took = self.clock.at.saturating_sub(self.began.unwrap_or(self.clock.at));
                let complete = HandshakeComplete {
                    handshake_time_to_complete: i64::try_from(took.as_nanos()).unwrap_or(i64::MAX),
                    customer_message: customer_message.clone(),
                };
                let (properties, message) = (properties.clone(), customer_message.clone());
                let payload = Bytes::from(serde_json::to_vec(&complete).unwrap_or_default());
                self.control.push_back((PayloadType::HANDSHAKE_COMPLETE, payload));
                if self.carried.is_shell() {
                    return self.enter(None, message);
                }
                self.events.push_back(Event::Ready { peer, properties, message });
                self.state = State::Ready;
                self.patience = None;
            }
            Err(error) => self.fail(error),
        }
    }

    fn demultiplex(&mut self, payload: &Bytes) {
        let Carried::Streams(multiplexed) = &mut self.carried else { return };
        multiplexed.decoder.feed(payload.clone());
        loop {
            let Carried::Streams(multiplexed) = &mut self.carried else { return };
            let done = match multiplexed.decoder.next_frame() {
                Ok(None) => return,
                Ok(Some(frame)) => self.frame(frame),
                Err(error) => Err(error.into()),
            };
            if let Err(error) = done {
                return self.fail(error);
            }
        }
    }

    fn frame(&mut self, frame: Frame) -> Result<(), SessionError> {
        let Some(streams) = self.carried.as_streams_mut() else { return Ok(()) };
        match (frame, &self.role) {
            (Frame::Syn(stream), Role::Agent { .. }) => {
                if let Some(why) = streams.opened(stream, &mut self.events)? {
                    self.ignore(|| format!("stream {stream} is {why}"));
                }
                Ok(())
            }
            (Frame::Syn(stream), Role::Client) => {
                self.ignore(|| format!("the agent opens stream {stream}, which only clients do"));
                Ok(())
            }
            (Frame::Fin(stream), _) => {
                streams.closed(stream, &mut self.events);
                Ok(())
            }
            (Frame::Push(stream, piece), _) => {
                streams.arrived(stream, piece, self.clock.at, &mut self.events)
            }
            (Frame::Nop(_), _) => Ok(()),
        }
    }

    /// Counts what has no effect, and tells it as long as somebody looks.
    pub(super) fn ignore(&mut self, what: impl FnOnce() -> String) {
        self.counts.ignored += 1;
        if self.events.len() < IGNORED {
            self.events.push_back(Event::Ignored(what()));
        }
    }
}
