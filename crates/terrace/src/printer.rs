//! The only way to the terminal: data to standard output, everything else to standard error.
//!
//! Colours appear where a terminal reads them and `NO_COLOR`, `CLICOLOR`, `CLICOLOR_FORCE` and `--color` allow it.
//! What cannot be written to standard error is lost silently: there is nowhere left to say so.

use std::fmt::Display;
use std::io::{self, IsTerminal as _, Write as _};

use crate::failure::Failure;

/// How much is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Talk {
    /// Errors only.
    Quiet,
    /// What a person wants to know.
    Normal,
    /// More than that.
    Verbose,
}

/// Writes what a command has to say.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Printer {
    talk: Talk,
}

impl Printer {
    /// A printer that says as much as `talk`.
    pub(crate) const fn new(talk: Talk) -> Self {
        Self { talk }
    }

    /// How much is said.
    pub(crate) const fn talk(self) -> Talk {
        self.talk
    }

    /// Writes what was asked for, with a line end if it has none. Whatever `--quiet` says: it was asked for.
    pub(crate) fn data(self, text: impl Display) -> Result<(), Failure> {
        let text = text.to_string();
        let mut out = anstream::stdout().lock();
        out.write_all(text.as_bytes())?;
        if !text.ends_with('\n') {
            out.write_all(b"\n")?;
        }
        out.flush()?;
        Ok(())
    }

    /// Writes a value as JSON, indented where a person reads it.
    pub(crate) fn json(self, value: &impl serde::Serialize) -> Result<(), Failure> {
        let text = if io::stdout().is_terminal() {
            serde_json::to_string_pretty(value)
        } else {
            serde_json::to_string(value)
        };
        self.data(text.map_err(|error| Failure::of(&error))?)
    }

    /// Says something to whoever watches.
    pub(crate) fn say(self, text: impl Display) {
        if self.talk >= Talk::Normal {
            self.tell(text);
        }
    }

    /// Says what must not be missed, `--quiet` or not.
    pub(crate) fn tell(self, text: impl Display) {
        let text = text.to_string();
        let mut err = anstream::stderr().lock();
        let end = if text.ends_with('\n') || text.is_empty() { "" } else { "\n" };
        let _ = write!(err, "{text}{end}");
    }

    /// Whether a person watches who can be shown something that moves.
    pub(crate) fn is_watched(self) -> bool {
        let dumb = std::env::var_os("TERM").is_none_or(|term| term == "dumb");
        let ci = std::env::var_os("CI").is_some_and(|ci| !ci.is_empty() && ci != "false" && ci != "0");
        self.talk >= Talk::Normal && io::stderr().is_terminal() && !dumb && !ci
    }

    /// Whether a person is there to answer.
    pub(crate) fn can_ask(self) -> bool {
        self.is_watched() && io::stdin().is_terminal()
    }
}
