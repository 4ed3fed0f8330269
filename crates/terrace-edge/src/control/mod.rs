//! How a running edge is spoken to, both ends: one JSON object a line over a Unix stream socket.

mod client;
mod server;
mod wire;

pub use client::{Client, ControlError};
pub(crate) use server::{converse, receive_start, refuse_start};
