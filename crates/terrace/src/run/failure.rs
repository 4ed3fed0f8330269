//! Why a run failed, in words: what it was, what was said last, what to do.

use terrace_run::build::BuildError;
use terrace_run::state::LockError;
use terrace_run::{Instance, UpError};

use crate::failure::Failure;

/// Which process the run failed at, if it was one, and why in a few words.
pub(super) fn place(error: &UpError) -> (Option<&Instance>, &str) {
    match error {
        UpError::CrashedAtStart { instance, reason, .. } => (Some(instance), reason),
        UpError::NeverHealthy { instance, .. } => (Some(instance), "never healthy"),
        UpError::Migration { instance, reason, .. } => (Some(instance), reason),
        _ => (None, ""),
    }
}

/// The failure that a run's error is.
pub(super) fn of(error: &UpError) -> Failure {
    match error {
        UpError::Lock(LockError::Held { holder }) => {
            let Some(holder) = holder else {
                return Failure::new("this project is being started by another `terrace`");
            };
            let at = holder.url.as_ref().map(|url| format!(" at {url}")).unwrap_or_default();
            let since = humantime::format_rfc3339_seconds(
                std::time::UNIX_EPOCH + std::time::Duration::from_secs(holder.since),
            );
            Failure::new(format!("this project is up already{at}"))
                .cause(format!("process {} has run it since {since}", holder.pid))
                .help("`terrace status` shows it, `terrace stop` ends it")
        }
        UpError::PortTaken { port, holder } => {
            let by = holder.as_ref().map(|holder| format!(" by {holder}")).unwrap_or_default();
            Failure::new(format!("port {port} is taken{by}"))
                .help("give another `--port`, or none to get a free one")
        }
        UpError::CrashedAtStart { instance, reason, last_lines } => {
            Failure::new(format!("`{instance}` does not stay up"))
                .cause(reason)
                .excerpt(last_lines.iter().cloned())
                .help(format!("`terrace logs {}` has all that it said", instance.process))
        }
        UpError::NeverHealthy { instance, asked, answered, within, last_lines } => {
            Failure::new(format!("`{instance}` did not become healthy within {} s", within.as_secs()))
                .cause(format!("asked {asked}: {answered}"))
                .excerpt(last_lines.iter().cloned())
                .help(format!(
                    "it must listen on the port in `PORT` and answer `health` of `[{}]`",
                    instance.process
                ))
                .help(format!("`terrace logs {}` has all that it said", instance.process))
        }
        UpError::Migration { instance, command, reason, last_lines, .. } => {
            Failure::new("the database could not be migrated")
                .cause(format!("`{command}` ended with {reason}"))
                .excerpt(last_lines.iter().cloned())
                .help(format!("`terrace logs {instance}` has all that it said"))
        }
        UpError::Build(error) => of_build(error),
        other => Failure::of(other),
    }
}

pub(crate) fn of_build(error: &BuildError) -> Failure {
    match error {
        BuildError::Failed { party, command, exit, last_lines, log, .. } => {
            Failure::new(format!("`{party}` could not be built"))
                .cause(format!("`{command}` ended with {exit}"))
                .excerpt(last_lines.iter().cloned())
                .help(format!("all that it said is in {}", log.display()))
        }
        other => Failure::of(other),
    }
}
