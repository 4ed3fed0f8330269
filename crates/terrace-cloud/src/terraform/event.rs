//! What happens while Terraform runs, as values, and each in a line of plain words.

use std::fmt;

use terrace_terraform::lines::{Course, Diagnostic, Line, Step};

use super::cause::Cause;
use super::resource::Resource;

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// Providers are fetched, and the way to the state is set up.
    Preparing,
    /// A state that an earlier run could not save is saved.
    Recovering,
    /// AWS was still making this when the last run was stopped; it is kept, and not made anew.
    Kept(Resource),
    /// AWS was making this when the last run was stopped, and nobody knows by which id: it may be there already.
    Unknown(Resource),
    /// What is there is compared with what is to be.
    Comparing,
    /// Somebody else works on the state; their end is awaited.
    Waiting,
    /// So many changes are to be made; a replacement is two.
    Planned(u64),
    /// A change began.
    Started(Resource, Step),
    /// It goes on, for so many seconds by now.
    Goes(Resource, Step, u64),
    /// It is done, after so many seconds.
    Done(Resource, Step, u64),
    /// It failed, after so many seconds; why is told by [`Event::Because`], later.
    Failed(Resource, Step, u64),
    /// Why something failed.
    Because(Box<Cause>),
    /// Something to know.
    Warned(Diagnostic),
    /// Terraform was asked to stop, and will when what it has begun is done.
    Stopping,
    /// A line that is none of Terraform's own.
    Said(String),
}

impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Preparing => f.write_str("preparing Terraform"),
            Self::Recovering => f.write_str("saving the state that the last run could not save"),
            Self::Kept(what) => write!(f, "keeping {what}, which AWS went on making"),
            Self::Unknown(what) => {
                write!(f, "{what} may be there since the run that was stopped, unknown to the state")
            }
            Self::Comparing => f.write_str("comparing with what is there"),
            Self::Waiting => f.write_str("waiting for who works on the state"),
            Self::Planned(0) => f.write_str("nothing to change"),
            Self::Planned(1) => f.write_str("1 change to make"),
            Self::Planned(count) => write!(f, "{count} changes to make"),
            Self::Started(what, step) => write!(f, "{} {what}", doing(*step)),
            Self::Goes(what, step, seconds) => write!(f, "{} {what}: {seconds} s", doing(*step)),
            Self::Done(what, step, seconds) => write!(f, "{} {what} in {seconds} s", did(*step)),
            Self::Failed(what, step, seconds) => {
                write!(f, "{what} could not be {} ({seconds} s)", did(*step))
            }
            Self::Because(cause) => write!(f, "{cause}"),
            Self::Warned(diagnostic) => write!(f, "warning: {}", diagnostic.summary),
            Self::Stopping => f.write_str("stopping when what has begun is done"),
            Self::Said(line) => f.write_str(line),
        }
    }
}

/// As in "making the subnet".
pub(super) const fn doing(step: Step) -> &'static str {
    match step {
        Step::Create => "making",
        Step::Update => "changing",
        Step::Delete => "removing",
        Step::Read => "looking up",
        Step::Refresh => "looking at",
        Step::Other => "working on",
    }
}

/// As in "made the subnet".
pub(super) const fn did(step: Step) -> &'static str {
    match step {
        Step::Create => "made",
        Step::Update => "changed",
        Step::Delete => "removed",
        Step::Read => "looked up",
        Step::Refresh => "looked at",
        Step::Other => "worked on",
    }
}

fn is_of_a_stop(said: &Diagnostic) -> bool {
    said.summary == "execution halted" || said.summary.ends_with("context canceled")
}

/// The event that a line stands for, if it stands for one; lookups are none.
pub(super) fn event(line: &Line, before: &Course) -> Option<Event> {
    match line {
        Line::Summary(summary) if summary.operation == "plan" => {
            Some(Event::Planned(before.progress().planned))
        }
        Line::Started(hook) if hook.step.changes() => {
            Some(Event::Started(Resource::of(&hook.address), hook.step))
        }
        Line::Running(hook) if hook.step.changes() => {
            Some(Event::Goes(Resource::of(&hook.address), hook.step, hook.seconds))
        }
        Line::Done(hook) if hook.step.changes() => {
            Some(Event::Done(Resource::of(&hook.address), hook.step, hook.seconds))
        }
        Line::Failed(hook) if hook.step.changes() => {
            Some(Event::Failed(Resource::of(&hook.address), hook.step, hook.seconds))
        }
        // What was cut off is told when the run has stopped, all at once.
        Line::Diagnostic(said) if said.is_error && is_of_a_stop(said) => None,
        Line::Diagnostic(said) if said.is_error => Some(Event::Because(Box::new(Cause::of(said, None)))),
        Line::Diagnostic(said) => Some(Event::Warned(said.clone())),
        Line::Log(said) if said.contains("Interrupt received") => Some(Event::Stopping),
        Line::Other { kind, .. } if kind == "state_lock_acquire" => Some(Event::Waiting),
        // Whatever writes there may mean it for a terminal of its own.
        Line::Text(text) => Some(Event::Said(text.chars().filter(|c| !c.is_control()).collect())),
        _ => None,
    }
}
