//! A real edge process with a folder and a little upstream, and a client that speaks bytes.
//!
//! Every process is ended by its own id, every wait has a deadline, every port comes from the kernel.

pub(crate) mod client;
pub(crate) mod edge;
pub(crate) mod folder;
pub(crate) mod http2;
pub(crate) mod upstream;

use std::time::{Duration, Instant};

/// How long anything may take on a busy machine before a test says that it does not come.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// Waits until a condition holds.
pub(crate) fn eventually(what: &str, mut holds: impl FnMut() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !holds() {
        assert!(Instant::now() < deadline, "never: {what}");
        std::thread::park_timeout(Duration::from_millis(10));
    }
}
