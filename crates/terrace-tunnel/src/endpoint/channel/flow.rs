//! Frames of a session: in from its client, out to it, and what there is to wait for.
//!
//! GUARANTEE: while the client does not read, it is still read; while the agent takes nothing, it is still written to.

use std::future::poll_fn;
use std::ops::Range;
use std::task::Poll;
use std::time::Duration;

use bytes::Bytes;
use terrace_ssm::Now;
use tokio::sync::mpsc;

use super::{AWAY, Channel, Command, Connection, UNDERWAY};

/// How long acknowledgements take: the official plugin forgets what is acknowledged faster than it notes it.
const CONSIDERED: Duration = Duration::from_millis(3);
/// How many frames are taken in at a time.
const BATCH: usize = 256;

impl Channel {
    /// Waits for the client, for a command, for the streams or for the time. Takes in what the client sends.
    pub(super) async fn wait(
        &mut self,
        wanted: bool,
        commands: &mut mpsc::UnboundedReceiver<Command>,
    ) -> Option<Command> {
        let queue = self.connection.as_ref().filter(|one| one.socket.is_full()).map(|one| one.socket.queue());
        // What waits for room is not late, nor what is not to be sent any more.
        let closing = self.connection.as_ref().is_some_and(|one| one.closing.is_some());
        let wake = self.wake(queue.is_none() && !closing);
        let sleep = async {
            match wake {
                Some(at) => tokio::time::sleep_until(self.shared.moment(at).into()).await,
                None => std::future::pending().await,
            }
        };
        let room = async {
            match queue.as_ref() {
                // An error is the writer's, and reading will tell of it.
                Some(queue) if !closing && queue.reserve().await.is_ok() => {}
                _ => std::future::pending().await,
            }
        };
        let open = wanted && self.up.bytes() < UNDERWAY;
        let frame = async {
            match &mut self.connection {
                Some(Connection { socket, .. }) if open => socket.next().await,
                _ => std::future::pending().await,
            }
        };
        let mut first = true;
        let stirred = poll_fn(|_| if std::mem::take(&mut first) { Poll::Pending } else { Poll::Ready(()) });
        let frame = tokio::select! {
            command = commands.recv() => return Some(command.unwrap_or(Command::Terminate)),
            frame = frame => frame,
            () = room => return None,
            () = stirred => return None,
            () = sleep => return None,
        };
        self.take_in(frame).await;
        None
    }

    /// When something is to be done at the latest; with `sending`, also what there is to send.
    fn wake(&self, sending: bool) -> Option<Duration> {
        let own = self.shared.with(|session| session.deadline()).filter(|_| sending);
        let down = self.down.due().filter(|_| sending);
        let gateway = match &self.connection {
            None => Some(self.gone.saturating_add(AWAY)),
            Some(connection) => Some(connection.wake()),
        };
        [own, down, self.up.due(), gateway].into_iter().flatten().min()
    }

    /// Takes a frame from the client, and those behind it that are already there.
    async fn take_in(&mut self, first: Option<Bytes>) {
        let at = self.shared.now().at;
        let mut next = first;
        for _ in 0..BATCH {
            let Some(frame) = next else {
                self.detach();
                return;
            };
            self.up.carry(frame, at, Duration::ZERO);
            let Some(Connection { socket, .. }) = &mut self.connection else { return };
            let ready = poll_fn(|context| {
                let mut following = std::pin::pin!(socket.next());
                Poll::Ready(following.as_mut().poll(context))
            });
            next = match ready.await {
                Poll::Ready(frame) => frame,
                Poll::Pending => return,
            };
        }
        // What was read last is carried as well.
        match next {
            Some(frame) => self.up.carry(frame, at, Duration::ZERO),
            None => self.detach(),
        }
    }

    /// The acknowledgements that have not been sent yet: a client that ends its session waits for the last one.
    pub(super) fn acknowledgements(&mut self) -> Vec<Bytes> {
        let now = self.shared.now();
        while self.down.bytes() < UNDERWAY
            && let Some(frame) = self.shared.with(|session| session.transmit(now))
        {
            self.down.send(frame, now.at);
        }
        let mut all = Vec::new();
        while let Some(frame) = self.down.arrived(Duration::MAX) {
            if is_acknowledgement(&frame) {
                all.push(frame);
            }
        }
        all
    }

    /// Hands on what the agent sends, as far as there is room.
    pub(super) fn transmit(&mut self, now: Now) {
        let Some(Connection { socket, closing: None, .. }) = &self.connection else { return };
        loop {
            let Some(room) = socket.room() else { return };
            if let Some(frame) = self.down.arrived(now.at) {
                room.send(frame.into());
                continue;
            }
            if self.down.bytes() >= UNDERWAY {
                return;
            }
            let Some(frame) = self.shared.with(|session| session.transmit(now)) else { return };
            let considered = is_acknowledgement(&frame) || completes_handshake(&frame);
            let longer = if considered { CONSIDERED } else { Duration::ZERO };
            self.down.carry(frame, now.at, longer);
        }
    }
}

fn is_acknowledgement(frame: &Bytes) -> bool {
    // The message's type follows the four bytes of the header's length.
    frame.get(4..).is_some_and(|rest| rest.starts_with(b"acknowledge"))
}

/// It must not overtake an acknowledgement: while the official plugin opens its port, which it does on this message, whatever
/// else comes makes it read no more (its `IsStreamNotSet` looks into what is not there yet).
fn completes_handshake(frame: &Bytes) -> bool {
    const PAYLOAD_TYPE: Range<usize> = 112..116;
    const HANDSHAKE_COMPLETE: u32 = 7;
    !is_acknowledgement(frame)
        && frame.get(PAYLOAD_TYPE).is_some_and(|bytes| bytes == HANDSHAKE_COMPLETE.to_be_bytes())
}
