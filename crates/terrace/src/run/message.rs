//! What a detached run tells whoever started it: one JSON object a line, until all is healthy or all has failed.

use serde::{Deserialize, Serialize};
use terrace_run::Event;

use crate::exit::Exit;
use crate::failure::{Failure, Report};

/// One line.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Message {
    /// Something happened.
    Event(Event),
    /// The run failed.
    Failed(Report),
}

impl Message {
    /// A failure as a message; none if there is nothing to tell.
    pub(super) fn of(failure: Failure) -> Option<Self> {
        match failure {
            Failure::Untold(report) => Some(Self::Failed(*report)),
            Failure::Told(_) | Failure::ReaderLeft => None,
        }
    }
}

/// What a run that ended without a word is to be called.
pub(super) fn vanished() -> Failure {
    Failure::new("the detached run ended before anything was healthy")
        .help("`terrace up` without `--detach` shows what happens")
        .exit(Exit::Failed)
}
