//! Releases of machines against an AWS that a script plays, at the level of HTTP.

#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test")]

mod answers;
mod archives;
mod back;
mod cases;
mod faults;
mod ground;
mod lone;
mod migrations;
mod scenarios;
mod server;
mod world;
