//! Which host a request is for, checked: one authority, said once or twice alike (RFC 9110, section 7.2).

use http::header::HOST;
use http::{HeaderValue, Request, Version};

use crate::failure::Failure;

const CONTRADICTION: Failure = Failure::BadRequest("the target and the Host field name different hosts");
const MALFORMED: Failure = Failure::BadRequest("the host is not `name`, `name:port` or an address");

/// The authority that a request asks for; `None` only in HTTP/1.0.
pub(crate) fn requested_host<B>(request: &Request<B>) -> Result<Option<HeaderValue>, Failure> {
    let mut fields = request.headers().get_all(HOST).iter();
    let field = fields.next();
    if fields.next().is_some() {
        return Err(Failure::BadRequest("the request has two Host fields"));
    }
    let Some(authority) = request.uri().authority() else {
        return match field {
            Some(field) if is_host(field.as_bytes()) => own(field),
            Some(_) => Err(MALFORMED),
            None if request.version() == Version::HTTP_10 => Ok(None),
            None => Err(Failure::BadRequest("the request names no host")),
        };
    };
    let scheme = request.uri().scheme_str();
    if !matches!(scheme, None | Some("http" | "https")) {
        return Err(Failure::BadRequest("the scheme of the target is neither http nor https"));
    }
    if !is_host(authority.as_str().as_bytes()) {
        return Err(MALFORMED);
    }
    match field {
        Some(field) if field.as_bytes().eq_ignore_ascii_case(authority.as_str().as_bytes()) => own(field),
        Some(_) => Err(CONTRADICTION),
        None => HeaderValue::from_str(authority.as_str()).map(Some).map_err(|_| MALFORMED),
    }
}

/// A copy: a clone would keep all that the connection has read for as long as the request lasts.
fn own(value: &HeaderValue) -> Result<Option<HeaderValue>, Failure> {
    HeaderValue::from_bytes(value.as_bytes()).map(Some).map_err(|_| MALFORMED)
}

/// `reg-name`, IPv4 or bracketed IPv6, and perhaps a port. User information is refused.
pub(super) fn is_host(authority: &[u8]) -> bool {
    let (host, port) = match authority.iter().rposition(|b| *b == b':' || *b == b']') {
        Some(at) if authority.get(at) == Some(&b':') => {
            (authority.get(..at).unwrap_or_default(), authority.get(at.saturating_add(1)..))
        }
        _ => (authority, None),
    };
    let port_fits = port.is_none_or(|port| {
        port.len() <= 5
            && port.iter().all(u8::is_ascii_digit)
            && std::str::from_utf8(port).is_ok_and(|p| p.is_empty() || p.parse::<u16>().is_ok())
    });
    let host_fits = match host {
        [b'[', address @ .., b']'] => {
            std::str::from_utf8(address).is_ok_and(|a| a.parse::<std::net::Ipv6Addr>().is_ok())
        }
        _ => {
            !host.is_empty()
                && host.len() <= 255
                && host.iter().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_'))
        }
    };
    port_fits && host_fits
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_names_or_addresses() {
        for host in ["localhost", "a.example:8080", "127.0.0.1", "[::1]:80", "[::1]", "a_b", "x:"] {
            assert!(is_host(host.as_bytes()), "{host}");
        }
        for host in
            ["", ":80", "a b", "u@a", "a/b", "[::1", "::1", "a:99999", "a:b", "a,b", "[x]", "a:80:80", "%41"]
        {
            assert!(!is_host(host.as_bytes()), "{host}");
        }
    }

    #[test]
    fn two_names_must_be_the_same() {
        let ask = |uri: &str, host: &str| {
            requested_host(&Request::builder().uri(uri).header(HOST, host).body(()).unwrap())
                .map(|h| h.unwrap().to_str().unwrap().to_owned())
        };
        assert_eq!(ask("http://A.example/x", "a.EXAMPLE").as_deref(), Ok("a.EXAMPLE"));
        assert_eq!(ask("http://a.example/x", "b.example"), Err(CONTRADICTION));
        assert!(ask("ftp://a.example/x", "a.example").is_err());
    }
}
