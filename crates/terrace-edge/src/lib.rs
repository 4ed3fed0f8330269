//! The edge: serves files, passes requests on to pools of targets, speaks TLS, and says in one line what it did.
//!
//! A request goes through a fixed order of rooms: `server` (accept, framing, limits, path, route) → `files` or
//! `proxy` (over a pool of `upstream`) → `failure` (the one place where an error becomes a response) → `log`.
//! [`control`] is how a running edge is spoken to. Nothing here knows what the tiers are written in.

mod body;
mod context;
pub mod control;
mod error;
mod failure;
mod files;
#[doc(hidden)]
pub mod fuzzing;
mod log;
mod proxy;
mod run;
mod server;
mod tls;
mod upstream;

pub use error::EdgeError;
pub use run::{run_config_file, run_inherited};
