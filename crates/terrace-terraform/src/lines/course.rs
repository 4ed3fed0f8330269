//! A run, put together from its lines: how far it is, what failed and why.
//!
//! Terraform tells apart what belongs together: that something failed, and (later) why; the same summary for the plan and
//! for the run; lookups among what is applied. Here lookups are not counted, a failure gets the diagnostic with its
//! address, and what a failure does not explain stands by itself.

use std::collections::BTreeMap;

use super::{Diagnostic, Hook, Line, Summary};

/// What is done with a resource.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Step {
    /// It is asked how it is.
    #[default]
    Refresh,
    /// It is looked up.
    Read,
    /// It is made.
    Create,
    /// It is changed.
    Update,
    /// It is destroyed.
    Delete,
    /// Something else, or something that no word is known for.
    Other,
}

impl Step {
    pub(super) fn read(kind: &str, action: &str) -> Self {
        match action {
            "create" => Self::Create,
            "read" => Self::Read,
            "update" => Self::Update,
            "delete" => Self::Delete,
            "" if kind.starts_with("refresh_") => Self::Refresh,
            _ => Self::Other,
        }
    }

    /// Whether it changes something.
    pub const fn changes(self) -> bool {
        matches!(self, Self::Create | Self::Update | Self::Delete)
    }
}

/// How far a run is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// How many resources' changes are planned; a replacement is two.
    pub planned: u64,
    /// How many were begun.
    pub begun: u64,
    /// How many are done.
    pub done: u64,
    /// How many failed.
    pub failed: u64,
}

/// Something that failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// The resource's address; empty where none is told.
    pub address: String,
    /// What was being done with it, if anything was.
    pub step: Option<Step>,
    /// For how many seconds.
    pub seconds: u64,
    /// Why; nothing was said if none.
    pub why: Option<Diagnostic>,
}

/// How a run ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Everything was done, so much.
    Done(Summary),
    /// So much is planned, and nothing was begun.
    Planned(Summary),
    /// Something failed.
    Failed(Vec<Failure>),
    /// It was asked to stop, and did.
    Stopped,
    /// The lines end before the run did.
    Unfinished,
}

/// A run as far as its lines tell.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Course {
    progress: Progress,
    open: BTreeMap<(String, Step), u64>,
    failures: Vec<Failure>,
    warnings: Vec<Diagnostic>,
    planned: Option<Summary>,
    done: Option<Summary>,
    interrupted: bool,
}

impl Course {
    /// Of no line.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes a line.
    pub fn take(&mut self, line: &Line) {
        match line {
            Line::Planned(change) => {
                self.progress.planned += match change.action.as_str() {
                    "create" | "update" | "delete" => 1,
                    "replace" => 2,
                    _ => 0,
                };
            }
            Line::Started(hook) if hook.step.changes() => {
                self.progress.begun += 1;
                self.open.insert((hook.address.clone(), hook.step), 0);
            }
            Line::Running(hook) => {
                if let Some(seconds) = self.open.get_mut(&(hook.address.clone(), hook.step)) {
                    *seconds = hook.seconds;
                }
            }
            Line::Done(hook) if hook.step.changes() => {
                self.progress.done += 1;
                self.open.remove(&(hook.address.clone(), hook.step));
            }
            Line::Failed(hook) => self.failed(hook),
            Line::Diagnostic(diagnostic) if diagnostic.is_error => self.explained(diagnostic),
            Line::Diagnostic(diagnostic) => self.warnings.push(diagnostic.clone()),
            Line::Summary(summary) if summary.operation == "plan" => self.planned = Some(summary.clone()),
            Line::Summary(summary) => self.done = Some(summary.clone()),
            Line::Log(message) => self.interrupted |= message.contains("Interrupt received"),
            _ => {}
        }
    }

    fn failed(&mut self, hook: &Hook) {
        if hook.step.changes() {
            self.progress.failed += 1;
        }
        self.open.remove(&(hook.address.clone(), hook.step));
        let (address, step, seconds) = (hook.address.clone(), Some(hook.step), hook.seconds);
        self.failures.push(Failure { address, step, seconds, why: None });
    }

    /// A diagnostic explains the first failure of its address that nothing has explained.
    fn explained(&mut self, diagnostic: &Diagnostic) {
        let same = |failure: &&mut Failure| {
            failure.why.is_none() && Some(&failure.address) == diagnostic.address.as_ref()
        };
        match self.failures.iter_mut().find(same) {
            Some(failure) => failure.why = Some(diagnostic.clone()),
            None => self.failures.push(Failure {
                address: diagnostic.address.clone().unwrap_or_default(),
                step: None,
                seconds: 0,
                why: Some(diagnostic.clone()),
            }),
        }
    }

    /// How far it is.
    pub const fn progress(&self) -> Progress {
        self.progress
    }

    /// What is being done, and for how many seconds.
    pub fn open(&self) -> impl Iterator<Item = (&str, Step, u64)> {
        self.open.iter().map(|((address, step), seconds)| (address.as_str(), *step, *seconds))
    }

    /// What failed so far.
    pub fn failures(&self) -> &[Failure] {
        &self.failures
    }

    /// What Terraform warned of.
    pub fn warnings(&self) -> &[Diagnostic] {
        &self.warnings
    }

    /// How much was planned.
    pub const fn planned(&self) -> Option<&Summary> {
        self.planned.as_ref()
    }

    /// How it ended, if no more lines come.
    pub fn outcome(&self) -> Outcome {
        if !self.failures.is_empty() {
            return Outcome::Failed(self.failures.clone());
        }
        match (&self.done, &self.planned) {
            _ if self.interrupted => Outcome::Stopped,
            (Some(done), _) => Outcome::Done(done.clone()),
            (None, Some(planned)) if self.progress.begun == 0 => Outcome::Planned(planned.clone()),
            _ => Outcome::Unfinished,
        }
    }
}
