//! What other rooms say of a failure, as this program tells failures.

use terrace_cloud::foundation::FoundationError;
use terrace_cloud::release;
use terrace_cloud::terraform::{How, RunError};
use terrace_cloud::watch::WatchError;

use crate::exit::Exit;
use crate::failure::Failure;

/// Of the foundation.
pub(crate) fn foundation(error: &FoundationError) -> Failure {
    error.help().into_iter().fold(Failure::new(error.to_string()), Failure::help)
}

/// Of a release, or of a part of it.
pub(crate) fn release(error: &release::Failure) -> Failure {
    let failure = error.why.iter().fold(Failure::new(error.what.clone()), Failure::cause);
    failure.cause(format!("in force now: {}", error.in_force)).help(error.next.clone())
}

/// Of Terraform.
pub(crate) fn terraform(error: &RunError) -> Failure {
    let Some(broken) = error.broken() else { return Failure::of(error) };
    let text = broken.to_string();
    let mut lines = text.lines().filter(|line| !line.starts_with("next: "));
    let what = lines.next().unwrap_or_default().trim_end_matches(':').to_owned();
    let failure = lines.fold(Failure::new(what), |failure, line| failure.cause(line.trim().to_owned()));
    let failure = failure.help(broken.next());
    match broken.how {
        How::Stopped | How::Ended => failure.exit(Exit::Interrupted),
        How::Failed | How::Died(..) => failure,
    }
}

/// Of what was asked about a deployed system.
pub(crate) fn watch(error: &WatchError) -> Failure {
    // Its own text has what to do in the same line.
    Failure::new(format!("{}: {}", error.doing, error.refusal)).help(error.next())
}
