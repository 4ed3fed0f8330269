//! Finds the end of a chunked body, byte for byte as RFC 9112, section 7.1, writes it and no other way.
//!
//! It only measures: the HTTP library decodes. What both do not read alike cannot get past.

use crate::failure::Failure;

/// How many bytes of chunk extensions and trailer fields one body may have.
const ASIDE: u32 = 8 * 1024;
const BAD: Failure = Failure::BadRequest("the chunked body is malformed");

/// Where in a chunked body the reader stands.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Chunks {
    step: Step,
    aside: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    Size { size: u64, digits: u8 },
    Extension { size: u64 },
    SizeEnd { size: u64 },
    Data { left: u64 },
    DataCr,
    DataLf,
    TrailerStart,
    Trailer,
    TrailerLf,
    LastLf,
    Done,
}

/// How much of a slice belongs to the body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Measured {
    /// All of it, and more is to come.
    All,
    /// So many bytes; the body ends there.
    End(usize),
}

impl Chunks {
    /// At the first byte of the body.
    pub(crate) const fn new() -> Self {
        Self { step: Step::Size { size: 0, digits: 0 }, aside: 0 }
    }

    /// Reads on.
    pub(crate) fn measure(&mut self, bytes: &[u8]) -> Result<Measured, Failure> {
        let mut at = 0_usize;
        while let Some(byte) = bytes.get(at) {
            if let Step::Data { left } = self.step {
                let here = bytes.len().saturating_sub(at);
                let take = usize::try_from(left).unwrap_or(usize::MAX).min(here);
                let left = left.saturating_sub(take as u64);
                self.step = if left == 0 { Step::DataCr } else { Step::Data { left } };
                at = at.saturating_add(take);
                continue;
            }
            self.step = self.next(*byte)?;
            at = at.saturating_add(1);
            if self.step == Step::Done {
                return Ok(Measured::End(at));
            }
        }
        Ok(Measured::All)
    }

    fn next(&mut self, byte: u8) -> Result<Step, Failure> {
        Ok(match (self.step, byte) {
            (Step::Size { size, digits }, _) if byte.is_ascii_hexdigit() => {
                if digits >= 15 {
                    return Err(BAD);
                }
                let digit = char::from(byte).to_digit(16).unwrap_or_default();
                Step::Size { size: (size << 4) | u64::from(digit), digits: digits.saturating_add(1) }
            }
            (Step::Size { size, digits: 1.. }, b'\r') => Step::SizeEnd { size },
            (Step::Size { size, digits: 1.. }, b';') => Step::Extension { size },
            (Step::Extension { size }, b'\r') => Step::SizeEnd { size },
            (Step::Extension { size }, b'\t' | b' '..=b'~' | 0x80..) => {
                self.step_aside()?;
                Step::Extension { size }
            }
            (Step::SizeEnd { size: 0 }, b'\n') => Step::TrailerStart,
            (Step::SizeEnd { size }, b'\n') => Step::Data { left: size },
            (Step::DataCr, b'\r') => Step::DataLf,
            (Step::DataLf, b'\n') => Step::Size { size: 0, digits: 0 },
            (Step::TrailerStart, b'\r') => Step::LastLf,
            (Step::TrailerStart, b' ' | b'\t') => return Err(BAD),
            (Step::Trailer, b'\r') => Step::TrailerLf,
            (Step::TrailerStart | Step::Trailer, b'\t' | b' '..=b'~' | 0x80..) => {
                self.step_aside()?;
                Step::Trailer
            }
            (Step::TrailerLf, b'\n') => Step::TrailerStart,
            (Step::LastLf, b'\n') => Step::Done,
            _ => return Err(BAD),
        })
    }

    fn step_aside(&mut self) -> Result<(), Failure> {
        self.aside = self.aside.saturating_add(1);
        if self.aside > ASIDE { Err(Failure::HeadersTooLarge) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_ends_in_the_same_place_however_it_is_cut() {
        let body = b"5;a=b\r\nhello\r\n0\r\nX: y\r\n\r\nGET";
        let end = body.len() - 3;
        for cut in 0..end {
            let mut chunks = Chunks::new();
            assert_eq!(chunks.measure(&body[..cut]), Ok(Measured::All), "{cut}");
            assert_eq!(chunks.measure(&body[cut..]), Ok(Measured::End(end - cut)), "{cut}");
        }
    }

    #[test]
    fn sloppy_chunks_are_refused() {
        for body in [
            "5\nhello\r\n0\r\n\r\n",
            "5\r\nhello0\r\n\r\n",
            "5\r\nhello\n0\r\n\r\n",
            "0x5\r\nhello\r\n",
            "-5\r\n",
            " 5\r\n",
            "5 \r\nhello\r\n",
            "\r\n",
            "fffffffffffffffff\r\n",
            "5;a\nb\r\n",
            "0\r\n X: y\r\n\r\n",
            "0\r\nX: y\n\r\n",
        ] {
            assert!(Chunks::new().measure(body.as_bytes()).is_err(), "{body:?}");
        }
    }
}
