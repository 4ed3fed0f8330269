//! What streams have to send, in turns.

use std::collections::VecDeque;

use bytes::Buf;

use super::{State, Streams};
use crate::Event;
use crate::mux::{self, Frame, MAX_FRAME};

impl Streams {
    /// Whether there is something to send.
    pub(in crate::session) fn has_output(&self) -> bool {
        !(self.turns.is_empty() && self.closings.is_empty() && self.cut.is_empty())
    }

    /// Appends frames of up to `room` bytes, each stream in its turn.
    pub(in crate::session) fn fill(&mut self, to: &mut Vec<u8>, room: usize, events: &mut VecDeque<Event>) {
        let end = to.len().saturating_add(room);
        loop {
            if !self.cut.is_empty() {
                let rest = self.cut.split_to(self.cut.len().min(end.saturating_sub(to.len())));
                to.extend_from_slice(&rest);
            }
            let left = end.saturating_sub(to.len());
            if left > mux::HEADER {
                if !self.turn(to, left - mux::HEADER, events) {
                    return;
                }
            } else if room <= mux::HEADER && left > 0 {
                // Messages too short for a whole frame: it is cut.
                let mut frame = Vec::new();
                if !self.turn(&mut frame, MAX_FRAME, events) {
                    return;
                }
                self.cut.extend_from_slice(&frame);
            } else {
                return;
            }
        }
    }

    /// Appends one frame with at most `most` bytes of data. Whether there was one.
    fn turn(&mut self, to: &mut Vec<u8>, most: usize, events: &mut VecDeque<Event>) -> bool {
        if let Some(id) = self.closings.pop_front() {
            Frame::Fin(id).encode(to);
            return true;
        }
        while let Some(id) = self.turns.pop_front() {
            let Some(stream) = self.all.get_mut(&id) else { continue };
            if stream.opening {
                stream.opening = false;
                Frame::Syn(id).encode(to);
                if !stream.queue.is_empty() || stream.state == State::Closing {
                    self.turns.push_front(id);
                }
                return true;
            }
            if stream.queue.is_empty() {
                if stream.state == State::Closing {
                    self.forget(id);
                    Frame::Fin(id).encode(to);
                    return true;
                }
                continue;
            }
            let size = stream.queue.len().min(most).min(MAX_FRAME);
            to.extend_from_slice(&mux::push_header(id, size));
            to.extend_from_slice(stream.queue.get(..size).unwrap_or_default());
            stream.queue.advance(size);
            self.sent = self.sent.saturating_add(size as u64);
            if stream.wants_room && stream.queue.len() <= self.limits.queue() / 2 {
                stream.wants_room = false;
                events.push_back(Event::Writable(id));
            }
            if !stream.queue.is_empty() || stream.state == State::Closing {
                self.turns.push_back(id);
            }
            return true;
        }
        false
    }
}
