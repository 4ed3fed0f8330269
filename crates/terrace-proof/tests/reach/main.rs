//! The reach graph against a plain reading of the same rules: random worlds, every kind of packet, one packet at a time.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
#![expect(clippy::indexing_slicing, reason = "a test that cannot go on has failed")]
#![expect(clippy::panic, reason = "a test that cannot go on has failed")]
#![expect(clippy::print_stdout, reason = "a long run says what it tried")]
#![expect(clippy::disallowed_methods, reason = "how long a run is stands in the environment")]

mod complete;
mod differential;
mod judge;
mod lab;
mod plain;
mod points;
mod regressions;
mod rests;
mod show;
mod tape;
mod traps;
mod worlds;
