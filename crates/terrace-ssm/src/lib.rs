//! AWS Session Manager's port forwarding and shells as a state machine: bytes and time in, bytes and events out.
//!
//! A [`Session`] is one data channel in either role: the client's (what `session-manager-plugin` is) or the
//! agent's (what `amazon-ssm-agent` is, for rehearsals). It holds messages, their reliability, the handshake and the
//! multiplexer (smux 1); who drives it owns the socket and the clock. The codecs are public on their own, for what
//! stands between the two (the gateway) and for tests.
//!
//! Nothing here waits, reads a clock or draws a random number; no input makes it panic; memory is bounded by
//! [`Limits`].
//!
//! How to drive one: after each call of [`Session::receive`], [`Session::tick`], [`Session::write`] or the like, take
//! [`Session::event`] until `None` and [`Session::transmit`] until `None`, then wait for the socket, for
//! [`Session::deadline`] or for the streams' owners.

pub mod acknowledge;
mod event;
pub mod gateway;
pub mod handshake;
mod ids;
mod limits;
pub mod message;
pub mod mux;
pub mod open;
mod session;
mod shell;
mod statistics;
mod version;

pub use event::{Event, SessionError};
pub use handshake::PortProperties;
pub use ids::{MessageIds, Now};
pub use limits::{LimitError, Limits, Pace};
pub use mux::StreamId;
pub use session::Session;
pub use shell::{Arrived, ShellKind, WindowSize};
pub use statistics::Statistics;
pub use version::{Version, VersionError};
