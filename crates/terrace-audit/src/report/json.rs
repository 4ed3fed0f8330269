//! The report for programs. The shape is part of the public contract: fields are added, never renamed.

use serde_json::{Value, json as object};
use terrace_aws::inventory::Place;

use crate::{Certainty, Evidence, Finding, Hop};

use super::{Found, Report};

/// The report as JSON: `schema` 1.
pub fn json(report: &Report) -> Value {
    object!({
        "schema": 1,
        "source": {
            "name": report.source.name,
            "kind": report.source.kind,
            "resources": report.source.resources,
        },
        "outcome": report.outcome().word(),
        "tiers": report.tiers.iter().map(|line| object!({
            "tier": line.tier, "site": line.site, "why": line.why,
        })).collect::<Vec<_>>(),
        "paths": report.paths.iter().map(|path| path.iter().map(|leg| object!({
            "on": leg.on, "to": leg.to,
        })).collect::<Vec<_>>()).collect::<Vec<_>>(),
        "properties": report.properties.iter().map(|property| object!({
            "rule": property.rule.name.as_str(),
            "property": property.rule.property,
            "outcome": property.outcome.word(),
            "examined": property.examined,
        })).collect::<Vec<_>>(),
        "findings": report.found.iter().map(found).collect::<Vec<_>>(),
        "accepted": report.accepted.iter().map(|(one, reason)| object!({
            "finding": found(one), "reason": reason,
        })).collect::<Vec<_>>(),
        "cleared": report.cleared.iter().map(|cleared| object!({
            "what": evidence(&cleared.what), "reason": cleared.reason,
        })).collect::<Vec<_>>(),
        "unread": report.unread.iter().map(|unread| object!({
            "what": unread.what, "why": unread.why, "place": place(unread.place.as_ref()),
        })).collect::<Vec<_>>(),
        "missing": report.missing().map(|unread| unread.what.as_str()).collect::<Vec<_>>(),
        "assumed": report.assumed,
    })
}

fn found(found: &Found) -> Value {
    let finding: &Finding = &found.finding;
    let (verdict, on) = match &finding.certainty {
        Certainty::Sure => ("violated", Vec::new()),
        Certainty::Depends(on) => ("depends", on.iter().map(ToString::to_string).collect()),
    };
    object!({
        "rule": found.rule.name.as_str(),
        "severity": finding.severity.word(),
        "verdict": verdict,
        "depends_on": on,
        "resource": finding.item.name(),
        "type": finding.item.type_name(),
        "argument": finding.path,
        "place": place(finding.place.as_ref()),
        "message": finding.message,
        "hops": finding.hops.iter().map(hop).collect::<Vec<_>>(),
        "because": finding.because.iter().map(evidence).collect::<Vec<_>>(),
        "fix": finding.fix,
    })
}

/// One hop.
pub(crate) fn hop(hop: &Hop) -> Value {
    object!({
        "from": hop.from,
        "to": hop.to,
        "packet": hop.packet,
        "by": hop.by.iter().map(evidence).collect::<Vec<_>>(),
    })
}

fn evidence(evidence: &Evidence) -> Value {
    object!({
        "resource": evidence.item.name(),
        "argument": evidence.path,
        "says": evidence.says,
        "place": place(evidence.place.as_ref()),
    })
}

fn place(place: Option<&Place>) -> Value {
    place.map_or(Value::Null, |place| object!({ "file": place.file, "line": place.line }))
}
