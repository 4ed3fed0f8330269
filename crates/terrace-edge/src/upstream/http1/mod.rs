//! HTTP/1.1 as a client speaks it to a target, made for a proxy: the head goes out as it was written, the response
//! comes back ready to be passed on, and one value is the whole connection.
//!
//! The HTTP library's client hands every request through two channels to a task of its own, builds a map of its
//! fields to write them, and keeps fields that concern one connection only. Measured against nginx that was too much
//! for a proxy. What is shared with the library is its parser.

mod connection;
mod decoder;
mod response;
mod stall;
mod upload;

pub(crate) use connection::{ConnectError, Connection, SendError};
pub(crate) use response::Head;
pub(crate) use upload::{Framing, Upload};
