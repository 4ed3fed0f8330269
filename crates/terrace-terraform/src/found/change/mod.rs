//! The JSON of a plan → what it would change: every resource and argument, and the design before and after.
//!
//! `resource_changes` alone is read for that. `resource_drift` is not drift: it lists parents that show what their
//! siblings added, and values that AWS filled in late.
//!
//! GUARANTEES: what is marked as sensitive, is a secret by its name, or looks like one is never spelled
//! ([`Shown::Hidden`]); an action that is not known is [`Action::Other`], never nothing. Before and after are read by one
//! reader, so that what does not change is the same on both sides.
//!
//! Format: "JSON Output Format", Terraform documentation, `format_version` 1.x.

mod argument;
mod secret;
mod sides;
mod spelled;

use serde_json::Value as Printed;
use terrace_aws::inventory::{Inventory, ItemId};
use terrace_aws::{Json, Mode, Part, Record, Value};

use super::json::{self, DocumentError, Form, Object, get, items, word};
use super::plan::Written;

pub use argument::{ArgumentChange, Shown};

/// What a plan would change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Changes {
    /// What is there now, as far as Terraform knows of it.
    pub before: Inventory,
    /// What is there afterwards. What is only forgotten is still there.
    pub after: Inventory,
    /// Every resource of the plan, those that stay as they are included, by address.
    pub resources: Vec<ResourceChange>,
    /// Outputs whose value changes.
    pub outputs: Vec<OutputChange>,
    /// Whether planning ended with an error, so that this is not all.
    pub errored: bool,
    /// Addresses of what the plan leaves for a later one.
    pub deferred: Vec<String>,
    /// Conditions of the configuration that do not hold: what they are about, and what they say.
    pub failed_checks: Vec<(String, String)>,
}

/// What becomes of one resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResourceChange {
    /// Its address afterwards.
    pub id: ItemId,
    /// The address of its module; empty for the root.
    pub module: String,
    /// Its address before, if it moves.
    pub previous: Option<String>,
    /// Which of the objects that a replacement left behind it is, if it is one: its key.
    pub deposed: Option<String>,
    /// What is done.
    pub action: Action,
    /// Why, in Terraform's word: `replace_because_cannot_update`.
    pub reason: Option<String>,
    /// The id that it is imported by, if it is.
    pub import: Option<String>,
    /// What changes of it; for what is added or removed, nothing.
    pub arguments: Vec<ArgumentChange>,
    /// The arguments for whose sake it is replaced.
    pub forced_by: Vec<String>,
    /// What it is before, secrets as unknowns; empty if it is new.
    pub was: Record,
}

/// What is done to a resource.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Action {
    /// Nothing.
    Nothing,
    /// It is made.
    Create,
    /// It is looked up during the run.
    Read,
    /// It is changed where it is.
    Update,
    /// It is destroyed and made anew.
    Replace {
        /// The new one first.
        create_first: bool,
    },
    /// It is destroyed.
    Delete,
    /// Terraform lets go of it; it stays.
    Forget,
    /// A new one is made, and Terraform lets go of the old one, which stays.
    CreateAndForget,
    /// Something that is not known, in Terraform's words.
    Other(String),
}

/// An output whose value changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutputChange {
    /// Its name.
    pub name: String,
    /// Before.
    pub from: Shown,
    /// After.
    pub to: Shown,
}

impl Changes {
    /// With what a design says where the plan does not: of an argument that is only known after apply, a plan tells the
    /// references and not what is made of them, so that a policy of ours would be unknown as a whole.
    #[must_use]
    pub fn told_by(mut self, design: &Inventory) -> Self {
        let mut better = Vec::new();
        for item in self.after.items() {
            let Some(own) = design.get(item.id()) else { continue };
            let mut told = item.clone();
            for (name, value) in item.record.iter().filter(|(_, value)| is_untold(value)) {
                if let Some(known) = own.record.get(name).filter(|known| !is_untold(known) && *known != value)
                {
                    told.record.set(name, known.clone());
                }
            }
            better.push(told);
        }
        better.into_iter().for_each(|item| drop(self.after.insert(item)));
        self
    }
}

/// Whether it is not told what a value is made into.
fn is_untold(value: &Value) -> bool {
    match value {
        Value::Opaque(_) => true,
        Value::Text(text) | Value::Base64(text) => {
            text.parts().iter().any(|part| matches!(part, Part::Opaque(_)))
        }
        Value::List(items) => items.iter().any(is_untold),
        Value::Map(items) => items.values().any(is_untold),
        Value::Blocks(blocks) => blocks.iter().flat_map(Record::iter).any(|(_, inner)| is_untold(inner)),
        Value::Json(json) => is_untold_json(json),
        Value::Bool(_) | Value::Int(_) | Value::Milli(_) => false,
    }
}

fn is_untold_json(json: &Json) -> bool {
    match json {
        Json::Text(text) => text.parts().iter().any(|part| matches!(part, Part::Opaque(_))),
        Json::List(items) => items.iter().any(is_untold_json),
        Json::Object(fields) => fields.iter().any(|(_, inner)| is_untold_json(inner)),
        Json::Null | Json::Bool(_) | Json::Int(_) => false,
    }
}

impl Action {
    fn read(actions: &[&str]) -> Self {
        match actions {
            ["no-op"] | [] => Self::Nothing,
            ["create"] => Self::Create,
            ["read"] => Self::Read,
            ["update"] => Self::Update,
            ["delete"] => Self::Delete,
            ["forget"] => Self::Forget,
            ["delete", "create"] => Self::Replace { create_first: false },
            ["create", "delete"] => Self::Replace { create_first: true },
            ["create", "forget"] | ["forget", "create"] => Self::CreateAndForget,
            other => Self::Other(other.join(" and ")),
        }
    }

    /// Whether something of it is there before.
    const fn has_before(&self) -> bool {
        !matches!(self, Self::Create | Self::Read)
    }
}

/// What `terraform show -json PLAN` says that would change; `file` is the name that places are given by.
///
/// # Errors
/// If the text is something else.
pub fn changes(text: &str, file: &str) -> Result<Changes, DocumentError> {
    let (form, document) = json::document(text)?;
    if form != Form::Plan {
        return Err(DocumentError::Other { found: "a state", expected: "a plan" });
    }
    let empty = Object::new();
    let fields = document.as_object().unwrap_or(&empty);
    let before = super::plan::read(&sides::before(fields), file);
    let after = super::plan::read(&sides::after(fields), file);
    let written = Written::read(fields);
    let mut resources: Vec<ResourceChange> = items(fields, "resource_changes")
        .filter_map(|one| resource(one, written.as_ref(), &before))
        .collect();
    resources.sort_by(|one, other| (one.id.name(), &one.deposed).cmp(&(other.id.name(), &other.deposed)));
    let deferred = items(fields, "deferred_changes")
        .filter_map(|one| get(one, "resource_change"))
        .map(|one| word(one, "address").to_owned())
        .collect();
    Ok(Changes {
        before,
        after,
        resources,
        outputs: outputs(fields),
        errored: fields.get("errored") == Some(&Printed::Bool(true)),
        deferred,
        failed_checks: failed(fields),
    })
}

fn resource(fields: &Object, written: Option<&Written<'_>>, before: &Inventory) -> Option<ResourceChange> {
    let change = get(fields, "change")?;
    let actions = change.get("actions").and_then(Printed::as_array);
    let actions: Vec<&str> = actions.into_iter().flatten().filter_map(Printed::as_str).collect();
    let action = Action::read(&actions);
    let mode = match word(fields, "mode") {
        "data" => Mode::Data,
        "ephemeral" => Mode::Ephemeral,
        _ => Mode::Managed,
    };
    let (address, type_name, module) =
        (word(fields, "address"), word(fields, "type"), word(fields, "module_address"));
    let id = ItemId::new(type_name, address).with_mode(mode);
    let some = |name: &str| Some(word(fields, name).to_owned()).filter(|text| !text.is_empty());
    let deposed = some("deposed");
    let differs = matches!(
        action,
        Action::Update | Action::Replace { .. } | Action::CreateAndForget | Action::Other(_)
    );
    let forced = change.get("replace_paths").and_then(Printed::as_array).map_or(&[][..], Vec::as_slice);
    let forced: Vec<String> = forced.iter().map(argument::path).filter(|path| !path.is_empty()).collect();
    let mut arguments = Vec::new();
    if differs {
        let told = written.and_then(|written| written.arguments(fields));
        arguments = argument::differences(change, told.as_ref(), &forced);
    }
    let was = match before.get(&id) {
        Some(item) if deposed.is_none() && action.has_before() => item.record.clone(),
        _ => Record::new(),
    };
    let import = get(change, "importing").map(|one| word(one, "id").to_owned());
    Some(ResourceChange {
        id,
        module: module.to_owned(),
        previous: some("previous_address").filter(|old| old != address),
        deposed,
        action,
        reason: some("action_reason"),
        import,
        arguments,
        forced_by: forced,
        was,
    })
}

fn outputs(fields: &Object) -> Vec<OutputChange> {
    let mut all = Vec::new();
    for (name, change) in get(fields, "output_changes").into_iter().flatten() {
        let Some(change) = change.as_object() else { continue };
        let unchanged = change
            .get("actions")
            .and_then(Printed::as_array)
            .is_some_and(|actions| actions.iter().all(|action| action == "no-op"));
        if !unchanged {
            let (from, to) = argument::sides(name, change);
            all.push(OutputChange { name: name.clone(), from, to });
        }
    }
    all
}

/// Preconditions and checks that do not hold. Those that are only known after apply say nothing yet.
fn failed(fields: &Object) -> Vec<(String, String)> {
    let mut all = Vec::new();
    for check in items(fields, "checks").filter(|check| matches!(word(check, "status"), "fail" | "error")) {
        let about = get(check, "address").map(|address| word(address, "to_display")).unwrap_or_default();
        let says: Vec<&str> = items(check, "instances")
            .flat_map(|instance| items(instance, "problems"))
            .map(|problem| word(problem, "message"))
            .collect();
        all.push((about.to_owned(), says.join("; ")));
    }
    all
}
