//! `data.aws_iam_policy_document` as the JSON that it makes.
//!
//! Where the plan has read it, the JSON is there. Where a statement names something that is only known after apply, the
//! statements are planned and the JSON is not: then it is made here, as the provider makes it, with references.

use std::collections::BTreeMap;

use terrace_aws::inventory::{Inventory, ItemId, Told, View};
use terrace_aws::{Json, Mode, Part, Reference, Text, Value};

/// How deep documents may be made of others.
const DEEPEST: usize = 10;

/// Puts the JSON into every document, and in place of every reference to it.
pub(super) fn rebuild(inventory: &mut Inventory) {
    let mut made: BTreeMap<ItemId, Json> = BTreeMap::new();
    for item in inventory.items() {
        if is_document(item.id())
            && let Some(json) = json(inventory, item.id(), 0)
        {
            made.insert(item.id().clone(), json);
        }
    }
    if made.is_empty() {
        return;
    }
    let mut changed = Vec::new();
    for item in inventory.items() {
        let mut new = item.clone();
        let names: Vec<String> = item.record.iter().map(|(name, _)| name.to_owned()).collect();
        for name in names {
            if let Some(value) = new.record.get(&name).cloned() {
                new.record.set(&name, replaced(value, &made));
            }
        }
        if let Some(json) = made.get(item.id()) {
            new.record.set("json", Value::Json(json.clone()));
        }
        if new != *item {
            changed.push(new);
        }
    }
    changed.into_iter().for_each(|item| drop(inventory.insert(item)));
}

fn is_document(id: &ItemId) -> bool {
    id.mode() == Mode::Data && id.type_name() == "aws_iam_policy_document"
}

fn whole(reference: &Reference) -> Option<&ItemId> {
    let id = reference.item().filter(|id| is_document(id))?;
    matches!(reference.attribute(), "json" | "minified_json").then_some(id)
}

fn replaced(value: Value, made: &BTreeMap<ItemId, Json>) -> Value {
    let json = |reference: &Reference| whole(reference).and_then(|id| made.get(id)).cloned();
    match value {
        Value::Opaque(references) => match references.as_slice() {
            [one] => json(one).map_or(Value::Opaque(references), Value::Json),
            _ => Value::Opaque(references),
        },
        Value::Text(text) => match text.reference().and_then(json) {
            Some(json) => Value::Json(json),
            None => Value::Text(text),
        },
        Value::List(items) => Value::List(items.into_iter().map(|item| replaced(item, made)).collect()),
        Value::Blocks(blocks) => Value::Blocks(
            blocks
                .into_iter()
                .map(|mut block| {
                    let names: Vec<String> = block.iter().map(|(name, _)| name.to_owned()).collect();
                    for name in names {
                        if let Some(value) = block.get(&name).cloned() {
                            block.set(&name, replaced(value, made));
                        }
                    }
                    block
                })
                .collect(),
        ),
        other => other,
    }
}

/// The JSON of a document; none if it is made in a way that is not told.
fn json(inventory: &Inventory, id: &ItemId, depth: usize) -> Option<Json> {
    let view = inventory.get(id)?.view();
    if let Some(Value::Json(json)) = view.get("json") {
        return Some(json.clone());
    }
    if depth > DEEPEST {
        return None;
    }
    let mut statements = Vec::new();
    for source in documents(inventory, view, &["source_json", "source_policy_documents"], depth)? {
        add(&mut statements, source, false)?;
    }
    let own = match view.blocks("statement") {
        Told::Is(blocks) => blocks.into_iter().map(statement).collect::<Option<Vec<_>>>()?,
        Told::Nothing => Vec::new(),
        Told::Unknown(_) => return None,
    };
    own.into_iter().for_each(|one| put(&mut statements, one, true));
    for source in documents(inventory, view, &["override_json", "override_policy_documents"], depth)? {
        add(&mut statements, source, true)?;
    }
    let version = view.literal("version").known().unwrap_or_else(|| "2012-10-17".to_owned());
    Some(Json::object([("Version", Json::text(version)), ("Statement", Json::List(statements))]))
}

/// The documents that another one is made of.
fn documents(inventory: &Inventory, view: View<'_>, names: &[&str], depth: usize) -> Option<Vec<Json>> {
    let mut all = Vec::new();
    for name in names {
        let values = match view.get(name) {
            None => continue,
            Some(Value::List(items)) => items.as_slice(),
            Some(one) => std::slice::from_ref(one),
        };
        for value in values {
            all.push(match value {
                Value::Json(json) => json.clone(),
                Value::Opaque(references) => match references.as_slice() {
                    [one] => json(inventory, whole(one)?, depth + 1)?,
                    _ => return None,
                },
                Value::Text(text) => {
                    let mut references = text.references();
                    let (Some(one), None) = (references.next(), references.next()) else { return None };
                    json(inventory, whole(one)?, depth + 1)?
                }
                _ => return None,
            });
        }
    }
    Some(all)
}

fn add(statements: &mut Vec<Json>, document: Json, replace: bool) -> Option<()> {
    let Json::Object(fields) = document else { return None };
    match fields.into_iter().find(|(name, _)| name == "Statement").map(|(_, value)| value) {
        Some(Json::List(all)) => all.into_iter().for_each(|one| put(statements, one, replace)),
        Some(one @ Json::Object(_)) => put(statements, one, replace),
        Some(_) => return None,
        None => {}
    }
    Some(())
}

/// Adds a statement; one with the same `Sid` gives way to it.
fn put(statements: &mut Vec<Json>, statement: Json, replace: bool) {
    let sid = |json: &Json| match json {
        Json::Object(fields) => fields.iter().find(|(name, _)| name == "Sid").map(|(_, sid)| sid.clone()),
        _ => None,
    };
    let own = sid(&statement).filter(|_| replace);
    match statements.iter_mut().find(|one| own.is_some() && sid(one) == own) {
        Some(old) => *old = statement,
        None => statements.push(statement),
    }
}

fn statement(view: View<'_>) -> Option<Json> {
    let mut fields: Vec<(String, Json)> = Vec::new();
    if let Told::Is(sid) = view.text("sid") {
        fields.push(("Sid".to_owned(), Json::Text(sid)));
    }
    let effect = match view.text("effect") {
        Told::Is(effect) => effect,
        Told::Nothing => Text::from("Allow"),
        Told::Unknown(_) => return None,
    };
    fields.push(("Effect".to_owned(), Json::Text(effect)));
    let lists = [
        ("actions", "Action"),
        ("not_actions", "NotAction"),
        ("resources", "Resource"),
        ("not_resources", "NotResource"),
    ];
    for (argument, name) in lists {
        if let Some(texts) = texts(view, argument) {
            fields.push((name.to_owned(), texts));
        }
    }
    for (argument, name) in [("principals", "Principal"), ("not_principals", "NotPrincipal")] {
        let blocks = match view.blocks(argument) {
            Told::Is(blocks) if !blocks.is_empty() => blocks,
            Told::Is(_) | Told::Nothing => continue,
            Told::Unknown(_) => return None,
        };
        let mut kinds: Vec<(String, Json)> = Vec::new();
        for block in blocks {
            let kind = block.literal("type").known()?;
            let who = texts(block, "identifiers")?;
            match kinds.iter_mut().find(|(known, _)| *known == kind) {
                Some((_, Json::List(all))) => match who {
                    Json::List(more) => all.extend(more),
                    one => all.push(one),
                },
                _ => kinds.push((kind, who)),
            }
        }
        let anyone = match kinds.as_slice() {
            [(kind, Json::List(all))] if kind == "*" => {
                matches!(all.as_slice(), [Json::Text(text)] if text.literal() == Some("*"))
            }
            _ => false,
        };
        fields.push((name.to_owned(), if anyone { Json::text("*") } else { Json::Object(kinds) }));
    }
    let conditions = match view.blocks("condition") {
        Told::Is(blocks) => blocks,
        Told::Nothing => Vec::new(),
        Told::Unknown(_) => return None,
    };
    let mut tests: Vec<(String, Json)> = Vec::new();
    for block in conditions {
        let (test, variable) = (block.literal("test").known()?, block.literal("variable").known()?);
        let values = texts(block, "values")?;
        match tests.iter_mut().find(|(known, _)| *known == test) {
            Some((_, Json::Object(keys))) => keys.push((variable, values)),
            _ => tests.push((test, Json::Object(vec![(variable, values)]))),
        }
    }
    if !tests.is_empty() {
        fields.push(("Condition".to_owned(), Json::Object(tests)));
    }
    Some(Json::Object(fields))
}

fn texts(view: View<'_>, argument: &str) -> Option<Json> {
    match view.texts(argument) {
        Told::Is(all) if all.is_empty() => None,
        Told::Is(all) => Some(Json::List(all.into_iter().map(|text| Json::Text(variables(text))).collect())),
        Told::Unknown(of) => Some(Json::Text(Text::opaque(of))),
        Told::Nothing => None,
    }
}

/// The provider writes `&{aws:username}` where Terraform would take `${…}` for its own.
fn variables(text: Text) -> Text {
    text.parts().iter().fold(Text::new(), |all, part| match part {
        Part::Literal(literal) => all.then(literal.replace("&{", "${")),
        Part::Reference(reference) => all.then(reference.clone()),
        Part::Opaque(references) => all.then(Text::opaque(references.clone())),
    })
}
