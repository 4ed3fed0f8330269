//! What Terrace and a leash say to each other over the leash's standard input, a Unix stream socket.
//!
//! Terrace sends one JSON line, the [`Launch`], with at most one descriptor attached (the command's
//! standard input), and then single bytes ([`Order`]). The leash answers with JSON lines ([`Report`]).

use std::io::{IoSlice, IoSliceMut};
use std::mem::MaybeUninit;
use std::os::fd::{BorrowedFd, OwnedFd};
use std::os::unix::net::UnixStream;

use rustix::net::{
    RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer, SendAncillaryMessage,
    SendFlags,
};
use serde::{Deserialize, Serialize};

use super::{Exit, Launch};

/// What a leash is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Order {
    /// End the command: its stop signal, and after its time the kill.
    Stop,
    /// End the command and all it started, at once.
    Kill,
}

impl Order {
    pub(super) const fn byte(self) -> u8 {
        match self {
            Self::Stop => b's',
            Self::Kill => b'k',
        }
    }

    pub(super) const fn of(byte: u8) -> Option<Self> {
        match byte {
            b's' => Some(Self::Stop),
            b'k' => Some(Self::Kill),
            _ => None,
        }
    }
}

/// What a leash tells.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Report {
    /// The command runs.
    Started {
        /// Its process id.
        pid: u32,
    },
    /// The command could not be started. Nothing follows.
    Failed {
        /// Why.
        reason: String,
    },
    /// The command has ended; what it started is being ended.
    Exited(Exit),
    /// Nothing that the command started runs any more. Nothing follows.
    Ended,
}

/// Sends the launch, and the descriptor with its first byte.
pub(super) fn send(
    socket: &UnixStream,
    launch: &Launch,
    stdin: Option<BorrowedFd<'_>>,
) -> std::io::Result<()> {
    let mut line = serde_json::to_vec(launch)?;
    line.push(b'\n');
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
    let mut control = SendAncillaryBuffer::new(&mut space);
    let descriptors: Vec<BorrowedFd<'_>> = stdin.into_iter().collect();
    if !descriptors.is_empty() {
        control.push(SendAncillaryMessage::ScmRights(&descriptors));
    }
    let sent = rustix::net::sendmsg(socket, &[IoSlice::new(&line)], &mut control, SendFlags::NOSIGNAL)?;
    std::io::Write::write_all(&mut &*socket, line.get(sent..).unwrap_or_default())
}

/// Receives the launch, its descriptor, and the orders that came along.
pub(super) fn receive(socket: &UnixStream) -> std::io::Result<(Launch, Option<OwnedFd>, Vec<u8>)> {
    let mut received = Vec::new();
    let mut stdin = None;
    let mut chunk = [0; 16 * 1024];
    loop {
        let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
        let mut control = RecvAncillaryBuffer::new(&mut space);
        let flags = RecvFlags::CMSG_CLOEXEC;
        let message = rustix::net::recvmsg(socket, &mut [IoSliceMut::new(&mut chunk)], &mut control, flags)?;
        for message in control.drain() {
            if let RecvAncillaryMessage::ScmRights(descriptors) = message {
                stdin = stdin.or(descriptors.into_iter().next());
            }
        }
        if message.bytes == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        received.extend_from_slice(chunk.get(..message.bytes).unwrap_or_default());
        if let Some(end) = received.iter().position(|byte| *byte == b'\n') {
            let orders = received.split_off(end);
            let launch = serde_json::from_slice(&received)?;
            return Ok((launch, stdin, orders.into_iter().skip(1).collect()));
        }
    }
}
