//! The head of a target's response as a client gets it. What is framed in two ways at once is no response.

use http::header::{CONNECTION, CONTENT_LENGTH, TRANSFER_ENCODING, UPGRADE};
use http::{HeaderMap, HeaderValue, Response, StatusCode, Version};

use super::hop_by_hop;
use crate::failure::Failure;

/// Cleans the head of a response, or refuses it.
///
/// The HTTP library has refused differing lengths. A length beside a transfer coding is how responses are
/// smuggled (RFC 9112, section 6.3); codings other than `chunked` would reach the client undone but unnamed.
pub(crate) fn incoming<B>(response: &mut Response<B>) -> Result<(), Failure> {
    let status = response.status();
    let headers = response.headers_mut();
    if let Some(coding) = headers.get(TRANSFER_ENCODING) {
        let only_chunked = coding.as_bytes().eq_ignore_ascii_case(b"chunked")
            && headers.get_all(TRANSFER_ENCODING).iter().count() == 1;
        if !only_chunked || headers.contains_key(CONTENT_LENGTH) {
            return Err(Failure::UpstreamBroken);
        }
    }
    if let Some(length) = single_length(headers)? {
        headers.insert(CONTENT_LENGTH, length);
    }
    if status == StatusCode::SWITCHING_PROTOCOLS {
        let protocol = headers.get(UPGRADE).cloned();
        hop_by_hop::strip(headers);
        headers.insert(CONNECTION, HeaderValue::from_static("upgrade"));
        if let Some(protocol) = protocol {
            headers.insert(UPGRADE, protocol);
        }
    } else if needs_strip(headers) {
        hop_by_hop::strip(headers);
    }
    *response.version_mut() = Version::HTTP_11;
    Ok(())
}

fn needs_strip(headers: &HeaderMap) -> bool {
    headers.keys().any(|name| {
        matches!(
            name.as_str(),
            "connection"
                | "keep-alive"
                | "proxy-connection"
                | "te"
                | "transfer-encoding"
                | "upgrade"
                | "http2-settings"
        )
    })
}

/// One value where the length was said twice, in two fields or one (`5, 5`).
fn single_length(headers: &HeaderMap) -> Result<Option<HeaderValue>, Failure> {
    let mut values = headers.get_all(CONTENT_LENGTH).iter();
    let (Some(first), second) = (values.next(), values.next()) else { return Ok(None) };
    if second.is_none() && !first.is_empty() && first.as_bytes().iter().all(u8::is_ascii_digit) {
        return Ok(None);
    }
    let mut length: Option<u64> = None;
    for value in headers.get_all(CONTENT_LENGTH) {
        for part in value.to_str().map_err(|_| Failure::UpstreamBroken)?.split(',') {
            let part = part.trim();
            let digits = !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
            let part = part.parse().ok().filter(|_| digits).ok_or(Failure::UpstreamBroken)?;
            if length.is_some_and(|length| length != part) {
                return Err(Failure::UpstreamBroken);
            }
            length = Some(part);
        }
    }
    Ok(length.map(HeaderValue::from))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(fields: &[(&'static str, &'static str)]) -> Result<Vec<String>, Failure> {
        let mut response = Response::new(());
        for (name, value) in fields {
            response.headers_mut().append(*name, HeaderValue::from_static(value));
        }
        incoming(&mut response)?;
        Ok(response.headers().iter().map(|(n, v)| format!("{n}: {}", v.to_str().unwrap())).collect())
    }

    #[test]
    fn framing_that_contradicts_itself_is_refused() {
        for fields in [
            &[("transfer-encoding", "chunked"), ("content-length", "5")][..],
            &[("transfer-encoding", "gzip, chunked")],
            &[("transfer-encoding", "chunked"), ("transfer-encoding", "chunked")],
            &[("transfer-encoding", "identity")],
            &[("content-length", "5"), ("content-length", "6")],
            &[("content-length", "5, 6")],
            &[("content-length", "+5")],
            &[("content-length", "")],
        ] {
            assert_eq!(judged(fields), Err(Failure::UpstreamBroken), "{fields:?}");
        }
    }

    #[test]
    fn what_concerns_the_connection_goes() {
        assert_eq!(
            judged(&[
                ("connection", "keep-alive, x-hop"),
                ("keep-alive", "timeout=5"),
                ("x-hop", "1"),
                ("content-length", "5"),
                ("content-length", "5"),
                ("etag", "\"a\""),
            ]),
            Ok(vec!["content-length: 5".to_owned(), "etag: \"a\"".to_owned()])
        );
    }
}
