//! Tunnels to private databases: the client that drives `terrace-ssm` over real sockets, a `session-manager-plugin`, and an
//! endpoint on loopback to rehearse against.
//!
//! GUARANTEE: every byte of a connection arrives once and in order, or the connection is reset and an event says so; tokens
//! and credentials are in no log, no argument and no `Debug`.

pub mod client;
pub mod endpoint;
mod permission;
pub mod plugin;
pub mod way;
pub mod wire;
