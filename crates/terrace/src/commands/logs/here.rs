//! What the parties of this machine's run said, while it runs and after.

use terrace_run::control::Logged;
use terrace_run::logs::{self, LogLine, LogQuery};
use terrace_run::state::StateFolder;

use super::Wish;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::logview::{LogView, is_request};
use crate::printer::{Printer, Talk};
use crate::project::Project;
use crate::session;
use crate::signals::Signals;

pub(super) fn run(project: &Project, args: Wish, printer: Printer) -> Result<Exit, Failure> {
    let tail = args.tail;
    let filtered = args.party.is_none() && printer.talk() < Talk::Verbose;
    let mut page = Page {
        view: LogView::new(std::iter::empty()).times(args.timestamps).grep(args.grep),
        filtered,
        json: args.json,
        printer,
    };
    let past = LogQuery { of: args.party.clone(), tail: None, since: args.since };
    let outcome = session::with(project, async |client| {
        if let Some(party) = &args.party {
            let status = client.status().await.map_err(|error| session::refused(project, &error))?;
            session::ensure_known(party, &status)?;
        }
        let refused = |error| session::refused(project, &error);
        let query = LogQuery { tail: page.tail_of_run(tail, args.follow), ..past.clone() };
        let mut replies = client.logs(query, args.follow).await.map_err(refused)?;
        let mut signals = Signals::listen()?;
        let mut kept = Vec::new();
        loop {
            tokio::select! {
                biased;
                _ = signals.next() => return Ok(Exit::Success),
                logged = replies.log() => match logged.map_err(refused)? {
                    None => break,
                    Some(Logged::Line(line)) if args.follow => page.show(&line)?,
                    Some(Logged::Line(line)) => kept.push(line),
                    Some(Logged::Missed(count)) => printer.say(format!("({count} lines came too fast)")),
                },
            }
        }
        page.show_last(kept, tail)?;
        Ok(Exit::Success)
    });
    match outcome {
        Err(failure) if failure.code() == Exit::NotRunning && !args.follow => {
            page.show_last(earlier(project, &past)?.ok_or(failure)?, tail)?;
            Ok(Exit::Success)
        }
        other => other,
    }
}

/// The lines of the last run, if there was one.
fn earlier(project: &Project, query: &LogQuery) -> Result<Option<Vec<LogLine>>, Failure> {
    let Some(state) = StateFolder::existing(&project.folder, &project.stem()) else { return Ok(None) };
    Ok(Some(logs::read(&state.logs(), query)?))
}

struct Page {
    view: LogView,
    filtered: bool,
    json: bool,
    printer: Printer,
}

impl Page {
    /// What the run itself may leave out: nothing, if lines are chosen among here and all of them are had first.
    fn tail_of_run(&self, tail: Option<usize>, follow: bool) -> Option<usize> {
        tail.filter(|_| follow || (!self.filtered && !self.view.greps()))
    }

    fn wants(&self, line: &LogLine) -> bool {
        !(self.filtered && is_request(line)) && self.view.wants(line)
    }

    fn show_last(&mut self, lines: Vec<LogLine>, tail: Option<usize>) -> Result<(), Failure> {
        let wanted: Vec<LogLine> = lines.into_iter().filter(|line| self.wants(line)).collect();
        self.view.fit(wanted.iter());
        let skip = tail.map_or(0, |tail| wanted.len().saturating_sub(tail));
        wanted.iter().skip(skip).try_for_each(|line| self.show(line))
    }

    fn show(&mut self, line: &LogLine) -> Result<(), Failure> {
        if !self.wants(line) {
            return Ok(());
        }
        if !self.json {
            let text = self.view.render(line);
            return self.printer.data(text);
        }
        let value = serde_json::json!({
            "time": line.time(),
            "name": line.instance.to_string(),
            "stream": line.stream,
            "text": line.text,
        });
        self.printer.data(value)
    }
}
