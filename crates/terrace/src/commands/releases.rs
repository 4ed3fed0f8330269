//! `terrace releases`: what was released, by whom, and what going back would do.

mod one;

use serde::Serialize;
use terrace_cloud::release::record::{Book, Number, Record};

use crate::aws::told;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::printer::Printer;
use crate::project::FileFlag;
use crate::style::{BUSY, GOOD, QUIET, STRONG, WARNING, paint};
use crate::table::Table;
use crate::watch::changed::{Back, Changed, outcome};
use crate::watch::side::There;
use crate::watch::words;

/// As many are listed if nothing else was asked for.
const SOME: usize = 20;
/// As many records are read at once while one that came into force is looked for.
const MORE: usize = 8;

/// List the releases, or show one: who, when, what changed, and what going back to it would do
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// A release's number
    #[arg(value_name = "N")]
    number: Option<Number>,
    /// As many as are listed, the newest first
    #[arg(long, value_name = "N", default_value_t = SOME, conflicts_with = "number")]
    limit: usize,
    /// Print it as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    file: FileFlag,
    #[command(flatten)]
    there: There,
}

/// A release among the others.
#[derive(Serialize)]
struct Row<'a> {
    in_force: bool,
    changed: Changed,
    rollback: Back,
    #[serde(flatten)]
    record: &'a Record,
}

/// All that has been read of the book, the newest first.
struct Releases {
    all: Vec<Record>,
    in_force: Option<Record>,
    keep: usize,
}

pub(crate) fn run(args: Args, printer: Printer) -> Result<Exit, Failure> {
    let project = args.file.find()?;
    crate::run::runtime()?.block_on(async {
        let session = args.there.open(project, printer).await?;
        let deployed = session.deployed().await?;
        let keep = usize::from(session.designed.topology.kept_releases.get());
        let releases = Releases::read(&deployed.book, args.number, args.limit, keep).await?;
        let now = std::time::SystemTime::now();
        if let Some(number) = args.number {
            let row = releases.row(number).ok_or_else(|| unknown(number, releases.all.first()))?;
            if args.json {
                printer.json(&row)?;
            } else {
                printer.data(one::render(&row, now, words::room()))?;
            }
            return Ok(Exit::Success);
        }
        let rows: Vec<Row<'_>> = releases.rows(args.limit).collect();
        if args.json {
            printer.json(&rows)?;
        } else if rows.is_empty() {
            printer.say(format!("{} has no releases yet", session.system));
        } else {
            printer.data(render(&rows, now, words::room()))?;
        }
        Ok(Exit::Success)
    })
}

fn unknown(number: Number, newest: Option<&Record>) -> Failure {
    let failure = Failure::input(format!("there is no release {number}"));
    match newest {
        Some(newest) => {
            failure.help(format!("the newest is {}; `terrace releases` lists them", newest.number))
        }
        None => failure.help("there are none yet; `terrace deploy` makes the first"),
    }
}

impl Releases {
    /// As many as are listed, or all down to one; and so many more that what was in force before them is known.
    async fn read(book: &Book, one: Option<Number>, limit: usize, keep: usize) -> Result<Self, Failure> {
        let failure = |error| told::release(&error);
        let numbers = book.numbers().await.map_err(failure)?;
        let wanted = match one {
            Some(one) => numbers.iter().take_while(|number| **number >= one).count(),
            None => limit.min(numbers.len()),
        };
        let (now, later) = numbers.split_at_checked(wanted).unwrap_or((&numbers, &[]));
        let mut all = book.read_all(now).await.map_err(failure)?;
        for some in later.chunks(MORE) {
            let more = book.read_all(some).await.map_err(failure)?;
            let found = more.iter().any(Record::is_done);
            all.extend(more);
            if found {
                break;
            }
        }
        let in_force = match book.current().await.map_err(failure)? {
            None => None,
            Some(number) => match all.iter().find(|one| one.number == number) {
                Some(record) => Some(record.clone()),
                None => book.read(number).await.map_err(failure)?,
            },
        };
        Ok(Self { all, in_force, keep })
    }

    fn rows(&self, limit: usize) -> impl Iterator<Item = Row<'_>> {
        self.all.iter().take(limit).map(|record| self.of(record))
    }

    fn row(&self, number: Number) -> Option<Row<'_>> {
        self.all.iter().find(|one| one.number == number).map(|record| self.of(record))
    }

    fn of<'a>(&'a self, record: &'a Record) -> Row<'a> {
        let before = self.all.iter().find(|one| one.is_done() && one.number < record.number);
        let in_force = self.in_force.as_ref();
        Row {
            in_force: in_force.is_some_and(|one| one.number == record.number),
            changed: Changed::between(before.map(|before| &before.contents), &record.contents),
            rollback: Back::to(record, &self.all, in_force, self.keep),
            record,
        }
    }
}

impl Row<'_> {
    fn outcome(&self) -> String {
        let word = outcome(self.record, self.in_force.then_some(self.record.number));
        let style = match word {
            "in force" => GOOD,
            "failed" => WARNING,
            "begun" => BUSY,
            _ => QUIET,
        };
        paint(style, word)
    }

    fn commit(&self) -> String {
        self.record.commit.as_ref().map_or("-".to_owned(), words::commit)
    }
}

fn render(rows: &[Row<'_>], now: std::time::SystemTime, room: Option<usize>) -> String {
    let mut table = Table::new(["RELEASE", "WHEN", "WHO", "COMMIT", "CHANGED", "OUTCOME", "ROLLBACK BRINGS"]);
    for row in rows {
        let record = row.record;
        let number = record.number.to_string();
        table.row([
            if row.in_force { paint(STRONG, number) } else { number },
            words::ago(record.at.time(), now),
            words::who(&record.by),
            row.commit(),
            row.changed.words(),
            row.outcome(),
            row.rollback.words(),
        ]);
    }
    let text = table.render();
    let width = text.lines().map(|line| anstream::adapter::strip_str(line).to_string().chars().count()).max();
    match room {
        Some(room) if width.unwrap_or_default() > room => narrow(rows, now, room),
        _ => text,
    }
}

/// For a terminal that has no room for a table.
fn narrow(rows: &[Row<'_>], now: std::time::SystemTime, room: usize) -> String {
    let mut text = String::new();
    for row in rows {
        let record = row.record;
        text.push_str(&format!("{:<4} {}\n", paint(STRONG, record.number), row.outcome()));
        let mut line = |words: &str| {
            text.push_str(&format!("     {}\n", words::folded(words, 5, Some(room))));
        };
        line(&format!(
            "{} by {}, commit {}",
            words::ago(record.at.time(), now),
            words::who(&record.by),
            row.commit()
        ));
        line(&format!("changed: {}", row.changed.words()));
        let back = row.rollback.words();
        if !back.is_empty() {
            line(&format!("rollback brings: {back}"));
        }
    }
    text
}
