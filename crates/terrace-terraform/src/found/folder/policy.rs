//! `aws_iam_policy_document` → the document that the provider makes of it.
//!
//! One value is a text and several are a list, as AWS writes them; statements of `override_policy_documents` replace
//! those of the same `sid`.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::convert::{elements, literal};
use super::encoding;
use super::eval::pairs;
use super::scope::Scope;
use super::source::{Block, Body};
use super::val::{Refs, Val, refs_in};
use super::world::{Known, Stop, World};

impl World<'_> {
    /// The document; a text that is the JSON of a map.
    pub(super) fn policy_document(&self, body: &Body, scope: Scope<'_>) -> Known {
        let mut statements: Vec<Val> = Vec::new();
        let argument = |name: &str| match body.attribute(name) {
            Some(found) => self.told(&found.value, scope),
            None => Ok(Val::Null),
        };
        for name in ["source_policy_documents", "source_json"] {
            for document in documents(&argument(name)?)? {
                put(&mut statements, statements_of(&document)?, false);
            }
        }
        let mut own = Vec::new();
        self.statements(body, scope, &mut own)?;
        put(&mut statements, own, true);
        for name in ["override_policy_documents", "override_json"] {
            for document in documents(&argument(name)?)? {
                put(&mut statements, statements_of(&document)?, true);
            }
        }
        let version = match argument("version")? {
            Val::Null => Val::text("2012-10-17"),
            given => given,
        };
        let mut all = BTreeMap::from([
            ("Statement".to_owned(), Val::list(statements)),
            ("Version".to_owned(), version),
        ]);
        match argument("policy_id")? {
            Val::Null => {}
            id => drop(all.insert("Id".to_owned(), id)),
        }
        Ok(Val::Json(Rc::new(Val::map(all))))
    }

    fn statements(&self, body: &Body, scope: Scope<'_>, all: &mut Vec<Val>) -> Known<()> {
        self.repeated_blocks(body, "statement", scope, &mut |inner, scope| {
            all.push(self.statement(inner, scope)?);
            Ok(())
        })
    }

    /// Calls `work` for each nested block of a kind, also for those that a `dynamic` makes.
    fn repeated_blocks(
        &self,
        body: &Body,
        kind: &str,
        scope: Scope<'_>,
        work: &mut dyn FnMut(&Body, Scope<'_>) -> Known<()>,
    ) -> Known<()> {
        // As JSON has them: objects that are taken for arguments are no blocks here.
        if body.attribute(kind).is_some() {
            return Err(Stop::Unknown(super::val::refs_of(format!("`{kind}` as an argument"))));
        }
        for block in &body.blocks {
            self.spend(1)?;
            if block.kind == kind {
                work(&block.body, scope)?;
            } else if block.kind == "dynamic" && block.labels.first().is_some_and(|label| label == kind) {
                self.made(block, kind, scope, work)?;
            }
        }
        Ok(())
    }

    fn made(
        &self,
        block: &Block,
        kind: &str,
        scope: Scope<'_>,
        work: &mut dyn FnMut(&Body, Scope<'_>) -> Known<()>,
    ) -> Known<()> {
        let (Some(each), Some(content)) =
            (block.body.attribute("for_each"), block.body.blocks("content").next())
        else {
            return Err(Stop::wrong("a `dynamic` block has no `for_each` or no `content`"));
        };
        let collection = self.told(&each.value, scope)?;
        let iterator =
            block.body.attribute("iterator").and_then(|found| super::bodies::name_of(&found.value));
        let iterator = iterator.unwrap_or_else(|| kind.to_owned());
        if matches!(collection.bare(), Val::Null) {
            return Ok(());
        }
        for (key, value) in pairs(&collection)? {
            // A document with a statement that may be there or not is not told.
            if let Val::Rest(_) = value {
                return Err(Stop::Unknown(refs_in([&value])));
            }
            let both = Val::map(BTreeMap::from([("key".to_owned(), key), ("value".to_owned(), value)]));
            work(&content.body, scope.within(Some(&scope.name(&iterator, &both))))?;
        }
        Ok(())
    }

    fn statement(&self, body: &Body, scope: Scope<'_>) -> Known {
        let mut all = BTreeMap::from([("Effect".to_owned(), Val::text("Allow"))]);
        for (argument, name) in [
            ("sid", "Sid"),
            ("effect", "Effect"),
            ("actions", "Action"),
            ("not_actions", "NotAction"),
            ("resources", "Resource"),
            ("not_resources", "NotResource"),
        ] {
            let Some(found) = body.attribute(argument) else { continue };
            let value = self.told(&found.value, scope)?;
            let empty = match value.bare() {
                Val::Null => true,
                Val::List(node) | Val::Set(node) => node.items.is_empty(),
                Val::Text(text) => text.literal() == Some(""),
                _ => false,
            };
            if !empty {
                all.insert(name.to_owned(), lone(value));
            }
        }
        for (kind, name) in [("principals", "Principal"), ("not_principals", "NotPrincipal")] {
            if let Some(principals) = self.principals(body, kind, scope)? {
                all.insert(name.to_owned(), principals);
            }
        }
        let mut conditions: BTreeMap<String, BTreeMap<String, Val>> = BTreeMap::new();
        self.repeated_blocks(body, "condition", scope, &mut |inner, scope| {
            let (test, variable) =
                (self.text_in(inner, "test", scope)?, self.text_in(inner, "variable", scope)?);
            let values = self.list_in(inner, "values", scope)?;
            let keys = conditions.entry(test).or_default();
            let more = match keys.remove(&variable) {
                Some(known) => joined(&known, &values),
                None => values,
            };
            keys.insert(variable, more);
            Ok(())
        })?;
        if !conditions.is_empty() {
            let conditions = conditions.into_iter().map(|(test, keys)| {
                (test, Val::map(keys.into_iter().map(|(key, values)| (key, lone(values))).collect()))
            });
            all.insert("Condition".to_owned(), Val::map(conditions.collect()));
        }
        Ok(Val::map(all))
    }

    fn principals(&self, body: &Body, kind: &str, scope: Scope<'_>) -> Known<Option<Val>> {
        let mut all: BTreeMap<String, Val> = BTreeMap::new();
        self.repeated_blocks(body, kind, scope, &mut |inner, scope| {
            let of = self.text_in(inner, "type", scope)?;
            let identifiers = self.list_in(inner, "identifiers", scope)?;
            let more = match all.remove(&of) {
                Some(known) => joined(&known, &identifiers),
                None => identifiers,
            };
            all.insert(of, more);
            Ok(())
        })?;
        if all.is_empty() {
            return Ok(None);
        }
        // Everyone: written without a kind. `AWS = *` means the same and is written as it is.
        if let Some(everyone) = all.get("*")
            && all.len() == 1
            && elements(everyone)?.iter().any(|item| literal(item).is_ok_and(|text| text == "*"))
        {
            return Ok(Some(Val::text("*")));
        }
        Ok(Some(Val::map(all.into_iter().map(|(of, list)| (of, lone(list))).collect())))
    }

    fn text_in(&self, body: &Body, name: &str, scope: Scope<'_>) -> Known<String> {
        match body.attribute(name) {
            Some(found) => literal(&self.eval(&found.value, scope)?),
            None => Err(Stop::Wrong(format!("`{name}` is missing"))),
        }
    }

    fn list_in(&self, body: &Body, name: &str, scope: Scope<'_>) -> Known {
        match body.attribute(name) {
            Some(found) => texts(self.told(&found.value, scope)?),
            None => Err(Stop::Wrong(format!("`{name}` is missing"))),
        }
    }
}

/// Values of conditions are texts, whatever is written.
fn texts(list: Val) -> Known {
    match list.bare() {
        Val::List(node) | Val::Set(node) => {
            let text = |item: &Val| match item.bare() {
                Val::Bool(_) | Val::Number(_) => super::convert::text(item).map(Val::text),
                _ => Ok(item.clone()),
            };
            node.items.iter().map(text).collect::<Known<_>>().map(Val::list)
        }
        _ => Ok(list),
    }
}

/// One value is written as it is.
fn lone(value: Val) -> Val {
    match value.bare() {
        Val::List(node) | Val::Set(node) => match node.items.as_slice() {
            [Val::Rest(_)] => value,
            [one] => one.clone(),
            _ => value,
        },
        _ => value,
    }
}

fn joined(known: &Val, more: &Val) -> Val {
    match (elements(known), elements(more)) {
        (Ok(a), Ok(b)) => Val::list(a.iter().chain(b.iter()).cloned().collect()),
        _ => Val::Unknown(refs_in([known, more])),
    }
}

/// Documents of an argument: a list, or one.
fn documents(argument: &Val) -> Known<Vec<Val>> {
    let untold = |value: &Val| -> Known<Vec<Val>> {
        let refs: Refs = refs_in([value]);
        Err(Stop::Unknown(refs))
    };
    match argument.bare() {
        Val::Null => Ok(Vec::new()),
        Val::List(node) | Val::Set(node) => {
            let mut all = Vec::new();
            for item in &node.items {
                match item.bare() {
                    Val::Null => {}
                    Val::Rest(_) | Val::Unknown(_) | Val::Pointer(_) => return untold(item),
                    Val::Text(text) if text.literal() == Some("") => {}
                    _ => all.push(decoded(item)?),
                }
            }
            Ok(all)
        }
        Val::Unknown(_) | Val::Pointer(_) => untold(argument),
        Val::Text(text) if text.literal() == Some("") => Ok(Vec::new()),
        _ => Ok(vec![decoded(argument)?]),
    }
}

fn decoded(document: &Val) -> Known {
    encoding::decoded(document)
}

fn statements_of(document: &Val) -> Known<Vec<Val>> {
    let fields = super::convert::map(document)?;
    match fields.get("Statement") {
        None => Ok(Vec::new()),
        Some(one) => match one.bare() {
            Val::List(node) | Val::Set(node) => Ok(node.items.clone()),
            _ => Ok(vec![one.clone()]),
        },
    }
}

/// Adds statements; `over` those that have the same `Sid`.
fn put(all: &mut Vec<Val>, more: Vec<Val>, over: bool) {
    let sid = |statement: &Val| match statement {
        Val::Map(node) => {
            node.items.get("Sid").and_then(|sid| literal(sid).ok()).filter(|sid| !sid.is_empty())
        }
        _ => None,
    };
    for statement in more {
        let own = sid(&statement);
        let known = match (&own, over) {
            (Some(own), true) => all.iter_mut().find(|known| sid(known).as_ref() == Some(own)),
            _ => None,
        };
        match known {
            Some(known) => *known = statement,
            None => all.push(statement),
        }
    }
}
