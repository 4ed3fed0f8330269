//! The body of a block → a record with its places; nested and `dynamic` blocks.

use std::collections::BTreeMap;
use std::rc::Rc;

use terrace_aws::inventory::{Place, Places};
use terrace_aws::{Record, Value};

use super::eval::pairs;
use super::output;
use super::scope::{Named, Scope};
use super::source::{Attribute, Block, Body};
use super::val::{Refs, Val, refs_of};
use super::world::{Known, Stop, World};

/// What stands in a resource's block beside its own arguments.
const META: &[&str] =
    &["count", "for_each", "provider", "depends_on", "lifecycle", "provisioner", "connection", "timeouts"];

/// Blocks of a security group that may each be there or not and say nothing of the others.
const RULES: [&str; 2] = ["ingress", "egress"];

fn is_rule(kind: &str, path: &str, made: &Made<'_>) -> bool {
    path.is_empty() && RULES.contains(&kind) && made.address.contains("aws_security_group.")
}

/// What a record of a block is made for.
pub(super) struct Made<'w> {
    /// As it is named where something in it cannot be read.
    pub(super) address: &'w str,
    pub(super) file: &'w str,
    pub(super) places: Places,
}

/// Nested blocks of one kind.
#[derive(Default)]
struct Blocks {
    all: Vec<Record>,
    /// There may be more, which depend on these.
    more: Option<Refs>,
}

impl World<'_> {
    /// The arguments of a resource's block.
    pub(super) fn record(&self, body: &Body, scope: Scope<'_>, made: &mut Made<'_>) -> Record {
        let mut record = Record::new();
        self.fill(&mut record, body, scope, "", made, META);
        record
    }

    fn fill(
        &self,
        record: &mut Record,
        body: &Body,
        scope: Scope<'_>,
        path: &str,
        made: &mut Made<'_>,
        skipped: &[&str],
    ) {
        for attribute in &body.attributes {
            if skipped.contains(&attribute.name.as_str()) {
                continue;
            }
            let at = format!("{path}{}", attribute.name);
            let mut value = self.argument_value(attribute, scope, &at, made);
            // It is written out here, wherever its parts are shared.
            if let Err(Stop::Unknown(why)) = self.spend(value.weight() / 16) {
                value = Val::Unknown(why);
            }
            if let Some(value) = output::value(&attribute.name, &value).map(unnested) {
                made.places.set(at, Place::new(made.file, attribute.line));
                record.set(&attribute.name, value);
            }
        }
        let mut kinds: Vec<(&str, Blocks)> = Vec::new();
        for block in &body.blocks {
            let kind = match (block.kind.as_str(), block.labels.first()) {
                ("dynamic", Some(label)) => label.as_str(),
                (kind, _) => kind,
            };
            if skipped.contains(&kind) {
                continue;
            }
            if !kinds.iter().any(|(known, _)| *known == kind) {
                kinds.push((kind, Blocks::default()));
            }
            let Some((_, blocks)) = kinds.iter_mut().find(|(known, _)| *known == kind) else { continue };
            if block.kind == "dynamic" {
                self.dynamic(blocks, block, kind, scope, path, made);
            } else {
                self.block(blocks, &block.body, block.line, kind, scope, path, made);
            }
        }
        for (kind, blocks) in kinds {
            record.set(kind, blocks.value());
        }
    }

    /// The value of an argument; what is wrong with it is listed.
    fn argument_value(&self, attribute: &Attribute, scope: Scope<'_>, at: &str, made: &Made<'_>) -> Val {
        match self.complete(|| self.told(&attribute.value, scope)) {
            Ok(value) => value,
            Err(Stop::Unknown(refs)) => Val::Unknown(refs),
            Err(Stop::Wrong(why)) => {
                let what = format!("{}.{at}", made.address);
                self.pass_over(&what, why, Some(Place::new(made.file, attribute.line)));
                Val::unknown(what)
            }
            Err(Stop::Deep(slot)) => Val::unknown(self.name_of(&slot)),
        }
    }

    #[expect(clippy::too_many_arguments, reason = "where it stands, and what it becomes")]
    fn block(
        &self,
        blocks: &mut Blocks,
        body: &Body,
        line: u32,
        kind: &str,
        scope: Scope<'_>,
        path: &str,
        made: &mut Made<'_>,
    ) {
        let at = format!("{path}{kind}[{}]", blocks.all.len());
        made.places.set(at.as_str(), Place::new(made.file, line));
        if self.spend(1).is_err() {
            blocks.more = Some(refs_of("a design that takes too long to evaluate"));
            return;
        }
        let mut record = Record::new();
        self.fill(&mut record, body, scope, &format!("{at}."), made, &[]);
        blocks.all.push(record);
    }

    fn dynamic(
        &self,
        blocks: &mut Blocks,
        block: &Block,
        kind: &str,
        scope: Scope<'_>,
        path: &str,
        made: &mut Made<'_>,
    ) {
        let (Some(each), Some(content)) =
            (block.body.attribute("for_each"), block.body.blocks("content").next())
        else {
            let place = Place::new(made.file, block.line);
            self.pass_over(
                format!("{}.{path}{kind}", made.address),
                "has no `for_each` or no `content`",
                Some(place),
            );
            return;
        };
        let at = format!("{path}{kind}");
        let collection = self.argument_value(each, scope, &at, made);
        if !collection.is_whole() {
            made.places.set(at.as_str(), Place::new(made.file, block.line));
        }
        let iterator = block.body.attribute("iterator").and_then(|found| name_of(&found.value));
        let iterator = iterator.unwrap_or_else(|| kind.to_owned());
        let Ok(pairs) = pairs(&collection) else {
            let why = match collection.bare() {
                Val::Null => return,
                other => Rc::new(other.refs()),
            };
            if is_rule(kind, path, made) {
                let value = Val::Unknown(Rc::clone(&why));
                self.perhaps(blocks, block, &content.body, &why, value, &iterator, kind, scope, made);
            } else {
                blocks.more = Some(why);
            }
            return;
        };
        for (key, value) in pairs {
            if let Val::Rest(rest) = &value {
                if is_rule(kind, path, made) {
                    let (why, each) = (&rest.why, rest.each.clone());
                    self.perhaps(blocks, block, &content.body, why, each, &iterator, kind, scope, made);
                    continue;
                }
                let mut all = rest.why.as_ref().clone();
                all.extend(value.refs());
                all.extend(blocks.more.iter().flat_map(|more| more.iter().cloned()));
                blocks.more = Some(Rc::new(all));
                continue;
            }
            let both = BTreeMap::from([("key".to_owned(), key), ("value".to_owned(), value)]);
            let both = Val::map(both);
            let named: Named<'_> = scope.name(&iterator, &both);
            let inner = scope.within(Some(&named));
            self.block(blocks, &content.body, block.line, kind, inner, path, made);
        }
    }

    /// A rule of a security group that stands for none, one or several, which depends on what is not told. What it says
    /// is often told where it is not whether it is there; `for_each` in it tells that it may not be.
    #[expect(clippy::too_many_arguments, reason = "where it stands, and what it becomes")]
    fn perhaps(
        &self,
        blocks: &mut Blocks,
        block: &Block,
        content: &Body,
        why: &Refs,
        value: Val,
        iterator: &str,
        kind: &str,
        scope: Scope<'_>,
        made: &mut Made<'_>,
    ) {
        let key = Val::Unknown(Rc::clone(why));
        let both = Val::map(BTreeMap::from([("key".to_owned(), key), ("value".to_owned(), value)]));
        let named: Named<'_> = scope.name(iterator, &both);
        let before = blocks.all.len();
        self.block(blocks, content, block.line, kind, scope.within(Some(&named)), "", made);
        if let Some(record) = blocks.all.get_mut(before) {
            record.set("for_each", Value::Opaque(why.iter().cloned().collect()));
        }
    }

    /// Nested blocks of a kind as a value, for a reference to them; none if the body has none.
    pub(super) fn nested(&self, body: &Body, kind: &str, scope: Scope<'_>) -> Known<Option<Val>> {
        let mut all = Vec::new();
        let mut any = false;
        for block in &body.blocks {
            let of_kind = match (block.kind.as_str(), block.labels.first()) {
                ("dynamic", Some(label)) => {
                    if label == kind {
                        return Ok(None);
                    }
                    false
                }
                (own, _) => own == kind && !META.contains(&own),
            };
            if !of_kind {
                continue;
            }
            any = true;
            let mut fields = BTreeMap::new();
            for attribute in &block.body.attributes {
                fields.insert(attribute.name.clone(), self.told(&attribute.value, scope)?);
            }
            // Deeper blocks and what AWS adds are not told here.
            if !block.body.blocks.is_empty() {
                return Ok(None);
            }
            all.push(Val::map(fields));
        }
        Ok(any.then(|| Val::list(all)))
    }
}

/// A list of one list is that list: `subnets = ["${aws_subnet.public.*.id}"]`, as Terraform up to 0.11 wanted it.
fn unnested(value: Value) -> Value {
    match value {
        Value::List(mut items) if items.len() == 1 && matches!(items.first(), Some(Value::List(_))) => {
            items.pop().unwrap_or(Value::List(Vec::new()))
        }
        other => other,
    }
}

/// A lone name: `iterator = rule`.
pub(super) fn name_of(expression: &hcl_edit::expr::Expression) -> Option<String> {
    match expression {
        hcl_edit::expr::Expression::Variable(name) => Some(name.as_str().to_owned()),
        hcl_edit::expr::Expression::String(name) => Some(name.value().clone()),
        _ => None,
    }
}

impl Blocks {
    /// Blocks; where it is not told how many there are, a list of those that are told and of what the rest depends on.
    fn value(self) -> Value {
        let Some(more) = self.more else { return Value::Blocks(self.all) };
        let more = Value::Opaque(more.iter().cloned().collect());
        if self.all.is_empty() {
            return more;
        }
        let known = self.all.into_iter().map(|record| {
            Value::Map(record.iter().map(|(name, value)| (name.to_owned(), value.clone())).collect())
        });
        Value::List(known.chain([more]).collect())
    }
}
