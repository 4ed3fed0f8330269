//! One data channel, in either role.

use std::time::Duration;

use bytes::Bytes;

use crate::{Event, Limits, MessageIds, Now, PortProperties, Statistics, StreamId};

/// One data channel: messages, their reliability, the handshake and the multiplexer.
#[derive(Debug)]
pub struct Session {}

impl Session {
    /// The client's side. Nothing is sent before the agent's handshake.
    pub fn client(_limits: Limits, _ids: MessageIds) -> Self {
        Self {}
    }

    /// The agent's side: `properties` as the session document has them, `customer_message` printed by the client.
    pub fn agent(
        _properties: PortProperties,
        _customer_message: &str,
        _limits: Limits,
        _ids: MessageIds,
    ) -> Self {
        Self {}
    }

    /// The socket is open and the open frame is sent: all that is unacknowledged is sent again, in order.
    pub fn connected(&mut self, _now: Now) {}

    /// The socket is gone: nothing is transmitted until [`Session::connected`].
    pub fn disconnected(&mut self) {}

    /// Takes one binary WebSocket frame. A bad one is counted and told as [`Event::Ignored`].
    pub fn receive(&mut self, _frame: Bytes, _now: Now) {}

    /// The next frame to send, acknowledgements first; `None` if there is nothing now.
    pub fn transmit(&mut self, _now: Now) -> Option<Bytes> {
        None
    }

    /// What has happened, in order.
    pub fn event(&mut self) -> Option<Event> {
        None
    }

    /// When [`Session::tick`] and [`Session::transmit`] must be called at the latest, as [`Now::at`].
    pub fn deadline(&self) -> Option<Duration> {
        None
    }

    /// Looks at the clock: retransmission, timeouts.
    pub fn tick(&mut self, _now: Now) {}

    /// Whether the socket should be read: not while the only open stream has more than 4 MiB unread, as waiting then
    /// harms nobody else.
    pub fn wants_input(&self) -> bool {
        true
    }

    /// Client: opens a stream. `None` before [`Event::Ready`], after the end, and when too many are open.
    pub fn open(&mut self) -> Option<StreamId> {
        None
    }

    /// Queues data for a stream and says how many bytes were taken. If that is less than all, [`Event::Writable`]
    /// follows, unless the stream ends.
    pub fn write(&mut self, _stream: StreamId, _data: &[u8]) -> usize {
        0
    }

    /// The next piece that has arrived.
    pub fn read(&mut self, _stream: StreamId) -> Option<Bytes> {
        None
    }

    /// Closes a stream after what is queued; nothing of it is delivered any more.
    pub fn finish(&mut self, _stream: StreamId) {}

    /// Agent: the stream's port could not be dialled; the client is told, the stream is closed.
    pub fn refuse(&mut self, _stream: StreamId) {}

    /// Streams open now.
    pub fn streams(&self) -> usize {
        0
    }

    /// Client: ends the session on the agent's side. Wait for [`Session::is_quiet`], briefly.
    pub fn terminate(&mut self) {}

    /// Whether all that was to be sent is sent and acknowledged.
    pub fn is_quiet(&self) -> bool {
        true
    }

    /// What was done and what is held.
    pub fn statistics(&self) -> Statistics {
        Statistics::default()
    }
}
