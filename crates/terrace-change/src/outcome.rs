//! What would come of a plan, and the exit code that says so.

use terrace_terraform::found::Changes;

use crate::resources::{Group, Verb};

/// What would come of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Everything stays as it is.
    Nothing,
    /// Something changes.
    Changes,
    /// It would fail, and these are the reasons.
    Refused(Vec<String>),
}

impl Outcome {
    /// As it is printed.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Nothing => "nothing",
            Self::Changes => "changes",
            Self::Refused(_) => "refused",
        }
    }

    /// The exit code, as `terraform plan -detailed-exitcode` has them: 0 nothing, 1 refused, 2 changes.
    pub const fn code(&self) -> u8 {
        match self {
            Self::Nothing => 0,
            Self::Refused(_) => 1,
            Self::Changes => 2,
        }
    }
}

pub(crate) fn of(changes: &Changes, groups: &[Group]) -> Outcome {
    let mut why = Vec::new();
    if changes.errored {
        why.push(
            "planning ended with an error, so that this is not all of it; correct that and plan again"
                .to_owned(),
        );
    }
    for (about, says) in &changes.failed_checks {
        // A `check` block only warns; conditions of resources and outputs stop the run.
        if !about.starts_with("check.") {
            why.push(format!("a condition of {about} does not hold: {says}"));
        }
    }
    for resource in groups.iter().flat_map(|group| &group.resources) {
        why.extend(resource.losses.iter().filter_map(|loss| loss.refused.clone()));
        if let Verb::Other(words) = &resource.verb {
            why.push(format!("what the plan does with {} is not known here (`{words}`)", resource.address));
        }
    }
    if !why.is_empty() {
        return Outcome::Refused(why);
    }
    let nothing = groups.is_empty() && changes.outputs.is_empty() && changes.deferred.is_empty();
    if nothing { Outcome::Nothing } else { Outcome::Changes }
}
