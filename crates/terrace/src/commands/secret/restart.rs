//! What reads a value that changed starts again, and a person sees it happen.

use terrace_cloud::deployed::Names;
use terrace_cloud::secrets::{self, Restart, Restarted};

use crate::aws::{self, Session, told};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::progress::{End, Steps};
use crate::signals::Signals;

/// The name of its step.
pub(super) const STEP: &str = "restart";

/// Has it done, and waits; a signal ends the waiting alone.
pub(super) async fn restart(
    session: &Session,
    names: &Names,
    steps: &Steps,
    signals: &mut Signals,
) -> Result<Restarted, Failure> {
    steps.begin(STEP, "what reads it starts again");
    let events = |event: Restart| match event {
        Restart::Begun { service } => steps.goes(STEP, &format!("{service} begins to replace its tasks")),
        Restart::Running { running, wanted } => {
            steps.goes(STEP, &format!("{running} of {wanted} new tasks run"));
        }
    };
    let env = session.env_flag();
    let outcome = tokio::select! {
        biased;
        _ = signals.next() => {
            steps.end(STEP, End::Warned, &format!("goes on by itself: `terrace status --aws{env}` tells"));
            return Err(Failure::Told(Exit::Interrupted));
        }
        outcome = secrets::restart(&session.account, names, aws::pace(), events) => outcome,
    };
    let outcome = outcome.map_err(|error| {
        steps.end(STEP, End::Failed, "what reads it may still have the value from before");
        told::watch(&error)
    })?;
    match &outcome {
        Restarted::Done => steps.end(STEP, End::Done, "all tasks have the new value"),
        Restarted::ByItself { within } => {
            let minutes = within.div_ceil(60);
            steps.end(
                STEP,
                End::Done,
                &format!("the machines see it by themselves within {minutes} minutes"),
            );
        }
        Restarted::Failed { why } => {
            steps.end(STEP, End::Failed, "the tasks from before serve, with the value from before");
            let logs = format!("`terrace logs --aws{env}` shows what the new tasks said");
            return Err(Failure::new("what reads the new value does not start")
                .cause(why.clone())
                .help(logs));
        }
        Restarted::StillGoing => {
            steps.end(STEP, End::Warned, &format!("is not over: `terrace status --aws{env}` tells"));
        }
    }
    Ok(outcome)
}

/// What it means that nothing starts again.
pub(super) fn left(steps: &Steps, deployed: bool) {
    let text = if deployed {
        "left out: what runs has the value from before until it starts again"
    } else {
        "nothing runs yet: the first `terrace deploy` reads it"
    };
    steps.end(STEP, End::Nothing, text);
}
