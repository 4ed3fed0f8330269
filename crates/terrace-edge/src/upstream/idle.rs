//! The idle connections to one target: the last one put aside is the first one taken out.
//!
//! So the connections that are not needed grow old at the other end, and are let go of before the target closes
//! them. What is taken out was open a moment ago, as far as the machine had heard.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use super::http1::Connection;
use super::moment::Moment;

/// More than this many are not kept.
const MOST: usize = 512;

/// A stack of connections.
#[derive(Debug, Default)]
pub(crate) struct Idle {
    stack: Mutex<VecDeque<Box<Connection>>>,
}

impl Idle {
    /// An open connection that has idled for less than `keep_alive`.
    pub(crate) fn take(&self, now: Moment, keep_alive: Duration) -> Option<Box<Connection>> {
        loop {
            let connection = self.lock().pop_back()?;
            if now.since(connection.idle_since) >= keep_alive {
                // All others are older.
                self.clear();
                return None;
            }
            if connection.is_ready() {
                return Some(connection);
            }
        }
    }

    /// Keeps a connection, if it can take another request.
    pub(crate) fn put(&self, mut connection: Box<Connection>, now: Moment) {
        if !connection.is_ready() {
            return;
        }
        connection.idle_since = now;
        let mut stack = self.lock();
        if stack.len() < MOST {
            stack.push_back(connection);
        }
    }

    /// Lets go of those that have idled for `keep_alive`.
    pub(crate) fn expire(&self, now: Moment, keep_alive: Duration) {
        let mut stack = self.lock();
        while stack.front().is_some_and(|c| now.since(c.idle_since) >= keep_alive) {
            stack.pop_front();
        }
    }

    /// Lets go of all.
    pub(crate) fn clear(&self) {
        self.lock().clear();
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, VecDeque<Box<Connection>>> {
        self.stack.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
