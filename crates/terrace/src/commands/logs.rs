//! `terrace logs`: what the parties said, while they run and after.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use regex::Regex;
use terrace_run::control::Logged;
use terrace_run::logs::{self, LogLine, LogQuery};
use terrace_run::state::StateFolder;

use crate::exit::Exit;
use crate::failure::Failure;
use crate::logview::{LogView, is_request};
use crate::printer::{Printer, Talk};
use crate::project::{Project, find};
use crate::session;
use crate::signals::Signals;

/// So many lines are shown if nothing else was asked for.
const SOME: usize = 100;

/// Show what the parties said, now or in the last run
///
/// Without a party: all but the requests that edges log; `terrace logs web` or `--verbose` shows those too.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// A process as `terrace status` names it (`app`), or one replica of it (`app-2`)
    #[arg(value_name = "PARTY")]
    party: Option<String>,
    /// Go on with what is said from now on
    #[arg(short, long)]
    follow: bool,
    /// Only from so long ago (5m, 2h 30m), or since a time (2026-11-21T10:00:00Z)
    #[arg(long, value_name = "TIME", value_parser = since)]
    since: Option<u64>,
    /// Only the last N lines, or all [default: 100, or all with --since or --grep]
    #[arg(long, value_name = "N", value_parser = tail)]
    tail: Option<Tail>,
    /// Only lines that match a regular expression
    #[arg(long, value_name = "RE")]
    grep: Option<Regex>,
    /// Show when each line was written
    #[arg(short, long)]
    timestamps: bool,
    /// Print each line as a JSON object
    #[arg(long)]
    json: bool,
    /// The manifest, where it is not terrace.toml, or the project's folder
    #[arg(long, value_name = "FILE", value_hint = clap::ValueHint::AnyPath)]
    file: Option<std::path::PathBuf>,
}

#[derive(Clone, Copy, Debug)]
enum Tail {
    All,
    Last(usize),
}

fn tail(text: &str) -> Result<Tail, String> {
    match text {
        "all" => Ok(Tail::All),
        number => number.parse().map(Tail::Last).map_err(|_| "a number, or `all`".to_owned()),
    }
}

fn since(text: &str) -> Result<u64, String> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let ago = humantime::parse_duration(text).ok().map(|ago| now.saturating_sub(ago));
    let then = || humantime::parse_rfc3339_weak(text).ok()?.duration_since(UNIX_EPOCH).ok();
    let time: Duration =
        ago.or_else(then).ok_or("a time reads like `5m`, `2h 30m` or `2026-11-21T10:00:00Z`")?;
    Ok(u64::try_from(time.as_millis()).unwrap_or(u64::MAX))
}

pub(crate) fn run(args: Args, printer: Printer) -> Result<Exit, Failure> {
    let project = find(None, args.file.as_deref())?;
    let tail = match (args.tail, args.since.is_some() || args.grep.is_some()) {
        (Some(Tail::Last(lines)), _) => Some(lines),
        (None, false) => Some(SOME),
        (Some(Tail::All), _) | (None, true) => None,
    };
    let filtered = args.party.is_none() && printer.talk() < Talk::Verbose;
    let mut page = Page {
        view: LogView::new(std::iter::empty()).times(args.timestamps).grep(args.grep),
        filtered,
        json: args.json,
        printer,
    };
    let past = LogQuery { of: args.party.clone(), tail: None, since: args.since };
    let outcome = session::with(&project, async |client| {
        if let Some(party) = &args.party {
            let status = client.status().await.map_err(|error| session::refused(&project, &error))?;
            session::ensure_known(party, &status)?;
        }
        let refused = |error| session::refused(&project, &error);
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
            page.show_last(earlier(&project, &past)?.ok_or(failure)?, tail)?;
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
