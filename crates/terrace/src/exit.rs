//! Exit codes: part of the public contract, so a code keeps its meaning.

use std::process::ExitCode;

use serde::{Deserialize, Serialize};

/// How a command ended, as a script sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) enum Exit {
    /// It did what was asked.
    Success,
    /// What was asked is right, and could not be done.
    Failed,
    /// What was typed or written is wrong, and nothing was begun.
    BadInput,
    /// The project does not run, and the command is about a running one.
    NotRunning,
    /// A signal ended it before it was done: 128 + SIGINT, as shells have it.
    Interrupted,
}

impl Exit {
    /// Every way to end, with what it means.
    pub(crate) const ALL: [(Self, &'static str); 5] = [
        (Self::Success, "Done. For `up`: everything was healthy and was taken down as asked."),
        (
            Self::Failed,
            "The input is right and the work failed: a build, a start, a missing tool that `check` names.",
        ),
        (
            Self::BadInput,
            "The command line or the manifest is wrong, or there is no manifest. Nothing was begun.",
        ),
        (
            Self::NotRunning,
            "`status`, `logs`, `restart`, `stop`, `db shell`, `db url`: the project is not running.",
        ),
        (Self::Interrupted, "Interrupted (Ctrl-C) before the work was done."),
    ];

    /// The number.
    pub(crate) const fn code(self) -> u8 {
        match self {
            Self::Success => 0,
            Self::Failed => 1,
            Self::BadInput => 2,
            Self::NotRunning => 3,
            Self::Interrupted => 130,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_differ_and_ascend() {
        let codes: Vec<u8> = Exit::ALL.iter().map(|(exit, _)| exit.code()).collect();
        assert!(codes.is_sorted_by(|a, b| a < b), "{codes:?}");
    }
}
