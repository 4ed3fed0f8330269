//! What goes on while a release is brought out, in the words of its steps.

use terrace_cloud::foundation;
use terrace_cloud::release::{containers, machines, page};

use crate::product;
use crate::progress::Steps;
use crate::style::{WARNING, paint};

/// Of tasks, and of the migration.
pub(super) fn tasks(event: &containers::Event, steps: &Steps) {
    use containers::Event;
    match event {
        Event::Defined { .. } => {}
        Event::Told => steps.goes("app", "the service was told; waiting for new tasks"),
        Event::Running { running, desired } => {
            steps.goes("app", &format!("{running} of {desired} new tasks run"));
        }
        Event::Said { message } => steps.hint("app", message),
        Event::Stopped(stopped) => {
            steps.say(&format!("{} task {} stopped", paint(WARNING, "!"), stopped.task));
            stopped.lines().iter().for_each(|line| steps.say(&format!("    {line}")));
        }
        Event::Back { definition } => steps.goes("app", &format!("going back to {definition}")),
        Event::Migrating { task } => steps.goes("migration", &format!("task {task} runs")),
        Event::Printed { line } => steps.say(&format!("  migration | {line}")),
        Event::Steady => steps.goes("app", "the new tasks are healthy"),
        _ => {}
    }
}

/// Of the page.
pub(super) fn page(event: &page::Event, steps: &Steps) {
    use page::Event;
    match event {
        Event::Compared { changed, same } => {
            steps.goes("page", &format!("{changed} files are new or changed, {same} are the same"));
        }
        Event::Sending { path, sent, of } => {
            steps.hint("page", &format!("sending {path}: {} of {}", size(*sent), size(*of)));
        }
        Event::Sent { path, length } => steps.hint("page", &format!("sent {path} ({})", size(*length))),
        Event::Replaced { path } => steps.hint("page", &format!("replaced {path}")),
        Event::Removed { path } => steps.hint("page", &format!("took {path} away")),
        Event::Invalidating { paths } => {
            let what = if paths.iter().any(|path| path == "/*") {
                "everything".to_owned()
            } else {
                format!("{} paths", paths.len())
            };
            steps.goes("page", &format!("the distribution forgets {what}"));
        }
        Event::Invalidated => steps.goes("page", "the distribution has forgotten what changed"),
        Event::Swept { .. } => {}
        _ => {}
    }
}

/// Of machines.
pub(super) fn machines(event: &machines::Event, steps: &Steps) {
    use machines::Event;
    match event {
        Event::AlreadyThere { party, .. } => steps.goes("upload", &format!("{party} is there already")),
        Event::Sent { party, file, done, of } => {
            steps.hint("upload", &format!("{party}: {file}, {} of {}", size(*done), size(*of)));
        }
        Event::Unchanged { party } => steps.goes("app", &format!("{party} runs it already")),
        Event::Version { party, version, .. } => {
            steps.goes("app", &format!("{party} has version {version} of its launch template"));
        }
        Event::Refreshing { party, resumed, .. } => {
            let how = if *resumed { "are being replaced already" } else { "are being replaced" };
            steps.goes("app", &format!("the machines of {party} {how}"));
        }
        Event::Progress { party, percent, left, serving, waits } => {
            let waits = waits.as_ref().map(|waits| format!("; {waits}")).unwrap_or_default();
            let text = format!("{party}: {percent} %, {serving} new machines serve, {left} to go{waits}");
            steps.hint("app", &text);
        }
        Event::Started { party, instance } => steps.goes("app", &format!("{party}: {instance} starts")),
        Event::Healthy { party, instance } => steps.goes("app", &format!("{party}: {instance} serves")),
        Event::Bad { party, bad } => {
            let which = bad.instance.as_deref().unwrap_or("no machine");
            steps.say(&format!("{} {party}: {which} came to nothing", paint(WARNING, "!")));
            bad.why.iter().for_each(|line| steps.say(&format!("    {line}")));
        }
        Event::GoingBack { party, why } => steps.goes("app", &format!("{party} goes back: {why}")),
        Event::Leftover { instance, number } => {
            steps.say(&format!("{instance}, left by the migration of release {number}, is taken away"));
        }
        Event::Migrating { instance, resumed } => {
            let how = if *resumed { "runs it already" } else { "starts, to run it" };
            steps.goes("migration", &format!("{instance} {how}"));
        }
        Event::Printed { line } => steps.say(&format!("  migration | {line}")),
        Event::Stays { instance, why } => {
            steps.say(&format!("{} {instance} could not be taken away: {why}", paint(WARNING, "!")));
        }
    }
}

/// Of the foundation.
pub(super) fn foundation(event: &foundation::Event, step: &str, steps: &Steps) {
    use foundation::Event;
    match event {
        Event::There(piece) => steps.hint(step, &format!("{piece} is there")),
        Event::Making(piece) => steps.goes(step, &format!("making {piece}")),
        Event::Made(piece) => steps.hint(step, &format!("{piece} is made")),
        Event::Left(piece, why) => steps.say(&format!("{piece} stays as it is: {why}")),
    }
}

/// Of builds and of the way to the registry.
pub(super) fn product(event: &product::Event, steps: &Steps) {
    use product::Event;
    match event {
        Event::Waiting { party } => {
            steps.goes("build", &format!("{party}: another build works in its folder"))
        }
        Event::Building { party, command } => steps.goes("build", &format!("{party}: {command}")),
        Event::Line { party, text } => steps.hint("build", &format!("{party}: {text}")),
        Event::Built { party, took: Some(took) } => {
            steps.goes("build", &format!("{party}: built in {:.1} s", took.as_secs_f64()));
        }
        Event::Built { party, took: None } => steps.goes("build", &format!("{party}: nothing had changed")),
        Event::Packed { party, size: bytes, .. } => {
            steps.goes("build", &format!("{party}: packed, {}", size(*bytes)));
        }
        Event::Fetching { what } => steps.goes("build", &format!("fetching {what}")),
        Event::Pushing { sent, size: of, .. } => {
            steps.hint("upload", &format!("{} of {}", size(*sent), size(*of)));
        }
        Event::Again { why, after } => {
            steps.say(&format!("{why}; tried again in {:.1} s", after.as_secs_f64()));
        }
        Event::Pushed { repository, sent: 0, .. } => {
            steps.goes("upload", &format!("{repository} has the image already"));
        }
        Event::Pushed { repository, sent, .. } => {
            steps.goes("upload", &format!("{} pushed to {repository}", size(*sent)));
        }
    }
}

/// Bytes, as people read them.
pub(crate) fn size(bytes: u64) -> String {
    match bytes {
        0..1_000 => format!("{bytes} bytes"),
        1_000..1_000_000 => format!("{}.{} kB", bytes / 1_000, bytes % 1_000 / 100),
        _ => format!("{}.{} MB", bytes / 1_000_000, bytes % 1_000_000 / 100_000),
    }
}
