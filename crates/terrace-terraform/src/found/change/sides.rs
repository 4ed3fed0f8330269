//! A plan as two: one that changes nothing of what is there before, one of what is there after. Both are read as any plan.

use serde_json::{Value as Printed, json};

use crate::found::json::{Object, get};

/// A plan after which everything is as it is now.
pub(super) fn before(document: &Object) -> Printed {
    let mut all = document.clone();
    let mut changes = Vec::new();
    for change in resource_changes(document) {
        let mut fields = change.clone();
        // What moves is known by its new name on both sides.
        if let Some(old) = change.get("previous_address") {
            changes.push(json!({ "address": old, "change": { "actions": ["delete"] } }));
        }
        fields.insert("change".to_owned(), stays(get(change, "change")));
        changes.push(Printed::Object(fields));
    }
    all.insert("resource_changes".to_owned(), Printed::Array(changes));
    let values = get(document, "prior_state").and_then(|state| state.get("values"));
    all.insert("planned_values".to_owned(), values.cloned().unwrap_or_else(|| json!({})));
    for later in ["deferred_changes", "errored"] {
        all.remove(later);
    }
    Printed::Object(all)
}

/// The plan, in which what is forgotten stays: Terraform lets go of it, and AWS does not.
pub(super) fn after(document: &Object) -> Printed {
    let mut all = document.clone();
    let changes = resource_changes(document).map(|change| {
        let mut fields = change.clone();
        let inner = get(change, "change");
        let forgotten = inner.and_then(|inner| inner.get("actions")) == Some(&json!(["forget"]));
        if forgotten {
            fields.insert("change".to_owned(), stays(inner));
        }
        Printed::Object(fields)
    });
    let changes = changes.collect();
    all.insert("resource_changes".to_owned(), Printed::Array(changes));
    Printed::Object(all)
}

fn resource_changes(document: &Object) -> impl Iterator<Item = &Object> {
    crate::found::json::items(document, "resource_changes")
}

/// The change that leaves something as it is before; of what is not there before, the one that removes it.
fn stays(change: Option<&Object>) -> Printed {
    let of = |name: &str| change.and_then(|change| change.get(name)).unwrap_or(&Printed::Null);
    let before = of("before");
    if before.is_null() {
        return json!({ "actions": ["delete"] });
    }
    json!({
        "actions": ["no-op"],
        "before": before,
        "after": before,
        "after_unknown": {},
        "after_sensitive": of("before_sensitive"),
    })
}
