//! Why a tunnel was not opened, and why a session ended.

use terrace_net::Port;
use terrace_ssm::SessionError;

use super::ControlError;
use crate::wire::DialError;

/// Why a tunnel was not opened.
#[derive(Debug, thiserror::Error)]
pub enum TunnelError {
    /// The port is somebody else's.
    #[error("port {port} is taken{}: choose another with --port, or end what holds it", by(holder.as_deref()))]
    PortTaken {
        /// Which.
        port: Port,
        /// By whom, as far as this user may see.
        holder: Option<String>,
    },
    /// This machine does not let it listen.
    #[error("cannot listen on 127.0.0.1: {0}")]
    Listen(std::io::Error),
    /// The control plane refused.
    #[error(transparent)]
    Control(#[from] ControlError),
    /// The data channel was not opened.
    #[error(transparent)]
    Dial(#[from] DialError),
    /// The session ended before it began.
    #[error(transparent)]
    Over(#[from] Over),
}

fn by(holder: Option<&str>) -> String {
    holder.map(|holder| format!(" by {holder}")).unwrap_or_default()
}

impl TunnelError {
    /// What to do about it, a sentence each, beyond what it says.
    pub fn help(&self) -> Vec<String> {
        match self {
            Self::Control(error) => error.help(),
            _ => Vec::new(),
        }
    }

    /// Whether the same may go well a little later.
    pub(super) fn is_passing(&self) -> bool {
        match self {
            Self::Control(error) => error.is_passing(),
            Self::Dial(error) => error.is_passing(),
            Self::PortTaken { .. } | Self::Listen(_) | Self::Over(_) => false,
        }
    }
}

/// Why a session is over.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Over {
    /// The server's side ended it.
    #[error(
        "Session Manager ended it; it does so after 20 minutes without traffic, or at the longest duration that the account allows"
    )]
    TimedOut,
    /// The server's side closed the channel.
    #[error("the far side closed it{}", said(output))]
    Closed {
        /// In its words, often empty.
        output: String,
    },
    /// The protocol cannot go on.
    #[error(transparent)]
    Failed(#[from] SessionError),
    /// The connection was lost and could not be had again.
    #[error("the connection was lost and could not be had again: {0}")]
    Lost(String),
    /// This side ended it.
    #[error("it was ended here")]
    Ended,
}

fn said(output: &str) -> String {
    if output.is_empty() { String::new() } else { format!(": {output}") }
}
