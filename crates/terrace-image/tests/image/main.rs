//! Images from outside: their bytes, what other readers find in them, what is refused, and how they run.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test stops where something is missing")]
#![expect(
    clippy::disallowed_methods,
    reason = "what is tested is pure; the tests write layouts for other readers and start them"
)]

mod bytes;
mod given;
mod opened;
mod paths;
mod readers;
mod refused;
mod run;
