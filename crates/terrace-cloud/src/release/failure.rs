//! Why a release, or a part of it, came to nothing.

use std::fmt;

use terrace_account::Refusal;

/// What failed, why, what is in force now, and what to type next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// What was being done.
    pub what: String,
    /// Why it failed, a line each: AWS's words, the last lines of a log, an exit code with what it means.
    pub why: Vec<String>,
    /// What serves now.
    pub in_force: String,
    /// What to do or to type.
    pub next: String,
    /// Whether the same once more, with nothing changed, may well succeed: a cut, a throttle, credentials that expired.
    pub passing: bool,
}

impl Failure {
    /// Of something that AWS refused or did not answer.
    pub(crate) fn refused(what: impl Into<String>, refusal: &Refusal) -> Self {
        let next = if refusal.is_expired() {
            "the credentials have expired: renew them (`aws sso login`), then type the same again; it goes on from here"
                .to_owned()
        } else if let Some(denial) = refusal.denial() {
            let on = denial.resource.map(|resource| format!(" on {resource}")).unwrap_or_default();
            format!("allow {}{on} to whoever deploys, then type the same again", denial.action)
        } else if refusal.is_unknown() || refusal.is_denied() {
            "look whose credentials these are (`aws sts get-caller-identity`), then type the same again"
                .to_owned()
        } else {
            "type the same again; it goes on from here".to_owned()
        };
        let passing = refusal.is_expired() || refusal.is_doubtful() || refusal.is_throttled();
        Self {
            what: what.into(),
            why: vec![refusal.text()],
            in_force: "what was in force before".to_owned(),
            next,
            passing,
        }
    }

    /// Of something that was found not to be as it must be.
    pub(crate) fn found(what: impl Into<String>, why: impl Into<String>, next: impl Into<String>) -> Self {
        Self {
            what: what.into(),
            why: vec![why.into()],
            in_force: "what was in force before".to_owned(),
            next: next.into(),
            passing: false,
        }
    }

    /// With what serves now.
    #[must_use]
    pub(crate) fn in_force(self, what: impl Into<String>) -> Self {
        Self { in_force: what.into(), ..self }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.what)?;
        for line in &self.why {
            writeln!(f, "  {line}")?;
        }
        writeln!(f, "in force: {}", self.in_force)?;
        write!(f, "next: {}", self.next)
    }
}

impl std::error::Error for Failure {}
