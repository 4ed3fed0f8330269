//! One session against a peer that is made by hand, message by message.

#![expect(clippy::unwrap_used, reason = "a test may stop where it is wrong")]
#![expect(clippy::indexing_slicing, reason = "a test may stop where it is wrong")]

mod anything;
mod clock;
mod handshake;
mod model;
mod multiplexer;
mod oddities;
mod peer;
