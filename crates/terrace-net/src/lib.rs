//! Ports, hosts and endpoints as values that cannot be wrong.
//!
//! Everything here parses from text, prints back to the same text and orders deterministically. Nothing
//! here opens a socket or asks a resolver.

mod endpoint;
mod host;
mod port;

pub use endpoint::{Endpoint, EndpointError};
pub use host::{DnsName, Host, HostError};
pub use port::{Port, PortError};
