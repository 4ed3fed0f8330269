//! A deployment as a tree of steps, each with what it does now and its seconds; as lines where nobody watches.
//!
//! Steps may tell what they do from any thread. Nothing is drawn after [`Steps::settle`].

use std::sync::Mutex;
use std::time::{Duration, Instant};

use dialoguer::console::{Term, truncate_str};
use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::seconds;
use super::tree::SPINNER;
use crate::printer::{Printer, Talk};
use crate::style::{ERROR, GOOD, QUIET, STRONG, WARNING, paint};

/// How wide names are set.
const NAME: usize = 14;
const BEAT: Duration = Duration::from_millis(100);

/// Steps that are shown while they go on.
pub(crate) struct Steps {
    printer: Printer,
    stage: Option<MultiProgress>,
    rows: Mutex<Vec<Row>>,
}

struct Row {
    name: &'static str,
    bar: ProgressBar,
    began: Option<Instant>,
    over: bool,
    /// What was said last, so that it is not said twice.
    said: String,
}

/// How a step ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// It did what it is there for.
    Done,
    /// There was nothing to do.
    Nothing,
    /// It did it, and something is to be known.
    Warned,
    /// It failed.
    Failed,
}

impl Steps {
    /// Nothing of it is shown yet; the steps, in the order in which they come.
    pub(crate) fn new(printer: Printer, title: &str, names: &[&'static str]) -> Self {
        let stage = printer
            .is_watched()
            .then(|| MultiProgress::with_draw_target(ProgressDrawTarget::stderr_with_hz(20)));
        match &stage {
            Some(_) => printer.say(title),
            None => printer.say(anstream::adapter::strip_str(title).to_string()),
        }
        let rows = names.iter().enumerate().map(|(index, name)| {
            let bar = ProgressBar::new_spinner();
            let bar = stage.as_ref().map_or(bar.clone(), |stage| stage.add(bar));
            let branch = if index + 1 == names.len() { "└─" } else { "├─" };
            bar.set_style(quiet());
            bar.set_prefix(paint(QUIET, branch));
            bar.set_message(format!("{} {}", paint(QUIET, "·"), paint(QUIET, *name)));
            if stage.is_some() {
                bar.tick();
            }
            Row { name, bar, began: None, over: false, said: String::new() }
        });
        let rows = Mutex::new(rows.collect());
        Self { printer, stage, rows }
    }

    /// A step begins.
    pub(crate) fn begin(&self, name: &str, text: &str) {
        self.on(name, |row| {
            row.began = Some(Instant::now());
            row.said.clear();
            if self.stage.is_some() {
                row.bar.reset_elapsed();
                row.bar.set_style(busy());
                row.bar.enable_steady_tick(BEAT);
            }
        });
        self.goes(name, text);
    }

    /// What a step does now.
    pub(crate) fn goes(&self, name: &str, text: &str) {
        self.hint(name, text);
        if self.stage.is_none() {
            let new = self.on(name, |row| std::mem::replace(&mut row.said, text.to_owned()) != text);
            if new == Some(true) && !text.is_empty() {
                self.printer.say(format!("{name:<NAME$} {text}"));
            }
        }
    }

    /// The same, of what changes too often to be worth a line each.
    pub(crate) fn hint(&self, name: &str, text: &str) {
        let text = anstream::adapter::strip_str(text.trim()).to_string().replace('\t', " ");
        self.on(name, |row| {
            if self.stage.is_some() && !row.over {
                let name = paint(STRONG, format!("{name:<NAME$}"));
                row.bar.set_message(format!("{name} {}", paint(QUIET, fitting(&text))));
            }
        });
    }

    /// A step is over.
    pub(crate) fn end(&self, name: &str, end: End, text: &str) {
        let (glyph, words) = match end {
            End::Done => (paint(GOOD, "✔"), text.to_owned()),
            End::Nothing => (paint(QUIET, "○"), paint(QUIET, text)),
            End::Warned => (paint(WARNING, "!"), text.to_owned()),
            End::Failed => (paint(ERROR, "✘"), paint(ERROR, text)),
        };
        let ended = self.on(name, |row| {
            if row.over {
                return None;
            }
            row.over = true;
            let took = row.began.map(|began| format!(" in {}", seconds(millis(began))));
            let took = took.filter(|_| end != End::Nothing).unwrap_or_default();
            if self.stage.is_some() {
                row.bar.disable_steady_tick();
                row.bar.set_style(quiet());
                let shown = paint(STRONG, format!("{:<NAME$}", row.name));
                row.bar.set_message(format!("{glyph} {shown} {}{}", fitting(&words), paint(QUIET, &took)));
                row.bar.tick();
            }
            Some(took)
        });
        if let (None, Some(Some(took))) = (&self.stage, ended) {
            self.printer.say(format!("{name:<NAME$} {text}{took}"));
        }
    }

    /// Whatever goes on has failed.
    pub(crate) fn broke(&self, text: &str) {
        let open: Vec<&'static str> = {
            let rows = self.rows.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            rows.iter().filter(|row| row.began.is_some() && !row.over).map(|row| row.name).collect()
        };
        for name in open {
            self.end(name, End::Failed, text);
        }
    }

    /// Says a line above what moves.
    pub(crate) fn say(&self, text: &str) {
        if self.printer.talk() >= Talk::Normal {
            self.aside(|| self.printer.tell(text));
        }
    }

    /// Does something while nothing moves: a question, or what was asked for.
    pub(crate) fn aside<T>(&self, act: impl FnOnce() -> T) -> T {
        match &self.stage {
            Some(stage) => stage.suspend(act),
            None => act(),
        }
    }

    /// Ends what moves, and leaves it as it stands.
    pub(crate) fn settle(&self) {
        let rows = self.rows.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        for row in rows.iter() {
            row.bar.disable_steady_tick();
            row.bar.abandon();
        }
    }

    fn on<T>(&self, name: &str, act: impl FnOnce(&mut Row) -> T) -> Option<T> {
        let mut rows = self.rows.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        rows.iter_mut().find(|row| row.name == name).map(act)
    }
}

fn quiet() -> ProgressStyle {
    ProgressStyle::with_template("{prefix} {msg}").unwrap_or_else(|_| ProgressStyle::default_bar())
}

fn busy() -> ProgressStyle {
    let style = ProgressStyle::with_template("{prefix} {spinner:.cyan} {msg} {elapsed:.dim}");
    style.unwrap_or_else(|_| ProgressStyle::default_bar()).tick_strings(&SPINNER)
}

/// As much of a text as stands beside a name and the seconds in this terminal.
fn fitting(text: &str) -> String {
    let width = usize::from(Term::stderr().size().1);
    truncate_str(text, width.saturating_sub(NAME + 16).max(10), "…").into_owned()
}

fn millis(since: Instant) -> u64 {
    u64::try_from(since.elapsed().as_millis()).unwrap_or(u64::MAX)
}
