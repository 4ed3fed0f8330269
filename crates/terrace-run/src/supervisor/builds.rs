//! Builds within a run: before anything starts, and again when sources change.

use std::sync::Arc;

use terrace_local::{Build, LocalPlan};
use terrace_topology::PartyName;
use tokio::task::JoinSet;

use super::{Run, UpError};
use crate::EventKind;
use crate::build::{self, Job, Outcome, Progress};

pub(super) use crate::watch::{Change, Changes};

/// What came of a build.
#[derive(Debug)]
pub(super) enum Built {
    /// The party may start.
    First(PartyName),
    /// There is something new.
    Again(PartyName),
    /// There is nothing new.
    Nothing,
}

/// Builds a party before it starts. A failure ends the run.
pub(super) fn begin(
    run: &Arc<Run>,
    plan: &LocalPlan,
    build: &Build,
    tasks: &mut JoinSet<Result<Built, UpError>>,
) {
    let (run, job) = (Arc::clone(run), Job::of(build, plan, &run.project));
    tasks.spawn(async move {
        once(&run, &job).await?;
        Ok(Built::First(job.party().clone()))
    });
}

/// Builds a party again. A failure is told, and what runs stays.
pub(super) fn again(
    run: &Arc<Run>,
    plan: &LocalPlan,
    build: &Build,
    tasks: &mut JoinSet<Result<Built, UpError>>,
) {
    let (run, job) = (Arc::clone(run), Job::of(build, plan, &run.project));
    tasks.spawn(async move {
        Ok(match once(&run, &job).await {
            Ok(Outcome::Built(_)) => Built::Again(job.party().clone()),
            Ok(Outcome::Unchanged) | Err(_) => Built::Nothing,
        })
    });
}

async fn once(run: &Run, job: &Job) -> Result<Outcome, UpError> {
    let party = job.party().to_string();
    let outcome = build::run(job, &run.state, &run.executable, |progress| {
        run.hub.tell(match progress {
            Progress::Waiting => EventKind::Note {
                process: None,
                text: format!("the build of `{party}` waits for another in `{}`", job.folder().display()),
            },
            Progress::Started => {
                EventKind::BuildStarted { party: party.clone(), command: job.command().to_string() }
            }
            Progress::Line(line) => EventKind::BuildLine { party: party.clone(), line: line.text },
        });
    })
    .await;
    run.hub.tell(match &outcome {
        Ok(Outcome::Unchanged) => EventKind::BuildSkipped { party },
        Ok(Outcome::Built(took)) => {
            let millis = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
            EventKind::BuildFinished { party, millis }
        }
        Err(error) => EventKind::BuildFailed { party, reason: error.to_string() },
    });
    Ok(outcome?)
}
