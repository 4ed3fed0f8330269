//! The reach graph against a plain reading of the same rules: random worlds, every kind of packet, one packet at a time.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
#![expect(clippy::indexing_slicing, reason = "a test that cannot go on has failed")]

mod complete;
mod differential;
mod judge;
mod lab;
mod plain;
mod points;
mod show;
mod tape;
mod traps;
mod worlds;
