//! A run that came to less than was asked for: what, why, what is in force now, and what to type next.

use std::fmt;

use terrace_terraform::lines::{Course, Failure, Progress, Step};

use super::cause::Cause;
use super::child::Ended;
use super::event::doing;
use super::folder::FolderError;
use super::meaning::Meaning;
use super::resource::Resource;

/// What Terraform was asked to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Task {
    /// To get ready.
    Prepare,
    /// To save the state that an earlier run could not save.
    Recover,
    /// To find out what would change.
    Plan,
    /// To print a plan.
    Show,
    /// To do what was planned.
    Apply,
    /// To tell what the system says of itself.
    Output,
    /// To end a lock.
    Unlock,
}

impl Task {
    const fn words(self) -> &'static str {
        match self {
            Self::Prepare => "Terraform could not be prepared",
            Self::Recover => "the state that the last run could not save could not be saved now either",
            Self::Plan => "no plan could be made",
            Self::Show => "the plan could not be read",
            Self::Apply => "not all of the changes could be made",
            Self::Output => "the system's outputs could not be read",
            Self::Unlock => "the lock could not be ended",
        }
    }
}

/// How it ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum How {
    /// Terraform says what failed.
    Failed,
    /// It was asked to stop, and did so at a safe point: all that was done is in the state.
    Stopped,
    /// It was ended at once: what was under way may be there and not in the state, and the lock may be left.
    Ended,
    /// It went without saying why: how, and the last that it said.
    Died(String, String),
}

/// A run that came to less than was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broken {
    /// What was asked for.
    pub task: Task,
    /// How it ended.
    pub how: How,
    /// How far it was.
    pub progress: Progress,
    /// Why.
    pub causes: Vec<Cause>,
    /// What was begun and not done; where it was cut off, Terraform makes it anew the next time.
    pub cut: Vec<(Resource, Step)>,
}

/// Why Terraform did not do what was asked for.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// It ran, and came to less.
    #[error("{0}")]
    Broken(Box<Broken>),
    /// What it printed cannot be read.
    #[error("what `{command}` printed cannot be read ({why}): is this version of it one that Terrace knows?")]
    Odd {
        /// The command.
        command: &'static str,
        /// Why.
        why: String,
    },
    /// It could not be run.
    #[error("Terraform cannot be run: {0}")]
    Io(#[from] std::io::Error),
    /// The folder could not be filled.
    #[error(transparent)]
    Folder(#[from] FolderError),
}

impl RunError {
    /// The run, if there was one.
    pub fn broken(&self) -> Option<&Broken> {
        if let Self::Broken(broken) = self { Some(broken) } else { None }
    }
}

impl Broken {
    pub(super) fn of(task: Task, course: &Course, ended: &Ended, errors: &str) -> Self {
        let forced = ended.asked > 1;
        let stopped = ended.asked > 0;
        let mut cut: Vec<(Resource, Step)> =
            course.open().map(|(address, step, _)| (Resource::of(address), step)).collect();
        let mut causes: Vec<Cause> = Vec::new();
        for failure in joined(course.failures()) {
            let cause = Cause::from_failure(&failure);
            if stopped && is_of_the_stop(&cause) {
                cut.extend(cause.resource.zip(cause.step).filter(|(_, step)| step.changes()));
            } else if !causes.iter().any(|one| is_the_same(one, &cause)) {
                causes.push(cause);
            }
        }
        cut.dedup();
        let how = match (forced, stopped) {
            (true, _) => How::Ended,
            (_, true) => How::Stopped,
            _ if causes.is_empty() || !errors.is_empty() && ended.status.code().is_none() => {
                How::Died(ended.text(), last_words(errors).to_owned())
            }
            _ => How::Failed,
        };
        Self { task, how, progress: course.progress(), causes, cut }
    }

    /// The first cause with this meaning.
    pub fn caused_by(&self, meaning: Meaning) -> Option<&Cause> {
        self.causes.iter().find(|cause| cause.meaning == meaning)
    }

    /// What to type next.
    pub fn next(&self) -> String {
        if self.task == Task::Recover && self.caused_by(Meaning::Edited).is_some() {
            return "somebody has deployed since: compare `errored.tfstate` in Terraform's folder with the state in the bucket, import what only the former has, and delete it".to_owned();
        }
        if let Some(next) = self.causes.iter().find_map(Cause::next) {
            return next;
        }
        let next = match (&self.how, self.task) {
            (How::Ended, _) => {
                "run the same command again: it looks at what is there first; if it says that a lock is held, and by you, end that lock"
            }
            (How::Stopped, _) => "run the same command again: it goes on from here",
            (_, Task::Apply) => "mend that, and run the same command again: it goes on from here",
            _ => "mend that, and run the same command again",
        };
        next.to_owned()
    }

    /// What is in force now, after a run that may have changed something.
    pub fn in_force(&self) -> Option<String> {
        let Progress { planned, done, .. } = self.progress;
        let applied = self.task == Task::Apply;
        applied.then(|| match (done, planned.saturating_sub(done)) {
            (0, _) => "no change was completed".to_owned(),
            (1, rest) => format!("1 change is made and stays; {rest} not"),
            (done, rest) => format!("{done} changes are made and stay; {rest} not"),
        })
    }
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.how {
            How::Failed => writeln!(f, "{}:", self.task.words())?,
            How::Stopped => writeln!(f, "stopped, as asked for:")?,
            How::Ended => writeln!(f, "ended at once, as asked for:")?,
            How::Died(how, said) if said.is_empty() => {
                writeln!(f, "{}: it ended with {how} and said nothing", self.task.words())?;
            }
            How::Died(how, said) => writeln!(f, "{}: it ended with {how}: {said}", self.task.words())?,
        }
        for cause in &self.causes {
            writeln!(f, "  {cause}")?;
        }
        for (resource, step) in &self.cut {
            writeln!(f, "  cut off: {} {resource}", doing(*step))?;
        }
        if let Some(in_force) = self.in_force() {
            writeln!(f, "now: {in_force}")?;
        }
        write!(f, "next: {}", self.next())
    }
}

/// Whether a failure came of the stop alone.
fn is_of_the_stop(cause: &Cause) -> bool {
    let said = format!("{} {}", cause.said.summary, cause.said.detail).to_lowercase();
    let words = [
        "context canceled",
        "signal: killed",
        "signal: interrupt",
        "interrupted",
        "plugin did not respond",
        "request cancelled",
    ];
    cause.meaning == Meaning::Cut || said.trim().is_empty() || words.iter().any(|word| said.contains(word))
}

/// Whether two causes tell the same; what of a state could not be saved is told in several.
fn is_the_same(one: &Cause, other: &Cause) -> bool {
    one == other || (one.meaning == Meaning::Unsaved && other.meaning == Meaning::Unsaved)
}

/// Failures of one resource as one: that a part of a step failed, and the step with it, is told apart from why.
fn joined(failures: &[Failure]) -> Vec<Failure> {
    let mut all: Vec<Failure> = Vec::new();
    for failure in failures {
        let same = |one: &&mut Failure| {
            !failure.address.is_empty()
                && one.address == failure.address
                && (one.why.is_none() || failure.why.is_none() || one.why == failure.why)
        };
        let Some(one) = all.iter_mut().find(same) else {
            all.push(failure.clone());
            continue;
        };
        one.why = one.why.take().or_else(|| failure.why.clone());
        if !one.step.is_some_and(Step::changes) {
            (one.step, one.seconds) = (failure.step.or(one.step), failure.seconds.max(one.seconds));
        }
    }
    all
}

/// The line that says most: where a program broke down, else the last one.
fn last_words(errors: &str) -> &str {
    let telling = |line: &&str| line.chars().any(char::is_alphabetic);
    let breaks = |line: &&str| ["panic:", "fatal error:", "Error:"].iter().any(|word| line.contains(word));
    let mut lines = errors.lines().map(str::trim).filter(telling);
    let last = lines.clone().next_back();
    lines.find(breaks).or(last).unwrap_or_default()
}
