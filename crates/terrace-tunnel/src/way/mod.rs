//! The way to a deployed database: from the names of the deployed system to a target, a host and a port.
//!
//! [`Search::find`] takes what is [`Sought`] — names alone, so that this crate knows nothing of manifests — and asks AWS for
//! what only AWS knows: which task runs now and has an agent that is connected, which machine is online, where the database
//! listens. The password is read by [`Search::login`] and by nothing else. [`policy()`] is what all of that needs.
//!
//! GUARANTEE: every call is one that reads; a [`WayError`] says what is wrong and ([`WayError::help`]) what to do about it;
//! no password is in any text that this module makes.

mod database;
mod error;
mod inside;
mod login;
mod machines;
mod policy;
mod search;
mod sought;
mod tasks;

pub use crate::permission::{Place, Refused};
pub use database::{Database, Engine, KeptSecret};
pub use error::WayError;
pub use inside::{ShellFound, ShellSought};
pub use login::Login;
pub use policy::{policy, shell_policy};
pub use search::{Found, Search, Way};
pub use sought::{DatabaseSought, Named, Sought, TaskService, Through, To};
