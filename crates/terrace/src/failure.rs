//! Why a command did not do what was asked, and the one place that puts such a failure into words.

use std::error::Error;
use std::fmt::Write as _;
use std::io;

use serde::{Deserialize, Serialize};

use crate::exit::Exit;
use crate::style;

/// The end of a command that did not succeed.
#[derive(Debug)]
pub(crate) enum Failure {
    /// To be told.
    Untold(Box<Report>),
    /// All has been said already.
    Told(Exit),
    /// Whoever read the output has left: nothing more to say, and no failure (`terrace logs | head`).
    ReaderLeft,
}

/// What is to be told: what, because of what, and what to do.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Report {
    exit: Exit,
    message: String,
    causes: Vec<String>,
    excerpt: Vec<String>,
    helps: Vec<String>,
}

impl Failure {
    /// A failure of right input; `message` in lower case, without a full stop.
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self::Untold(Box::new(Report {
            exit: Exit::Failed,
            message: message.into(),
            causes: Vec::new(),
            excerpt: Vec::new(),
            helps: Vec::new(),
        }))
    }

    /// A failure because of input.
    pub(crate) fn input(message: impl Into<String>) -> Self {
        Self::new(message).exit(Exit::BadInput)
    }

    /// An error and its causes.
    pub(crate) fn of(error: &(dyn Error + 'static)) -> Self {
        let failure = Self::new(error.to_string());
        match error.source() {
            Some(cause) => failure.because(cause),
            None => failure,
        }
    }

    /// With this exit code.
    pub(crate) fn exit(self, exit: Exit) -> Self {
        self.with(|report| report.exit = exit)
    }

    /// Adds an error and what led to it as causes; one that repeats what was said already is left out.
    pub(crate) fn because(self, cause: &(dyn Error + 'static)) -> Self {
        self.with(|report| {
            let mut next = Some(cause);
            while let Some(error) = next {
                let text = error.to_string();
                let said = report.causes.last().unwrap_or(&report.message);
                if !said.contains(&text) {
                    report.causes.push(text);
                }
                next = error.source();
            }
        })
    }

    /// Adds a cause in words.
    pub(crate) fn cause(self, text: impl Into<String>) -> Self {
        self.with(|report| report.causes.push(text.into()))
    }

    /// Adds lines that show it: the last ones of a log.
    pub(crate) fn excerpt<I: IntoIterator<Item = String>>(self, lines: I) -> Self {
        self.with(|report| report.excerpt.extend(lines))
    }

    /// Adds what to do about it.
    pub(crate) fn help(self, text: impl Into<String>) -> Self {
        self.with(|report| report.helps.push(text.into()))
    }

    fn with(mut self, change: impl FnOnce(&mut Report)) -> Self {
        if let Self::Untold(report) = &mut self {
            change(report);
        }
        self
    }

    /// The exit code.
    pub(crate) fn code(&self) -> Exit {
        match self {
            Self::Untold(report) => report.exit,
            Self::Told(exit) => *exit,
            Self::ReaderLeft => Exit::Success,
        }
    }

    /// The failure in words, with styles; empty if there is nothing to say.
    pub(crate) fn render(&self) -> String {
        let Self::Untold(report) = self else { return String::new() };
        let mut text = String::new();
        let mut line = |title: &str, style, body: &str| {
            let indent = " ".repeat(title.len() + 2);
            let body = body.trim_end().replace('\n', &format!("\n{indent}"));
            // Writing to a String cannot fail.
            let _ = writeln!(text, "{style}{title}{style:#}: {body}");
        };
        line("error", style::ERROR, &report.message);
        for cause in &report.causes {
            line("  because", style::QUIET, cause);
        }
        if !report.excerpt.is_empty() {
            line("  it said", style::QUIET, &report.excerpt.join("\n"));
        }
        for help in &report.helps {
            line("help", style::HELP, help);
        }
        text
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Self::ReaderLeft,
            _ => Self::of(&error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("could not read the port file")]
    struct Outer(#[source] io::Error);

    #[test]
    fn a_chain_is_told_cause_by_cause_and_then_what_to_do() {
        let error = Outer(io::Error::other("the disk\nis full"));
        let failure = Failure::of(&error).help("make room");
        let plain = anstream::adapter::strip_str(&failure.render()).to_string();
        insta::assert_snapshot!(plain, @r"
        error: could not read the port file
          because: the disk
                   is full
        help: make room
        ");
    }

    #[test]
    fn a_reader_that_left_is_no_failure() {
        let failure = Failure::from(io::Error::from(io::ErrorKind::BrokenPipe));
        assert_eq!((failure.code(), failure.render().as_str()), (Exit::Success, ""));
    }
}
