//! Every way to fail before the application runs: one line that says what was asked, what came back and what to do,
//! and an exit code of its own.

use std::fmt;
use std::process::ExitCode;

/// The exit codes of `terrace-boot` itself. Those of the application pass through: its status where it ended by
/// itself, 128 and the signal's number where a signal ended it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// 110: the arguments, the configuration file or a `TERRACE_` variable are wrong.
    Configuration,
    /// 111: there are no credentials, they have expired, or the region is not known.
    Credentials,
    /// 112: a permission is missing.
    Denied,
    /// 113: a secret, its current version or the key in it is not there.
    Missing,
    /// 114: a service could not be reached, or did not answer well, within the limit.
    Unreachable,
    /// 115: the certificates that the database is verified against are missing or are none.
    Certificates,
    /// 116: what was read cannot be used: no name of a variable, given twice, of the wrong form.
    Value,
    /// 117: a template cannot be filled.
    Template,
    /// 118: the machine refused something.
    System,
    /// 126: the command is there and cannot be run.
    NotExecutable,
    /// 127: the command is not there.
    NoCommand,
}

impl Exit {
    /// The number.
    pub fn code(self) -> u8 {
        match self {
            Self::Configuration => 110,
            Self::Credentials => 111,
            Self::Denied => 112,
            Self::Missing => 113,
            Self::Unreachable => 114,
            Self::Certificates => 115,
            Self::Value => 116,
            Self::Template => 117,
            Self::System => 118,
            Self::NotExecutable => 126,
            Self::NoCommand => 127,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}

/// Why the application was not started. Holds no secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    exit: Exit,
    text: String,
}

impl Failure {
    pub(crate) fn new(exit: Exit, text: impl Into<String>) -> Self {
        Self { exit, text: one_line(&text.into()) }
    }

    pub(crate) fn configuration(text: impl Into<String>) -> Self {
        Self::new(Exit::Configuration, text)
    }

    pub(crate) fn system(what: &str, error: impl fmt::Display) -> Self {
        Self::new(Exit::System, format!("{what}: {error}"))
    }

    /// How the program ends for it.
    pub fn exit(&self) -> Exit {
        self.exit
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl std::error::Error for Failure {}

/// Text from elsewhere in one line without control characters, and not endless.
pub(crate) fn one_line(text: &str) -> String {
    let flat: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(1000).collect();
    flat.trim().to_owned()
}
