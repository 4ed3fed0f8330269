//! An account that is asked, against a server on loopback that answers by a script.

#![expect(clippy::unwrap_used, reason = "a test may stop where it is wrong")]

mod calls;
mod objects;
mod refusals;
mod scripted;
mod storage;
