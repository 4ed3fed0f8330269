//! A host and a port: what a connection is opened to.

use std::fmt;
use std::net::SocketAddr;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::{Host, HostError, Port, PortError};

/// A host and a port, written `host:port`, with brackets around an IPv6 address (RFC 3986, section 3.2).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Endpoint {
    host: Host,
    port: Port,
}

/// Why a text is no endpoint.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EndpointError {
    /// There is no `:port`.
    #[error("`{0}` has no port: write `host:port`")]
    NoPort(String),
    /// The host part is wrong.
    #[error(transparent)]
    Host(#[from] HostError),
    /// The port part is wrong.
    #[error(transparent)]
    Port(#[from] PortError),
}

impl Endpoint {
    /// An endpoint of its parts.
    pub const fn new(host: Host, port: Port) -> Self {
        Self { host, port }
    }

    /// Who is dialled.
    pub const fn host(&self) -> &Host {
        &self.host
    }

    /// On which port.
    pub const fn port(&self) -> Port {
        self.port
    }

    /// The socket address, if nothing has to be resolved.
    pub fn address(&self) -> Option<SocketAddr> {
        match self.host {
            Host::Address(ip) => Some(SocketAddr::new(ip, self.port.get())),
            Host::Name(_) => None,
        }
    }
}

impl TryFrom<SocketAddr> for Endpoint {
    type Error = PortError;

    fn try_from(address: SocketAddr) -> Result<Self, PortError> {
        Ok(Self { host: Host::Address(address.ip()), port: Port::new(address.port())? })
    }
}

impl FromStr for Endpoint {
    type Err = EndpointError;

    fn from_str(text: &str) -> Result<Self, EndpointError> {
        let (host, port) = text.rsplit_once(':').ok_or_else(|| EndpointError::NoPort(text.to_owned()))?;
        if host.contains(':') && !host.starts_with('[') {
            return Err(EndpointError::NoPort(text.to_owned()));
        }
        Ok(Self { host: host.parse()?, port: port.parse()? })
    }
}

impl TryFrom<String> for Endpoint {
    type Error = EndpointError;

    fn try_from(text: String) -> Result<Self, EndpointError> {
        text.parse()
    }
}

impl From<Endpoint> for String {
    fn from(endpoint: Endpoint) -> Self {
        endpoint.to_string()
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.host {
            Host::Address(std::net::IpAddr::V6(ip)) => write!(f, "[{ip}]:{}", self.port),
            _ => write!(f, "{}:{}", self.host, self.port),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn endpoints_print_as_they_are_written() {
        for text in ["127.0.0.1:80", "[::1]:8443", "app.internal:8000", "localhost:1"] {
            assert_eq!(text.parse::<Endpoint>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn what_is_no_endpoint_is_refused() {
        for text in
            ["", "localhost", "::1", "::1:80", "a:0", "a:65536", "1.2.3:80", "-a:1", "a..b:1", "a b:1"]
        {
            assert!(text.parse::<Endpoint>().is_err(), "{text}");
        }
    }
}
