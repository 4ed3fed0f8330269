//! What stands in for AWS in tests, and nothing that a program may use: a server of a test's own on loopback, which reads
//! requests and answers, cuts off or keeps silent as the test says; and moto, whose answers are by another hand.
//!
//! Where `TERRACE_ANSWERED` names a folder, each request and its answer are written there, for `tests/aws/models` to hold
//! both to AWS's service models.

#![expect(clippy::unwrap_used, reason = "for tests alone: a test may stop where it is wrong")]

mod emulator;
mod record;
mod reply;
mod request;
mod server;

pub use emulator::{Emulator, skipped};
pub use reply::{Answer, Reply};
pub use request::Request;
pub use server::Server;
