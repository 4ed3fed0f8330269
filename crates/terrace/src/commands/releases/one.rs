//! One release with everything that is known of it.

use std::time::SystemTime;

use terrace_cloud::release::record::{App, Outcome};

use super::Row;
use crate::style::{GOOD, QUIET, WARNING, paint};
use crate::watch::changed::Back;
use crate::watch::words::{self, counted, folded};

/// As many changed files are named.
const FILES: usize = 12;
/// How wide titles are set.
const TITLE: usize = 15;

pub(super) fn render(row: &Row<'_>, now: SystemTime, room: Option<usize>) -> String {
    let record = row.record;
    let mut text = format!("{}\n\n", words::release(record, now));
    let mut line = |title: &str, body: &str| {
        let title = paint(QUIET, format!("{title:<TITLE$}"));
        text.push_str(&format!("{title}{}\n", folded(body, TITLE, room)));
    };
    line("began", &record.at.to_string());
    match &record.outcome {
        Outcome::Begun => line("outcome", "it has not ended: it is under way, or whoever did it was stopped"),
        Outcome::Done { at } => {
            let state = if row.in_force { paint(GOOD, "in force since") } else { "done at".to_owned() };
            let took = words::since(record.at.time(), at.time());
            line("outcome", &format!("{state} {at}, after {took}"));
        }
        Outcome::Failed { at, why } => {
            line("outcome", &format!("{} at {at}", paint(WARNING, "failed")));
            for why in why {
                line("", why);
            }
        }
    }
    line("by", &record.by);
    if let Some(commit) = &record.commit {
        let beside = if commit.dirty { ", and changes that are in no commit" } else { "" };
        line("commit", &format!("{}{beside}", commit.revision));
    }
    line("changed", &row.changed.words());
    for path in row.changed.page.iter().take(FILES) {
        line("", path);
    }
    if let Some(more) = row.changed.page.len().checked_sub(FILES).filter(|more| *more > 0) {
        line("", &format!("and {more} more"));
    }
    let contents = &record.contents;
    if let Some(page) = &contents.page {
        let bytes: u64 = page.files.iter().map(|file| file.length).sum();
        line(
            "page",
            &format!("{}, {} KiB, {}", counted(page.files.len(), "file"), bytes.div_ceil(1024), page.digest),
        );
    }
    if let Some(app) = &contents.app {
        line("code", &code(app));
    }
    if let Some(definition) = &record.definition {
        line("runs as", definition);
    }
    if let Some(migration) = &contents.migration {
        line("migration", &migration.command.join(" "));
    }
    for (party, settings) in &contents.configuration {
        let own = settings.plain.keys().cloned();
        let secret = settings.secret.iter().map(|name| format!("{name} (secret)"));
        let all: Vec<String> = own.chain(secret).collect();
        if !all.is_empty() {
            line("settings", &format!("of {party}: {}", all.join(", ")));
        }
    }
    if let Some(digest) = &contents.infrastructure {
        line("infrastructure", &digest.to_string());
    }
    let back = match &row.rollback {
        Back::InForce => "it is what is in force".to_owned(),
        Back::Never => "it never was in force: there is nothing to go back to".to_owned(),
        Back::Gone => "what it was made of is kept no longer (`[releases] keep`)".to_owned(),
        Back::Brings { migrated_since, .. } => {
            let anyway = if migrated_since.is_empty() { "" } else { " --anyway" };
            format!("`terrace rollback {}{anyway}` brings back: {}", record.number, row.rollback.words())
        }
    };
    line("rollback", &back);
    text
}

/// `image sha256:…`, or what each tier's machines fetch.
fn code(app: &App) -> String {
    match app {
        App::Image(digest) => format!("image {digest}"),
        App::Artifacts(all) => {
            let all: Vec<String> = all.iter().map(|(party, one)| format!("{party} {}", one.digest)).collect();
            format!("artifacts {}", all.join(", "))
        }
    }
}
