//! Who reaches whom: a small world for each trap, laws, verdicts, and what stands in the way.

#![expect(clippy::unwrap_used, reason = "the worlds are written by hand and right")]

mod build;
mod chains;
mod laws;
mod network;
mod outside;
mod verdicts;
