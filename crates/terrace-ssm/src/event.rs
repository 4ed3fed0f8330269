//! What a session tells its driver.

use crate::mux::{MuxError, StreamId};
use crate::{PortProperties, ShellKind, Version};

/// Something that happened, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// The handshake is complete: the client may open streams, the agent is told of them.
    Ready {
        /// What the other side announced.
        peer: Version,
        /// The session document's properties.
        properties: PortProperties,
        /// The agent's words for the customer, often empty.
        message: String,
    },
    /// A shell can be used, from either side.
    Entered {
        /// What the agent has announced; agents of most shells announce nothing.
        announced: Option<(Version, ShellKind)>,
        /// The agent's words for the customer, often empty.
        message: String,
    },
    /// Of a shell something has arrived: take [`Session::arrived`](crate::Session::arrived) until `None`. Told again only
    /// after that.
    Arrived,
    /// After [`Session::say`](crate::Session::say) took less than it was given: there is room again.
    Room,
    /// Agent: the client opened a stream; dial, then `write` and `read`, or `refuse`.
    Accepted(StreamId),
    /// There is something to `read`. Told again only after `read` has given `None`.
    Readable(StreamId),
    /// After `write` took less than it was given: there is room again.
    Writable(StreamId),
    /// The other side closed the stream: `read` what came before, until `None`; the stream is gone then. What was
    /// written and not yet sent is dropped (smux has no half-close).
    Finished(StreamId),
    /// More unread bytes than the spool bears: this stream alone was reset, its unread bytes are lost. It is gone.
    Overflowed(StreamId),
    /// Client: the agent could not connect to the port. Names no stream; `Finished` of that stream follows.
    ConnectFailed,
    /// The gateway asked to send no more data for now; an agent obeys, a client only tells it.
    Paused,
    /// The pause is over.
    Resumed,
    /// Agent: the client ended the session.
    Terminated,
    /// The gateway or the agent closed the channel; nothing is sent any more.
    Closed {
        /// Why, in the gateway's words; empty at an ordinary end.
        output: String,
    },
    /// The session cannot go on. What answers the other side is still transmitted.
    Failed(SessionError),
    /// Something was not understood or not expected and had no effect.
    Ignored(String),
}

/// Why a session cannot go on.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SessionError {
    /// The other side is too old to multiplex.
    #[error("the other side announces version `{announced}`, which cannot multiplex: {needed}")]
    PeerTooOld {
        /// The text it announced.
        announced: String,
        /// What would do, in words.
        needed: &'static str,
    },
    /// The agent asks for the session to be encrypted by a KMS key as well. (Port sessions never are.)
    #[error(
        "the agent asks for encryption by a KMS key on top of TLS, which Terrace does not do; take the key out of Session Manager's preferences (or of the cluster's execute command configuration), or use AWS's own plugin"
    )]
    Encryption,
    /// The session is of another kind.
    #[error(
        "the session is `{0}`, not port forwarding of the kind LocalPortForwarding; use AWS-StartPortForwardingSessionToRemoteHost"
    )]
    Kind(String),
    /// The session is of another kind than a shell.
    #[error("the session is `{0}`, not a shell")]
    NoShell(String),
    /// More of a shell's output is unread than may be kept.
    #[error("the other side sends more than is read")]
    Unread,
    /// What came in the handshake cannot be read.
    #[error("the handshake cannot be read: {0}")]
    Handshake(String),
    /// Agent: the client could not do what was asked.
    #[error("the client refused `{action}`: {error}")]
    Refused {
        /// The action's name.
        action: String,
        /// The client's words.
        error: String,
    },
    /// The handshake was not complete within 15 s.
    #[error(
        "the other side did not complete the handshake within 15 s; the target may be gone or its agent busy"
    )]
    HandshakeTimeout,
    /// Client: nothing that was sent has been acknowledged for 5 min.
    #[error("the other side has acknowledged nothing for 5 minutes")]
    Unacknowledged,
    /// The multiplexer's bytes are wrong.
    #[error("the multiplexed streams cannot be read: {0}")]
    Multiplexer(#[from] MuxError),
    /// The client opened more streams than can be answered.
    #[error("the other side opens more streams than are closed")]
    TooManyStreams,
}
