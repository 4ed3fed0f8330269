//! One TCP connection of this machine and one stream, both ways.
//!
//! The multiplexer has no half-close: the end of either side is the end of both. What one side had sent before it ended still
//! arrives; a cut-off stream resets the connection (RST), so that its user sees an error and not an early end.

use std::collections::VecDeque;
use std::fmt;
use std::future::poll_fn;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::{Buf as _, Bytes};
use tokio::io::{AsyncRead as _, AsyncReadExt as _, AsyncWrite as _, AsyncWriteExt as _, ReadBuf};
use tokio::net::TcpStream;

use super::shared::{Read, Reset, Stream};

/// What is read of a connection at a time.
const PORTION: usize = 64 << 10;
/// What is taken out of a session at a time.
const BATCH: usize = 256 << 10;
/// Pieces in one write.
const SLICES: usize = 128;
/// What a connection has sent and is kept for another try.
const REPLAY: usize = 64 << 10;
/// How long a connection may go on sending after its far side has ended.
const LINGER: Duration = Duration::from_secs(2);

/// How a connection ended.
#[derive(Debug)]
pub enum Ending {
    /// This machine's side closed it.
    Local,
    /// The far side closed it, and everything that it had sent arrived.
    Remote,
    /// It was cut off.
    Reset(Reset),
    /// This machine's side broke.
    Broken(io::Error),
    /// The far side could not connect, and nothing came back: the connection may be tried again, unless it had sent too much
    /// to be kept.
    Refused(Option<Waiting>),
}

/// A connection of which nothing was lost yet, with what it has sent.
pub struct Waiting {
    tcp: TcpStream,
    sent: Vec<u8>,
}

impl fmt::Debug for Waiting {
    /// Without what it has sent.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Waiting").field("tcp", &self.tcp).finish_non_exhaustive()
    }
}

impl Waiting {
    /// A connection that has just been made. From here on it is reset (RST) however it is let go of, unless the far side has
    /// come to its end in order: an early end must not look like one.
    pub fn fresh(tcp: TcpStream) -> Self {
        // Where that cannot be had, it only looks less clear.
        let _ = tcp.set_zero_linger();
        Self { tcp, sent: Vec::new() }
    }

    /// Gives it up: its user sees a reset.
    pub fn reset(self) {}
}

/// Moves bytes until either side ends.
pub async fn pump(waiting: Waiting, stream: Stream) -> Ending {
    let Waiting { tcp, sent } = waiting;
    let mut pump = Pump {
        tcp,
        stream,
        buffer: vec![0; PORTION].into_boxed_slice(),
        up: VecDeque::new(),
        replay: Some(Vec::new()),
        down: VecDeque::new(),
    };
    if !sent.is_empty() {
        pump.up.push_back(Bytes::from(sent.clone()));
        pump.replay = Some(sent);
    }
    let ending = poll_fn(|context| pump.poll(context)).await;
    let Pump { mut tcp, stream, replay, .. } = pump;
    drop(stream);
    match ending {
        End::Local => Ending::Local,
        End::Broken(error) => Ending::Broken(error),
        End::Reset(why) => Ending::Reset(why),
        End::Refused => Ending::Refused(replay.map(|sent| Waiting { tcp, sent })),
        End::Remote => {
            let _ = socket2::SockRef::from(&tcp).set_linger(None);
            // Closing with unread bytes would be a reset, which may take the last answer with it.
            let _ = tcp.shutdown().await;
            let mut rest = [0; 4096];
            let read = async { while matches!(tcp.read(&mut rest).await, Ok(read) if read > 0) {} };
            let _ = tokio::time::timeout(LINGER, read).await;
            Ending::Remote
        }
    }
}

enum End {
    Local,
    Remote,
    Refused,
    Reset(Reset),
    Broken(io::Error),
}

struct Pump {
    tcp: TcpStream,
    stream: Stream,
    buffer: Box<[u8]>,
    /// Read and not yet taken by the session.
    up: VecDeque<Bytes>,
    /// All that was read, as long as nothing has come back and it is little.
    replay: Option<Vec<u8>>,
    /// Taken out of the session and not yet written.
    down: VecDeque<Bytes>,
}

impl Pump {
    fn poll(&mut self, context: &mut Context<'_>) -> Poll<End> {
        if let Poll::Ready(why) = self.stream.poll_cut(context) {
            return Poll::Ready(End::Reset(why));
        }
        if let Poll::Ready(end) = self.poll_down(context) {
            return Poll::Ready(end);
        }
        self.poll_up(context)
    }

    /// From the session to the connection.
    fn poll_down(&mut self, context: &mut Context<'_>) -> Poll<End> {
        loop {
            while !self.down.is_empty() {
                if let Err(error) = ready!(self.poll_write(context)) {
                    return Poll::Ready(End::Broken(error));
                }
            }
            match ready!(self.stream.poll_read(context, &mut self.down, BATCH)) {
                Read::Some(_) => self.replay = None,
                Read::Finished => return Poll::Ready(End::Remote),
                Read::Refused => return Poll::Ready(End::Refused),
                Read::Reset(why) => return Poll::Ready(End::Reset(why)),
            }
        }
    }

    fn poll_write(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let mut slices = [IoSlice::new(&[]); SLICES];
        let mut used = 0;
        for (slice, piece) in slices.iter_mut().zip(&self.down) {
            *slice = IoSlice::new(piece);
            used += 1;
        }
        let slices = slices.get(..used).unwrap_or_default();
        let mut written = ready!(Pin::new(&mut self.tcp).poll_write_vectored(context, slices))?;
        if written == 0 {
            return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
        }
        while let Some(piece) = self.down.front_mut() {
            if written < piece.len() {
                piece.advance(written);
                break;
            }
            written -= piece.len();
            self.down.pop_front();
        }
        Poll::Ready(Ok(()))
    }

    /// From the connection to the session.
    fn poll_up(&mut self, context: &mut Context<'_>) -> Poll<End> {
        loop {
            while let Some(piece) = self.up.front_mut() {
                let taken = ready!(self.stream.poll_write(context, piece));
                piece.advance(taken.min(piece.len()));
                if piece.is_empty() {
                    self.up.pop_front();
                }
            }
            // Straight out of the buffer: what the session does not take is kept.
            let mut read = ReadBuf::new(&mut self.buffer);
            match ready!(Pin::new(&mut self.tcp).poll_read(context, &mut read)) {
                Err(error) => return Poll::Ready(End::Broken(error)),
                Ok(()) if read.filled().is_empty() => return Poll::Ready(End::Local),
                Ok(()) => {}
            }
            let mut rest = read.filled();
            match &mut self.replay {
                Some(kept) if kept.len() + rest.len() <= REPLAY => kept.extend_from_slice(rest),
                replay => *replay = None,
            }
            while !rest.is_empty() {
                match self.stream.poll_write(context, rest) {
                    Poll::Ready(taken) => rest = rest.get(taken..).unwrap_or_default(),
                    Poll::Pending => {
                        self.up.push_back(Bytes::copy_from_slice(rest));
                        return Poll::Pending;
                    }
                }
            }
        }
    }
}
