//! What a tunnel tells its user.

use std::fmt;
use std::net::SocketAddr;

use terrace_ssm::Version;

use super::{Over, SessionId};

/// Something that happened, as a value; written out it is a plain line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TunnelEvent {
    /// A session is ready for connections.
    Opened {
        /// Which.
        session: SessionId,
        /// What its agent announces.
        agent: Version,
    },
    /// A session's socket is gone; its connections wait.
    Reconnecting {
        /// Which.
        session: SessionId,
        /// Why.
        why: String,
        /// The how manieth time, from 1.
        attempt: u32,
    },
    /// A session goes on, and nothing was lost.
    Resumed {
        /// Which.
        session: SessionId,
    },
    /// The far side's addresses are out of date: a new session takes the place of one.
    Reopened {
        /// Which it replaces.
        session: SessionId,
    },
    /// A program has connected.
    Accepted {
        /// From where.
        peer: SocketAddr,
        /// To which session.
        session: SessionId,
    },
    /// A connection has come to its end.
    Closed {
        /// From where.
        peer: SocketAddr,
    },
    /// A connection was reset: its program did not read, and what had arrived became too much.
    Overflowed {
        /// From where.
        peer: SocketAddr,
    },
    /// A connection was reset: the target could not reach the remote host.
    ConnectFailed {
        /// From where.
        peer: SocketAddr,
    },
    /// A connection was reset for another reason.
    Cut {
        /// From where.
        peer: SocketAddr,
        /// Why.
        why: String,
    },
    /// A session is over. New connections get a new one.
    Ended {
        /// Which.
        session: SessionId,
        /// Why.
        why: Over,
    },
    /// The far side was asked to send nothing for now.
    Paused {
        /// In which session.
        session: SessionId,
    },
    /// It may send again.
    Continued {
        /// In which session.
        session: SessionId,
    },
    /// Something was not understood and had no effect.
    Ignored {
        /// In which session.
        session: SessionId,
        /// What.
        what: String,
    },
}

impl fmt::Display for TunnelEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Opened { session, agent } => write!(f, "session {session} is open (agent {agent})"),
            Self::Reconnecting { session, why, attempt } => {
                write!(f, "session {session} lost its connection ({why}); reconnecting, attempt {attempt}")
            }
            Self::Resumed { session } => write!(f, "session {session} goes on; nothing was lost"),
            Self::Reopened { session } => {
                write!(f, "the database may have moved: a new session takes the place of {session}")
            }
            Self::Accepted { peer, session } => {
                write!(f, "connection from {peer} goes through session {session}")
            }
            Self::Closed { peer } => write!(f, "connection from {peer} ended"),
            Self::Overflowed { peer } => write!(
                f,
                "connection from {peer} was reset: its program stopped reading while the far side went on sending; let it read, or fetch in smaller parts"
            ),
            Self::ConnectFailed { peer } => write!(
                f,
                "connection from {peer} was reset: the target cannot reach the remote host; is it running, and does its security group let the target in?"
            ),
            Self::Cut { peer, why } => write!(f, "connection from {peer} was reset: {why}"),
            Self::Ended { session, why } => write!(f, "session {session} is over: {why}"),
            Self::Paused { session } => write!(f, "session {session}: the far side was told to pause"),
            Self::Continued { session } => write!(f, "session {session}: the far side goes on"),
            Self::Ignored { session, what } => write!(f, "session {session}: not understood: {what}"),
        }
    }
}
