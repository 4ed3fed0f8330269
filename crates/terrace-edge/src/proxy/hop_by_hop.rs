//! Fields that concern one connection only (RFC 9110, section 7.6.1): they are never passed on.

use http::header::{CONNECTION, TE, TRANSFER_ENCODING, UPGRADE};
use http::{HeaderMap, HeaderName};

const KEEP_ALIVE: HeaderName = HeaderName::from_static("keep-alive");
const PROXY_CONNECTION: HeaderName = HeaderName::from_static("proxy-connection");
const HTTP2_SETTINGS: HeaderName = HeaderName::from_static("http2-settings");

/// The tokens of `Connection`, as they were written.
fn options(headers: &HeaderMap) -> impl Iterator<Item = &str> {
    headers
        .get_all(CONNECTION)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(str::trim)
        .filter(|token| !token.is_empty())
}

/// Whether `Connection` has a token.
pub(crate) fn has_option(headers: &HeaderMap, token: &str) -> bool {
    options(headers).any(|option| option.eq_ignore_ascii_case(token))
}

/// Takes them all out, those that `Connection` names included.
pub(crate) fn strip(headers: &mut HeaderMap) {
    if headers.contains_key(CONNECTION) {
        let named: Vec<HeaderName> = options(headers)
            // The common ones name no field, or one that goes anyway.
            .filter(|option| !["close", "keep-alive", "upgrade", "te"].contains(option))
            .filter_map(|option| option.parse().ok())
            .collect();
        for name in named {
            headers.remove(name);
        }
        headers.remove(CONNECTION);
    }
    for name in [KEEP_ALIVE, PROXY_CONNECTION, HTTP2_SETTINGS, TE, TRANSFER_ENCODING, UPGRADE] {
        headers.remove(name);
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn headers(fields: &[(&'static str, &'static str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in fields {
            headers.append(*name, HeaderValue::from_static(value));
        }
        headers
    }

    #[test]
    fn named_and_known_fields_go_and_the_others_stay() {
        let mut all = headers(&[
            ("connection", "close, X-One"),
            ("connection", " x-TWO ,,"),
            ("x-one", "1"),
            ("x-two", "2"),
            ("x-three", "3"),
            ("keep-alive", "timeout=5"),
            ("proxy-connection", "keep-alive"),
            ("te", "trailers"),
            ("transfer-encoding", "chunked"),
            ("upgrade", "websocket"),
            ("http2-settings", "AA"),
        ]);
        strip(&mut all);
        assert_eq!(all, headers(&[("x-three", "3")]));
    }

    #[test]
    fn options_are_found_whatever_their_case() {
        let fields = headers(&[("connection", "keep-alive, Upgrade")]);
        assert!(has_option(&fields, "upgrade") && !has_option(&fields, "close"));
    }
}
