//! What goes with a resource that is destroyed, or replaced by another one: by its type, and by its own arguments.

use terrace_aws::Record;
use terrace_aws::inventory::{Told, View};
use terrace_terraform::found::ResourceChange;

use super::Verb;
use super::table::{Keeps, Row, TABLE};

/// Something that goes with a resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Loss {
    /// What, as the end of "loses …": "its objects".
    pub what: String,
    /// What is kept of it, or for how long, as a sentence without a full stop.
    pub kept: Option<String>,
    /// Why it would not come to that: the resource is protected.
    pub refused: Option<String>,
    /// Where AWS or the provider says so.
    pub source: &'static str,
}

pub(super) fn of(change: &ResourceChange, verb: &Verb) -> Vec<Loss> {
    let goes = matches!(verb, Verb::Destroy | Verb::Replace { .. });
    // What a replacement left behind has no one that uses it.
    if !goes || change.deposed.is_some() {
        return Vec::new();
    }
    let rows = TABLE.iter().filter(|row| row.types.contains(&change.id.type_name()));
    rows.map(|row| loss(row, change)).collect()
}

fn loss(row: &Row, change: &ResourceChange) -> Loss {
    let address = change.id.name();
    let view = View::of(&change.was);
    let guarded = row.guard.filter(|(argument, value)| is(&change.was, argument, value));
    let mut refused = guarded.map(|(argument, value)| {
        format!(
            "{address} is protected: `{argument} = {value}`, so that AWS refuses to destroy it; \
             take the protection away and apply that first"
        )
    });
    let kept = match row.keeps {
        Keeps::Nothing => None,
        Keeps::FinalSnapshot { skip, name } => match (view.bool(skip), view.literal(name)) {
            (Told::Is(true), _) => None,
            (Told::Unknown(_), _) => Some(format!("whether a final snapshot is made is not told (`{skip}`)")),
            (_, Told::Is(snapshot)) => Some(format!("a final snapshot stays: `{snapshot}`")),
            (_, Told::Unknown(_)) => Some("a final snapshot stays".to_owned()),
            (_, Told::Nothing) => {
                refused = refused.or_else(|| {
                    Some(format!(
                        "{address} cannot be destroyed: a final snapshot is to be made and `{name}` is not set; \
                         set it, or `{skip} = true`, and apply that first"
                    ))
                });
                None
            }
        },
        Keeps::NamedSnapshot(name) => match view.literal(name) {
            Told::Is(snapshot) => Some(format!("a final snapshot stays: `{snapshot}`")),
            Told::Unknown(_) => Some(format!("whether a final snapshot is made is not told (`{name}`)")),
            Told::Nothing => None,
        },
        Keeps::Window { days, usual } => match view.int(days) {
            Told::Is(0) => None,
            Told::Is(days) => Some(format!("it can be brought back for {days} days")),
            Told::Nothing => Some(format!("it can be brought back for {usual} days")),
            Told::Unknown(_) => Some(format!("how long it can be brought back is not told (`{days}`)")),
        },
        Keeps::UnlessForced(force) => match view.bool(force) {
            Told::Is(true) => None,
            Told::Unknown(_) => Some(format!("unless it is empty, that depends on `{force}`")),
            Told::Is(false) | Told::Nothing => {
                Some(format!("AWS refuses while something is in it (`{force}` is not set)"))
            }
        },
        Keeps::If(argument) => match view.bool(argument) {
            Told::Is(true) => Some(format!("it stays where it is (`{argument} = true`)")),
            _ => None,
        },
        Keeps::Always(words) => Some(words.to_owned()),
    };
    Loss { what: row.loses.to_owned(), kept, refused, source: row.source }
}

/// Whether an argument surely has a value.
fn is(record: &Record, argument: &str, value: &str) -> bool {
    let view = View::of(record);
    match value {
        "true" => view.bool(argument) == Told::Is(true),
        text => view.literal(argument) == Told::Is(text.to_owned()),
    }
}
