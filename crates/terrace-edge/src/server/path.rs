//! A request path in the one form that routes and folders are asked with.
//!
//! Percent-escapes are decoded (except of `/`, which stays `%2F` so that it never becomes a separator), empty
//! and dot segments are resolved. Guarantee: the result begins with `/` and has no `//`, no `.` or `..` segment,
//! no control character; a path that would leave its root is refused (RFC 3986, sections 2 and 5.2.4).

use std::borrow::Cow;

use crate::failure::Failure;

/// A normalised path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RequestPath<'p> {
    text: Cow<'p, str>,
    had_dots: bool,
}

impl<'p> RequestPath<'p> {
    /// Normalises the path of a request target, without its query.
    pub(crate) fn new(raw: &'p str) -> Result<Self, Failure> {
        if !raw.starts_with('/') {
            return Err(Failure::BadRequest("the request target is not a path"));
        }
        if is_plain(raw.as_bytes()) {
            return Ok(Self { text: Cow::Borrowed(raw), had_dots: false });
        }
        let decoded = decode(raw)?;
        let mut segments: Vec<&str> = Vec::new();
        let mut had_dots = false;
        let mut is_folder = false;
        for segment in decoded.split('/') {
            is_folder = matches!(segment, "" | "." | "..");
            match segment {
                "" => {}
                "." => had_dots = true,
                ".." => {
                    had_dots = true;
                    if segments.pop().is_none() {
                        return Err(Failure::BadRequest("the path leads out of its root"));
                    }
                }
                // What some systems read as a separator must not hide a step upwards.
                _ if segment.split('\\').any(|part| part == "..") => {
                    return Err(Failure::BadRequest("the path leads out of its root"));
                }
                _ => segments.push(segment),
            }
        }
        let mut text = String::with_capacity(decoded.len().saturating_add(1));
        for segment in &segments {
            text.push('/');
            text.push_str(segment);
        }
        if is_folder || segments.is_empty() {
            text.push('/');
        }
        Ok(Self { text: Cow::Owned(text), had_dots })
    }

    /// The path.
    pub(crate) fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether there were `.` or `..` segments: another program may read the raw path differently.
    pub(crate) const fn had_dots(&self) -> bool {
        self.had_dots
    }
}

/// Whether there is nothing to do, which is so for nearly every request.
fn is_plain(raw: &[u8]) -> bool {
    let mut before = b' ';
    for byte in raw {
        let odd = match *byte {
            b'%' | b'\\' | 0..=b' ' | 0x7f.. => true,
            b'/' | b'.' => before == b'/',
            _ => false,
        };
        if odd {
            return false;
        }
        before = *byte;
    }
    true
}

fn decode(raw: &str) -> Result<String, Failure> {
    const BAD: Failure = Failure::BadRequest("the path has a malformed percent-escape");
    let mut decoded = Vec::with_capacity(raw.len());
    let mut bytes = raw.bytes();
    while let Some(byte) = bytes.next() {
        let byte = if byte == b'%' {
            let digit = |b: Option<u8>| char::from(b.unwrap_or_default()).to_digit(16).ok_or(BAD);
            let (high, low) = (digit(bytes.next())?, digit(bytes.next())?);
            match u8::try_from(high * 16 + low).map_err(|_| BAD)? {
                b'/' => {
                    decoded.extend_from_slice(b"%2F");
                    continue;
                }
                byte => byte,
            }
        } else {
            byte
        };
        if byte < b' ' || byte == 0x7f {
            return Err(Failure::BadRequest("the path has control characters"));
        }
        decoded.push(byte);
    }
    // A path in another encoding is none of ours, but a target may know it.
    Ok(String::from_utf8(decoded).unwrap_or_else(|e| String::from_utf8_lossy(e.as_bytes()).into_owned()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn normal(raw: &str) -> Result<String, Failure> {
        RequestPath::new(raw).map(|p| p.as_str().to_owned())
    }

    #[test]
    fn paths_have_one_form() {
        for (raw, expected) in [
            ("/", "/"),
            ("/a/b.js", "/a/b.js"),
            ("/a//b/", "/a/b/"),
            ("//a", "/a"),
            ("/a/./b/../c", "/a/c"),
            ("/a/%2e%2e/b", "/b"),
            ("/a/..", "/"),
            ("/a/b/.", "/a/b/"),
            ("/%41%20b", "/A b"),
            ("/a%2Fb", "/a%2Fb"),
            ("/a%2fb", "/a%2Fb"),
            ("/.well-known/x", "/.well-known/x"),
            ("/%C3%A9", "/é"),
            ("/%ff", "/\u{fffd}"),
        ] {
            assert_eq!(normal(raw).as_deref(), Ok(expected), "{raw}");
        }
    }

    #[test]
    fn what_leads_out_or_cannot_be_read_is_refused() {
        for raw in [
            "/..",
            "/a/../..",
            "/%2e%2e/x",
            "/a/%2",
            "/%zz",
            "/%00",
            "/%0d%0aX",
            "/..%5cx",
            "/a/..\\..\\x",
            "a",
            "",
        ] {
            assert_eq!(normal(raw).map_err(|f| f.status().as_u16()), Err(400), "{raw}");
        }
    }

    proptest! {
        #[test]
        fn a_normal_path_stays_as_it_is(raw in "/([a-zA-Z0-9.%/\\\\~é-]|%2e|%2f|%5c|\\.\\./){0,40}") {
            if let Ok(path) = normal(&raw) {
                prop_assert!(path.starts_with('/') && !path.contains("//"));
                prop_assert!(path.split('/').all(|s| s != "." && s != ".."));
                if !path.contains('%') {
                    prop_assert_eq!(normal(&path), Ok(path.clone()));
                }
            }
        }
    }
}
