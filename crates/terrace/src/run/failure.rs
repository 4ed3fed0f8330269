//! Why a run failed, in words: what it was, what was said last, what to do.

use terrace_run::UpError;

use crate::failure::Failure;

/// The failure that a run's error is.
pub(super) fn of(error: &UpError) -> Failure {
    Failure::of(error)
}
