//! The arguments of a resource: values where the plan knows them, references where it does not.
//!
//! An argument that is only known after apply and that the configuration does not set is left out: it is what AWS makes
//! of it. (`after_unknown` marks it as it marks what is set.)

use std::collections::BTreeSet;

use serde_json::Value as Printed;
use terrace_aws::inventory::vocabulary::{self, Expected};
use terrace_aws::inventory::{ItemId, UnknownName};
use terrace_aws::{Record, Reference, Text, Value};

use super::configuration::is_expression;
use super::resolve::{Found, Meaning, Resolver, Scope, address};
use crate::found::json::{self, Object};
use crate::printed::agrees;

/// More than this many things that a value may be made of are told as one.
const MOST: usize = 200;

/// Blocks of a set are compared with what was written, up to so many.
const COMPARED: usize = 100;

static NONE: Printed = Printed::Null;

/// One resource that is being read.
pub(super) struct Fill<'a, 'r> {
    pub(super) resolver: &'r Resolver<'a>,
    pub(super) known: &'r super::Known<'a>,
    pub(super) scope: Scope<'a>,
    pub(super) type_name: &'a str,
    pub(super) own: Option<ItemId>,
    pub(super) address: String,
}

/// How a value was written.
#[derive(Clone, Copy)]
enum Written<'a> {
    /// By this expression or these blocks.
    So(&'a Printed),
    /// As a part of what this expression makes.
    Inside(&'a Object),
    /// Not at all: what is known is a default.
    Not,
    /// Nobody knows: in a `dynamic` block, of which a plan tells nothing.
    Untold,
}

/// What the plan says of a value.
#[derive(Clone, Copy)]
struct Planned<'a> {
    after: &'a Printed,
    unknown: &'a Printed,
    sensitive: &'a Printed,
}

impl<'a> Planned<'a> {
    fn field(self, name: &str) -> Self {
        let of = |printed: &'a Printed| match printed {
            Printed::Object(fields) => fields.get(name).unwrap_or(&NONE),
            // A mark of the whole is one of each part.
            Printed::Bool(true) => printed,
            _ => &NONE,
        };
        Self { after: of(self.after), unknown: of(self.unknown), sensitive: of(self.sensitive) }
    }

    fn item(self, at: usize) -> Self {
        let of = |printed: &'a Printed| match printed {
            Printed::Array(items) => items.get(at).unwrap_or(&NONE),
            Printed::Bool(true) => printed,
            _ => &NONE,
        };
        Self { after: of(self.after), unknown: of(self.unknown), sensitive: of(self.sensitive) }
    }

    fn names(self) -> BTreeSet<&'a str> {
        let of =
            |printed: &'a Printed| printed.as_object().into_iter().flatten().map(|(name, _)| name.as_str());
        of(self.after).chain(of(self.unknown)).collect()
    }

    fn is_unknown(self) -> bool {
        self.unknown.as_bool() == Some(true)
    }

    fn is_sensitive(self) -> bool {
        self.sensitive.as_bool() == Some(true)
    }
}

impl<'a> Fill<'a, '_> {
    /// The record of a resource.
    pub(super) fn record(
        &self,
        after: &'a Printed,
        unknown: &'a Printed,
        sensitive: &'a Printed,
        expressions: Option<&'a Object>,
        configured: bool,
    ) -> Record {
        let planned = Planned { after, unknown, sensitive };
        let mut all = Record::new();
        for name in planned.names() {
            let written = match expressions.and_then(|all| all.get(name)) {
                Some(expression) => Written::So(expression),
                // A plan tells nothing of a `dynamic` block: what is known in part was made by one.
                None if configured && planned.field(name).unknown.is_array() => Written::Untold,
                None if configured => Written::Not,
                None => Written::Untold,
            };
            if let Some(value) = self.argument(name, name, planned.field(name), written) {
                all.set(name, value);
            }
        }
        all
    }

    fn argument(&self, path: &str, name: &str, planned: Planned<'a>, written: Written<'a>) -> Option<Value> {
        // What is write-only is planned as nothing, and still given.
        let given = name.ends_with("_wo") && planned.after.is_null() && !matches!(written, Written::Not);
        if planned.is_unknown() || given {
            return self.unknown(path, name, planned, written);
        }
        if planned.is_sensitive() {
            return self.sensitive(path, name, planned, written);
        }
        match planned.after {
            Printed::Array(items) if items.iter().any(Printed::is_object) => {
                Some(Value::Blocks(self.blocks(path, items.len(), planned, written)))
            }
            Printed::Array(items) if !items.is_empty() => {
                Some(self.list(path, name, items, planned, written))
            }
            Printed::Object(fields) => self.object(path, fields, planned, written),
            // Nothing of it is known, but something inside is marked.
            Printed::Null | Printed::Array(_) => match planned.unknown {
                Printed::Array(items) if items.iter().any(Printed::is_object) => {
                    Some(Value::Blocks(self.blocks(path, items.len(), planned, written)))
                }
                Printed::Array(items) if items.iter().any(|item| item == &Printed::Bool(true)) => {
                    Some(self.list(path, name, &[], planned, written))
                }
                _ => None,
            },
            leaf => {
                let value = json::scalar(self.type_name, name, leaf)?;
                Some(self.named(name, &value, written).unwrap_or(value))
            }
        }
    }

    fn object(
        &self,
        path: &str,
        fields: &Object,
        planned: Planned<'a>,
        written: Written<'a>,
    ) -> Option<Value> {
        let block = match written {
            Written::So(Printed::Object(one)) => !is_expression(one),
            Written::So(Printed::Array(_)) => true,
            _ => false,
        };
        if block {
            return Some(Value::Blocks(self.blocks(path, 1, planned, written)));
        }
        if fields.is_empty() && planned.unknown.as_object().is_none_or(Object::is_empty) {
            return None;
        }
        let inside = inside(written);
        let mut all = std::collections::BTreeMap::new();
        for key in planned.names() {
            // The keys of a map are no arguments: only its own name says what it holds.
            if let Some(value) = self.argument(&format!("{path}.{key}"), "", planned.field(key), inside) {
                all.insert(key.to_owned(), value);
            }
        }
        Some(Value::Map(all))
    }

    fn list(
        &self,
        path: &str,
        name: &str,
        items: &'a [Printed],
        planned: Planned<'a>,
        written: Written<'a>,
    ) -> Value {
        let marks = planned.unknown.as_array().map_or(&[][..], Vec::as_slice);
        let inside = inside(written);
        let open = marks.iter().filter(|mark| mark.as_bool() == Some(true)).count();
        // As many references as there are open places stand in their order.
        let mut in_order =
            self.meanings(inside).and_then(|all| exactly(&all, open)).unwrap_or_default().into_iter();
        let expected = vocabulary::expected(name);
        let mut all = Vec::new();
        for at in 0..items.len().max(marks.len()) {
            let one = planned.item(at);
            let value = match in_order.as_slice() {
                [_, ..] if one.is_unknown() => in_order.next().map(|found| match expected {
                    Some(expected) if !Expected::strict(name) => {
                        Value::Text(Text::from(reference(&found, Some(&expected))))
                    }
                    _ => Value::Text(Text::opaque(BTreeSet::from([reference(&found, None)]))),
                }),
                _ => self.argument(&format!("{path}[{at}]"), name, one, inside),
            };
            // What a set of unknown length comes to is one thing, not one item.
            match value {
                Some(Value::List(more)) => all.extend(more),
                Some(value) => all.push(value),
                None => {}
            }
        }
        Value::List(all)
    }

    fn blocks(&self, path: &str, count: usize, planned: Planned<'a>, written: Written<'a>) -> Vec<Record> {
        let bodies: Vec<&'a Object> = match written {
            Written::So(Printed::Array(blocks)) => blocks.iter().filter_map(Printed::as_object).collect(),
            Written::So(Printed::Object(one)) if !is_expression(one) => vec![one],
            _ => Vec::new(),
        };
        let mut taken = vec![false; bodies.len()];
        let mut all = Vec::with_capacity(count);
        for at in 0..count {
            let one = if planned.after.is_object() { planned } else { planned.item(at) };
            // Blocks of a set stand in another order than they were written: the first one that agrees is taken.
            let agreeing = |to: &usize| {
                taken.get(*to) == Some(&false) && bodies.get(*to).is_some_and(|body| agrees(body, one.after))
            };
            let searched = if bodies.len() <= COMPARED { bodies.len() } else { 0 };
            let beside = std::iter::once(at).chain(0..searched).find(agreeing);
            if let Some(mark) = beside.and_then(|beside| taken.get_mut(beside)) {
                *mark = true;
            }
            let body = beside.and_then(|beside| bodies.get(beside)).copied();
            let mut record = Record::new();
            for name in one.names() {
                let written = match (body, written) {
                    (Some(body), _) => body.get(name).map_or(Written::Not, Written::So),
                    // More blocks than were written one by one: a `dynamic` block made them.
                    (None, Written::So(Printed::Object(one))) if is_expression(one) => Written::Inside(one),
                    (None, Written::Inside(one)) => Written::Inside(one),
                    (None, Written::Not) => Written::Not,
                    (None, _) => Written::Untold,
                };
                if let Some(value) =
                    self.argument(&format!("{path}[{at}].{name}"), name, one.field(name), written)
                {
                    record.set(name, value);
                }
            }
            all.push(record);
        }
        all
    }

    fn meanings(&self, written: Written<'a>) -> Option<Vec<Meaning>> {
        match written {
            Written::So(Printed::Object(one)) | Written::Inside(one) if is_expression(one) => {
                Some(self.resolver.expression(one, &self.scope))
            }
            _ => None,
        }
    }

    /// A value that is only known after apply.
    fn unknown(&self, path: &str, name: &str, planned: Planned<'a>, written: Written<'a>) -> Option<Value> {
        match written {
            Written::Not => return None,
            Written::So(Printed::Array(blocks)) => {
                let marks = Planned { after: &NONE, ..planned };
                let blocks =
                    blocks.iter().enumerate().filter_map(|(at, block)| Some((at, block.as_object()?)));
                let read =
                    blocks.map(|(at, block)| self.body(&format!("{path}[{at}]"), block, marks)).collect();
                return Some(Value::Blocks(read));
            }
            Written::So(Printed::Object(one)) if !is_expression(one) => {
                let marks = Planned { after: &NONE, ..planned };
                return Some(Value::Blocks(vec![self.body(path, one, marks)]));
            }
            Written::So(Printed::Object(one)) => {
                if let Some(constant) = one.get("constant_value") {
                    return json::value(self.type_name, name, constant);
                }
            }
            _ => {}
        }
        let expected = vocabulary::expected(name);
        let shape = if path.ends_with(']') { Shape::Item } else { Shape::Whole };
        let Some(meanings) = self.meanings(written) else {
            return Some(self.untold(path, name, expected, shape));
        };
        Some(self.made(path, name, &meanings, expected, shape))
    }

    fn body(&self, path: &str, block: &'a Object, planned: Planned<'a>) -> Record {
        let mut record = Record::new();
        for (name, expression) in block {
            let value = self.argument(&format!("{path}.{name}"), name, planned, Written::So(expression));
            if let Some(value) = value {
                record.set(name, value);
            }
        }
        record
    }

    /// What is made of these.
    fn made(
        &self,
        path: &str,
        name: &str,
        meanings: &[Meaning],
        expected: Option<Expected>,
        shape: Shape,
    ) -> Value {
        let (mut items, mut names, mut full, mut choices) = (Vec::new(), Vec::new(), false, 0);
        for meaning in meanings {
            match meaning {
                Meaning::One(found) => items.push(found.clone()),
                Meaning::All(all) => {
                    items.extend(all.iter().map(|(_, found)| found.clone()));
                }
                Meaning::Known { name, full: some } => {
                    full |= some;
                    choices += 1;
                    if *some {
                        names.push(name.clone());
                    }
                }
                Meaning::Name(name) => names.push(name.clone()),
            }
        }
        items.dedup();
        let Some(expected) = expected else { return self.opaque(path, &items, &names, shape) };
        let typed: Vec<Found> =
            items.iter().filter(|found| expected.fits(found.item.type_name())).cloned().collect();
        let fitting = match typed.is_empty() && !Expected::strict(name) {
            true => items.clone(),
            false => typed,
        };
        let told = names.is_empty() && !full && (fitting.len() == 1 || choices == 0);
        let text = |one: &Found| Value::Text(Text::from(reference(one, Some(&expected))));
        match fitting.as_slice() {
            [one] if shape == Shape::Item || !expected.list => text(one),
            [_, ..] if shape == Shape::Whole && expected.list && told => {
                Value::List(fitting.iter().map(text).collect())
            }
            [] if !names.is_empty() && !expected.types.is_empty() => {
                self.untold(path, name, Some(expected), shape)
            }
            _ => self.opaque(path, &items, &names, shape),
        }
    }

    /// Made of these, and how is not told.
    fn opaque(&self, path: &str, items: &[Found], names: &[String], shape: Shape) -> Value {
        let mut all: Vec<Reference> = items.iter().map(|found| reference(found, None)).collect();
        all.extend(names.iter().map(|name| Reference::unknown(UnknownName::new(name.as_str()))));
        all.sort();
        all.dedup();
        if all.is_empty() || all.len() > MOST {
            all = vec![self.itself(path)];
        }
        match shape {
            Shape::Item => Value::Text(Text::opaque(all.into_iter().collect())),
            Shape::Whole => Value::Opaque(all),
        }
    }

    fn itself(&self, path: &str) -> Reference {
        Reference::unknown(UnknownName::new(format!("{}.{path}", self.address)))
    }

    /// What no expression tells: it is made of what the module has or is given, so the only thing there of a type that
    /// fits is it.
    fn untold(&self, path: &str, name: &str, expected: Option<Expected>, shape: Shape) -> Value {
        let Some(expected) =
            expected.filter(|expected| !expected.types.is_empty() && !Expected::strict(name))
        else {
            return Value::Opaque(vec![self.itself(path)]);
        };
        let fits = |item: &ItemId| {
            expected.fits(item.type_name())
                && Some(item) != self.own.as_ref()
                && self.known.text(item, expected.attribute).is_none()
        };
        let mut all: BTreeSet<ItemId> = self.resolver.within(&self.scope.module, &fits);
        if all.is_empty() {
            all = self.resolver.anywhere(&fits, MOST + 1);
        }
        let found: Vec<Found> =
            all.into_iter().map(|item| Found { item, attribute: expected.attribute.to_owned() }).collect();
        match found.as_slice() {
            [one] if expected.list && shape == Shape::Whole => {
                Value::List(vec![Value::Text(Text::from(reference(one, Some(&expected))))])
            }
            [one] => Value::Text(Text::from(reference(one, Some(&expected)))),
            _ => self.opaque(path, &found, &[], shape),
        }
    }

    /// A value that may not be shown. What is written in the configuration as it is, is no secret of this plan's.
    fn sensitive(&self, path: &str, name: &str, planned: Planned<'a>, written: Written<'a>) -> Option<Value> {
        if json::empty(planned.after) || matches!(planned.after, Printed::Bool(_)) {
            return json::value(self.type_name, name, planned.after);
        }
        if let Written::So(Printed::Object(one)) = written {
            if let Some(constant) = one.get("constant_value").filter(|_| is_expression(one)) {
                return json::value(self.type_name, name, constant);
            }
            let mut names: Vec<Reference> = Vec::new();
            for name in super::configuration::references(one) {
                let name = address(&self.scope.module, name);
                names.push(Reference::unknown(UnknownName::new(name)));
            }
            if !names.is_empty() && names.len() <= MOST {
                return Some(Value::Opaque(names));
            }
        }
        Some(Value::Opaque(vec![self.itself(path)]))
    }

    /// A reference in place of a known value that names an item.
    fn named(&self, name: &str, value: &Value, written: Written<'a>) -> Option<Value> {
        let Value::Text(text) = value else { return None };
        let literal = text.literal()?;
        let expected = vocabulary::expected(name)?;
        let meanings = self.meanings(written)?;
        let found = |found: &Found| {
            let attribute = match found.attribute.as_str() {
                "" => expected.attribute,
                told => told,
            };
            let same = vocabulary::is_identity(attribute)
                && self.known.text(&found.item, attribute) == Some(literal);
            same.then(|| Reference::to_item(found.item.clone(), attribute))
        };
        let mut all = BTreeSet::new();
        for meaning in &meanings {
            match meaning {
                Meaning::One(one) => all.extend(found(one)),
                Meaning::All(some) => all.extend(some.iter().filter_map(|(_, one)| found(one))),
                _ => {}
            }
        }
        match all.into_iter().collect::<Vec<_>>().as_slice() {
            [one] => Some(Value::Text(Text::from(one.clone()))),
            _ => None,
        }
    }
}

/// Whether a value is an argument or one item of it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Shape {
    Whole,
    Item,
}

fn reference(found: &Found, expected: Option<&Expected>) -> Reference {
    let attribute = match (found.attribute.as_str(), expected) {
        ("", Some(expected)) => expected.attribute,
        ("", None) => "id",
        (told, _) => told,
    };
    Reference::to_item(found.item.clone(), attribute)
}

/// The part of an expression that an item of its value is.
fn inside(written: Written<'_>) -> Written<'_> {
    match written {
        Written::So(Printed::Object(one)) if is_expression(one) => Written::Inside(one),
        other => other,
    }
}

/// One found thing for each open place, and nothing else.
fn exactly(meanings: &[Meaning], open: usize) -> Option<Vec<Found>> {
    let mut all = Vec::new();
    for meaning in meanings {
        match meaning {
            Meaning::One(found) => all.push(found.clone()),
            Meaning::All(some) => all.extend(some.iter().map(|(_, found)| found.clone())),
            Meaning::Known { full: false, .. } => {}
            Meaning::Known { full: true, .. } | Meaning::Name(_) => return None,
        }
    }
    (open > 0 && all.len() == open).then_some(all)
}
