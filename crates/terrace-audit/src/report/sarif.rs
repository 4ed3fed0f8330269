//! The report as SARIF 2.1.0 (OASIS), which code hosts show beside the lines that it is about.

use serde_json::{Value, json as object};
use terrace_aws::inventory::Place;

use crate::{Certainty, Evidence, Severity};

use super::{Found, Report};

/// The report as SARIF. Accepted findings are there, suppressed with their reason.
pub fn sarif(report: &Report, version: &str) -> Value {
    let rules: Vec<Value> = report
        .properties
        .iter()
        .map(|property| {
            let rule = property.rule;
            object!({
                "id": rule.name.as_str(),
                "name": rule.name.as_str(),
                "shortDescription": { "text": rule.property },
                "fullDescription": { "text": rule.what },
                "help": { "text": format!("{}\n\n{}", rule.why, rule.fix) },
                "defaultConfiguration": { "level": level(rule.severity) },
                "properties": { "security-severity": score(rule.severity), "tags": ["security"] },
            })
        })
        .collect();
    let mut results: Vec<Value> = report.found.iter().map(result).collect();
    for (found, reason) in &report.accepted {
        let mut one = result(found);
        if let Some(fields) = one.as_object_mut() {
            let suppressed = object!([{ "kind": "external", "status": "accepted", "justification": reason }]);
            fields.insert("suppressions".to_owned(), suppressed);
        }
        results.push(one);
    }
    object!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "terrace",
                "semanticVersion": version,
                "rules": rules,
            }},
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    })
}

const fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical | Severity::High => "error",
        Severity::Medium => "warning",
        Severity::Low => "note",
    }
}

/// GitHub sorts by this: over 9 is critical, over 7 high, over 4 medium.
const fn score(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "9.5",
        Severity::High => "8.0",
        Severity::Medium => "5.5",
        Severity::Low => "2.0",
    }
}

fn result(found: &Found) -> Value {
    let finding = &found.finding;
    let (kind, level, unsure) = match &finding.certainty {
        Certainty::Sure => ("fail", level(finding.severity), String::new()),
        Certainty::Depends(on) => {
            let on: Vec<String> = on.iter().map(ToString::to_string).collect();
            ("review", "none", format!(" (depends on {})", on.join(", ")))
        }
    };
    let steps: Vec<Value> = finding
        .hops
        .iter()
        .flat_map(|hop| hop.by.iter().map(move |by| (hop, by)))
        .map(|(hop, by)| object!({
            "location": location(by.place.as_ref(), by.item.name(), &format!("{} → {}: {}", hop.from, hop.to, said(by))),
        }))
        .collect();
    let mut result = object!({
        "ruleId": found.rule.name.as_str(),
        "kind": kind,
        "level": level,
        "message": { "text": format!("{}{unsure}. Fix: {}", finding.message, finding.fix) },
        "locations": [location(finding.place.as_ref(), finding.item.name(), "")],
        "partialFingerprints": {
            "terrace/1": format!("{}/{}/{}", found.rule.name, finding.item, finding.path),
        },
    });
    let related: Vec<Value> =
        finding.because.iter().map(|by| location(by.place.as_ref(), by.item.name(), &said(by))).collect();
    if let Some(fields) = result.as_object_mut() {
        if !steps.is_empty() {
            fields.insert("codeFlows".to_owned(), object!([{ "threadFlows": [{ "locations": steps }] }]));
        }
        if !related.is_empty() {
            fields.insert("relatedLocations".to_owned(), Value::Array(related));
        }
    }
    result
}

fn said(by: &Evidence) -> String {
    if by.path.is_empty() {
        format!("{}: {}", by.item, by.says)
    } else {
        format!("{} {}: {}", by.item, by.path, by.says)
    }
}

fn location(place: Option<&Place>, name: &str, words: &str) -> Value {
    let mut location = object!({ "logicalLocations": [{ "fullyQualifiedName": name, "kind": "resource" }] });
    if let Some(fields) = location.as_object_mut() {
        if let Some(place) = place {
            let mut physical = object!({ "artifactLocation": { "uri": uri(&place.file) } });
            if let (Some(line), Some(fields)) = (place.line, physical.as_object_mut()) {
                fields.insert("region".to_owned(), object!({ "startLine": line }));
            }
            fields.insert("physicalLocation".to_owned(), physical);
        }
        if !words.is_empty() {
            fields.insert("message".to_owned(), object!({ "text": words }));
        }
    }
    location
}

/// A path as a relative URI reference (RFC 3986): what is none of its plain characters in per cent.
fn uri(path: &str) -> String {
    let mut all = String::with_capacity(path.len());
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            all.push(char::from(byte));
        } else {
            all.push_str(&format!("%{byte:02X}"));
        }
    }
    all
}
