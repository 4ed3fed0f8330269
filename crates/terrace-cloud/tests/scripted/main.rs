//! Releases against a small AWS of our own: what they do, what they ask, and what becomes of them when something breaks.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

mod book;
mod calls;
mod containers;
mod faults;
mod ground;
mod migration;
mod page;
mod server;
