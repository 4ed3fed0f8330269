//! One attempt: a request sent to one target over a kept or a new connection.
//!
//! That a kept connection was closed by the target just as it was used is nobody's failure: where that can do no
//! harm the request goes out again on a new one, to the same target, at once.

use bytes::Bytes;

use crate::failure::Failure;
use crate::upstream::{ConnectError, Connection, Head, Moment, SendError, Slot, Snapshot, Upload};

/// A request, ready to be written.
#[derive(Debug)]
pub(crate) struct Outgoing {
    /// Its head as bytes.
    pub(crate) head: Bytes,
    /// Its body.
    pub(crate) upload: Upload,
    /// Whether it may be made again after it was sent: it is idempotent (RFC 9110, section 9.2.2), and has no body.
    pub(crate) repeatable: bool,
}

/// The head of a response, and the connection that its body is read from.
#[derive(Debug)]
pub(crate) struct Answered {
    /// What the target said.
    pub(crate) head: Head,
    /// Where the rest comes from.
    pub(crate) connection: Box<Connection>,
}

/// An attempt that brought no response.
#[derive(Debug)]
pub(crate) struct Missed {
    /// What went wrong.
    pub(crate) failure: Failure,
    /// The body for another attempt, where there may be one.
    pub(crate) again: Option<Upload>,
    /// Whether the target is to blame.
    pub(crate) blame: bool,
}

/// Sends a request to the target of a slot.
pub(crate) async fn attempt(
    slot: &Slot,
    rules: &Snapshot,
    head: &Bytes,
    mut upload: Upload,
    repeatable: bool,
) -> Result<Answered, Missed> {
    let target = slot.target();
    let settings = &rules.settings;
    let mut kept = target.idle.take(Moment::now(), settings.keep_alive.duration());
    loop {
        let was_kept = kept.is_some();
        let mut connection = match kept.take() {
            Some(connection) => connection,
            None => match Connection::open(target.address, settings.connect_timeout.duration()).await {
                Ok(connection) => connection,
                Err(error) => {
                    let failure = match error {
                        ConnectError::Io(_) => Failure::Unreachable,
                        ConnectError::Slow => Failure::ConnectTimeout,
                    };
                    return Err(Missed { failure, again: Some(upload), blame: true });
                }
            },
        };
        let sent = connection.send(head.clone(), upload, settings.response_timeout.duration()).await;
        let error = match sent {
            Ok(head) => return Ok(Answered { head, connection }),
            Err(error) => error,
        };
        drop(connection);
        let repeat = || repeatable.then(Upload::empty);
        let (failure, again) = match error {
            SendError::NotSent(unsent) => (Failure::UpstreamClosed, Some(*unsent)),
            SendError::Closed(_) => (Failure::UpstreamClosed, repeat()),
            SendError::Broken => (Failure::UpstreamBroken, repeat()),
            SendError::Slow => (Failure::UpstreamTimeout, None),
            SendError::Client(error) => {
                return Err(Missed { failure: error.failure(), again: None, blame: false });
            }
        };
        match again {
            Some(again) if was_kept && failure == Failure::UpstreamClosed => upload = again,
            again => return Err(Missed { failure, again, blame: true }),
        }
    }
}
