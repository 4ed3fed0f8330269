//! Where a response body ends and what is in it (RFC 9112, sections 6 and 7). Strict: what is not written as the
//! standard writes it is broken, because somebody else might read it otherwise.

use bytes::{Buf, Bytes, BytesMut};

use super::response::Ending;

/// How many bytes of chunk extensions and trailer fields one response may have.
const ASIDE: usize = 16 * 1024;
/// Parts up to this length are copied, so that the buffer they came in can be used again.
const SMALL: usize = 4 * 1024;

/// A body that is not what it should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Broken;

/// What came out of a buffer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Decoded {
    /// Part of the body, never empty.
    Data(Bytes),
    /// More has to be read.
    More,
    /// The body is over.
    End,
}

/// Where a body stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Decoder {
    step: Step,
    aside: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    Length(u64),
    Close,
    /// At the start of a chunk's first line.
    Size,
    Chunk(u64),
    ChunkEnd,
    Trailers,
    Done,
}

impl Decoder {
    /// At the start of a body.
    pub(crate) const fn new(ending: Ending) -> Self {
        let step = match ending {
            Ending::Length(0) => Step::Done,
            Ending::Length(length) => Step::Length(length),
            Ending::Chunked => Step::Size,
            Ending::Close => Step::Close,
        };
        Self { step, aside: 0 }
    }

    /// Whether the body is over.
    pub(crate) fn is_done(&self) -> bool {
        self.step == Step::Done
    }

    /// How much is to come, where that is known.
    pub(crate) const fn remaining(&self) -> Option<u64> {
        match self.step {
            Step::Length(left) => Some(left),
            Step::Done => Some(0),
            _ => None,
        }
    }

    /// The connection has ended.
    pub(crate) fn end(&mut self) -> Result<(), Broken> {
        match self.step {
            Step::Close | Step::Done => {
                self.step = Step::Done;
                Ok(())
            }
            _ => Err(Broken),
        }
    }

    /// Takes the next part out of a buffer.
    pub(crate) fn decode(&mut self, buffer: &mut BytesMut) -> Result<Decoded, Broken> {
        loop {
            match self.step {
                Step::Done => return Ok(Decoded::End),
                _ if buffer.is_empty() => return Ok(Decoded::More),
                Step::Close => return Ok(Decoded::Data(take(buffer, u64::MAX))),
                Step::Length(left) => {
                    let data = take(buffer, left);
                    let left = left.saturating_sub(data.len() as u64);
                    self.step = if left == 0 { Step::Done } else { Step::Length(left) };
                    return Ok(Decoded::Data(data));
                }
                Step::Chunk(left) => {
                    let data = take(buffer, left);
                    let left = left.saturating_sub(data.len() as u64);
                    self.step = if left == 0 { Step::ChunkEnd } else { Step::Chunk(left) };
                    return Ok(Decoded::Data(data));
                }
                Step::ChunkEnd => match buffer.get(..2) {
                    Some(b"\r\n") => {
                        buffer.advance(2);
                        self.step = Step::Size;
                    }
                    Some(_) => return Err(Broken),
                    None => return Ok(Decoded::More),
                },
                Step::Size => {
                    let Some(line) = self.line(buffer)? else { return Ok(Decoded::More) };
                    self.step = match chunk_size(&line)? {
                        0 => Step::Trailers,
                        size => Step::Chunk(size),
                    };
                }
                // Trailers are not passed on.
                Step::Trailers => {
                    let Some(line) = self.line(buffer)? else { return Ok(Decoded::More) };
                    if line.is_empty() {
                        self.step = Step::Done;
                    }
                }
            }
        }
    }

    /// A line without its end, if it is there whole.
    fn line(&mut self, buffer: &mut BytesMut) -> Result<Option<BytesMut>, Broken> {
        let end = memchr::memchr(b'\n', buffer);
        let length = end.unwrap_or(buffer.len());
        if self.aside.saturating_add(length) > ASIDE {
            return Err(Broken);
        }
        let Some(end) = end else { return Ok(None) };
        self.aside = self.aside.saturating_add(length);
        let mut line = buffer.split_to(end);
        buffer.advance(1);
        if line.last() != Some(&b'\r') {
            return Err(Broken);
        }
        line.truncate(line.len().saturating_sub(1));
        if line.iter().any(|b| matches!(b, b'\r' | 0)) { Err(Broken) } else { Ok(Some(line)) }
    }
}

/// `1*HEXDIG [ ";" … ]`.
fn chunk_size(line: &[u8]) -> Result<u64, Broken> {
    let digits = line.iter().take_while(|b| b.is_ascii_hexdigit()).count();
    let (size, rest) = line.split_at_checked(digits).ok_or(Broken)?;
    if !(1..=15).contains(&digits) || !matches!(rest.first(), None | Some(b';')) {
        return Err(Broken);
    }
    let size = std::str::from_utf8(size).map_err(|_| Broken)?;
    u64::from_str_radix(size, 16).map_err(|_| Broken)
}

fn take(buffer: &mut BytesMut, limit: u64) -> Bytes {
    let length = usize::try_from(limit).unwrap_or(usize::MAX).min(buffer.len());
    if length <= SMALL
        && let Some(part) = buffer.get(..length)
    {
        let part = Bytes::copy_from_slice(part);
        buffer.advance(length);
        return part;
    }
    buffer.split_to(length).freeze()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Decodes what comes in pieces; the body, and what is left behind it.
    fn decode(ending: Ending, pieces: &[&[u8]]) -> Result<(Vec<u8>, Vec<u8>), Broken> {
        let (mut decoder, mut buffer, mut body) = (Decoder::new(ending), BytesMut::new(), Vec::new());
        for piece in pieces {
            buffer.extend_from_slice(piece);
            while let Decoded::Data(data) = decoder.decode(&mut buffer)? {
                body.extend_from_slice(&data);
            }
        }
        decoder.end()?;
        Ok((body, buffer.to_vec()))
    }

    proptest! {
        #[test]
        fn chunks_come_out_as_they_went_in_however_they_are_cut(
            chunks in prop::collection::vec(prop::collection::vec(any::<u8>(), 1..9000), 0..4),
            cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..6),
        ) {
            let mut wire = Vec::new();
            for chunk in &chunks {
                wire.extend_from_slice(format!("{:X};x=y\r\n", chunk.len()).as_bytes());
                wire.extend_from_slice(chunk);
                wire.extend_from_slice(b"\r\n");
            }
            wire.extend_from_slice(b"0\r\nX-Trailer: 1\r\n\r\nHTTP");
            let mut cuts: Vec<_> = cuts.iter().map(|cut| cut.index(wire.len())).collect();
            cuts.extend([0, wire.len()]);
            cuts.sort_unstable();
            let pieces: Vec<_> = cuts.windows(2).map(|pair| &wire[pair[0]..pair[1]]).collect();
            prop_assert_eq!(decode(Ending::Chunked, &pieces), Ok((chunks.concat(), b"HTTP".to_vec())));
        }

        #[test]
        fn no_bytes_can_make_it_fail_otherwise_than_by_saying_so(
            wire in prop::collection::vec(any::<u8>(), 0..200),
        ) {
            for ending in [Ending::Chunked, Ending::Close, Ending::Length(20)] {
                let _ = decode(ending, &[&wire]);
            }
        }
    }

    #[test]
    fn sloppy_chunks_are_broken() {
        for wire in [
            "5\nhello\r\n0\r\n\r\n",
            "5\r\nhello0\r\n\r\n",
            "5\r\nhello\n0\r\n\r\n",
            "0x5\r\nhello\r\n",
            "-5\r\n",
            " 5\r\n",
            "5 \r\nhello\r\n0\r\n\r\n",
            "\r\n",
            "1000000000000000\r\n",
            "0\r\nX: y\n\r\n",
            "5\r\nhel",
            "5\r\nhello\r\n",
            "0\r\n",
        ] {
            assert_eq!(decode(Ending::Chunked, &[wire.as_bytes()]), Err(Broken), "{wire:?}");
        }
        assert_eq!(decode(Ending::Length(6), &[b"hello"]), Err(Broken));
        let endless = format!("5;{}", "x".repeat(20_000));
        assert_eq!(decode(Ending::Chunked, &[endless.as_bytes()]), Err(Broken));
    }
}
