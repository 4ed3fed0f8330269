//! A tunnel as its user has it: a port of this machine, and sessions behind it. A [`shell`] is another use of the same.
//!
//! [`open`] takes a port and starts a session by a [`Control`]; each program that connects gets a stream of it. What happens
//! is told as [`TunnelEvent`]s. Sessions outlive their sockets (the gateway closes one each hour, networks go and come) and
//! are replaced when the remote host has moved.
//!
//! GUARANTEE: a connection's bytes arrive once and in order, or it is reset and an event says why; one that nobody reads delays
//! no other; tokens are in no event, no error and no `Debug`.

mod account;
mod carrier;
mod channel;
mod control;
mod dialing;
mod drive;
mod error;
mod event;
mod grant;
mod listen;
mod owed;
mod pool;
pub mod shell;
mod target;
mod tunnel;

pub use account::AccountControl;
pub(crate) use account::Calls;
pub use control::{Control, ControlError};
pub use error::{Over, TunnelError};
pub use event::TunnelEvent;
pub use grant::{Grant, GrantError, SessionId};
pub use listen::{Holder, Listen};
pub use owed::Terminations;
pub use target::{Target, TargetError};
pub(crate) use tunnel::open_as_agreed;
pub use tunnel::{Options, Tunnel, open};
