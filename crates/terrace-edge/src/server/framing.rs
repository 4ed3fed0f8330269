//! Where one HTTP/1.x message ends and the next begins, decided strictly and without I/O (RFC 9112).
//!
//! Request smuggling lives where two parsers disagree. Every byte of a client passes through here before the
//! HTTP library sees it, and what can be read in two ways is refused: bare CR or LF, folded lines, space before
//! a colon, two lengths, a length beside a transfer coding, a second `Host`, a sloppy chunk.

use memchr::memchr;

use crate::failure::Failure;

/// How long a request head may be, and how many fields it may have.
#[derive(Clone, Copy, Debug)]
pub(crate) struct HeadLimits {
    /// The request line and fields together, bytes.
    pub(crate) bytes: usize,
    /// Fields.
    pub(crate) fields: usize,
    /// The request target, bytes.
    pub(crate) target: usize,
}

/// What follows a head.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Payload {
    /// The next message.
    Nothing,
    /// So many bytes, not zero.
    Length(u64),
    /// Chunks and a trailer section.
    Chunked,
}

/// A head that is whole and sound.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Head<'b> {
    /// How many bytes it took, its empty line included.
    pub(crate) length: usize,
    /// What follows.
    pub(crate) payload: Payload,
    /// Whether the client asks to speak another protocol after this.
    pub(crate) upgrade: bool,
    /// What it asks for, if it is as simple as most are.
    pub(crate) simple: Option<Simple<'b>>,
}

/// A `GET` in HTTP/1.1 without a body, a condition, a range, an expectation or a word about its connection (other
/// than that it stays): the representation alone is the answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Simple<'b> {
    /// The request target.
    pub(crate) target: &'b [u8],
    /// `Host`.
    pub(crate) host: &'b [u8],
    /// `Accept-Encoding`.
    pub(crate) accept_encoding: Option<&'b [u8]>,
    /// `User-Agent`.
    pub(crate) user_agent: Option<&'b [u8]>,
    /// `X-Request-Id`.
    pub(crate) request_id: Option<&'b [u8]>,
    /// `traceparent`.
    pub(crate) traceparent: Option<&'b [u8]>,
    /// `X-Forwarded-For`.
    pub(crate) forwarded_for: Option<&'b [u8]>,
}

/// Reads the head at the start of `bytes`; `None` while it is not whole.
pub(crate) fn read_head(bytes: &[u8], limits: HeadLimits) -> Result<Option<Head<'_>>, Failure> {
    let mut seen = Seen::default();
    let mut rest = bytes;
    let Some(line) = take_line(&mut rest)? else {
        return if bytes.len() > limits.target.saturating_add(LINE_AROUND_TARGET) {
            Err(Failure::TargetTooLong)
        } else if bytes.first().is_some_and(|b| !is_token(*b)) {
            Err(Failure::BadRequest("this is no HTTP request"))
        } else {
            Ok(None)
        };
    };
    let (method, target, version) = read_request_line(line, limits.target)?;
    let mut fields = 0_usize;
    loop {
        let Some(line) = take_line(&mut rest)? else {
            return if bytes.len() > limits.bytes { Err(Failure::HeadersTooLarge) } else { Ok(None) };
        };
        if line.is_empty() {
            break;
        }
        fields = fields.saturating_add(1);
        if fields > limits.fields {
            return Err(Failure::HeadersTooLarge);
        }
        read_field(line, &mut seen)?;
    }
    let length = bytes.len().saturating_sub(rest.len());
    if length > limits.bytes {
        return Err(Failure::HeadersTooLarge);
    }
    let payload = seen.payload(version)?;
    let is_simple = method == b"GET" && version == MinorVersion::One && !seen.special;
    let simple = is_simple.then_some(Simple { target, ..seen.simple });
    Ok(Some(Head { length, payload, upgrade: seen.upgrade && payload == Payload::Nothing, simple }))
}

/// The longest method, the version, the spaces and the line end.
const LINE_AROUND_TARGET: usize = 64;

#[derive(Clone, Copy, PartialEq, Eq)]
enum MinorVersion {
    Zero,
    One,
}

type RequestLine<'b> = (&'b [u8], &'b [u8], MinorVersion);

#[derive(Default)]
struct Seen<'b> {
    host: bool,
    length: Option<u64>,
    coding: Option<bool>,
    upgrade: bool,
    /// There was something that a [`Simple`] request does not have.
    special: bool,
    simple: Simple<'b>,
}

impl<'b> Seen<'b> {
    /// Notes a field that a [`Simple`] request may have once.
    fn once<F>(&mut self, place: F, value: &'b [u8])
    where
        F: for<'s> FnOnce(&'s mut Simple<'b>) -> &'s mut Option<&'b [u8]>,
    {
        self.special |= place(&mut self.simple).replace(value.trim_ascii()).is_some();
    }

    fn payload(&self, version: MinorVersion) -> Result<Payload, Failure> {
        if version == MinorVersion::One && !self.host {
            return Err(Failure::BadRequest("the request has no Host field"));
        }
        match (self.coding, self.length) {
            (Some(_), Some(_)) => {
                Err(Failure::BadRequest("the request has both Content-Length and Transfer-Encoding"))
            }
            (Some(_), None) if version == MinorVersion::Zero => {
                Err(Failure::BadRequest("HTTP/1.0 has no transfer codings"))
            }
            (Some(true), None) => Ok(Payload::Chunked),
            (Some(false), None) => Err(Failure::NotImplemented),
            (None, Some(0) | None) => Ok(Payload::Nothing),
            (None, Some(length)) => Ok(Payload::Length(length)),
        }
    }
}

/// The next line without its CRLF; `None` while it is not whole.
fn take_line<'b>(rest: &mut &'b [u8]) -> Result<Option<&'b [u8]>, Failure> {
    let Some(at) = memchr(b'\n', rest) else { return Ok(None) };
    let (line, after) = rest.split_at_checked(at.saturating_add(1)).unwrap_or((rest, &[]));
    let Some(line) = line.strip_suffix(b"\r\n") else {
        return Err(Failure::BadRequest("a line ends without CRLF"));
    };
    *rest = after;
    Ok(Some(line))
}

/// The method, the target and the version.
fn read_request_line(line: &[u8], longest: usize) -> Result<RequestLine<'_>, Failure> {
    const SHAPE: Failure = Failure::BadRequest("the request line is not `METHOD target HTTP/1.1`");
    let mut parts = line.splitn(3, |b| *b == b' ');
    let (Some(method), Some(target), Some(version)) = (parts.next(), parts.next(), parts.next()) else {
        return Err(SHAPE);
    };
    if method.is_empty() || method.len() > 32 || !method.iter().all(|b| is_token(*b)) {
        return Err(SHAPE);
    }
    if target.len() > longest {
        return Err(Failure::TargetTooLong);
    }
    if target.is_empty() || target.iter().any(|b| *b <= b' ' || *b >= 0x7f || *b == b'#') {
        return Err(Failure::BadRequest("the request target has characters that must be percent-encoded"));
    }
    match version {
        b"HTTP/1.1" => Ok((method, target, MinorVersion::One)),
        b"HTTP/1.0" => Ok((method, target, MinorVersion::Zero)),
        [b'H', b'T', b'T', b'P', b'/', major, b'.', minor]
            if major.is_ascii_digit() && minor.is_ascii_digit() =>
        {
            Err(Failure::VersionNotSupported)
        }
        _ => Err(SHAPE),
    }
}

fn read_field<'b>(line: &'b [u8], seen: &mut Seen<'b>) -> Result<(), Failure> {
    if matches!(line.first(), Some(b' ' | b'\t')) {
        return Err(Failure::BadRequest("a header field is folded over two lines"));
    }
    let Some((name, value)) = memchr(b':', line).and_then(|at| {
        let (name, value) = line.split_at_checked(at)?;
        Some((name, value.get(1..)?))
    }) else {
        return Err(Failure::BadRequest("a header line has no colon"));
    };
    if name.is_empty() || !name.iter().all(|b| is_token(*b)) {
        return Err(Failure::BadRequest("a header field has an impossible name"));
    }
    if value.iter().fold(false, |bad, b| bad | ((*b < b' ') & (*b != b'\t')) | (*b == 0x7f)) {
        return Err(Failure::BadRequest("a header field has control characters"));
    }
    match name.len() {
        4 if name.eq_ignore_ascii_case(b"host") => {
            if seen.host {
                return Err(Failure::BadRequest("the request has two Host fields"));
            }
            seen.host = true;
            seen.simple.host = value.trim_ascii();
        }
        7 if name.eq_ignore_ascii_case(b"upgrade") => {
            seen.upgrade = true;
            seen.special = true;
        }
        10 if name.eq_ignore_ascii_case(b"connection") => {
            seen.special |= !value.trim_ascii().eq_ignore_ascii_case(b"keep-alive");
        }
        10 if name.eq_ignore_ascii_case(b"user-agent") => seen.once(|s| &mut s.user_agent, value),
        11 if name.eq_ignore_ascii_case(b"traceparent") => seen.once(|s| &mut s.traceparent, value),
        12 if name.eq_ignore_ascii_case(b"x-request-id") => seen.once(|s| &mut s.request_id, value),
        14 if name.eq_ignore_ascii_case(b"content-length") => {
            seen.special = true;
            let length = decimal(value.trim_ascii())
                .ok_or(Failure::BadRequest("Content-Length is not a plain number"))?;
            if seen.length.replace(length).is_some() {
                return Err(Failure::BadRequest("the request has two Content-Length fields"));
            }
        }
        15 if name.eq_ignore_ascii_case(b"accept-encoding") => seen.once(|s| &mut s.accept_encoding, value),
        15 if name.eq_ignore_ascii_case(b"x-forwarded-for") => seen.once(|s| &mut s.forwarded_for, value),
        17 if name.eq_ignore_ascii_case(b"transfer-encoding") => {
            seen.special = true;
            if seen.coding.is_some() {
                return Err(Failure::BadRequest("the request has two Transfer-Encoding fields"));
            }
            seen.coding = Some(read_coding(value.trim_ascii())?);
        }
        5 | 6 if name.eq_ignore_ascii_case(b"range") || name.eq_ignore_ascii_case(b"expect") => {
            seen.special = true;
        }
        8..=19 if name.get(..3).is_some_and(|start| start.eq_ignore_ascii_case(b"if-")) => {
            seen.special = true;
        }
        _ => {}
    }
    Ok(())
}

/// Whether the coding is `chunked` alone; false for another one before a final `chunked`.
fn read_coding(value: &[u8]) -> Result<bool, Failure> {
    if value.eq_ignore_ascii_case(b"chunked") {
        return Ok(true);
    }
    let mut codings = value.split(|b| *b == b',').map(<[u8]>::trim_ascii);
    let last_is_chunked = codings.next_back().is_some_and(|c| c.eq_ignore_ascii_case(b"chunked"));
    if last_is_chunked && codings.all(|c| !c.is_empty() && !c.eq_ignore_ascii_case(b"chunked")) {
        Ok(false)
    } else {
        Err(Failure::BadRequest("Transfer-Encoding does not end in one `chunked`"))
    }
}

fn decimal(digits: &[u8]) -> Option<u64> {
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    digits.iter().try_fold(0_u64, |n, d| n.checked_mul(10)?.checked_add(u64::from(d.wrapping_sub(b'0'))))
}

/// A character of a token (RFC 9110, section 5.6.2).
const fn is_token(byte: u8) -> bool {
    matches!(byte,
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9'
        | b'!' | b'#' | b'$' | b'%' | b'&' | b'\'' | b'*' | b'+' | b'-' | b'.' | b'^' | b'_' | b'`' | b'|' | b'~')
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: HeadLimits = HeadLimits { bytes: 400, fields: 5, target: 100 };

    fn payload(text: &str) -> Result<Option<Payload>, u16> {
        match read_head(text.as_bytes(), LIMITS) {
            Ok(head) => Ok(head.map(|h| h.payload)),
            Err(failure) => Err(failure.status().as_u16()),
        }
    }

    #[test]
    fn a_head_ends_at_its_empty_line() {
        let text = "GET /a HTTP/1.1\r\nHost: x\r\n\r\nGET /b HTTP/1.1\r\n";
        let head = read_head(text.as_bytes(), LIMITS).unwrap().unwrap();
        assert_eq!((head.length, head.payload, head.upgrade), (28, Payload::Nothing, false));
        for end in 0..28 {
            assert_eq!(read_head(&text.as_bytes()[..end], LIMITS), Ok(None), "{end}");
        }
    }

    #[test]
    fn lengths_are_read_in_one_way_or_refused() {
        let with = |fields: &str| payload(&format!("POST / HTTP/1.1\r\nHost: x\r\n{fields}\r\n"));
        assert_eq!(with("Content-Length: 12\r\n"), Ok(Some(Payload::Length(12))));
        assert_eq!(with("content-length:0\r\n"), Ok(Some(Payload::Nothing)));
        assert_eq!(with("Transfer-Encoding: Chunked\r\n"), Ok(Some(Payload::Chunked)));
        assert_eq!(with("Transfer-Encoding: gzip, chunked\r\n"), Err(501));
        for fields in [
            "Content-Length: 1\r\nContent-Length: 1\r\n",
            "Content-Length: +1\r\n",
            "Content-Length: 1, 1\r\n",
            "Content-Length: 0x1\r\n",
            "Content-Length: \r\n",
            "Content-Length: 99999999999999999999\r\n",
            "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n",
            "Transfer-Encoding: chunked\r\nContent-Length: 1\r\n",
            "Transfer-Encoding: chunked, chunked\r\n",
            "Transfer-Encoding: chunked, identity\r\n",
            "Transfer-Encoding: xchunked\r\n",
            "Transfer-Encoding: \x0bchunked\r\n",
            "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
            "Transfer-Encoding : chunked\r\n",
            " Transfer-Encoding: chunked\r\n",
            "X: a\r\n b\r\n",
            "X: a\rb\r\n",
            "X: a\nY: b\r\n",
            "Host: y\r\n",
            ": a\r\n",
            "X\r\n",
        ] {
            assert_eq!(with(fields), Err(400), "{fields:?}");
        }
    }

    #[test]
    fn only_what_the_representation_alone_answers_is_simple() {
        let limits = HeadLimits { bytes: 400, fields: 20, target: 100 };
        let simple = |line: &str, fields: &str| {
            let text = format!("{line}\r\nHost: x\r\n{fields}\r\n");
            read_head(text.as_bytes(), limits).unwrap().unwrap().simple.is_some()
        };
        for fields in ["", "Accept: a\r\nCookie: b\r\nAccept-Encoding: br\r\n", "Connection: Keep-Alive\r\n"]
        {
            assert!(simple("GET /a?b HTTP/1.1", fields), "{fields}");
        }
        for line in ["HEAD / HTTP/1.1", "GET / HTTP/1.0", "get / HTTP/1.1"] {
            assert!(!simple(line, ""), "{line}");
        }
        for fields in [
            "Range: bytes=0-1\r\n",
            "If-Range: \"a\"\r\n",
            "if-match: *\r\n",
            "If-None-Match: *\r\n",
            "If-Modified-Since: x\r\n",
            "If-Unmodified-Since: x\r\n",
            "Expect: 100-continue\r\n",
            "Connection: close\r\n",
            "Connection: keep-alive, x\r\n",
            "Upgrade: websocket\r\n",
            "Content-Length: 0\r\n",
            "Transfer-Encoding: chunked\r\n",
            "Accept-Encoding: br\r\nAccept-Encoding: gzip\r\n",
            "X-Forwarded-For: a\r\nX-Forwarded-For: b\r\n",
        ] {
            assert!(!simple("GET / HTTP/1.1", fields), "{fields}");
        }
    }

    #[test]
    fn sizes_are_limited() {
        assert_eq!(payload(&format!("GET /{} HTTP/1.1\r\n", "a".repeat(100))), Err(414));
        assert_eq!(payload(&format!("GET /{}", "a".repeat(300))), Err(414));
        assert_eq!(payload(&format!("GET / HTTP/1.1\r\nHost: x\r\nA: {}", "a".repeat(400))), Err(431));
        assert_eq!(payload(&format!("GET / HTTP/1.1\r\nHost: x\r\n{}\r\n", "A: a\r\n".repeat(5))), Err(431));
    }
}
