//! Who reaches whom: a small world for each trap, laws, verdicts, and what stands in the way.

#![expect(clippy::unwrap_used, reason = "the worlds are written by hand and right")]
#![expect(
    clippy::indexing_slicing,
    clippy::panic,
    reason = "they have what is asked for, or the test is wrong"
)]

mod build;
mod chains;
mod laws;
mod network;
mod outside;
mod verdicts;
