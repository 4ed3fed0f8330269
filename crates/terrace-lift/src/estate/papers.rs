//! Policy documents as people write them.
//!
//! Names of elements in whatever case, one statement for a list of one, lists within lists, JSON in a text: all are read.
//! A statement that cannot be read stands for any, and is named; the others of its policy count.

use std::collections::BTreeSet;

use terrace_aws::inventory::{Item, Presence, UnknownName};
use terrace_aws::{Effect, Field as _, Json, Part, PolicyDocument, Reference, Scope, Statement, Text, Value};
use terrace_proof::estate::{Estate, Writing, WritingId, only_if};

use super::names::Names;

/// What came of reading a document.
struct Paper {
    document: PolicyDocument,
    /// Which statements could not be read.
    unread: Vec<usize>,
}

/// Writes a policy into the estate: the document that an argument of an item holds.
pub(super) fn write(
    estate: &mut Estate,
    names: &Names<'_>,
    item: &Item,
    path: &str,
    value: &Value,
) -> Vec<WritingId> {
    let name = if path == "policy" { item.id().to_string() } else { format!("{}: {path}", item.id()) };
    let Paper { document, unread } = read(names, value);
    let document = if_there(item, document);
    let at = |name: String, document| Writing {
        name,
        item: Some(item.id().clone()),
        path: path.to_owned(),
        document,
    };
    let mut ids = vec![estate.write(at(name.clone(), document))];
    for statement in unread {
        let name = format!("{name}, statement {}", statement + 1);
        ids.push(estate.write(at(name, PolicyDocument::Opaque(BTreeSet::new()))));
    }
    ids
}

/// A policy that counts only if the item is there.
pub(super) fn if_there(item: &Item, mut document: PolicyDocument) -> PolicyDocument {
    if let (Presence::Depends(on), PolicyDocument::Statements(all)) = (&item.presence, &mut document) {
        for statement in all.iter_mut() {
            on.iter().for_each(|name| only_if(statement, name));
        }
    }
    document
}

fn read(names: &Names<'_>, value: &Value) -> Paper {
    let opaque = || {
        let mut references = Vec::new();
        value.references(&mut references);
        let document = PolicyDocument::Opaque(references.into_iter().collect());
        Paper { document, unread: Vec::new() }
    };
    let Some(json) = as_json(value) else { return opaque() };
    let Json::Object(fields) = json else { return opaque() };
    let Some((_, statements)) = fields.iter().find(|(key, _)| key.eq_ignore_ascii_case("Statement")) else {
        return opaque();
    };
    let mut flat = Vec::new();
    flatten(statements, &mut flat);
    let mut unread = Vec::new();
    let mut all = Vec::new();
    for (at, one) in flat.into_iter().enumerate() {
        let one = names.json(&tidied(one));
        let document = Json::object([("Statement", Json::List(vec![one]))]);
        match PolicyDocument::read(Some(&Value::Json(document))) {
            Ok(PolicyDocument::Statements(mut read)) if read.len() == 1 => all.append(&mut read),
            _ => {
                unread.push(at);
                all.push(nothing());
            }
        }
    }
    Paper { document: PolicyDocument::Statements(all), unread }
}

/// Keeps the place of a statement that could not be read.
fn nothing() -> Statement {
    Statement {
        sid: None,
        effect: Effect::Allow,
        principals: None,
        actions: Scope::Only(Vec::new()),
        resources: None,
        conditions: Vec::new(),
    }
}

fn flatten<'a>(json: &'a Json, into: &mut Vec<&'a Json>) {
    match json {
        Json::List(items) => items.iter().for_each(|item| flatten(item, into)),
        Json::Null => {}
        other => into.push(other),
    }
}

/// With the elements' names as AWS writes them, and flat lists.
fn tidied(statement: &Json) -> Json {
    const ELEMENTS: [&str; 9] = [
        "Sid",
        "Effect",
        "Principal",
        "NotPrincipal",
        "Action",
        "NotAction",
        "Resource",
        "NotResource",
        "Condition",
    ];
    let Json::Object(fields) = statement else { return statement.clone() };
    let mut all = Vec::new();
    for (key, value) in fields.iter().filter(|(_, value)| *value != Json::Null) {
        let key = ELEMENTS.iter().find(|one| one.eq_ignore_ascii_case(key)).map_or(key.as_str(), |one| one);
        let value = match (key, value) {
            ("Effect", Json::Text(text)) => match text.literal().map(str::to_ascii_lowercase).as_deref() {
                Some("allow") => Json::text("Allow"),
                Some("deny") => Json::text("Deny"),
                _ => value.clone(),
            },
            ("Principal" | "NotPrincipal", Json::Object(kinds)) => Json::Object(
                kinds.iter().map(|(kind, who)| (kind_of_principal(kind).to_owned(), flat(who))).collect(),
            ),
            ("Condition", Json::Object(operators)) => Json::Object(
                operators.iter().map(|(operator, keys)| (operator.clone(), flat_values(keys))).collect(),
            ),
            ("Action" | "NotAction" | "Resource" | "NotResource", value) => flat(value),
            (_, value) => value.clone(),
        };
        all.push((key.to_owned(), value));
    }
    Json::Object(all)
}

fn kind_of_principal(kind: &str) -> &str {
    const KINDS: [&str; 4] = ["AWS", "Service", "Federated", "CanonicalUser"];
    KINDS.iter().find(|one| one.eq_ignore_ascii_case(kind)).map_or(kind, |one| one)
}

fn flat(json: &Json) -> Json {
    match json {
        Json::List(_) => {
            let mut all = Vec::new();
            flatten(json, &mut all);
            Json::List(all.into_iter().cloned().collect())
        }
        other => other.clone(),
    }
}

fn flat_values(keys: &Json) -> Json {
    match keys {
        Json::Object(keys) => {
            Json::Object(keys.iter().map(|(key, values)| (key.clone(), flat(values))).collect())
        }
        other => other.clone(),
    }
}

fn as_json(value: &Value) -> Option<Json> {
    Some(match value {
        Value::Json(Json::Text(text)) | Value::Text(text) => return parsed(text),
        Value::Json(json) => json.clone(),
        Value::Map(fields) => Json::Object(
            fields.iter().map(|(key, value)| Some((key.clone(), within(value)?))).collect::<Option<_>>()?,
        ),
        _ => return None,
    })
}

/// A value within a document that was told as a map; its texts are texts.
fn within(value: &Value) -> Option<Json> {
    Some(match value {
        Value::Bool(flag) => Json::Bool(*flag),
        Value::Int(number) => Json::Int(*number),
        Value::Text(text) => Json::Text(text.clone()),
        Value::Json(json) => json.clone(),
        Value::List(items) => Json::List(items.iter().map(within).collect::<Option<_>>()?),
        Value::Map(_) => as_json(value)?,
        Value::Opaque(of) => Json::Text(Text::opaque(of.iter().cloned().collect())),
        Value::Milli(_) | Value::Base64(_) | Value::Blocks(_) => return None,
    })
}

/// Begins the mark of a reference within a text that is read as JSON; no JSON has this character by itself.
const MARK: char = '\u{e000}';

/// JSON in a text, also in one that has references.
fn parsed(text: &Text) -> Option<Json> {
    let mut references: Vec<Part> = Vec::new();
    let mut marked = String::new();
    for part in text.parts() {
        match part {
            Part::Literal(literal) if literal.contains(MARK) => return None,
            Part::Literal(literal) => marked.push_str(literal),
            Part::Reference(_) => {
                marked.push_str(&format!("{MARK}{}{MARK}", references.len()));
                references.push(part.clone());
            }
            Part::Opaque(_) => return None,
        }
    }
    let json = Json::read(Some(&Value::Text(Text::from(marked)))).ok()?;
    Some(unmarked(&json, &references))
}

fn unmarked(json: &Json, references: &[Part]) -> Json {
    match json {
        Json::Text(text) => match text.literal() {
            Some(literal) if literal.contains(MARK) => {
                let parts = literal.split(MARK).enumerate();
                Json::Text(parts.fold(Text::new(), |all, (at, part)| {
                    let reference = part.parse::<usize>().ok().and_then(|number| references.get(number));
                    match reference.filter(|_| at % 2 == 1) {
                        Some(Part::Reference(reference)) => all.then(reference.clone()),
                        _ => all.then(part),
                    }
                }))
            }
            _ => json.clone(),
        },
        Json::List(items) => Json::List(items.iter().map(|item| unmarked(item, references)).collect()),
        Json::Object(fields) => Json::Object(
            fields.iter().map(|(key, value)| (key.clone(), unmarked(value, references))).collect(),
        ),
        Json::Null | Json::Bool(_) | Json::Int(_) => json.clone(),
    }
}

/// What is not told, as something that a verdict may depend on.
pub(super) fn untold(of: BTreeSet<Reference>) -> BTreeSet<terrace_proof::access::Unknown> {
    of.into_iter().map(terrace_proof::access::Unknown::Reference).collect()
}

/// On what it depends whether an item is there.
pub(super) fn presence(item: &Item) -> BTreeSet<terrace_proof::access::Unknown> {
    match &item.presence {
        Presence::Sure => BTreeSet::new(),
        Presence::Depends(on) => {
            untold(on.iter().map(|name: &UnknownName| Reference::unknown(name.clone())).collect())
        }
    }
}
