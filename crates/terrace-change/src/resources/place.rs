//! Where a resource belongs: the tier or the concern, by its address; of other people's modules, the module.

use std::fmt;

use terrace_aws::{Concern, Kind, Mode};
use terrace_terraform::concern;
use terrace_terraform::found::ResourceChange;

/// Where a resource belongs; in the order in which people read them.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Place {
    Concern(Concern),
    Module(String),
    Other,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Concern(concern) => f.write_str(concern.name()),
            Self::Module(module) => f.write_str(module),
            Self::Other => f.write_str("other"),
        }
    }
}

pub(super) fn of(change: &ResourceChange) -> Place {
    if !change.module.is_empty() {
        return Place::Module(change.module.clone());
    }
    let type_name = change.id.type_name();
    match concern(type_name) {
        // A bucket of logs is none of the page's.
        Some(Concern::Web) if words(change).any(|word| word == "logs") => {
            Place::Concern(Concern::Observability)
        }
        Some(concern) => Place::Concern(concern),
        None => match words(change).find_map(tier) {
            Some(tier) => Place::Concern(tier),
            None if Kind::find(Mode::Managed, type_name).is_some() => Place::Concern(Concern::App),
            None => Place::Other,
        },
    }
}

/// The words of a resource's label.
fn words(change: &ResourceChange) -> impl Iterator<Item = &str> {
    let name = change.id.name();
    name.split_once('.').map_or(name, |(_, label)| label).split(['_', '-', '['])
}

fn tier(word: &str) -> Option<Concern> {
    Some(match word {
        "web" | "page" => Concern::Web,
        "app" | "api" => Concern::App,
        "data" | "db" | "database" => Concern::Data,
        "logs" | "alarms" | "flow" => Concern::Observability,
        _ => return None,
    })
}
