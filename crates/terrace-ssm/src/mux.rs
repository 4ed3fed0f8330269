//! smux, version 1: many streams in one run of bytes.
//!
//! A frame is `version 1 | command | length, u16 | stream, u32 | data`, little-endian (`xtaci/smux`, `frame.go`). The
//! bytes are cut into messages without regard to frames; [`Decoder`] puts them together.

use std::fmt;

use bytes::{Buf, Bytes, BytesMut};

/// Bytes before a frame's data.
pub const HEADER: usize = 8;
/// The most data that we put into one frame, as `smux.DefaultConfig` has it.
pub const MAX_FRAME: usize = 32_768;

const VERSION: u8 = 1;

/// A stream's number. A client's are odd and begin with 3.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StreamId(u32);

impl StreamId {
    /// The first that a client opens.
    pub const FIRST: Self = Self(3);

    /// A stream by its number.
    pub const fn new(number: u32) -> Self {
        Self(number)
    }

    /// The number.
    pub const fn get(self) -> u32 {
        self.0
    }

    /// The client's next one, unless they have run out.
    pub(crate) fn following(self) -> Option<Self> {
        self.0.checked_add(2).map(Self)
    }
}

impl fmt::Display for StreamId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A frame, or as much of a data frame as has arrived.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Frame {
    /// The stream is opened.
    Syn(StreamId),
    /// The stream is closed, both ways.
    Fin(StreamId),
    /// Data of the stream; a frame's data may come in several pieces.
    Push(StreamId, Bytes),
    /// Nothing: keepalive.
    Nop(StreamId),
}

/// Why bytes are no frames. A session does not survive it: where the next frame begins is lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MuxError {
    /// Another version of smux, or no smux.
    #[error("a frame of smux version {0} was found, version 1 was expected")]
    Version(u8),
    /// A command that version 1 does not have.
    #[error("smux version 1 has no command {0}")]
    Command(u8),
    /// Data in a frame that has none.
    #[error("smux command {command} says that {length} bytes follow, none were expected")]
    Length {
        /// The command.
        command: u8,
        /// The bytes it announces.
        length: u16,
    },
}

impl Frame {
    /// Appends the frame. Data of more than 65 535 bytes is cut into several frames.
    pub fn encode(&self, to: &mut Vec<u8>) {
        match self {
            Self::Syn(stream) => to.extend_from_slice(&header(0, 0, *stream)),
            Self::Fin(stream) => to.extend_from_slice(&header(1, 0, *stream)),
            Self::Nop(stream) => to.extend_from_slice(&header(3, 0, *stream)),
            Self::Push(stream, data) => {
                for piece in data.chunks(MAX_FRAME) {
                    to.extend_from_slice(&push_header(*stream, piece.len()));
                    to.extend_from_slice(piece);
                }
            }
        }
    }
}

fn header(command: u8, length: u16, stream: StreamId) -> [u8; HEADER] {
    let [l0, l1] = length.to_le_bytes();
    let [s0, s1, s2, s3] = stream.0.to_le_bytes();
    [VERSION, command, l0, l1, s0, s1, s2, s3]
}

/// The header of a data frame; `length` is at most [`MAX_FRAME`].
pub(crate) fn push_header(stream: StreamId, length: usize) -> [u8; HEADER] {
    header(2, u16::try_from(length).unwrap_or(u16::MAX), stream)
}

/// Puts frames together from pieces of any length. It keeps no more than one header.
#[derive(Clone, Debug, Default)]
pub struct Decoder {
    /// What has been fed and not been taken.
    input: Bytes,
    /// The beginning of a header whose rest has not come.
    head: BytesMut,
    /// The data frame that is under way and what it still lacks.
    body: Option<(StreamId, usize)>,
    failed: Option<MuxError>,
}

impl Decoder {
    /// An empty one.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes the next bytes; [`Decoder::next_frame`] must have given `None` before, what it left is lost otherwise.
    pub fn feed(&mut self, input: Bytes) {
        self.input = input;
    }

    /// The next frame or piece of one; `None` if more bytes are needed. An error stays.
    pub fn next_frame(&mut self) -> Result<Option<Frame>, MuxError> {
        if let Some(error) = self.failed {
            return Err(error);
        }
        let frame = self.advance();
        self.failed = frame.as_ref().err().copied();
        frame
    }

    fn advance(&mut self) -> Result<Option<Frame>, MuxError> {
        loop {
            if let Some((stream, missing)) = self.body {
                if self.input.is_empty() {
                    return Ok(None);
                }
                let piece = self.input.split_to(missing.min(self.input.len()));
                let missing = missing - piece.len();
                self.body = (missing > 0).then_some((stream, missing));
                return Ok(Some(Frame::Push(stream, piece)));
            }
            let Some([version, command, l0, l1, s0, s1, s2, s3]) = self.header() else { return Ok(None) };
            let length = u16::from_le_bytes([l0, l1]);
            let stream = StreamId(u32::from_le_bytes([s0, s1, s2, s3]));
            match (version, command, length) {
                (VERSION, 0, 0) => return Ok(Some(Frame::Syn(stream))),
                (VERSION, 1, 0) => return Ok(Some(Frame::Fin(stream))),
                (VERSION, 2, 0) => {}
                (VERSION, 2, _) => self.body = Some((stream, usize::from(length))),
                (VERSION, 3, 0) => return Ok(Some(Frame::Nop(stream))),
                (VERSION, 0 | 1 | 3, _) => return Err(MuxError::Length { command, length }),
                (VERSION, ..) => return Err(MuxError::Command(command)),
                _ => return Err(MuxError::Version(version)),
            }
        }
    }

    /// The next header, if all of it is there; what there is of it is kept.
    fn header(&mut self) -> Option<[u8; HEADER]> {
        let lacking = HEADER - self.head.len();
        let part = self.input.get(..lacking).unwrap_or(&self.input);
        let taken = part.len();
        let whole = if self.head.is_empty() { <[u8; HEADER]>::try_from(part).ok() } else { None };
        if whole.is_none() {
            self.head.extend_from_slice(part);
        }
        self.input.advance(taken);
        let whole = whole.or_else(|| self.head.as_ref().try_into().ok())?;
        self.head.clear();
        Some(whole)
    }
}
