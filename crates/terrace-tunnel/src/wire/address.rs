//! Where a data channel is dialled.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use http::Uri;

/// The address of a data channel: `wss://…`, or `ws://…` on this machine.
#[derive(Clone, PartialEq, Eq)]
pub struct StreamUrl(Uri);

/// Why a text is no address of a data channel.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StreamUrlError {
    /// It is no URL.
    #[error("the stream URL cannot be read ({0}); it should be as Session Manager gave it, `wss://…`")]
    Unreadable(String),
    /// It has no host or no scheme.
    #[error("the stream URL has no host; it should be as Session Manager gave it, `wss://…`")]
    NoHost,
    /// It is of another kind.
    #[error("the stream URL begins with `{0}://`, which is no WebSocket; it should begin with `wss://`")]
    Scheme(String),
    /// It would go to another machine in the clear.
    #[error("the stream URL leads to {0} without TLS; only this machine's own endpoint may have `ws://`")]
    Clear(String),
}

impl StreamUrl {
    /// All of it, with the query. Not to be shown.
    pub fn address(&self) -> String {
        self.0.to_string()
    }

    /// As a URL of the web, which is what proxies know: `https` for `wss`.
    pub fn web(&self) -> String {
        let text = self.0.to_string();
        let rest = text.split_once("://").map_or(text.as_str(), |(_, rest)| rest);
        format!("{}://{rest}", if self.is_secure() { "https" } else { "http" })
    }

    /// Whether it was signed by whoever gave it (`X-Amz-…` in its query), so that it must not be signed again.
    pub fn is_signed(&self) -> bool {
        self.0.query().is_some_and(|query| query.split('&').any(|part| part.starts_with("X-Amz-")))
    }

    /// Whether TLS goes to it.
    pub fn is_secure(&self) -> bool {
        self.0.scheme_str() == Some("wss")
    }

    /// Its host, without brackets.
    pub fn host(&self) -> &str {
        bare(self.0.host().unwrap_or_default())
    }

    /// Its port.
    pub fn port(&self) -> u16 {
        self.0.port_u16().unwrap_or(if self.is_secure() { 443 } else { 80 })
    }

    pub(super) fn uri(&self) -> &Uri {
        &self.0
    }
}

/// A host without the brackets of an IPv6 address.
pub(super) fn bare(host: &str) -> &str {
    host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(host)
}

/// Whether a host is this machine by its name or address.
fn is_here(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost")
        || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

impl FromStr for StreamUrl {
    type Err = StreamUrlError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let uri: Uri = text
            .parse()
            .map_err(|error: http::uri::InvalidUri| StreamUrlError::Unreadable(error.to_string()))?;
        let host = uri.host().filter(|host| !host.is_empty()).ok_or(StreamUrlError::NoHost)?;
        match uri.scheme_str() {
            Some("wss") => {}
            Some("ws") if is_here(bare(host)) => {}
            Some("ws") => return Err(StreamUrlError::Clear(host.to_owned())),
            scheme => return Err(StreamUrlError::Scheme(scheme.unwrap_or_default().to_owned())),
        }
        Ok(Self(uri))
    }
}

impl fmt::Display for StreamUrl {
    /// Without the query, which may hold a signature.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let authority = self.0.authority().map_or("", |authority| authority.as_str());
        write!(f, "{}://{authority}{}", self.0.scheme_str().unwrap_or_default(), self.0.path())
    }
}

impl fmt::Debug for StreamUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "StreamUrl({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_tls_leaves_the_machine_and_signatures_are_not_shown() {
        let show = |text: &str| match text.parse::<StreamUrl>() {
            Ok(url) => format!("{url} at {}:{}, signed {}", url.host(), url.port(), url.is_signed()),
            Err(error) => error.to_string(),
        };
        let cases = [
            "wss://ssmmessages.us-east-1.amazonaws.com/v1/data-channel/s-1?role=publish_subscribe&cell-number=A",
            "wss://host/c?X-Amz-Signature=secret",
            "ws://127.0.0.1:8080/v1/data-channel/s-1",
            "ws://[::1]:8080/",
            "ws://localhost/",
            "ws://10.0.0.1/",
            "ws://localhost.example.com/",
            "https://host/",
            "/v1",
            "",
        ];
        let told: Vec<String> = cases.into_iter().map(show).collect();
        insta::assert_snapshot!(told.join("\n"), @"
        wss://ssmmessages.us-east-1.amazonaws.com/v1/data-channel/s-1 at ssmmessages.us-east-1.amazonaws.com:443, signed false
        wss://host/c at host:443, signed true
        ws://127.0.0.1:8080/v1/data-channel/s-1 at 127.0.0.1:8080, signed false
        ws://[::1]:8080/ at ::1:8080, signed false
        ws://localhost/ at localhost:80, signed false
        the stream URL leads to 10.0.0.1 without TLS; only this machine's own endpoint may have `ws://`
        the stream URL leads to localhost.example.com without TLS; only this machine's own endpoint may have `ws://`
        the stream URL begins with `https://`, which is no WebSocket; it should begin with `wss://`
        the stream URL has no host; it should be as Session Manager gave it, `wss://…`
        the stream URL cannot be read (empty string); it should be as Session Manager gave it, `wss://…`
        ");
    }
}
