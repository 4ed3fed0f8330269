//! What a reference comes to: items of the plan, followed through variables and outputs of modules.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Printed;
use terrace_aws::Mode;
use terrace_aws::inventory::ItemId;

use super::configuration::{Module, references};
use super::reference::{Key, Path, Step, spelled, steps};
use crate::found::json::{Object, get};

/// Steps of following, in a whole plan: enough for tens of thousands of resources, and an end for what was made to
/// have none.
const STEPS: u32 = 4_000_000;

/// More candidates than this for one value are as good as any.
const LISTED: usize = 1000;

/// How deep variables and outputs may lead to others.
const DEEPEST: usize = 64;

/// An attribute of an item, as a reference comes to it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Found {
    pub(super) item: ItemId,
    /// The path; empty where the expression goes on in a way that the plan does not tell.
    pub(super) attribute: String,
}

/// What a reference comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Meaning {
    /// One attribute.
    One(Found),
    /// That of every instance; which are taken is not told.
    All(Vec<(Option<Key>, Found)>),
    /// A value that is known, by its name; whether it is a list that holds something.
    Known { name: String, full: bool },
    /// A value whose expression the plan does not tell.
    Name(String),
}

/// Where an expression stands.
#[derive(Clone)]
pub(super) struct Scope<'a> {
    pub(super) module: Path,
    /// The key of the instance, and what its `for_each` is made of.
    pub(super) key: Option<Key>,
    pub(super) for_each: Option<&'a Object>,
}

/// Where instances are found.
pub(super) type Instances = BTreeMap<(Path, &'static str, String, String), Vec<(Option<Key>, ItemId)>>;

pub(super) struct Resolver<'a> {
    pub(super) root: Module<'a>,
    pub(super) instances: Instances,
    /// The values of root variables.
    pub(super) variables: Option<&'a Object>,
    left: Cell<u32>,
}

/// The mode of a resource as a plan spells it.
pub(super) fn mode(spelled: &str) -> &'static str {
    match spelled {
        "data" => "data",
        _ => "managed",
    }
}

impl<'a> Resolver<'a> {
    pub(super) fn new(root: Module<'a>, instances: Instances, variables: Option<&'a Object>) -> Self {
        Self { root, instances, variables, left: Cell::new(STEPS) }
    }

    /// What the references of an expression come to, in order.
    pub(super) fn expression(&self, expression: &Object, scope: &Scope<'a>) -> Vec<Meaning> {
        self.all(&references(expression), scope, 0)
    }

    fn all(&self, names: &[&str], scope: &Scope<'a>, depth: usize) -> Vec<Meaning> {
        // With `count.index` or `each.key` beside it, one of all instances is meant.
        let keyed = names.iter().any(|name| name.starts_with("count.") || name.starts_with("each."));
        let mut all = Vec::new();
        for name in names {
            for meaning in self.one(name, scope, depth) {
                all.push(if keyed { picked(meaning, scope.key.as_ref()) } else { meaning });
            }
        }
        all
    }

    fn one(&self, name: &str, scope: &Scope<'a>, depth: usize) -> Vec<Meaning> {
        let left = self.left.get();
        if left == 0 || depth > DEEPEST {
            return vec![Meaning::Name(named(scope, name))];
        }
        self.left.set(left - 1);
        let Some(steps) = steps(name) else { return vec![Meaning::Name(named(scope, name))] };
        match steps.as_slice() {
            [Step::Name(first), Step::Name(variable), rest @ ..] if first == "var" => {
                self.variable(variable, rest, scope, depth)
            }
            [Step::Name(first), Step::Name(what), rest @ ..] if first == "each" => {
                if what == "key" {
                    return Vec::new();
                }
                let Some(for_each) = scope.for_each else { return vec![Meaning::Name(named(scope, name))] };
                // Inside of `for_each` there is no `each` of the same resource.
                let outer = Scope { module: scope.module.clone(), key: None, for_each: None };
                let made = self.all(&references(for_each), &outer, depth + 1);
                made.into_iter().map(|one| further(picked(one, scope.key.as_ref()), rest)).collect()
            }
            [Step::Name(first), ..] if ["count", "path", "terraform", "self"].contains(&first.as_str()) => {
                Vec::new()
            }
            [Step::Name(first), Step::Name(call), rest @ ..] if first == "module" => {
                self.output(call, rest, name, scope, depth)
            }
            [Step::Name(first), Step::Name(kind), Step::Name(label), rest @ ..] if first == "ephemeral" => {
                let address = named(scope, &format!("ephemeral.{kind}.{label}"));
                let item = ItemId::new(kind.as_str(), address).with_mode(Mode::Ephemeral);
                vec![Meaning::One(Found { item, attribute: spelled(rest) })]
            }
            [Step::Name(first), Step::Name(kind), Step::Name(label), rest @ ..] if first == "data" => {
                self.instances("data", kind, label, rest, name, scope)
            }
            [Step::Name(kind), Step::Name(label), rest @ ..] if kind != "local" => {
                self.instances("managed", kind, label, rest, name, scope)
            }
            _ => vec![Meaning::Name(named(scope, name))],
        }
    }

    fn variable(&self, name: &str, rest: &[Step], scope: &Scope<'a>, depth: usize) -> Vec<Meaning> {
        let Some((last, before)) = scope.module.split_last() else {
            let value = self.variables.and_then(|all| get(all, name)).and_then(|one| one.get("value"));
            return vec![known(value, scope, name)];
        };
        let Some(call) = self.root.call(&scope.module) else { return Vec::new() };
        // What is not given has its default, which is constant.
        let given = call.expressions.and_then(|all| all.get(name));
        let Some(given) = given.and_then(Printed::as_object) else { return vec![known(None, scope, name)] };
        if let Some(constant) = given.get("constant_value") {
            return vec![known(Some(constant), scope, name)];
        }
        let outer = Scope { module: before.to_vec(), key: last.1.clone(), for_each: call.for_each };
        let found = self.all(&references(given), &outer, depth + 1);
        found.into_iter().map(|one| further(one, rest)).collect()
    }

    fn output(&self, call: &str, rest: &[Step], name: &str, scope: &Scope<'a>, depth: usize) -> Vec<Meaning> {
        let (key, rest) = match rest.split_first() {
            Some((Step::Key(key), rest)) => (Some(key), rest),
            _ => (None, rest),
        };
        let Some((Step::Name(output), rest)) = rest.split_first() else {
            return vec![Meaning::Name(named(scope, name))];
        };
        let mut all = Vec::new();
        for instance in self.called(&scope.module, call, key) {
            let inner = Scope { module: instance, key: None, for_each: None };
            let expression = self.root.at(&inner.module).and_then(|module| module.output(output));
            let Some(expression) = expression else { continue };
            match expression.get("constant_value") {
                Some(constant) => all.push(known(Some(constant), &inner, output)),
                None => all.extend(
                    self.all(&references(expression), &inner, depth + 1)
                        .into_iter()
                        .map(|one| further(one, rest)),
                ),
            }
        }
        all
    }

    /// The items that fit in a module instance, in what it is given, and in what its modules hand out.
    pub(super) fn within(&self, module: &Path, fits: &dyn Fn(&ItemId) -> bool) -> BTreeSet<ItemId> {
        let mut all = BTreeSet::new();
        let first = (module.clone(), "", String::new(), String::new());
        for ((path, ..), instances) in self.instances.range(first..) {
            if path != module || all.len() > LISTED {
                break;
            }
            all.extend(instances.iter().map(|(_, item)| item).filter(|item| fits(item)).cloned());
        }
        let mut given = Vec::new();
        if let (Some(call), Some((last, before))) = (self.root.call(module), module.split_last()) {
            let outer = Scope { module: before.to_vec(), key: last.1.clone(), for_each: call.for_each };
            for expression in call.expressions.into_iter().flatten().filter_map(|(_, one)| one.as_object()) {
                given.extend(self.all(&references(expression), &outer, 1));
            }
        }
        let here = self.root.at(module);
        for name in here.into_iter().flat_map(Module::called) {
            for child in self.called(module, name, None) {
                let inner = Scope { module: child, key: None, for_each: None };
                let outputs = self.root.at(&inner.module).into_iter().flat_map(Module::outputs);
                for expression in outputs.filter_map(|(_, output)| get(output.as_object()?, "expression")) {
                    given.extend(self.all(&references(expression), &inner, 1));
                }
            }
        }
        for meaning in given {
            match meaning {
                Meaning::One(found) if fits(&found.item) => drop(all.insert(found.item)),
                Meaning::All(some) => {
                    all.extend(some.into_iter().map(|(_, found)| found.item).filter(|item| fits(item)));
                }
                _ => {}
            }
        }
        all
    }

    /// The items of the whole plan that fit, up to a number.
    pub(super) fn anywhere(&self, fits: &dyn Fn(&ItemId) -> bool, most: usize) -> BTreeSet<ItemId> {
        if self.left.get() == 0 {
            return BTreeSet::new();
        }
        let spent = u32::try_from(self.instances.len()).unwrap_or(u32::MAX);
        self.left.set(self.left.get().saturating_sub(spent));
        let all = self.instances.values().flatten().map(|(_, item)| item);
        all.filter(|item| fits(item)).take(most).cloned().collect()
    }

    /// The instances of a module that is called from another.
    fn called(&self, from: &Path, call: &str, key: Option<&Key>) -> Vec<Path> {
        let mut child = from.clone();
        child.push((call.to_owned(), key.cloned()));
        if key.is_some() || self.root.call(&child).is_none_or(|call| call.for_each.is_none()) {
            let first = (child.clone(), "", String::new(), String::new());
            let there =
                self.instances.range(first..).next().is_some_and(|((path, ..), _)| path.starts_with(&child));
            if there || key.is_some() {
                return vec![child];
            }
        }
        // Made by `count` or `for_each`: the keys are those of the instances that are planned.
        let depth = from.len();
        let first = (child.clone(), "", String::new(), String::new());
        let mut all: Vec<Path> = Vec::new();
        for ((path, ..), _) in self.instances.range(first..) {
            let here = path.get(..depth) == Some(from.as_slice())
                && path.get(depth).is_some_and(|(name, _)| name == call);
            if !here {
                break;
            }
            if let Some(instance) = path.get(..=depth)
                && all.last().map(Vec::as_slice) != Some(instance)
            {
                all.push(instance.to_vec());
            }
        }
        // Without a resource of its own it may still hand on what it is given.
        if all.is_empty() { vec![child] } else { all }
    }

    fn instances(
        &self,
        mode: &'static str,
        kind: &str,
        label: &str,
        rest: &[Step],
        name: &str,
        scope: &Scope<'a>,
    ) -> Vec<Meaning> {
        let at = (scope.module.clone(), mode, kind.to_owned(), label.to_owned());
        let Some(all) = self.instances.get(&at) else {
            // `count = 0`, or no resource at all.
            let written = self.root.at(&scope.module).and_then(|module| module.resource(mode, kind, label));
            return if written.is_some() { Vec::new() } else { vec![Meaning::Name(named(scope, name))] };
        };
        let (key, rest) = match rest.split_first() {
            Some((Step::Key(key), rest)) => (Some(key), rest),
            _ => (None, rest),
        };
        let attribute = spelled(rest);
        let found = |item: &ItemId| Found { item: item.clone(), attribute: attribute.clone() };
        match (key, all.as_slice()) {
            (Some(key), _) => {
                let one = all.iter().find(|(of, _)| of.as_ref() == Some(key));
                one.map(|(_, item)| Meaning::One(found(item))).into_iter().collect()
            }
            (None, [(None, item)]) => vec![Meaning::One(found(item))],
            (None, _) => {
                let spent = u32::try_from(all.len()).unwrap_or(u32::MAX);
                self.left.set(self.left.get().saturating_sub(spent));
                vec![Meaning::All(all.iter().map(|(key, item)| (key.clone(), found(item))).collect())]
            }
        }
    }
}

fn known(value: Option<&Printed>, scope: &Scope<'_>, name: &str) -> Meaning {
    let full = value.and_then(Printed::as_array).is_some_and(|items| !items.is_empty());
    Meaning::Known { name: named(scope, &format!("var.{name}")), full }
}

/// Of all instances the one with the key, if that is one of theirs.
fn picked(meaning: Meaning, key: Option<&Key>) -> Meaning {
    match (meaning, key) {
        (Meaning::All(all), Some(key)) => match all.iter().find(|(of, _)| of.as_ref() == Some(key)) {
            Some((_, one)) => Meaning::One(one.clone()),
            None => Meaning::All(all),
        },
        (meaning, _) => meaning,
    }
}

/// What further steps take of it: an instance, then an attribute.
fn further(meaning: Meaning, rest: &[Step]) -> Meaning {
    let Some((first, after)) = rest.split_first() else { return meaning };
    match (meaning, first) {
        (Meaning::All(all), Step::Key(key)) => further(picked(Meaning::All(all), Some(key)), after),
        (Meaning::One(found), _) if found.attribute.is_empty() => {
            Meaning::One(Found { attribute: spelled(rest), ..found })
        }
        (Meaning::All(all), Step::Name(_)) => Meaning::All(
            all.into_iter()
                .map(|(key, found)| match found.attribute.is_empty() {
                    true => (key, Found { attribute: spelled(rest), ..found }),
                    false => (key, found),
                })
                .collect(),
        ),
        (meaning, _) => meaning,
    }
}

/// A name with the module that it stands in.
fn named(scope: &Scope<'_>, name: &str) -> String {
    address(&scope.module, name)
}

/// An address inside of a module.
pub(super) fn address(module: &Path, name: &str) -> String {
    let mut all = String::new();
    for (call, key) in module {
        all.push_str("module.");
        all.push_str(call);
        if let Some(key) = key {
            all.push_str(&key.to_string());
        }
        all.push('.');
    }
    all.push_str(name);
    all
}
