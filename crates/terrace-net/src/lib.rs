//! Addresses, blocks of them, ports, hosts and endpoints as values that cannot be wrong.
//!
//! Everything here parses from text, prints back to the same text and orders deterministically. Nothing
//! here opens a socket or asks a resolver.

mod block;
mod block4;
mod block6;
mod endpoint;
mod host;
mod port;
mod range;

pub use block::BlockError;
pub use block4::Ipv4Block;
pub use block6::Ipv6Block;
pub use endpoint::{Endpoint, EndpointError};
pub use host::{DnsName, Host, HostError};
pub use port::{Port, PortError};
pub use range::{PortRange, PortRangeError, Protocol};
