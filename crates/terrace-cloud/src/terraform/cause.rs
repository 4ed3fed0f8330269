//! Why something failed: what Terraform said of it, and what that means.

use std::fmt;

use terrace_account::Denial;
use terrace_terraform::lines::{Diagnostic, Failure, Step};

use super::event::did;
use super::meaning::Meaning;
use super::resource::Resource;

/// As much of AWS's own words as is told in a line.
const TOLD: usize = 600;

/// Why something failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cause {
    /// What it is about, if it is about a resource.
    pub resource: Option<Resource>,
    /// What was being done with it, if anything was.
    pub step: Option<Step>,
    /// For how many seconds.
    pub seconds: u64,
    /// What it means.
    pub meaning: Meaning,
    /// AWS's code, if the meaning was seen by one: `VpcLimitExceeded`.
    pub code: Option<String>,
    /// Who holds the lock, for [`Meaning::Locked`].
    pub lock: Option<Lock>,
    /// Which permission is missing, for [`Meaning::Denied`], if AWS says so.
    pub denial: Option<Denial>,
    /// What Terraform said; empty if it said nothing.
    pub said: Diagnostic,
}

impl Cause {
    /// Of a diagnostic, and what failed, if that is known.
    pub(super) fn of(said: &Diagnostic, failure: Option<&Failure>) -> Self {
        let text = format!("{}\n{}", said.summary, said.detail);
        let (meaning, code) = Meaning::of(&text);
        let address = said.address.as_deref().or_else(|| failure.map(|failure| failure.address.as_str()));
        Self {
            resource: address.filter(|address| !address.is_empty()).map(Resource::of),
            step: failure.and_then(|failure| failure.step),
            seconds: failure.map_or(0, |failure| failure.seconds),
            meaning,
            code: code.map(str::to_owned),
            lock: Some(meaning).filter(|one| *one == Meaning::Locked).and_then(|_| Lock::read(&said.detail)),
            denial: Some(meaning).filter(|one| *one == Meaning::Denied).and_then(|_| Denial::read(&text)),
            said: said.clone(),
        }
    }

    /// Of something that failed.
    pub(super) fn from_failure(failure: &Failure) -> Self {
        Self::of(failure.why.as_ref().unwrap_or(&Diagnostic::default()), Some(failure))
    }

    /// What to do about it, if that can be told.
    pub fn next(&self) -> Option<String> {
        let next = self.meaning.next()?;
        if self.meaning == Meaning::Unsaved
            && let Some(first) = Meaning::of(&self.said.detail).0.next()
        {
            return Some(format!("{first}; on this machine, which has the state and saves it first"));
        }
        Some(match (&self.lock, &self.denial) {
            (Some(lock), _) => lock.next(),
            (_, Some(denial)) => match &denial.forbidden_by {
                Some(by) => {
                    format!("`{}` is forbidden by {by}: who keeps that has to allow it", denial.action)
                }
                None => format!(
                    "allow `{}` and {}",
                    denial.action,
                    next.trim_start_matches("give it to the role that deploys and ")
                ),
            },
            _ => next.to_owned(),
        })
    }

    /// What Terraform and AWS said, in one line, without numbers of requests.
    pub fn words(&self) -> String {
        let Diagnostic { summary, detail, place, .. } = &self.said;
        // That of a lock is told by its holder.
        let detail = if self.lock.is_some() { String::new() } else { told(detail) };
        let summary = told(summary);
        let mut line = match (summary.trim_end_matches(':'), detail.as_str()) {
            (summary, "") => summary.to_owned(),
            (summary, detail) if summary.ends_with(['.', '!']) => format!("{summary} {detail}"),
            (summary, detail) => format!("{summary}: {detail}"),
        };
        if line.chars().count() > TOLD {
            line = line.chars().take(TOLD).chain(" […]".chars()).collect();
        }
        match place {
            Some((file, number)) if self.meaning == Meaning::Other => {
                format!("{line} ({file}, line {number})")
            }
            _ => line,
        }
    }
}

/// A text in one line. Of what the SDK says of a request (`operation error EC2: CreateVpc, https response error StatusCode:
/// 400, RequestID: …, api error VpcLimitExceeded: …`) the end is kept, which is AWS's.
fn told(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let Some((before, request)) = line.split_once("operation error ") else { return line };
    let Some((_, mut rest)) = request.split_once("RequestID: ") else { return line };
    loop {
        let Some((_, after)) = rest.split_once(", ") else { return line.clone() };
        rest = after;
        match rest.strip_prefix("HostID: ") {
            Some(after) => rest = after,
            None => break,
        }
    }
    let said = rest.trim_start_matches("api error ").trim_start_matches("request send failed, ");
    format!("{before}{said}")
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(resource) = &self.resource {
            match self.step {
                Some(step) => write!(f, "{resource} could not be {}: ", did(step))?,
                None => write!(f, "{resource}: ")?,
            }
        }
        if let Some(lock) = &self.lock {
            return write!(f, "{lock}");
        }
        let words = self.words();
        match self.meaning.words() {
            Some(meaning) if words.is_empty() => f.write_str(meaning),
            Some(meaning) => write!(f, "{meaning} ({words})"),
            None if words.is_empty() => f.write_str("Terraform does not say why"),
            None => f.write_str(&words),
        }
    }
}

/// What a lock is called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LockId(String);

/// Why a text names no lock.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no lock's id: one looks like 25769d39-d579-2174-920c-20d2582a1ed5")]
pub struct LockIdError(String);

impl LockId {
    /// As Terraform has it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::str::FromStr for LockId {
    type Err = LockIdError;

    fn from_str(text: &str) -> Result<Self, LockIdError> {
        let clean = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
        let fits = (1..=128).contains(&text.len()) && text.bytes().all(clean) && !text.starts_with('-');
        if fits { Ok(Self(text.to_owned())) } else { Err(LockIdError(text.to_owned())) }
    }
}

/// A lock that somebody holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lock {
    /// What it is called.
    pub id: LockId,
    /// The user and the machine: `ci@runner-7`; empty if it is not told.
    pub who: String,
    /// Since when, as Terraform writes it; empty if it is not told.
    pub since: String,
    /// What for: `apply`, `plan`; empty if it is not told.
    pub operation: String,
}

impl Lock {
    /// From what Terraform prints of it.
    fn read(detail: &str) -> Option<Self> {
        let (_, info) = detail.split_once("Lock Info:")?;
        let word = |name: &str| {
            let value = info.lines().find_map(|line| line.trim().strip_prefix(name)?.strip_prefix(':'));
            value.unwrap_or_default().trim().to_owned()
        };
        let created = word("Created");
        // Fractions of a second are of no use.
        let since = match created.split_once('.') {
            Some((seconds, rest)) => {
                format!(
                    "{seconds}{}",
                    rest.trim_start_matches(|c: char| c.is_ascii_digit()).replace(" +0000", "")
                )
            }
            None => created.replace(" +0000", ""),
        };
        let operation = word("Operation").trim_start_matches("OperationType").to_lowercase();
        Some(Self { id: word("ID").parse().ok()?, who: word("Who"), since, operation })
    }

    /// What to do about it.
    pub fn next(&self) -> String {
        format!(
            "wait until they are done; if they are gone, end their lock with `terrace deploy --unlock {}`",
            self.id.as_str()
        )
    }
}

impl fmt::Display for Lock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let or = |text: &str, other: &str| if text.is_empty() { other.to_owned() } else { text.to_owned() };
        let Self { who, since, operation, .. } = self;
        let (who, since, operation) =
            (or(who, "somebody"), or(since, "a time unknown"), or(operation, "unknown"));
        write!(f, "{who} has been at work on this system since {since} (operation: {operation})")
    }
}
