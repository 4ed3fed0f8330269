//! Who is let in: programs of this machine that sign as AWS's do, and no browser.
//!
//! GUARANTEE: what a page in a browser could send (an `Origin`, a `Sec-Fetch-…`, a name that somebody else's DNS made this
//! machine's) is refused before anything of it is read. Signatures are looked at, not verified: whatever secret key the user
//! has for AWS, it is not known here, and must not be.

use http::HeaderMap;
use http::request::Parts;
use terrace_net::Host;

use super::answer::refusal::{Form, Refusal};
use super::name::Region;

/// Headers that browsers send with what a page asked for.
const OF_BROWSERS: [&str; 3] = ["origin", "referer", "cookie"];
/// What all of them begin with that browsers alone may set.
const FETCH: &str = "sec-fetch-";

/// What a signature says: for which service it was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Signed {
    pub(super) service: String,
}

/// Refuses browsers, and requests to another name than this machine's.
pub(super) fn local(head: &Parts, form: Form) -> Result<(), Refusal> {
    let of_browser = head
        .headers
        .keys()
        .any(|name| OF_BROWSERS.contains(&name.as_str()) || name.as_str().starts_with(FETCH));
    if of_browser {
        return Err(Refusal::denied(form, "browsers are not answered by the rehearsal endpoint"));
    }
    let hosts: Vec<_> = head.headers.get_all(http::header::HOST).iter().collect();
    match hosts.as_slice() {
        [host] if host.to_str().is_ok_and(is_loopback) => Ok(()),
        _ => Err(Refusal::denied(
            form,
            "the rehearsal endpoint is 127.0.0.1, localhost or [::1] and nothing else",
        )),
    }
}

/// Whether a `Host` names this machine.
fn is_loopback(host: &str) -> bool {
    let bare = match host.rsplit_once(':') {
        Some((bare, port)) if !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit()) => bare,
        _ => host,
    };
    match bare.parse::<Host>() {
        Ok(Host::Address(address)) => address.is_loopback(),
        Ok(Host::Name(name)) => name.as_str() == "localhost",
        Err(_) => false,
    }
}

/// Reads the signature of a call (Signature Version 4), and compares its region with the system's.
pub(super) fn signed(headers: &HeaderMap, form: Form, region: &Region) -> Result<Signed, Refusal> {
    let Some(authorization) = headers.get(http::header::AUTHORIZATION) else {
        let message =
            "the request is not signed: any credentials will do here, but some are needed, as on AWS";
        return Err(match form {
            Form::Json => Refusal::new("MissingAuthenticationTokenException", message),
            Form::Query | Form::Ec2 => Refusal::new("MissingAuthenticationToken", message),
        }
        .status(http::StatusCode::FORBIDDEN));
    };
    let incomplete = || {
        let message = "the signature is not one of Signature Version 4 (AWS4-HMAC-SHA256)";
        Refusal::new("IncompleteSignature", message).status(http::StatusCode::FORBIDDEN)
    };
    let scope = authorization.to_str().ok().and_then(scope).ok_or_else(incomplete)?;
    if scope.region != region.as_str() {
        let message = format!("Credential should be scoped to a valid region: this system is in {region}");
        return Err(mismatch(form, message));
    }
    Ok(Signed { service: scope.service.to_owned() })
}

/// A signature that was made for something else.
pub(super) fn mismatch(form: Form, message: String) -> Refusal {
    let code = match form {
        Form::Json => "InvalidSignatureException",
        Form::Query => "SignatureDoesNotMatch",
        Form::Ec2 => "AuthFailure",
    };
    Refusal::new(code, message).status(http::StatusCode::FORBIDDEN)
}

struct Scope<'a> {
    region: &'a str,
    service: &'a str,
}

/// `AWS4-HMAC-SHA256 Credential=KEY/DATE/REGION/SERVICE/aws4_request, SignedHeaders=…;host, Signature=64 digits`.
fn scope(authorization: &str) -> Option<Scope<'_>> {
    let rest = authorization.strip_prefix("AWS4-HMAC-SHA256 ")?;
    let field = |name: &str| {
        rest.split(',').map(str::trim).find_map(|part| part.strip_prefix(name)?.strip_prefix('='))
    };
    let hex = |byte: u8| byte.is_ascii_digit() || matches!(byte, b'a'..=b'f');
    let signature = field("Signature")?;
    let headers = field("SignedHeaders")?;
    if signature.len() != 64 || !signature.bytes().all(hex) || !headers.split(';').any(|name| name == "host")
    {
        return None;
    }
    let mut parts = field("Credential")?.rsplit('/');
    let (end, service, region, date) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    let key = parts.next()?;
    let dated = date.len() == 8 && date.bytes().all(|byte| byte.is_ascii_digit());
    (end == "aws4_request" && dated && !key.is_empty()).then_some(Scope { region, service })
}

/// A WebSocket's upgrade: old plugins do not sign it, newer ones must do so rightly.
pub(super) fn upgrade(headers: &HeaderMap, region: &Region) -> Result<(), Refusal> {
    if !headers.contains_key(http::header::AUTHORIZATION) {
        return Ok(());
    }
    match signed(headers, Form::Json, region)?.service.as_str() {
        "ssmmessages" => Ok(()),
        _ => Err(mismatch(
            Form::Json,
            "Credential should be scoped to correct service: 'ssmmessages'.".to_owned(),
        )),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn no_header_is_too_odd(text in "\\PC{0,60}", tail in "(AWS4-HMAC-SHA256 )?([A-Za-z=,/ ;]|Credential=|Signature=){0,30}") {
            for text in [text, tail] {
                let _ = scope(&text);
                prop_assert!(!is_loopback(&text) || text.contains(['1', 'l', 'L']));
            }
        }
    }

    #[test]
    fn only_this_machine_is_this_machine() {
        for host in ["127.0.0.1:80", "127.0.0.1", "localhost:8080", "LOCALHOST", "[::1]:80", "127.8.8.8:1"] {
            assert!(is_loopback(host), "{host}");
        }
        for host in [
            "",
            ":80",
            "evil.example",
            "127.0.0.1.evil.example",
            "localhost.evil.example:80",
            "10.0.0.1:80",
            "[::2]:80",
            "localhost:",
            "localhost:80:80",
            "127.0.0.1@evil.example:80",
            "0.0.0.0:80",
        ] {
            assert!(!is_loopback(host), "{host}");
        }
    }

    #[test]
    fn a_signature_tells_its_scope() {
        let signature = "a".repeat(64);
        let good = format!(
            "AWS4-HMAC-SHA256 Credential=AKID/20261121/us-east-1/ssm/aws4_request, SignedHeaders=content-type;host;x-amz-date, Signature={signature}"
        );
        let found = scope(&good).unwrap();
        assert_eq!((found.region, found.service), ("us-east-1", "ssm"));
        let ways = [
            good.replace("AWS4-HMAC-SHA256", "Bearer"),
            good.replace("aws4_request", "aws5_request"),
            good.replace("AKID", ""),
            good.replace("20261121", "today"),
            good.replace(&signature, "abc"),
            good.replace("host;", ""),
            good.replace("Credential", "Credentials"),
            String::new(),
        ];
        for bad in ways {
            assert!(scope(&bad).is_none(), "{bad}");
        }
    }
}
