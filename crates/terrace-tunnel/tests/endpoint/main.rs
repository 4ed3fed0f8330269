//! The rehearsal endpoint as its users meet it: calls over HTTP, data channels over WebSockets, a database behind.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test may stop where it is wrong"
)]

mod calls;
mod database;
mod faults;
mod http;
mod peer;
mod sessions;
mod strangers;
mod system;
mod way;
