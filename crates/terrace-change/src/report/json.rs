//! The change for programs. The shape is part of the public contract: fields are added, never renamed.

use serde_json::{Value, json as object};
use terrace_cost::prices::MicroDollars;
use terrace_terraform::found::{ArgumentChange, Shown};

use crate::exposure::{FindingLine, Passage};
use crate::permissions::{Grant, ReaderLine};
use crate::resources::{Resource, Verb};
use crate::{Change, Outcome};

/// The change as JSON: `schema` 1. Money is in US dollars a month, as decimals in text.
pub fn json(change: &Change) -> Value {
    let (exposure, permissions, money) = (&change.exposure, &change.permissions, &change.money);
    let why = match &change.outcome {
        Outcome::Refused(why) => why.clone(),
        Outcome::Nothing | Outcome::Changes => Vec::new(),
    };
    object!({
        "schema": 1,
        "outcome": change.outcome.word(),
        "exit_code": change.outcome.code(),
        "refused_because": why,
        "groups": change.groups.iter().map(|group| object!({
            "name": group.name,
            "resources": group.resources.iter().map(resource).collect::<Vec<_>>(),
        })).collect::<Vec<_>>(),
        "outputs": change.outputs.iter().map(|output| object!({
            "name": output.name, "from": side(&output.from), "to": side(&output.to),
        })).collect::<Vec<_>>(),
        "exposure": {
            "opened": exposure.opened.iter().map(passage).collect::<Vec<_>>(),
            "closed": exposure.closed.iter().map(passage).collect::<Vec<_>>(),
            "findings_appeared": exposure.appeared.iter().map(finding).collect::<Vec<_>>(),
            "findings_gone": exposure.gone.iter().map(finding).collect::<Vec<_>>(),
            "undecided": exposure.undecided,
        },
        "permissions": {
            "identities": permissions.identities.iter().map(|one| object!({
                "who": one.who,
                "new": one.new,
                "gained": one.gained.iter().map(grant).collect::<Vec<_>>(),
                "lost": one.lost.iter().map(grant).collect::<Vec<_>>(),
                "altered": one.altered.iter().map(grant).collect::<Vec<_>>(),
            })).collect::<Vec<_>>(),
            "documents": permissions.papers.iter().map(|one| object!({
                "of": one.of, "what": one.what, "new": one.new, "gained": one.gained, "lost": one.lost,
            })).collect::<Vec<_>>(),
            "readers_gained": permissions.readers.iter().map(reader).collect::<Vec<_>>(),
            "readers_lost": permissions.former.iter().map(reader).collect::<Vec<_>>(),
            "undecided": permissions.undecided,
        },
        "money": {
            "currency": "USD",
            "per": "month",
            "before": money.before.map(amount),
            "after": money.after.map(amount),
            "lines": money.lines.iter().map(|line| object!({
                "resource": line.resource,
                "what": line.what,
                "before": amount(line.before),
                "after": amount(line.after),
            })).collect::<Vec<_>>(),
            "unpriced": money.unpriced.iter().map(|(resource, why)| object!({
                "resource": resource, "why": why,
            })).collect::<Vec<_>>(),
            "untold": money.untold,
        },
        "untold": change.untold,
    })
}

fn amount(of: MicroDollars) -> String {
    format!("{of:.2}").trim_start_matches('$').to_owned()
}

/// A value is told, hidden, or comes later.
fn side(of: &Shown) -> Value {
    match of {
        Shown::Nothing => Value::Null,
        Shown::Told(value) => object!({ "value": value }),
        Shown::Hidden => object!({ "hidden": true }),
        Shown::Later => object!({ "known_after_apply": true }),
    }
}

fn resource(of: &Resource) -> Value {
    let create_first = matches!(of.verb, Verb::Replace { create_first: true });
    object!({
        "address": of.address,
        "type": of.type_name,
        "action": of.verb.word(),
        "create_first": create_first,
        "because": of.because,
        "arguments": of.arguments.iter().map(argument).collect::<Vec<_>>(),
        "replaced_for": of.forced_by,
        "moved_from": of.moved_from,
        "imported_as": of.imported_as,
        "loses": of.losses.iter().map(|loss| object!({
            "what": loss.what, "kept": loss.kept, "refused": loss.refused, "source": loss.source,
        })).collect::<Vec<_>>(),
    })
}

fn argument(of: &ArgumentChange) -> Value {
    object!({ "path": of.path, "from": side(&of.from), "to": side(&of.to), "forces_replacement": of.forces })
}

fn passage(of: &Passage) -> Value {
    object!({
        "from": of.from,
        "to": of.to,
        "on": of.on,
        "addresses": of.addresses,
        "depends_on": of.depends_on,
        "by": of.by,
        "new": of.new,
    })
}

fn finding(of: &FindingLine) -> Value {
    object!({
        "rule": of.rule,
        "severity": of.severity.word(),
        "resource": of.resource,
        "message": of.message,
        "sure": of.is_sure,
    })
}

fn grant(of: &Grant) -> Value {
    object!({ "actions": of.actions, "resources": of.resources, "when": of.when, "partly": of.partly, "by": of.by })
}

fn reader(of: &ReaderLine) -> Value {
    object!({ "what": of.what, "who": of.who, "how": of.how, "depends_on": of.depends_on, "new": of.new })
}
