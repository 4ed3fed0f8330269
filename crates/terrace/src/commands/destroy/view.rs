//! What there is, what goes, what costs money, what is kept: in tables and words.

use std::collections::BTreeMap;

use terrace_cloud::deployed::Database;
use terrace_cloud::destroy::{Fate, Inventory, Leftover, Thing};

use super::marked;
use crate::aws::Session;
use crate::style::{QUIET, STRONG, WARNING, paint};
use crate::table::Table;

/// As many things are named one by one.
const NAMED: usize = 3;

/// What there is before, and what becomes of it.
pub(super) fn before(
    session: &Session,
    inventory: &Inventory,
    (no_snapshot, keeps_releases): (bool, bool),
    database: Option<&Database>,
) -> String {
    let place = format!("in {} of account {}", session.place.region, session.place.account);
    let mut text = format!("{} {}\n\n", paint(STRONG, &session.system), paint(QUIET, place));
    let going: Vec<&Thing> =
        inventory.things.iter().filter(|one| one.kind.fate == Fate::Goes && !one.ended).collect();
    let mut table = Table::new(["WHAT GOES", "", "COSTS MONEY", "WHICH"]);
    for ((costs, what), all) in grouped(&going) {
        let costs = if costs { paint(WARNING, "as long as it is there") } else { paint(QUIET, "no") };
        table.row([what, all.len().to_string(), costs, names(&all)]);
    }
    if going.is_empty() {
        text.push_str("AWS lists nothing that carries its tags; what Terraform knows of it goes.\n");
    } else {
        text.push_str(&table.render());
    }
    let kept: Vec<&Thing> = inventory.kept().filter(|one| one.kind.what != "repository of images").collect();
    if !kept.is_empty() {
        text.push_str(&format!("\n{}", self::kept(&kept, None)));
    }
    text.push('\n');
    match database {
        Some(database) if no_snapshot => {
            let all = format!("all data of {} is gone for good: no last snapshot is made", database.id);
            text.push_str(&format!("{}\n", paint(WARNING, all)));
        }
        Some(database) => text.push_str(&format!(
            "a last snapshot of {} is made first, and kept: it costs by its size until you delete it\n",
            database.id
        )),
        None => {}
    }
    text.push_str(if keeps_releases {
        "images, artifacts and releases are kept (--keep-releases)\n"
    } else {
        "its images, artifacts and releases go as well (--keep-releases keeps them)\n"
    });
    text
}

/// Migrations that still run, a line each.
pub(super) fn running(all: &[Leftover]) -> Vec<String> {
    let line = |one: &Leftover| {
        let text = format!(
            "the migration of release {} still runs ({}), and nobody follows it: it is ended first",
            one.release,
            one.called()
        );
        paint(WARNING, text)
    };
    all.iter().map(line).collect()
}

/// By what they are; those that cost money first.
fn grouped<'a>(all: &[&'a Thing]) -> Vec<((bool, String), Vec<&'a Thing>)> {
    let mut groups: BTreeMap<(bool, String), Vec<&'a Thing>> = BTreeMap::new();
    for one in all {
        groups.entry((!one.kind.costs, one.kind.what.clone())).or_default().push(one);
    }
    groups.into_iter().map(|((free, what), all)| ((!free, what), all)).collect()
}

fn names(all: &[&Thing]) -> String {
    let some: Vec<&str> = all.iter().take(NAMED).map(|one| one.name.as_str()).collect();
    match all.len().checked_sub(NAMED).filter(|more| *more > 0) {
        Some(more) => format!("{}, and {more} more", some.join(", ")),
        None => some.join(", "),
    }
}

/// What came of it.
pub(super) fn after(session: &Session, left: &[&Thing], kept: &[&Thing], snapshot: Option<&str>) -> String {
    let mut text = String::from("\n");
    if left.is_empty() {
        let nothing = "nothing is left that costs money but what is kept";
        text.push_str(&format!("{}\n", marked(true, &format!("{} is gone:", session.system), nothing)));
    } else {
        let warning = "this is left, and costs money:";
        text.push_str(&format!(
            "{}\n",
            marked(false, &format!("{} is not all gone:", session.system), warning)
        ));
        for one in left {
            text.push_str(&format!("  {} {} {}\n", one.kind.what, one.name, paint(QUIET, &one.arn)));
        }
        text.push_str("  the same command again removes what Terraform still knows; the rest by hand\n");
    }
    if !kept.is_empty() || snapshot.is_some() {
        text.push_str(&self::kept(kept, snapshot));
    }
    text
}

/// What is kept, and until when.
pub(super) fn kept(all: &[&Thing], snapshot: Option<&str>) -> String {
    let mut table = Table::new(["WHAT IS KEPT", "WHICH", "UNTIL"]);
    if let Some(snapshot) = snapshot.filter(|name| !all.iter().any(|one| one.arn.ends_with(*name))) {
        let until = "you delete it".to_owned();
        table.row(["snapshot of the database".to_owned(), snapshot.to_owned(), until]);
    }
    for one in all {
        let until = match one.kind.fate {
            Fate::Fades => "AWS removes it by itself, in some days",
            Fate::Kept | Fate::Goes => "you delete it",
        };
        table.row([one.kind.what.clone(), one.name.clone(), until.to_owned()]);
    }
    table.render()
}
