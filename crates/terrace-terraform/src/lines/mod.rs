//! What `terraform plan -json` and `terraform apply -json` print, line by line, as values; and what comes of a run.
//!
//! [`line()`] takes any line: a type that is not known is [`Line::Other`], what is no JSON (a wrapper's word, a warning about
//! the configuration of the command itself) is [`Line::Text`]. [`Course`] puts together what Terraform says apart.
//!
//! Format: "Machine-Readable UI", Terraform documentation, `ui` 1.x.

mod course;

use serde_json::{Map, Value as Printed};

pub use course::{Course, Failure, Outcome, Progress, Step};

/// One line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Line {
    /// The first one: which Terraform, and which version of this format.
    Version {
        /// Of Terraform.
        terraform: String,
        /// Of the format.
        ui: String,
    },
    /// Something that Terraform says, such as that it was interrupted.
    Log(String),
    /// A resource that will be changed.
    Planned(PlannedChange),
    /// A resource of which something differs from the state; see `found::changes` for why this is no drift.
    Drift(PlannedChange),
    /// How much: once for the plan, once for the run.
    Summary(Summary),
    /// The outputs, by name; their values are not kept.
    Outputs(Vec<String>),
    /// Something begins.
    Started(Hook),
    /// Something still goes on; every ten seconds.
    Running(Hook),
    /// Something is done.
    Done(Hook),
    /// Something failed; why is told by a diagnostic that follows.
    Failed(Hook),
    /// An error or a warning.
    Diagnostic(Diagnostic),
    /// Of a type that is not known, with what it says.
    Other {
        /// Its type.
        kind: String,
        /// Its message.
        message: String,
    },
    /// No JSON.
    Text(String),
}

/// What a line about a resource speaks of.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hook {
    /// The resource's address.
    pub address: String,
    /// What is done with it: [`Step::Refresh`] for what has no action.
    pub step: Step,
    /// For how many seconds.
    pub seconds: u64,
    /// The name and the value of its id, where that is told.
    pub id: Option<(String, String)>,
}

/// A change that is planned, in Terraform's words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlannedChange {
    /// The resource's address.
    pub address: String,
    /// The address that it moves away from.
    pub previous: Option<String>,
    /// `create`, `replace`, `move`, …
    pub action: String,
    /// `cannot_update`, `tainted`, …
    pub reason: Option<String>,
}

/// How many resources.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Added.
    pub add: u64,
    /// Changed.
    pub change: u64,
    /// Imported.
    pub import: u64,
    /// Destroyed.
    pub remove: u64,
    /// `plan`, `apply` or `destroy`.
    pub operation: String,
}

/// An error or a warning.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Diagnostic {
    /// Whether it is an error.
    pub is_error: bool,
    /// In a few words.
    pub summary: String,
    /// In more.
    pub detail: String,
    /// The address of the resource, where it is about one.
    pub address: Option<String>,
    /// The file and the line, where it is about a place.
    pub place: Option<(String, u64)>,
}

/// Reads a line. Nothing is refused.
pub fn line(text: &str) -> Line {
    let trimmed = text.trim_start_matches('\u{feff}').trim();
    let parsed = serde_json::from_str(trimmed).ok();
    let Some(Printed::Object(fields)) = parsed else { return Line::Text(trimmed.to_owned()) };
    read(&fields)
}

type Object = Map<String, Printed>;

fn read(fields: &Object) -> Line {
    let message = || word(fields, "@message").to_owned();
    match word(fields, "type") {
        "version" => Line::Version {
            terraform: word(fields, "terraform").to_owned(),
            ui: word(fields, "ui").to_owned(),
        },
        "log" => Line::Log(message()),
        "planned_change" => Line::Planned(planned(fields)),
        "resource_drift" => Line::Drift(planned(fields)),
        "change_summary" => Line::Summary(summary(fields)),
        "outputs" => Line::Outputs(
            get(fields, "outputs").into_iter().flatten().map(|(name, _)| name.clone()).collect(),
        ),
        "refresh_start" | "apply_start" | "provision_start" | "ephemeral_op_start" => {
            Line::Started(hook(fields))
        }
        "apply_progress" | "provision_progress" | "ephemeral_op_progress" => Line::Running(hook(fields)),
        "refresh_complete" | "apply_complete" | "provision_complete" | "ephemeral_op_complete" => {
            Line::Done(hook(fields))
        }
        "apply_errored" | "provision_errored" | "ephemeral_op_errored" => Line::Failed(hook(fields)),
        "diagnostic" => Line::Diagnostic(diagnostic(fields)),
        kind => Line::Other { kind: kind.to_owned(), message: message() },
    }
}

fn get<'a>(fields: &'a Object, name: &str) -> Option<&'a Object> {
    fields.get(name)?.as_object()
}

fn word<'a>(fields: &'a Object, name: &str) -> &'a str {
    fields.get(name).and_then(Printed::as_str).unwrap_or_default()
}

fn number(fields: &Object, name: &str) -> u64 {
    let told = fields.get(name);
    // Seconds may have decimals in a version to come.
    let whole = |text: String| text.split('.').next().and_then(|whole| whole.parse().ok());
    told.and_then(|told| told.as_u64().or_else(|| whole(told.to_string()))).unwrap_or_default()
}

fn some(fields: &Object, name: &str) -> Option<String> {
    Some(word(fields, name)).filter(|text| !text.is_empty()).map(str::to_owned)
}

fn address(fields: &Object, of: &str) -> Option<String> {
    some(get(fields, of)?, "addr")
}

fn hook(fields: &Object) -> Hook {
    let Some(hook) = get(fields, "hook") else { return Hook::default() };
    let id = some(hook, "id_value").map(|value| (word(hook, "id_key").to_owned(), value));
    Hook {
        address: address(hook, "resource").unwrap_or_default(),
        step: Step::read(word(fields, "type"), word(hook, "action")),
        seconds: number(hook, "elapsed_seconds"),
        id,
    }
}

fn planned(fields: &Object) -> PlannedChange {
    let empty = Object::new();
    let change = get(fields, "change").unwrap_or(&empty);
    PlannedChange {
        address: address(change, "resource").unwrap_or_default(),
        previous: address(change, "previous_resource"),
        action: word(change, "action").to_owned(),
        reason: some(change, "reason"),
    }
}

fn summary(fields: &Object) -> Summary {
    let empty = Object::new();
    let changes = get(fields, "changes").unwrap_or(&empty);
    Summary {
        add: number(changes, "add"),
        change: number(changes, "change"),
        import: number(changes, "import"),
        remove: number(changes, "remove"),
        operation: word(changes, "operation").to_owned(),
    }
}

fn diagnostic(fields: &Object) -> Diagnostic {
    let empty = Object::new();
    let told = get(fields, "diagnostic").unwrap_or(&empty);
    let place = get(told, "range").map(|range| {
        let line = get(range, "start").map(|start| number(start, "line")).unwrap_or_default();
        (word(range, "filename").to_owned(), line)
    });
    Diagnostic {
        is_error: word(told, "severity") == "error",
        summary: word(told, "summary").to_owned(),
        detail: word(told, "detail").to_owned(),
        address: some(told, "address"),
        place,
    }
}
