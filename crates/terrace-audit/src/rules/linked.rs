//! Which items belong together: by reference, or by a name that both have.

use std::collections::BTreeSet;

use terrace_aws::inventory::{Inventory, Item, Told, View};
use terrace_aws::{Reference, Target, Text};

use super::answer::Answer;

/// Attributes by which others name an item.
const NAMED_BY: [&str; 11] = [
    "id",
    "arn",
    "name",
    "bucket",
    "identifier",
    "cluster_identifier",
    "replication_group_id",
    "function_name",
    "repository",
    "url",
    "key_id",
];

/// Whether an argument names an item: by a reference to it, or by a text that is one of its own.
pub(super) fn names(view: View<'_>, argument: &str, item: &Item) -> bool {
    if view.references(argument).iter().filter_map(Reference::item).any(|id| id == item.id()) {
        return true;
    }
    let Told::Is(texts) = view.texts(argument) else { return false };
    let own: Vec<String> = NAMED_BY.iter().filter_map(|name| item.view().literal(name).known()).collect();
    texts
        .iter()
        .filter_map(|text| text.literal())
        .any(|text| !text.is_empty() && own.iter().any(|one| one == text))
}

/// Items of a type that name this one by an argument.
pub(super) fn belonging<'a>(
    inventory: &'a Inventory,
    type_name: &'a str,
    argument: &'a str,
    item: &'a Item,
) -> impl Iterator<Item = &'a Item> {
    inventory.all(type_name).filter(move |other| names(other.view(), argument, item))
}

/// The first item of these types that an argument names.
pub(super) fn named<'a>(
    inventory: &'a Inventory,
    types: &[&'a str],
    view: View<'_>,
    argument: &str,
) -> Option<&'a Item> {
    types.iter().flat_map(|of| inventory.all(of)).find(|item| names(view, argument, item))
}

/// Every item of these types that an argument names.
pub(super) fn all_named<'a>(
    inventory: &'a Inventory,
    types: &[&'a str],
    view: View<'_>,
    argument: &str,
) -> Vec<&'a Item> {
    types.iter().flat_map(|of| inventory.all(of)).filter(|item| names(view, argument, item)).collect()
}

/// Items of several types, in the order of the types.
pub(super) fn all<'a>(inventory: &'a Inventory, types: &[&'a str]) -> Vec<&'a Item> {
    types.iter().flat_map(|of| inventory.all(of)).collect()
}

/// The launch template that an instance or a group is started from, also by a mixed-instances policy.
pub(super) fn template<'a>(inventory: &'a Inventory, view: View<'_>) -> Option<&'a Item> {
    let block = match view.block("launch_template") {
        Told::Is(block) => block,
        _ => {
            let policy = view.block("mixed_instances_policy").known()?;
            let template = policy.block("launch_template").known()?;
            template.block("launch_template_specification").known()?
        }
    };
    ["id", "name", "launch_template_id", "launch_template_name"]
        .into_iter()
        .find_map(|argument| named(inventory, &["aws_launch_template"], block, argument))
}

/// Whether things stand in two zones at least. Where nothing is said, AWS spreads them; zones that are written in
/// different ways are taken for different ones, unless somebody from outside chooses them.
pub(super) fn apart(zones: impl Iterator<Item = Told<Text>>) -> Answer {
    let mut known: BTreeSet<String> = BTreeSet::new();
    let mut chosen: BTreeSet<Reference> = BTreeSet::new();
    for zone in zones {
        match zone {
            Told::Nothing => return Answer::Good,
            Told::Is(text) => {
                let outside: Vec<&Reference> = text.references().filter(|one| is_chosen(one)).collect();
                if outside.is_empty() {
                    known.insert(text.to_string());
                } else {
                    chosen.extend(outside.into_iter().cloned());
                }
            }
            Told::Unknown(of) => chosen.extend(of),
        }
    }
    match (known.len() >= 2, chosen.is_empty()) {
        (true, _) => Answer::Good,
        (false, true) => Answer::Bad,
        (false, false) => Answer::open(crate::named(&chosen)),
    }
}

/// Whether whoever applies the design chooses a value.
fn is_chosen(reference: &Reference) -> bool {
    matches!(reference.target(), Target::Unknown(name) if ["var.", "parameter "].iter().any(|start| name.as_str().starts_with(start)))
}
