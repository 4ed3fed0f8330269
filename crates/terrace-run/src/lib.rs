//! Executes a [`LocalPlan`](terrace_local::LocalPlan): builds, starts, probes, scales, drains and keeps logs of every
//! party of one system on this machine, database included.
//!
//! [`up`] is the whole run; [`Client`] is how another terminal speaks to it. Every process runs under a
//! [`leash`]: when the program that started it is gone, in whatever way, so is the process and all it started.
//!
//! Guarantee: nothing here prints. What happens is told as [`Event`]s, what goes wrong as [`UpError`].

pub mod build;
pub mod control;
pub mod database;
mod edge_process;
mod events;
mod executable;
mod hub;
pub mod leash;
pub mod logs;
pub mod ports;
mod probe;
mod rehearsal;
mod replicas;
pub mod state;
mod store;
mod supervisor;
mod watch;

pub use control::{Client, ClientError};
pub use events::{Event, EventKind, Instance, Part, Reached};
pub use executable::Executable;
pub use rehearsal::Rehearsal;
pub use supervisor::{Stop, UpError, UpOptions, up};
