//! The codecs: what is written is what the reference's tables say, and what is read agrees with a plain reader of them.

#![expect(clippy::unwrap_used, reason = "a test may stop where it is wrong")]
#![expect(clippy::indexing_slicing, reason = "a test may stop where it is wrong")]

mod golden;
mod message;
mod mux;
mod naive;
mod text;
