//! What an import gives, and how arguments that came from elsewhere are fitted to a kind.
//!
//! GUARANTEE: an argument that no field takes is named, with the reason; it does not vanish.

use std::fmt;

use terrace_aws::{Kind, Misfit, Record, Resource, ResourceGraph, Step, Value};

/// A graph, and what the source said beyond it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Imported {
    /// All that is modelled.
    pub graph: ResourceGraph,
    /// All that is not, in the order of the source.
    pub unmodelled: Vec<Unmodelled>,
}

/// Something that the graph has no place for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Unmodelled {
    /// The address of the resource, module or output.
    pub address: String,
    /// Which of its arguments, as a path (`origin[1].custom_header`); none if it is the whole.
    pub argument: Option<String>,
    /// Why.
    pub reason: String,
}

/// Why a text is no plan or state.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ImportError {
    /// No JSON at all.
    #[error("this is no JSON ({0}); it should be what `terraform show -json` prints")]
    Json(String),
    /// Some other JSON.
    #[error("`{0}` is missing; it should be what `terraform show -json` prints")]
    Missing(&'static str),
    /// A format that is not known.
    #[error("the format is {0}; versions 1.x are known")]
    Format(String),
    /// Nothing says where.
    #[error(
        "the plan does not say in which region things are built; write the provider's `region` as a literal"
    )]
    Region,
}

impl fmt::Display for Unmodelled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.argument {
            None => write!(f, "`{}` {}", self.address, self.reason),
            Some(argument) => write!(f, "`{}`: `{argument}` {}", self.address, self.reason),
        }
    }
}

/// Notes what is not modelled of one resource.
pub(super) struct Losses<'a> {
    pub(super) address: &'a str,
    pub(super) all: &'a mut Vec<Unmodelled>,
}

impl Losses<'_> {
    pub(super) fn whole(&mut self, reason: impl Into<String>) {
        let address = self.address.to_owned();
        self.all.push(Unmodelled { address, argument: None, reason: reason.into() });
    }

    pub(super) fn argument(&mut self, path: String, reason: impl Into<String>) {
        let address = self.address.to_owned();
        self.all.push(Unmodelled { address, argument: Some(path), reason: reason.into() });
    }
}

/// What becomes of arguments that no field stands for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Strange {
    /// Somebody wrote them: they are named.
    Named,
    /// The source lists every attribute there is, written or not: they are left.
    Left,
}

/// Reads a resource from what was told about it. Where that does not fit, `known` (the values of the same
/// arguments, if the source has them) is tried; then the argument is given up and named.
pub(super) fn fit(
    kind: Kind,
    mut told: Record,
    known: &Record,
    strange: Strange,
    losses: &mut Losses<'_>,
) -> Option<Resource> {
    // Each round takes something away or replaces it for good.
    for _ in 0..10_000 {
        let misfit = match kind.read(&told) {
            Ok(resource) => return Some(resource),
            Err(misfit) => misfit,
        };
        let (mut steps, why) = misfit.place();
        if let Misfit::Unknown { name, .. } = why {
            steps.push(Step::Name(name.clone()));
            if strange == Strange::Named {
                losses.argument(path(&steps), "is not modelled");
            }
            remove(&mut told, &steps);
            continue;
        }
        let now = find(&told, &steps);
        // An object may be meant as a nested block that stands once.
        let other = match (&now, why) {
            (Some(Value::Map(items)), Misfit::Expected("a block" | "one block")) => {
                let mut block = Record::new();
                items.iter().for_each(|(name, value)| block.set(name, value.clone()));
                Some(Value::Blocks(vec![block]))
            }
            _ => find(known, &steps),
        };
        if other.is_some() && now != other {
            put(&mut told, &steps, other);
            continue;
        }
        if matches!(why, Misfit::Missing) {
            steps.pop();
        }
        // What is inside of text or JSON is no step of its own: give up what holds it.
        while !steps.is_empty() && find(&told, &steps).is_none() {
            steps.pop();
        }
        if steps.is_empty() {
            losses.whole(format!("is not modelled as it is: {misfit}"));
            return None;
        }
        losses.argument(path(&steps), why.to_string());
        remove(&mut told, &steps);
    }
    losses.whole("is not modelled as it is: too much of it does not fit");
    None
}

/// `origin[1].custom_header`
pub(super) fn path(steps: &[Step]) -> String {
    let mut text = String::new();
    for step in steps {
        match step {
            Step::Name(name) if text.is_empty() => text.push_str(name),
            Step::Name(name) => {
                text.push('.');
                text.push_str(name);
            }
            Step::Item(at) => text.push_str(&format!("[{at}]")),
        }
    }
    text
}

/// The value at a place; that of a block is the block as one of its own.
pub(super) fn find(record: &Record, steps: &[Step]) -> Option<Value> {
    let Some((Step::Name(name), rest)) = steps.split_first() else { return None };
    let mut value = record.get(name)?;
    let mut rest = rest.iter();
    while let Some(step) = rest.next() {
        value = match (value, step) {
            (Value::List(items), Step::Item(at)) => items.get(*at)?,
            (Value::Map(items), Step::Name(key)) => items.get(key)?,
            (Value::Blocks(blocks), Step::Item(at)) => {
                let block = blocks.get(*at)?;
                return match rest.as_slice() {
                    [] => Some(Value::Blocks(vec![block.clone()])),
                    rest => find(block, rest),
                };
            }
            _ => return None,
        };
    }
    Some(value.clone())
}

fn remove(record: &mut Record, steps: &[Step]) {
    put(record, steps, None);
}

/// Sets the value at a place, or takes it away.
pub(super) fn put(record: &mut Record, steps: &[Step], new: Option<Value>) {
    let Some((Step::Name(name), rest)) = steps.split_first() else { return };
    let value = match (record.remove(name), rest) {
        (_, []) => new,
        (Some(mut value), rest) => {
            put_in(&mut value, rest, new);
            Some(value)
        }
        (None, _) => None,
    };
    if let Some(value) = value {
        record.set(name, value);
    }
}

fn put_in(value: &mut Value, steps: &[Step], new: Option<Value>) {
    match (value, steps) {
        (Value::List(items), [Step::Item(at)]) if *at < items.len() => match new {
            Some(new) => items.splice(*at..=*at, [new]).for_each(drop),
            None => drop(items.remove(*at)),
        },
        (Value::List(items), [Step::Item(at), rest @ ..]) => {
            if let Some(item) = items.get_mut(*at) {
                put_in(item, rest, new);
            }
        }
        (Value::Map(items), [Step::Name(key)]) => match new {
            Some(new) => drop(items.insert(key.clone(), new)),
            None => drop(items.remove(key)),
        },
        (Value::Map(items), [Step::Name(key), rest @ ..]) => {
            if let Some(item) = items.get_mut(key) {
                put_in(item, rest, new);
            }
        }
        (Value::Blocks(blocks), [Step::Item(at)]) if *at < blocks.len() => match new {
            Some(Value::Blocks(new)) => blocks.splice(*at..=*at, new).for_each(drop),
            _ => drop(blocks.remove(*at)),
        },
        (Value::Blocks(blocks), [Step::Item(at), rest @ ..]) => {
            if let Some(block) = blocks.get_mut(*at) {
                put(block, rest, new);
            }
        }
        _ => {}
    }
}
