//! What becomes of each resource, where it belongs, and what goes with it.
//!
//! GUARANTEE: every resource of the plan that does not stay as it is is in one group, once.

mod losses;
mod place;
mod table;

use terrace_aws::Mode;
use terrace_terraform::found::{Action, ArgumentChange, Changes, ResourceChange};

pub use losses::Loss;

/// Resources that belong together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// `network`, `app`, `data`, … or the address of a module.
    pub name: String,
    /// By address.
    pub resources: Vec<Resource>,
}

/// What becomes of a resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resource {
    /// Its address.
    pub address: String,
    /// The provider's name of its type.
    pub type_name: String,
    /// What is done.
    pub verb: Verb,
    /// Why, as the end of a sentence: "because it is no longer written".
    pub because: Option<String>,
    /// Which arguments change.
    pub arguments: Vec<ArgumentChange>,
    /// The arguments for whose sake it is replaced.
    pub forced_by: Vec<String>,
    /// The address that it moves away from.
    pub moved_from: Option<String>,
    /// The id that it is imported by.
    pub imported_as: Option<String>,
    /// What goes with it.
    pub losses: Vec<Loss>,
}

/// What is done.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verb {
    /// Made.
    Add,
    /// Changed where it is.
    Change,
    /// Destroyed and made anew.
    Replace {
        /// The new one first.
        create_first: bool,
    },
    /// Destroyed.
    Destroy,
    /// Let go: Terraform does not look after it any more, and it stays.
    Forget,
    /// Taken over as it is.
    Import,
    /// Called by another name, otherwise as it is.
    Move,
    /// Something that is not known.
    Other(String),
}

impl Verb {
    /// Every verb that is known, as it is printed.
    pub const WORDS: [&'static str; 7] = ["add", "change", "replace", "destroy", "forget", "import", "move"];

    /// As it is printed.
    pub fn word(&self) -> &str {
        match self {
            Self::Add => "add",
            Self::Change => "change",
            Self::Replace { .. } => "replace",
            Self::Destroy => "destroy",
            Self::Forget => "forget",
            Self::Import => "import",
            Self::Move => "move",
            Self::Other(words) => words,
        }
    }
}

/// What does not stay as it is, by where it belongs.
pub(crate) fn groups(changes: &Changes) -> Vec<Group> {
    let mut all: Vec<(place::Place, Vec<Resource>)> = Vec::new();
    for change in &changes.resources {
        let Some(resource) = resource(change) else { continue };
        let place = place::of(change);
        match all.iter_mut().find(|(known, _)| *known == place) {
            Some((_, resources)) => resources.push(resource),
            None => all.push((place, vec![resource])),
        }
    }
    all.sort_by(|(one, _), (other, _)| one.cmp(other));
    all.into_iter().map(|(place, resources)| Group { name: place.to_string(), resources }).collect()
}

fn resource(change: &ResourceChange) -> Option<Resource> {
    // What is looked up or made for a run only is no change.
    if change.id.mode() != Mode::Managed {
        return None;
    }
    let verb = match &change.action {
        Action::Nothing if change.import.is_some() => Verb::Import,
        Action::Nothing if change.previous.is_some() => Verb::Move,
        Action::Nothing | Action::Read => return None,
        Action::Create => Verb::Add,
        Action::Update => Verb::Change,
        Action::Replace { create_first } => Verb::Replace { create_first: *create_first },
        Action::Delete => Verb::Destroy,
        Action::Forget => Verb::Forget,
        Action::CreateAndForget => Verb::Add,
        Action::Other(words) => Verb::Other(words.clone()),
    };
    let because = match (&change.deposed, &change.action) {
        (Some(_), _) => Some("because an earlier replacement left it behind".to_owned()),
        (None, Action::CreateAndForget) => {
            Some("and Terraform lets go of the old one, which stays".to_owned())
        }
        (None, _) => change.reason.as_deref().and_then(reason),
    };
    Some(Resource {
        address: change.id.name().to_owned(),
        type_name: change.id.type_name().to_owned(),
        losses: losses::of(change, &verb),
        verb,
        because,
        arguments: change.arguments.clone(),
        forced_by: change.forced_by.clone(),
        moved_from: change.previous.clone(),
        imported_as: change.import.clone(),
    })
}

const UNFINISHED: &str = "because it was left unfinished by an earlier run (tainted)";

impl Resource {
    /// Whether it is replaced because it never was made whole: nothing that depends on it has been made, so nobody has used it.
    pub fn is_unfinished(&self) -> bool {
        self.because.as_deref() == Some(UNFINISHED)
    }
}

/// Terraform's reasons ("JSON Output Format", `action_reason`), where the arguments do not say it.
fn reason(word: &str) -> Option<String> {
    let words = match word {
        "replace_because_cannot_update" => return None,
        "replace_because_tainted" => UNFINISHED,
        "replace_by_request" => "because that was asked for (`-replace`)",
        "replace_by_triggers" => "because something that it is tied to changes (`replace_triggered_by`)",
        "delete_because_no_resource_config" => "because it is no longer written",
        "delete_because_wrong_repetition" => {
            "because it is written with or without `count` or `for_each`, unlike before"
        }
        "delete_because_count_index" => "because `count` is smaller",
        "delete_because_each_key" => "because its key is no longer in `for_each`",
        "delete_because_no_module" => "because its module is no longer there",
        "delete_because_no_move_target" => "because it was moved to where nothing is written",
        other => return Some(format!("({other})")),
    };
    Some(words.to_owned())
}
