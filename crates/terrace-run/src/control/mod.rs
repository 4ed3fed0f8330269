//! The private Unix socket of a run, and the client that speaks to it.
//!
//! Guarantee: only the user whose run it is gets an answer.

mod client;
mod place;
mod server;
mod wire;

pub use client::{Client, ClientError, Logged, Replies};
pub(crate) use server::{About, Asked, Fate, Server};
pub use wire::{InstanceStatus, Phase, RehearsalStatus, RunStatus};
