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
    /// `audit`: something is not as it should be.
    Violated,
    /// `audit`: nothing is wrong for sure, and something is not told.
    Depends,
    /// `audit`: what was typed, or what was to be read, is wrong.
    Unreadable,
    /// `audit`: the account could not be read, or a file not written.
    Unavailable,
    /// A signal ended it before it was done: 128 + SIGINT, as shells have it.
    Interrupted,
    /// `plan`: something would change.
    Changes,
    /// A database client ended so, and is what was asked for.
    Client(u8),
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
            "`status`, `logs`, `restart`, `stop`, `tunnel --local`, `db` without `--aws`: the project is not running.",
        ),
        (Self::Interrupted, "Interrupted (Ctrl-C) before the work was done."),
    ];

    /// Every way in which `audit` ends: its answer is in the code, so that the others are out of the way.
    pub(crate) const AUDIT: [(Self, &'static str); 5] = [
        (Self::Success, "Every property is proved."),
        (Self::Violated, "A property is violated."),
        (Self::Depends, "No property is violated, and one depends on what is not told."),
        (Self::Unreadable, "The command line is wrong, or what was to be audited cannot be read."),
        (Self::Unavailable, "The account cannot be reached, or a file cannot be written."),
    ];

    /// How `audit` ends where another command would end so.
    pub(crate) const fn of_audit(self) -> Self {
        match self {
            Self::BadInput => Self::Unreadable,
            Self::Failed | Self::NotRunning => Self::Unavailable,
            other => other,
        }
    }

    /// How a command ends that is there to run a client.
    pub(crate) const fn of_client(code: u8) -> Self {
        if code == 0 { Self::Success } else { Self::Client(code) }
    }

    /// The number.
    pub(crate) const fn code(self) -> u8 {
        match self {
            Self::Success => 0,
            Self::Failed | Self::Violated => 1,
            Self::BadInput | Self::Depends | Self::Changes => 2,
            Self::NotRunning => 3,
            Self::Unreadable => 64,
            Self::Unavailable => 69,
            Self::Interrupted => 130,
            Self::Client(code) => code,
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
        for list in [&Exit::ALL[..], &Exit::AUDIT[..]] {
            let codes: Vec<u8> = list.iter().map(|(exit, _)| exit.code()).collect();
            assert!(codes.is_sorted_by(|a, b| a < b), "{codes:?}");
        }
    }
}
