//! Lines over a Unix socket, the first of which carries listening sockets (`SCM_RIGHTS`).

use std::io::{self, IoSlice, IoSliceMut};
use std::mem::MaybeUninit;
use std::net::TcpListener;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::net::UnixStream;

use rustix::net::{
    RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer, SendAncillaryMessage,
    SendFlags, recvmsg, sendmsg,
};

/// How many sockets one line can carry.
pub(super) const MOST_SOCKETS: usize = 64;
/// The longest line, bytes.
pub(super) const LONGEST: usize = 4 * 1024 * 1024;

/// Sends a line (its line feed included) and sockets with its first bytes. Blocks.
pub(super) fn send_start(stream: &UnixStream, line: &[u8], sockets: &[TcpListener]) -> io::Result<()> {
    if sockets.len() > MOST_SOCKETS {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "too many listening sockets"));
    }
    let fds: Vec<BorrowedFd<'_>> = sockets.iter().map(AsFd::as_fd).collect();
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(MOST_SOCKETS))];
    let mut control = SendAncillaryBuffer::new(&mut space);
    if !fds.is_empty() && !control.push(SendAncillaryMessage::ScmRights(&fds)) {
        return Err(io::Error::other("the sockets do not fit"));
    }
    let mut sent = sendmsg(stream, &[IoSlice::new(line)], &mut control, no_signal())?;
    while let Some(rest) = line.get(sent..).filter(|rest| !rest.is_empty()) {
        let mut nothing = SendAncillaryBuffer::default();
        sent = sent.saturating_add(sendmsg(stream, &[IoSlice::new(rest)], &mut nothing, no_signal())?);
    }
    Ok(())
}

/// A peer that is gone is an error, never a signal.
#[cfg(target_os = "linux")]
const fn no_signal() -> SendFlags {
    SendFlags::NOSIGNAL
}

#[cfg(not(target_os = "linux"))]
const fn no_signal() -> SendFlags {
    SendFlags::empty()
}

/// The first line, what came after it, and the sockets that came with it.
#[derive(Debug)]
pub(super) struct Start {
    pub(super) line: Vec<u8>,
    pub(super) rest: Vec<u8>,
    pub(super) sockets: Vec<OwnedFd>,
}

/// Receives the first line. Blocks.
pub(super) fn receive_start(stream: &UnixStream) -> io::Result<Start> {
    let mut text = Vec::new();
    let mut sockets = Vec::new();
    loop {
        let mut part = [0_u8; 16 * 1024];
        let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(MOST_SOCKETS))];
        let mut control = RecvAncillaryBuffer::new(&mut space);
        let received =
            recvmsg(stream, &mut [IoSliceMut::new(&mut part)], &mut control, RecvFlags::CMSG_CLOEXEC)?;
        for message in control.drain() {
            if let RecvAncillaryMessage::ScmRights(fds) = message {
                sockets.extend(fds);
            }
        }
        if received.bytes == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        text.extend_from_slice(part.get(..received.bytes).unwrap_or_default());
        if let Some(end) = memchr::memchr(b'\n', &text) {
            let rest = text.split_off(end.saturating_add(1));
            return Ok(Start { line: text, rest, sockets });
        }
        if text.len() > LONGEST {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "the first line does not end"));
        }
    }
}
