//! A real edge process with a folder and a little upstream, and a client that speaks bytes.
//!
//! Every process is ended by its own id, every wait has a deadline, every port comes from the kernel.

#![expect(dead_code, reason = "each test file uses its own part of this")]

pub mod client;
pub mod edge;
pub mod folder;
pub mod upstream;

use std::time::{Duration, Instant};

/// How long anything may take on a busy machine before a test says that it does not come.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// Waits until a condition holds.
pub fn eventually(what: &str, mut holds: impl FnMut() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !holds() {
        assert!(Instant::now() < deadline, "never: {what}");
        std::thread::park_timeout(Duration::from_millis(10));
    }
}
