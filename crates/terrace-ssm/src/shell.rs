//! Shells as both sides speak of them: which kinds there are, what comes of one, how large its terminal is.

use std::fmt;

use bytes::Bytes;
use serde::{Deserialize, Serialize};

/// The kinds of sessions that are shells, in the agent's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ShellKind {
    /// A login shell: `Standard_Stream`.
    Standard,
    /// A command with a terminal: `InteractiveCommands`, as ECS Exec has it.
    Interactive,
    /// A command without one: `NonInteractiveCommands`. Only of these the exit code is told.
    NonInteractive,
}

impl ShellKind {
    /// As the handshake has it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Standard => "Standard_Stream",
            Self::Interactive => "InteractiveCommands",
            Self::NonInteractive => "NonInteractiveCommands",
        }
    }

    /// The kind of that name.
    pub fn of(name: &str) -> Option<Self> {
        [Self::Standard, Self::Interactive, Self::NonInteractive].into_iter().find(|kind| kind.name() == name)
    }
}

impl fmt::Display for ShellKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What arrives from the other side of a shell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Arrived {
    /// What the shell has written, or (to the agent) what was typed.
    Output(Bytes),
    /// What it has written to standard error, where that is apart.
    Errors(Bytes),
    /// It has ended, with this code.
    Exited(i32),
    /// The client's terminal has this size.
    Resized(WindowSize),
}

/// How large a terminal is, in characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WindowSize {
    /// Columns.
    #[serde(rename = "cols")]
    pub columns: u32,
    /// Rows.
    pub rows: u32,
}
