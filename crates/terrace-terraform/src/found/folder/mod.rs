//! A folder of `.tf` files → an inventory.
//!
//! GUARANTEE: no text makes it panic or run without end; the same files give the same inventory. What is no HCL or
//! JSON is an error with its place; whatever else cannot be told is an unknown with a name, and is listed.

mod bodies;
mod convert;
mod encoding;
mod eval;
mod expand;
mod files;
mod functions;
mod items;
mod json;
mod keys;
mod lookup;
mod lookups;
mod modules;
mod output;
mod policy;
mod scope;
mod source;
mod template;
mod traverse;
mod types;
mod val;
mod values;
mod world;

use std::collections::BTreeMap;

use terrace_aws::inventory::{Inventory, Tree};
use terrace_diag::{Code, Diagnostic, Diagnostics};

use self::files::Declarations;
use self::source::Misread;
use self::world::World;

const SYNTAX: Code = Code::new("terraform::syntax");

/// What a person gives beside the files.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Given {
    /// Values of root variables, as HCL or JSON expressions; text that is neither is taken as text.
    pub variables: BTreeMap<String, String>,
    /// More files of values (`prod.tfvars`), by their paths in the tree; later ones outrank earlier ones.
    pub files: Vec<String>,
    /// The workspace; `default` if none is given.
    pub workspace: Option<String>,
}

/// The design that the files of a folder describe.
///
/// # Errors
/// Every place that is no HCL or JSON, all at once.
pub fn folder(tree: &Tree, root: &str, given: &Given) -> Result<Inventory, Diagnostics> {
    let root = Tree::resolve("", root).unwrap_or_default();
    let mut found = Diagnostics::new();
    let values = values::given(tree, &root, given, &mut found);
    let fetched = values::fetched(tree, &root);
    let workspace = given.workspace.clone().unwrap_or_else(|| "default".to_owned());
    let world = World::new(tree, &root, workspace, values, fetched);
    let declared = world.folder(&root).unwrap_or_default();
    let mut all = Inventory::new();
    if let Some(module) = world.enter("".into(), declared, None) {
        world.describe(&module, &mut all);
    }
    for declared in world.folders() {
        report(&declared, &world, &mut found);
    }
    if found.has_errors() {
        return Err(found.sorted());
    }
    world.unread().for_each(|unread| all.pass_over(unread));
    Ok(super::lookups::settle(all))
}

fn report(declared: &Declarations, world: &World<'_>, found: &mut Diagnostics) {
    for (file, wrong) in &declared.misread {
        found.push(misread(file, wrong));
    }
    for (what, why, place) in &declared.strange {
        world.pass_over(what.as_str(), why.as_str(), Some(place.clone()));
    }
}

fn misread(file: &str, wrong: &Misread) -> Diagnostic {
    Diagnostic::error(SYNTAX, format!("{file}:{}:{}: {}", wrong.line, wrong.column, wrong.why))
}
