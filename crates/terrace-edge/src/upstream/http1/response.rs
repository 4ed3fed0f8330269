//! The head of a target's response, read once and made ready to be passed on: fields that concern the connection
//! only (RFC 9110, section 7.6.1) are gone, and it is known where the body ends.
//!
//! A head that can be read in two ways is broken (RFC 9112, section 6.3): a length beside a transfer coding, lengths
//! that differ, a coding other than `chunked` (which would reach the client undone but unnamed).

use std::mem::MaybeUninit;

use bytes::Bytes;
use http::header::{CONNECTION, CONTENT_LENGTH, UPGRADE};
use http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode};

use super::decoder::Broken;

/// The most fields a response may have.
const FIELDS: usize = 128;

/// How the end of a body is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    /// After so many bytes.
    Length(u64),
    /// By a last chunk.
    Chunked,
    /// By the end of the connection.
    Close,
}

/// A response without its body.
#[derive(Debug)]
pub(crate) struct Head {
    /// What is passed on.
    pub(crate) response: Response<()>,
    /// Where the body ends.
    pub(crate) ending: Ending,
    /// Whether another request may follow.
    pub(crate) keeps: bool,
}

/// What `Connection` and the framing fields say, gathered field by field.
#[derive(Default)]
struct Framing<'a> {
    length: Option<u64>,
    chunked: bool,
    close: bool,
    /// Fields that `Connection` names.
    named: Vec<&'a str>,
    upgrade: Option<HeaderValue>,
}

/// Reads a head; `None` if it is not there whole. `headless` says that the request was `HEAD`. Also says how long it is.
pub(crate) fn read(bytes: &[u8], headless: bool) -> Result<Option<(Head, usize)>, Broken> {
    let mut fields = [const { MaybeUninit::<httparse::Header<'_>>::uninit() }; FIELDS];
    let mut parsed = httparse::Response::new(&mut []);
    let rules = httparse::ParserConfig::default();
    let length = match rules.parse_response_with_uninit_headers(&mut parsed, bytes, &mut fields) {
        Ok(httparse::Status::Complete(length)) => length,
        Ok(httparse::Status::Partial) => return Ok(None),
        Err(_) => return Err(Broken),
    };
    let status = parsed.code.and_then(|code| StatusCode::from_u16(code).ok()).ok_or(Broken)?;
    let first_version = parsed.version == Some(0);

    // One copy that all values are cut from, so that the buffer is free again.
    let start = bytes.as_ptr().addr();
    let whole = Bytes::copy_from_slice(bytes.get(..length).ok_or(Broken)?);
    let mut headers = HeaderMap::with_capacity(parsed.headers.len());
    let mut framing = Framing::default();
    for field in parsed.headers.iter() {
        let name = HeaderName::from_bytes(field.name.as_bytes()).map_err(|_| Broken)?;
        let at = field.value.as_ptr().addr().saturating_sub(start);
        let value = if field.value.is_empty() {
            HeaderValue::from_static("")
        } else {
            let value = whole.get(at..at.saturating_add(field.value.len())).ok_or(Broken)?;
            HeaderValue::from_maybe_shared(whole.slice_ref(value)).map_err(|_| Broken)?
        };
        if framing.takes(&name, &value, field.value)? {
            headers.append(name, value);
        }
    }
    for name in &framing.named {
        headers.remove(*name);
    }

    let switches = status == StatusCode::SWITCHING_PROTOCOLS;
    let bodiless = headless
        || status.is_informational()
        || status == StatusCode::NO_CONTENT
        || status == StatusCode::NOT_MODIFIED;
    if framing.chunked && (framing.length.is_some() || first_version) {
        return Err(Broken);
    }
    if let Some(length) = framing.length
        && !(switches || status == StatusCode::NO_CONTENT)
    {
        headers.insert(CONTENT_LENGTH, HeaderValue::from(length));
    }
    let ending = match framing.length {
        _ if bodiless => Ending::Length(0),
        Some(length) => Ending::Length(length),
        None if framing.chunked => Ending::Chunked,
        None => Ending::Close,
    };
    if switches {
        headers.insert(CONNECTION, HeaderValue::from_static("upgrade"));
        if let Some(protocol) = framing.upgrade {
            headers.insert(UPGRADE, protocol);
        }
    }
    let keeps = !framing.close && !first_version && ending != Ending::Close && !switches;
    let mut response = Response::new(());
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    Ok(Some((Head { response, ending, keeps }, length)))
}

impl<'a> Framing<'a> {
    /// Takes note of a field; whether it is passed on.
    fn takes(&mut self, name: &HeaderName, value: &HeaderValue, bytes: &'a [u8]) -> Result<bool, Broken> {
        match name.as_str() {
            "content-length" => {
                let length = content_length(bytes)?;
                if self.length.is_some_and(|known| known != length) {
                    return Err(Broken);
                }
                self.length = Some(length);
            }
            "transfer-encoding" => {
                if self.chunked || !bytes.eq_ignore_ascii_case(b"chunked") {
                    return Err(Broken);
                }
                self.chunked = true;
            }
            "connection" => {
                let options = std::str::from_utf8(bytes).map_err(|_| Broken)?;
                for option in options.split(',').map(str::trim).filter(|option| !option.is_empty()) {
                    match option {
                        "keep-alive" | "upgrade" | "Upgrade" => {}
                        _ if option.eq_ignore_ascii_case("close") => self.close = true,
                        _ => self.named.push(option),
                    }
                }
            }
            "upgrade" => self.upgrade = Some(value.clone()),
            "keep-alive" | "proxy-connection" | "te" | "http2-settings" => {}
            _ => return Ok(true),
        }
        Ok(false)
    }
}

/// One length, or the same one several times (`5, 5`).
fn content_length(bytes: &[u8]) -> Result<u64, Broken> {
    let text = std::str::from_utf8(bytes).map_err(|_| Broken)?;
    let mut length = None;
    for part in text.split(',') {
        let part = part.trim_matches([' ', '\t']);
        if part.is_empty() || !part.bytes().all(|b| b.is_ascii_digit()) {
            return Err(Broken);
        }
        let part: u64 = part.parse().map_err(|_| Broken)?;
        if length.is_some_and(|known| known != part) {
            return Err(Broken);
        }
        length = Some(part);
    }
    length.ok_or(Broken)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn head(fields: &str) -> Result<Head, Broken> {
        let text = format!("HTTP/1.1 200 OK\r\n{fields}\r\n");
        read(text.as_bytes(), false).map(|read| read.unwrap().0)
    }

    #[test]
    fn framing_that_can_be_read_in_two_ways_is_broken() {
        for fields in [
            "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n",
            "Transfer-Encoding: gzip, chunked\r\n",
            "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
            "Transfer-Encoding: identity\r\n",
            "Transfer-Encoding:\r\n",
            "Content-Length: 5\r\nContent-Length: 6\r\n",
            "Content-Length: 5, 6\r\n",
            "Content-Length: +5\r\n",
            "Content-Length: 5 5\r\n",
            "Content-Length: 18446744073709551616\r\n",
            "Content-Length:\r\n",
            "Content-Length : 5\r\n",
            "A: b\r\n c\r\n",
        ] {
            assert!(head(fields).is_err(), "{fields:?}");
        }
    }

    #[test]
    fn what_concerns_the_connection_goes() {
        let head = head(
            "Connection: keep-alive, X-Hop\r\nKeep-Alive: timeout=5\r\nx-hop: 1\r\nContent-Length: 5\r\n\
             Content-Length: 5\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\nETag: \"a\"\r\nX-Empty:\r\nUpgrade: h2c\r\n",
        )
        .unwrap();
        let fields: Vec<_> =
            head.response.headers().iter().map(|(n, v)| format!("{n}: {}", v.to_str().unwrap())).collect();
        assert_eq!(
            fields,
            ["x-empty: ", "set-cookie: a=1", "set-cookie: b=2", "etag: \"a\"", "content-length: 5"]
        );
        assert!(head.keeps && head.ending == Ending::Length(5));
    }

    #[test]
    fn a_connection_is_kept_only_where_both_ends_know_when_to_go_on() {
        for (text, headless, ending, keeps) in [
            ("HTTP/1.1 200 OK\r\n\r\n", false, Ending::Close, false),
            ("HTTP/1.1 200 OK\r\n\r\n", true, Ending::Length(0), true),
            ("HTTP/1.1 204 No Content\r\n\r\n", false, Ending::Length(0), true),
            ("HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n", false, Ending::Length(0), true),
            ("HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n", false, Ending::Chunked, true),
            (
                "HTTP/1.1 200 OK\r\nContent-Length: 9\r\nConnection: Close\r\n\r\n",
                false,
                Ending::Length(9),
                false,
            ),
            ("HTTP/1.0 200 OK\r\nContent-Length: 9\r\n\r\n", false, Ending::Length(9), false),
        ] {
            let (head, length) = read(text.as_bytes(), headless).unwrap().unwrap();
            assert_eq!((head.ending, head.keeps, length), (ending, keeps, text.len()), "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn no_bytes_can_make_it_fail_otherwise_than_by_saying_so(
            tail in prop::collection::vec(any::<u8>(), 0..200), headless: bool,
        ) {
            let _ = read(&tail, headless);
            let _ = read(&[b"HTTP/1.1 200 OK\r\n".as_slice(), &tail, b"\r\n\r\n"].concat(), headless);
        }
    }
}
