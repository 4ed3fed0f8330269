//! A run as plain lines: one for each thing that happened, for logs and pipes.

use terrace_run::{Event, EventKind};

use super::seconds;

/// How wide names are set.
const NAME: usize = 14;

/// What an event says in a line, if it is worth one. Build output is, if `verbose`.
pub(super) fn line(event: &Event, verbose: bool) -> Option<String> {
    let say = |name: &str, text: String| Some(format!("{name:<NAME$} {text}"));
    match &event.kind {
        EventKind::Began { system, shape, .. } => {
            Some(format!("{system}, in shape {shape}, starts on this machine"))
        }
        EventKind::BuildStarted { party, command } => say(party, format!("builds: {command}")),
        EventKind::BuildLine { party, line } => verbose.then(|| say(party, format!("| {line}"))).flatten(),
        EventKind::BuildSkipped { party } => say(party, "is built, nothing changed".to_owned()),
        EventKind::BuildFinished { party, millis } => say(party, format!("built in {}", seconds(*millis))),
        EventKind::BuildFailed { party, reason } => say(party, first_line(reason)),
        EventKind::Starting { instance } => {
            verbose.then(|| say(&instance.to_string(), "starts".into())).flatten()
        }
        EventKind::Healthy { instance, millis } => {
            say(&instance.to_string(), format!("healthy in {}", seconds(*millis)))
        }
        EventKind::Finished { instance, millis } => {
            say(&instance.to_string(), format!("done in {}", seconds(*millis)))
        }
        EventKind::Failed { instance, reason, .. } => {
            say(&instance.to_string(), format!("failed ({reason}): what runs stays as it is"))
        }
        EventKind::Unhealthy { instance, reason } => {
            say(&instance.to_string(), format!("is not well: {reason}"))
        }
        EventKind::Crashed { instance, reason, .. } => say(&instance.to_string(), format!("ended: {reason}")),
        EventKind::Restarting { instance, after_millis: 0..100 } => {
            say(&instance.to_string(), "is started again".to_owned())
        }
        EventKind::Restarting { instance, after_millis } => {
            say(&instance.to_string(), format!("is started again in {}", seconds(*after_millis)))
        }
        EventKind::Replaced { old, new } => say(&old.to_string(), format!("replaced by {new}")),
        EventKind::Scaled { process, from, to, cpu_percent } => {
            say(process.as_str(), format!("from {from} to {to} replicas, at {cpu_percent} % CPU"))
        }
        EventKind::Stopped { instance } => say(&instance.to_string(), "stopped".to_owned()),
        EventKind::Note { process, text } => match process {
            Some(process) => say(process.as_str(), text.clone()),
            None => Some(format!("note: {text}")),
        },
        EventKind::Changed { party, path } => say(party, format!("{path} changed")),
        EventKind::Ready(_) => None,
        EventKind::Stopping => Some("taking everything down".to_owned()),
        EventKind::Ended => Some("nothing runs any more".to_owned()),
    }
}

/// What comes before what shows it.
pub(super) fn first_line(text: &str) -> String {
    text.lines().next().unwrap_or_default().trim_end_matches(':').to_owned()
}
