//! What a session sends, in which order, and when it must be asked again.

use std::time::Duration;

use bytes::Bytes;

use super::carried::Carried;
use super::streams::Hold;
use super::{Role, Session, State};
use crate::message::{self, Head, PayloadType, SYN};
use crate::{Now, SessionError, acknowledge};

/// How far a message may be ahead of one that is unacknowledged. The official client keeps 10 000 that wait for one.
const SPAN: usize = 8000;

impl Session {
    /// The next frame to send, acknowledgements first; `None` if there is nothing now.
    pub fn transmit(&mut self, now: Now) -> Option<Bytes> {
        self.clock = now;
        if !self.connected || matches!(self.state, State::Closed) {
            return None;
        }
        if let Some((sequence, acknowledged)) = self.acknowledge.pop_front() {
            let id = self.ids.next_id();
            return Some(acknowledge::frame(self.role.input(), acknowledged, sequence, id, now.unix_millis));
        }
        if self.is_silenced() {
            return None;
        }
        if let Some(frame) = self.outbox.again(now.at) {
            return Some(frame);
        }
        if let Some((payload_type, payload)) = self.control.pop_front() {
            let mut frame = message::begin(payload.len());
            frame.extend_from_slice(&payload);
            return Some(self.number(frame, payload_type, now));
        }
        if !self.may_fill() || self.pacer.ready_at() > now.at {
            return None;
        }
        let mut frame = message::begin(self.limits.payload());
        let kind = match &mut self.carried {
            Carried::Streams(multiplexed) => {
                multiplexed.streams.fill(&mut frame, self.limits.payload(), &mut self.events);
                PayloadType::OUTPUT
            }
            Carried::Shell(shell) => {
                let (kind, payload) = shell.next(&mut self.events)?;
                frame.extend_from_slice(&payload);
                kind
            }
        };
        self.pacer.spend(now.at);
        Some(self.number(frame, kind, now))
    }

    /// When [`Session::tick`] and [`Session::transmit`] must be called at the latest, as [`Now::at`]. Lies ahead once
    /// both were called, the latter until `None`.
    pub fn deadline(&self) -> Option<Duration> {
        if !self.connected || !self.is_alive() {
            return None;
        }
        let until = if let Hold::Until(until) = self.hold() { Some(until) } else { None };
        let resend = self.outbox.deadline().filter(|_| !self.is_silenced());
        let pace = (!self.is_silenced() && self.may_fill()).then(|| self.pacer.ready_at());
        [self.patience, until, resend, pace].into_iter().flatten().min()
    }

    /// Looks at the clock: retransmission, timeouts.
    pub fn tick(&mut self, now: Now) {
        self.clock = now;
        if !self.connected || !self.is_alive() {
            return;
        }
        if self.patience.is_some_and(|until| now.at >= until) {
            match self.state {
                // It has none: most shells are begun without.
                State::Greeting(None) if self.carried.is_shell() && matches!(self.role, Role::Client) => {
                    self.enter(None, String::new());
                }
                _ => return self.fail(SessionError::HandshakeTimeout),
            }
        }
        if !self.is_silenced() && self.outbox.tick(now.at).is_err() {
            self.fail(SessionError::Unacknowledged);
        }
    }

    /// Numbers a data message and keeps it.
    fn number(&mut self, frame: Vec<u8>, payload_type: PayloadType, now: Now) -> Bytes {
        let sequence = self.outbox.next_sequence();
        let flags = if sequence == 0 && matches!(self.role, Role::Agent { .. }) { SYN } else { 0 };
        let (kind, id, created) = (self.role.output(), self.ids.next_id(), now.unix_millis);
        let frame = message::complete(frame, &Head { kind, sequence, flags, id, created, payload_type });
        self.outbox.keep(frame.clone(), now.at);
        self.counts.sent += 1;
        frame
    }

    /// Whether there is something of the streams that the window lets through.
    fn may_fill(&self) -> bool {
        let flight = self.outbox.bytes();
        let room = flight.saturating_add(message::HEADER + self.limits.payload()) <= self.limits.window();
        let near = self.outbox.span() < SPAN;
        self.is_ready() && near && self.carried.has_output() && (flight == 0 || room)
    }

    /// An agent that was asked to pause.
    const fn is_silenced(&self) -> bool {
        self.paused && matches!(self.role, Role::Agent { .. })
    }
}
