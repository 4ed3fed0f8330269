//! What a session carries: the streams of a forwarded port, or a shell.

use super::shell::Shell;
use super::streams::{Hold, Streams};
use crate::Limits;
use crate::mux::Decoder;

/// One or the other, for the session's life.
#[derive(Debug)]
pub(super) enum Carried {
    Streams(Box<Multiplexed>),
    Shell(Box<Shell>),
}

/// Streams, and the frames that they arrive in.
#[derive(Debug)]
pub(super) struct Multiplexed {
    pub(super) decoder: Decoder,
    pub(super) streams: Streams,
}

impl Carried {
    pub(super) fn streams(limits: Limits) -> Self {
        Self::Streams(Box::new(Multiplexed { decoder: Decoder::new(), streams: Streams::new(limits) }))
    }

    pub(super) fn shell(limits: Limits) -> Self {
        Self::Shell(Box::new(Shell::new(limits)))
    }

    pub(super) fn as_streams(&self) -> Option<&Streams> {
        match self {
            Self::Streams(multiplexed) => Some(&multiplexed.streams),
            Self::Shell(_) => None,
        }
    }

    pub(super) fn as_streams_mut(&mut self) -> Option<&mut Streams> {
        match self {
            Self::Streams(multiplexed) => Some(&mut multiplexed.streams),
            Self::Shell(_) => None,
        }
    }

    pub(super) fn as_shell_mut(&mut self) -> Option<&mut Shell> {
        match self {
            Self::Streams(_) => None,
            Self::Shell(shell) => Some(shell),
        }
    }

    pub(super) const fn is_shell(&self) -> bool {
        matches!(self, Self::Shell(_))
    }

    pub(super) fn has_output(&self) -> bool {
        match self {
            Self::Streams(multiplexed) => multiplexed.streams.has_output(),
            Self::Shell(shell) => shell.has_output(),
        }
    }

    /// Unread bytes.
    pub(super) fn spooled(&self) -> usize {
        match self {
            Self::Streams(multiplexed) => multiplexed.streams.spooled(),
            Self::Shell(shell) => shell.spooled(),
        }
    }

    /// Bytes sent and received.
    pub(super) fn bytes(&self) -> (u64, u64) {
        match self {
            Self::Streams(multiplexed) => multiplexed.streams.bytes(),
            Self::Shell(shell) => shell.bytes(),
        }
    }

    /// Whether reading the socket should wait for a reader. `quiet` if nothing is to be acknowledged.
    pub(super) fn hold(&self, at: std::time::Duration, quiet: bool) -> Hold {
        match self {
            Self::Streams(multiplexed) => multiplexed.streams.hold(at, quiet),
            Self::Shell(shell) if shell.is_full(quiet) => Hold::Always,
            Self::Shell(_) => Hold::No,
        }
    }
}
