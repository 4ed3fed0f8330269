//! The client as its user meets it: programs on a local port, a database at the end, the rehearsal endpoint and its faults in
//! between, all over real sockets.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may stop where it is wrong")]

mod database;
mod ends;
mod failover;
mod given_up;
mod shells;
mod stalled;
mod transfers;
mod world;
