//! A run in this process: its events are shown as they come, signals tell it to stop.

use std::future::pending;
use std::path::{Path, PathBuf};
use std::pin::pin;

use terrace_run::control::{Logged, Replies};
use terrace_run::logs::LogQuery;
use terrace_run::{Client, Event, EventKind, Stop, UpOptions};
use tokio::sync::{mpsc, watch};

use super::{Shown, failure, ready};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::logview::{LogView, is_request};
use crate::printer::{Printer, Talk};
use crate::progress::{BEAT, View};
use crate::signals::{Asked, Signals};

/// Runs until it is told to stop.
pub(crate) async fn foreground(options: UpOptions, shown: Shown, printer: Printer) -> Result<Exit, Failure> {
    let mut signals = Signals::listen()?;
    let (tell, mut events) = mpsc::unbounded_channel();
    let (stop, stopping) = watch::channel(Stop::No);
    let names: Vec<String> = options.plan.processes.iter().map(|process| process.name.to_string()).collect();
    let place = (options.project.clone(), options.stem.clone());
    let mut run = pin!(terrace_run::up(options, tell, stopping));
    let mut scene = Scene {
        project: place.0.clone(),
        view: View::new(printer),
        logs: None,
        log_view: LogView::new(names.iter().map(String::as_str)),
        shown,
        printer,
    };
    let mut beat = tokio::time::interval(BEAT);
    let outcome = loop {
        tokio::select! {
            biased;
            asked = signals.next() => scene.stop(&stop, asked),
            Some(event) = events.recv() => {
                if let EventKind::Began { .. } = &event.kind {
                    scene.logs = follow(&place).await;
                }
                scene.take(&event)?;
            }
            outcome = &mut run => break outcome,
            line = next(&mut scene.logs) => scene.log(line)?,
            _ = beat.tick(), if scene.view.is_moving() => scene.view.draw(),
        }
    };
    while let Ok(event) = events.try_recv() {
        scene.take(&event)?;
    }
    let was_ready = scene.view.board().is_ready;
    if let Err(error) = &outcome {
        let (instance, reason) = failure::place(error);
        scene.view.fail(instance, reason);
    }
    scene.view.settle();
    match outcome {
        Ok(()) if was_ready && *stop.borrow() != Stop::Now => Ok(Exit::Success),
        Ok(()) => Ok(Exit::Interrupted),
        Err(error) => Err(failure::of(&error)),
    }
}

/// What is on the screen.
struct Scene {
    project: PathBuf,
    view: View,
    logs: Option<Replies>,
    log_view: LogView,
    shown: Shown,
    printer: Printer,
}

impl Scene {
    /// Shows an event.
    fn take(&mut self, event: &Event) -> Result<(), Failure> {
        if event.kind == EventKind::Stopping {
            // What is said on the way down is kept, and the screen shows who is left.
            self.logs = None;
            self.view.unsettle();
        }
        self.view.take(&self.nearer(event));
        let EventKind::Ready(reached) = &event.kind else { return Ok(()) };
        if !self.shown.logs {
            self.logs = None;
        }
        ready::tell(&mut self.view, reached, event.at, self.shown, self.printer)?;
        if !self.shown.json {
            self.printer.say(
                "  Ctrl-C stops it; `terrace status`, `logs`, `restart` and `stop` work from anywhere\n",
            );
        }
        Ok(())
    }

    /// The event with the paths of the project as the project's people write them.
    fn nearer(&self, event: &Event) -> Event {
        let mut event = event.clone();
        if let EventKind::Changed { path, .. } = &mut event.kind
            && let Ok(within) = Path::new(path.as_str()).strip_prefix(&self.project)
        {
            *path = within.display().to_string();
        }
        event
    }

    fn stop(&mut self, stop: &watch::Sender<Stop>, asked: Asked) {
        let now = *stop.borrow();
        match now {
            Stop::No => {
                let again = match asked {
                    Asked::Interrupt => "; Ctrl-C again ends it at once",
                    Asked::Terminate | Asked::HangUp => "",
                };
                // A terminal has echoed `^C` on the line that is not drawn on.
                let begin = if self.view.is_moving() || asked != Asked::Interrupt { "" } else { "\n" };
                self.view.say(format!("{begin}taking everything down gently{again}"));
                stop.send_replace(Stop::Drain);
            }
            Stop::Drain | Stop::Now => {
                self.view.say("ending everything at once");
                stop.send_replace(Stop::Now);
            }
        }
    }

    fn log(&mut self, line: Option<Logged>) -> Result<(), Failure> {
        match line {
            Some(Logged::Line(line)) if !self.view.board().is_ready => {
                self.view.hear(&line);
                if self.printer.talk() < Talk::Verbose || !self.shown.logs {
                    return Ok(());
                }
                let text = self.log_view.render(&line);
                self.view.data(text)
            }
            Some(Logged::Line(line)) if self.printer.talk() < Talk::Verbose && is_request(&line) => Ok(()),
            Some(Logged::Line(line)) => {
                let text = self.log_view.render(&line);
                self.view.data(text)
            }
            Some(Logged::Missed(count)) => {
                self.view.say(format!("({count} lines came too fast to be shown; `terrace logs` has them)"));
                Ok(())
            }
            None => {
                self.logs = None;
                Ok(())
            }
        }
    }
}

/// The logs from now on. A run whose logs cannot be had still runs.
async fn follow((project, stem): &(PathBuf, String)) -> Option<Replies> {
    let client = Client::connect(project, stem).await.ok()?;
    client.logs(LogQuery { tail: Some(0), ..LogQuery::default() }, true).await.ok()
}

async fn next(logs: &mut Option<Replies>) -> Option<Logged> {
    match logs {
        Some(replies) => replies.log().await.ok().flatten(),
        None => pending().await,
    }
}
