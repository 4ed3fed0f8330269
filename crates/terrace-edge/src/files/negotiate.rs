//! Which form of a file a client wants: content codings and media types with their weights (RFC 9110, section 12).

use http::header::ACCEPT_ENCODING;
use http::{HeaderMap, HeaderValue};

/// A content coding, best first among equals.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Coding {
    Brotli,
    Zstandard,
    Gzip,
}

impl Coding {
    /// All, best first.
    pub(super) const ALL: [Self; 3] = [Self::Brotli, Self::Zstandard, Self::Gzip];

    /// Its registered name.
    pub(super) const fn token(self) -> &'static str {
        match self {
            Self::Brotli => "br",
            Self::Zstandard => "zstd",
            Self::Gzip => "gzip",
        }
    }

    /// The extension of a file made ahead.
    pub(super) const fn extension(self) -> &'static str {
        match self {
            Self::Brotli => "br",
            Self::Zstandard => "zst",
            Self::Gzip => "gz",
        }
    }
}

/// The weight of one member, in thousandths (`q=0.85` is 850); a malformed one counts as refused.
fn weight(parameters: &str) -> u16 {
    let Some(q) = parameters.split(';').find_map(|p| {
        let (name, value) = p.split_once('=')?;
        name.trim().eq_ignore_ascii_case("q").then_some(value.trim())
    }) else {
        return 1000;
    };
    match q.split_once('.') {
        None => match q {
            "1" => 1000,
            _ => 0,
        },
        Some(("0", digits)) if digits.len() <= 3 && digits.bytes().all(|b| b.is_ascii_digit()) => {
            digits.bytes().zip([100, 10, 1]).map(|(d, scale)| u16::from(d - b'0') * scale).sum()
        }
        Some(("1", digits)) if digits.len() <= 3 && digits.bytes().all(|b| b == b'0') => 1000,
        Some(_) => 0,
    }
}

/// The codings a client takes, best first: by its weights, then by ours. Those it likes less than the plain form
/// are left out.
pub(super) fn codings(headers: &HeaderMap) -> impl Iterator<Item = Coding> {
    weighed(headers.get_all(ACCEPT_ENCODING).iter().map(HeaderValue::as_bytes))
}

/// [`codings`] of the field's values.
pub(super) fn weighed<'v>(values: impl Iterator<Item = &'v [u8]>) -> impl Iterator<Item = Coding> {
    let mut weights = [None::<u16>; 3];
    let mut identity = None;
    let mut any = None;
    for member in
        values.filter_map(|value| std::str::from_utf8(value).ok()).flat_map(|value| value.split(','))
    {
        let (name, parameters) = member.split_once(';').unwrap_or((member, ""));
        let name = name.trim();
        let q = Some(weight(parameters));
        if name == "*" {
            any = q;
        } else if name.eq_ignore_ascii_case("identity") {
            identity = q;
        } else {
            for (coding, slot) in Coding::ALL.iter().zip(&mut weights) {
                if name.eq_ignore_ascii_case(coding.token())
                    || (*coding == Coding::Gzip && name.eq_ignore_ascii_case("x-gzip"))
                {
                    *slot = q;
                }
            }
        }
    }
    let floor = identity.unwrap_or(0);
    let mut wanted: Vec<(u16, Coding)> = Coding::ALL
        .iter()
        .zip(weights)
        .filter_map(|(coding, q)| Some((q.or(any)?, *coding)))
        .filter(|(q, _)| *q > 0 && *q >= floor)
        .collect();
    wanted.sort_by_key(|(q, _)| std::cmp::Reverse(*q));
    wanted.into_iter().map(|(_, coding)| coding)
}

/// Whether a page may answer a request with this `Accept`.
pub(super) fn accepts_html(accept: &[u8]) -> bool {
    let Ok(accept) = std::str::from_utf8(accept) else { return false };
    accept.split(',').any(|member| {
        let (range, parameters) = member.split_once(';').unwrap_or((member, ""));
        let range = range.trim();
        ["text/html", "text/*", "*/*"].iter().any(|kind| range.eq_ignore_ascii_case(kind))
            && weight(parameters) > 0
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wanted(accept: &str) -> String {
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT_ENCODING, accept.parse().unwrap());
        codings(&headers).map(Coding::token).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn weights_are_followed() {
        assert_eq!(wanted("gzip, deflate, br, zstd"), "br zstd gzip");
        assert_eq!(wanted("gzip;q=1.0, br;q=0.5"), "gzip br");
        assert_eq!(wanted("br;q=0, gzip"), "gzip");
        assert_eq!(wanted("*"), "br zstd gzip");
        assert_eq!(wanted("*;q=0.5, br;q=0"), "zstd gzip");
        assert_eq!(wanted("identity"), "");
        assert_eq!(wanted("identity;q=1, gzip;q=0.2"), "");
        assert_eq!(wanted("GZIP ; Q=0.001"), "gzip");
        assert_eq!(wanted("gzip;q=2, br;q=0.1234, zstd;q=x"), "");
        assert_eq!(wanted("gzip;q=0.001, br;q=0.01, zstd;q=0.1"), "zstd br gzip");
    }

    #[test]
    fn pages_are_for_those_who_take_them() {
        assert!(accepts_html(b"text/html,application/xhtml+xml") && accepts_html(b"*/*"));
        assert!(!accepts_html(b"application/json") && !accepts_html(b"text/html;q=0, image/png"));
    }
}
