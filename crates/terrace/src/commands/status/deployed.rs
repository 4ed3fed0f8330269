//! What runs on AWS.

use std::time::SystemTime;

use serde::Serialize;
use terrace_cloud::release::record::{App, Book, Record};
use terrace_cloud::watch::{self, Blind, Releases, Status};

use super::drift::{self, Drift};
use super::view;
use crate::aws::{Session, told};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::printer::{Printer, Talk};
use crate::watch::words;

/// What runs is of one of so many releases, the newest, or it is not told of which.
const RELEASES: usize = 12;

/// What runs, and the release in force.
#[derive(Serialize)]
pub(super) struct Told {
    /// Whether all of it runs as it should.
    well: bool,
    #[serde(flatten)]
    pub(super) status: Status,
    /// The release in force, if there is one.
    pub(super) in_force: Option<Record>,
    /// A release that was begun after it and has not ended.
    pub(super) begun: Option<Record>,
    /// What Terraform finds changed, if it was asked.
    drift: Option<Drift>,
}

pub(super) async fn run(
    session: &Session,
    (drifts, json): (bool, bool),
    printer: Printer,
) -> Result<Exit, Failure> {
    let deployed = session.deployed().await?;
    let (records, unread) = match read(&deployed.book).await {
        Ok(records) => (records, None),
        Err(error) => (Known::default(), Some(blind(&error))),
    };
    let found = watch::status(&session.account, &deployed.names, &records.releases()).await;
    let mut status = found.map_err(|error| told::watch(&error))?;
    status.blind.extend(unread);
    // What nobody could look at is not known to be well.
    let well = status.is_well() && !status.parties.is_empty();
    let drift = if drifts { Some(drift::look(session, &deployed, printer).await?) } else { None };
    let well = well && drift.as_ref().is_none_or(|drift| !drift.differs);
    let told = Told { well, status, in_force: records.in_force, begun: records.begun, drift };
    if json {
        // The page's files are `terrace releases N`'s to tell.
        printer.json(&told.without_files())?;
    } else {
        let all = printer.talk() >= Talk::Verbose;
        let place = (session.place.region.as_str(), session.place.account.as_str());
        let mut text = view::render(&told, place, all, SystemTime::now(), words::room());
        if let Some(drift) = &told.drift {
            text.push_str(&format!("\n{}", drift.words()));
        }
        printer.data(text)?;
    }
    Ok(if told.well { Exit::Success } else { Exit::Failed })
}

/// What the book of releases says.
#[derive(Default)]
struct Known {
    all: Vec<Record>,
    in_force: Option<Record>,
    begun: Option<Record>,
}

async fn read(book: &Book) -> Result<Known, terrace_cloud::release::Failure> {
    let numbers = book.numbers().await?;
    let (some, _) = numbers.split_at_checked(RELEASES).unwrap_or((&numbers, &[]));
    let mut all = book.read_all(some).await?;
    let current = book.current().await?;
    let in_force = match current {
        Some(number) if !all.iter().any(|one| one.number == number) => {
            let record = book.read(number).await?;
            all.extend(record.clone());
            record
        }
        _ => all.iter().find(|one| Some(one.number) == current).cloned(),
    };
    let begun = all.first().filter(|newest| newest.is_begun()).cloned();
    Ok(Known { all, in_force, begun })
}

fn blind(error: &terrace_cloud::release::Failure) -> Blind {
    Blind { doing: error.what.clone(), why: error.why.join("; "), next: error.next.clone() }
}

impl Known {
    fn releases(&self) -> Releases {
        let mut made_of = std::collections::BTreeMap::new();
        // The oldest first: what two have in common is the newer one's.
        for record in self.all.iter().rev() {
            let definition = record.definition.as_deref().and_then(|arn| arn.rsplit('/').next());
            let image = match &record.contents.app {
                Some(App::Image(digest)) => Some(digest.to_string()),
                _ => None,
            };
            let names = definition.map(str::to_owned).into_iter().chain(image);
            made_of.extend(names.map(|name| (name, record.number.get())));
        }
        Releases { in_force: self.in_force.as_ref().map(|one| one.number.get()), made_of }
    }
}

impl Told {
    fn without_files(&self) -> serde_json::Value {
        let mut value = serde_json::to_value(self).unwrap_or_default();
        for one in ["in_force", "begun"] {
            let page = value.get_mut(one).and_then(|one| one.get_mut("contents")?.get_mut("page"));
            if let Some(page) = page.and_then(serde_json::Value::as_object_mut) {
                page.remove("files");
            }
        }
        value
    }
}
