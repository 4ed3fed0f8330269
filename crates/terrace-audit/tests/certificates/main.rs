//! Certificates: the checker, which shares no set code with the engine, says the same as the engine.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on has failed")]
#![expect(clippy::indexing_slicing, reason = "a test that cannot go on has failed")]
#![expect(
    clippy::disallowed_methods,
    reason = "cases are files, and how long a run is stands in the environment"
)]
#![expect(clippy::print_stdout, reason = "a long run says what it tried")]

#[path = "../../../terrace-proof/tests/reach"]
mod reach {
    #[expect(dead_code, reason = "what shrinks failures is used there")]
    pub(crate) mod tape;
    pub(crate) mod worlds;
}
// Where those modules look for each other.
use reach::tape;

mod differential;
mod tampering;
