//! The one who shows a run: takes each event, keeps the [`Board`], draws.

use std::time::{Duration, Instant};

use dialoguer::console::{Term, truncate_str};
use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};
use terrace_run::logs::{LogLine, Stream};
use terrace_run::{Event, EventKind, Instance};

use super::keys::Unechoed;
use super::{Board, lines, tree};
use crate::failure::Failure;
use crate::printer::{Printer, Talk};
use crate::style::{BUSY, GOOD, QUIET, STRONG, WARNING, paint};

/// How often the tree is drawn while nothing happens.
pub(crate) const BEAT: Duration = Duration::from_millis(100);

/// Shows a run to whoever watches.
pub(crate) struct View {
    printer: Printer,
    board: Board,
    stage: Option<Stage>,
    began: Instant,
    /// The run's clock when it was last told.
    offset: u64,
}

/// The part of a terminal that is drawn again and again.
struct Stage {
    all: MultiProgress,
    bars: Vec<ProgressBar>,
    frame: usize,
    _keys: Option<Unechoed>,
}

impl View {
    /// A view that draws a tree where a person watches, and says lines elsewhere.
    pub(crate) fn new(printer: Printer) -> Self {
        let mut view =
            Self { printer, board: Board::default(), stage: None, began: Instant::now(), offset: 0 };
        view.unsettle();
        view
    }

    /// Begins to draw again, where a person watches.
    pub(crate) fn unsettle(&mut self) {
        if self.stage.is_none() && self.printer.is_watched() {
            self.stage = Some(Stage {
                all: MultiProgress::with_draw_target(ProgressDrawTarget::stderr_with_hz(20)),
                bars: Vec::new(),
                frame: 0,
                _keys: Unechoed::begin(),
            });
        }
    }

    /// What is known of the run.
    pub(crate) fn board(&self) -> &Board {
        &self.board
    }

    /// Shows what a process says while it is not healthy yet.
    pub(crate) fn hear(&mut self, line: &LogLine) {
        if line.stream != Stream::Terrace {
            self.board.hear(&line.instance, &line.text);
        }
    }

    /// Shows that the run failed, and at which process if it was one.
    pub(crate) fn fail(&mut self, because: Option<&Instance>, reason: &str) {
        self.board.fail(because, reason);
    }

    /// Shows that something happened.
    pub(crate) fn take(&mut self, event: &Event) {
        self.board.apply(event);
        self.offset = event.at;
        self.began = Instant::now();
        if self.stage.is_some() || self.printer.is_watched() {
            self.tell(event);
        } else if let Some(line) = lines::line(event, self.printer.talk() == Talk::Verbose) {
            self.printer.say(line);
        }
        // At the start a failed build ends the run, and its error shows what it said.
        if let EventKind::BuildFailed { party, .. } = &event.kind
            && self.board.is_ready
        {
            self.show_build(party);
        }
        self.draw();
    }

    /// What the tree does not show is said above it.
    fn tell(&mut self, event: &Event) {
        let text = match &event.kind {
            EventKind::Note { process: Some(process), text } => {
                format!("{} {process}: {text}", paint(BUSY, "ℹ"))
            }
            EventKind::Note { process: None, text } => format!("{} {text}", paint(BUSY, "ℹ")),
            EventKind::BuildStarted { .. }
            | EventKind::BuildFailed { .. }
            | EventKind::BuildFinished { .. }
            | EventKind::BuildSkipped { .. }
            | EventKind::Starting { .. }
            | EventKind::Healthy { .. }
            | EventKind::Finished { .. }
            | EventKind::Stopped { .. }
                if !self.board.is_ready =>
            {
                return;
            }
            EventKind::BuildFailed { party, reason } => {
                format!("{} {party}: {}", paint(WARNING, "!"), lines::first_line(reason))
            }
            EventKind::BuildLine { .. } | EventKind::Starting { .. } | EventKind::BuildSkipped { .. } => {
                return;
            }
            EventKind::Stopped { .. } => return,
            EventKind::Healthy { .. } | EventKind::Finished { .. } => match lines::line(event, false) {
                Some(line) => format!("{} {line}", paint(GOOD, "✔")),
                None => return,
            },
            EventKind::Crashed { .. } | EventKind::Failed { .. } | EventKind::Unhealthy { .. } => {
                match lines::line(event, false) {
                    Some(line) => format!("{} {line}", paint(WARNING, "!")),
                    None => return,
                }
            }
            EventKind::Began { .. } | EventKind::Ready(_) | EventKind::Stopping | EventKind::Ended => return,
            _ => match lines::line(event, false) {
                Some(line) => format!("{} {line}", paint(BUSY, "→")),
                None => return,
            },
        };
        self.say(text);
    }

    /// The last lines of a build that failed.
    fn show_build(&self, party: &str) {
        if self.printer.talk() == Talk::Verbose && self.stage.is_none() {
            return;
        }
        let Some(row) = self.board.find(party).or_else(|| self.board.find("bucket")) else { return };
        for line in &row.build_lines {
            self.tell_above(format!("{} {line}", paint(QUIET, format!("{party:<11} |"))));
        }
    }

    /// Says a line above what moves.
    pub(crate) fn say(&self, text: impl AsRef<str>) {
        if self.printer.talk() >= Talk::Normal {
            self.tell_above(text);
        }
    }

    /// Writes data above what moves.
    pub(crate) fn data(&self, text: impl AsRef<str>) -> Result<(), Failure> {
        match &self.stage {
            Some(stage) if !stage.bars.is_empty() => stage.all.suspend(|| self.printer.data(text.as_ref())),
            _ => self.printer.data(text.as_ref()),
        }
    }

    fn tell_above(&self, text: impl AsRef<str>) {
        match &self.stage {
            Some(stage) if !stage.bars.is_empty() => stage.all.suspend(|| self.printer.tell(text.as_ref())),
            _ => self.printer.tell(text.as_ref()),
        }
    }

    /// Draws the tree as it stands now.
    pub(crate) fn draw(&mut self) {
        let now = self.offset + u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX);
        let Some(stage) = &mut self.stage else { return };
        if self.board.rows.is_empty() {
            return;
        }
        stage.frame = stage.frame.wrapping_add(1);
        let lines = tree::render(&self.board, now, stage.frame);
        while stage.bars.len() < lines.len() {
            let style =
                ProgressStyle::with_template("{msg}").unwrap_or_else(|_| ProgressStyle::default_bar());
            stage.bars.push(stage.all.add(ProgressBar::new_spinner().with_style(style)));
        }
        let width = usize::from(Term::stderr().size().1);
        let lines = lines.iter().map(|line| truncate_str(line, width, "…").into_owned());
        for (bar, line) in stage.bars.iter().zip(lines.chain(std::iter::repeat(String::new()))) {
            bar.set_message(line);
            bar.tick();
        }
    }

    /// Ends what moves, and leaves the tree as it stands.
    pub(crate) fn settle(&mut self) {
        let now = self.offset + u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX);
        if let Some(stage) = self.stage.take() {
            let _ = stage.all.clear();
            if self.board.rows.is_empty() {
                return;
            }
            let width = usize::from(Term::stderr().size().1);
            for line in tree::render(&self.board, now, 0) {
                self.printer.say(truncate_str(&line, width, "…"));
            }
        }
    }

    /// Whether something moves.
    pub(crate) fn is_moving(&self) -> bool {
        self.stage.is_some()
    }
}

/// The address of the page, so that nobody misses it.
pub(crate) fn headline(url: &str, took: u64) -> String {
    let ready = paint(GOOD, "✔");
    let url = paint(crate::style::LINK, url);
    format!("\n  {ready} {} in {}   {url}\n", paint(STRONG, "everything is healthy"), super::seconds(took))
}
