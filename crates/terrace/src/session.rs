//! Speaking to a run from another terminal.

use std::future::Future;
use std::time::{SystemTime, UNIX_EPOCH};

use terrace_run::Client;
use terrace_run::control::{ClientError, RunStatus};
use terrace_run::state::{Holder, StateFolder};

use crate::exit::Exit;
use crate::failure::Failure;
use crate::project::Project;

/// Does something with the run of a project.
pub(crate) fn with<T, F>(project: &Project, what: impl FnOnce(Client) -> F) -> Result<T, Failure>
where
    F: Future<Output = Result<T, Failure>>,
{
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let client = Client::connect(&project.folder, &project.stem()).await;
        let client = client.map_err(|error| refused(project, &error))?;
        what(client).await
    })
}

/// What a run's refusal means.
pub(crate) fn refused(project: &Project, error: &ClientError) -> Failure {
    match error {
        ClientError::NotRunning => not_running(project),
        other => Failure::of(other),
    }
}

pub(crate) fn not_running(project: &Project) -> Failure {
    let state = StateFolder::existing(&project.folder, &project.stem());
    let failure = match state.as_ref().and_then(Holder::of) {
        Some(holder) => {
            Failure::new(format!("process {} runs {} and does not answer", holder.pid, project.title()))
                .help(format!("if it hangs, `kill {}` ends it and everything it started", holder.pid))
        }
        None => Failure::new(format!("{} does not run", project.title())).help("`terrace up` starts it"),
    };
    failure.exit(Exit::NotRunning)
}

/// Now, seconds since 1970-01-01T00:00:00Z.
pub(crate) fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

/// Makes sure that a run has a process or replica of that name.
pub(crate) fn ensure_known(name: &str, status: &RunStatus) -> Result<(), Failure> {
    let mut known: Vec<String> = Vec::new();
    for instance in status.instances.iter().map(|status| &status.instance) {
        for name in [instance.process.to_string(), instance.to_string()] {
            if !known.contains(&name) {
                known.push(name);
            }
        }
    }
    if known.iter().any(|known| known == name) {
        return Ok(());
    }
    let failure = Failure::input(format!("there is no `{name}`"));
    Err(match crate::machine::nearest(name, known.iter().map(String::as_str)) {
        Some(near) => failure.help(format!("did you mean `{near}`?")),
        None => failure.help(format!("there are `{}`", known.join("`, `"))),
    })
}
