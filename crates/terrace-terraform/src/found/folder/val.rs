//! Values while they are evaluated: what is told, what is not, and what points at a resource.
//!
//! GUARANTEE: no value is nested deeper than [`DEEPEST`] or, written out, larger than [`LARGEST`]; one that would be
//! is an unknown that says so. Shared parts cost once in memory, so that locals which double each other stay small.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use terrace_aws::inventory::UnknownName;
use terrace_aws::{Reference, Text};

use super::keys::Instance;

/// Levels of lists and maps.
const DEEPEST: u16 = 60;
/// Elements and bytes of a value that is written out.
const LARGEST: u64 = 1_000_000;

/// What something is made of that is not told.
pub(super) type Refs = Rc<BTreeSet<Reference>>;

/// A number: whole where it can be.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Number {
    Int(i64),
    Float(f64),
}

impl Number {
    pub(super) fn of(value: f64) -> Self {
        if value.fract() == 0.0 && value.abs() < 9e15 {
            #[expect(clippy::cast_possible_truncation, reason = "whole and small, as was just asked")]
            let whole = value as i64;
            Self::Int(whole)
        } else {
            Self::Float(value)
        }
    }

    pub(super) fn parse(text: &str) -> Option<Self> {
        if let Ok(whole) = text.parse() {
            return Some(Self::Int(whole));
        }
        let digits =
            text.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'e' | b'E' | b'+' | b'-'));
        let value: f64 = text.parse().ok().filter(|_| digits)?;
        value.is_finite().then(|| Self::of(value))
    }

    pub(super) fn float(self) -> f64 {
        match self {
            #[expect(clippy::cast_precision_loss, reason = "Terraform's numbers beyond 2^53 are rare")]
            Self::Int(whole) => whole as f64,
            Self::Float(value) => value,
        }
    }
}

impl std::fmt::Display for Number {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Int(whole) => write!(f, "{whole}"),
            // Terraform counts in decimals, a float does not: 0.1 + 0.2 is 0.3.
            Self::Float(value) => {
                let rounded: f64 = format!("{value:.14e}").parse().unwrap_or(*value);
                write!(f, "{rounded}")
            }
        }
    }
}

/// Elements with what they cost.
#[derive(Debug)]
pub(super) struct Node<T> {
    pub(super) items: T,
    depth: u16,
    weight: u64,
}

/// An attribute of a resource, with its value if an argument tells it.
#[derive(Clone, Debug)]
pub(super) struct Pointer {
    pub(super) to: Reference,
    pub(super) value: Option<Val>,
}

/// Any number of elements.
#[derive(Clone, Debug)]
pub(super) struct Rest {
    /// What each of them is.
    pub(super) each: Val,
    /// What the number depends on.
    pub(super) why: Refs,
}

/// A value.
#[derive(Clone, Debug)]
pub(super) enum Val {
    Null,
    Bool(bool),
    Number(Number),
    Text(Rc<Text>),
    /// Text that is the JSON of this.
    Json(Rc<Val>),
    /// Text that is the base64 of this.
    Base64(Rc<Text>),
    List(Rc<Node<Vec<Val>>>),
    /// In the order of elements, each once.
    Set(Rc<Node<Vec<Val>>>),
    Map(Rc<Node<BTreeMap<String, Val>>>),
    /// Stands in lists and sets only.
    Rest(Rc<Rest>),
    Pointer(Rc<Pointer>),
    /// Made of these, and not told.
    Unknown(Refs),
    /// A whole resource or module, whose attributes are looked up when they are asked for.
    Thing(Instance),
}

impl Val {
    pub(super) fn text(text: impl Into<Text>) -> Self {
        Self::Text(Rc::new(text.into()))
    }

    pub(super) fn int(value: usize) -> Self {
        Self::Number(Number::Int(i64::try_from(value).unwrap_or(i64::MAX)))
    }

    pub(super) fn unknown(name: impl Into<String>) -> Self {
        Self::Unknown(refs_of(name))
    }

    pub(super) fn pointer(to: Reference) -> Self {
        Self::Pointer(Rc::new(Pointer { to, value: None }))
    }

    pub(super) fn list(items: Vec<Self>) -> Self {
        match node(&items) {
            Some((depth, weight)) => Self::List(Rc::new(Node { items, depth, weight })),
            None => Self::unknown("a value that is too large"),
        }
    }

    /// Of elements in any order.
    pub(super) fn set(items: Vec<Self>) -> Self {
        let mut keyed: Vec<(String, Self)> = items.into_iter().map(|item| (item.sort_key(), item)).collect();
        keyed.sort_by(|a, b| a.0.cmp(&b.0));
        keyed.dedup_by(|a, b| a.0 == b.0);
        let items: Vec<Self> = keyed.into_iter().map(|(_, item)| item).collect();
        match node(&items) {
            Some((depth, weight)) => Self::Set(Rc::new(Node { items, depth, weight })),
            None => Self::unknown("a value that is too large"),
        }
    }

    pub(super) fn map(items: BTreeMap<String, Self>) -> Self {
        let keys: u64 = items.keys().map(|key| key.len() as u64).sum();
        match node(items.values()) {
            Some((depth, weight)) => Self::Map(Rc::new(Node { items, depth, weight: weight + keys })),
            None => Self::unknown("a value that is too large"),
        }
    }

    fn depth(&self) -> u16 {
        match self {
            Self::List(node) | Self::Set(node) => node.depth,
            Self::Map(node) => node.depth,
            Self::Json(inner) => inner.depth() + 1,
            Self::Rest(rest) => rest.each.depth() + 1,
            Self::Pointer(pointer) => pointer.value.as_ref().map_or(0, Self::depth) + 1,
            _ => 0,
        }
    }

    /// What it costs when it is written out.
    pub(super) fn weight(&self) -> u64 {
        match self {
            Self::List(node) | Self::Set(node) => node.weight,
            Self::Map(node) => node.weight,
            Self::Text(text) | Self::Base64(text) => text_weight(text),
            Self::Json(inner) => inner.weight().saturating_add(1),
            Self::Rest(rest) => rest.each.weight().saturating_add(rest.why.len() as u64),
            Self::Pointer(pointer) => pointer.value.as_ref().map_or(8, Self::weight),
            Self::Unknown(refs) => refs.len() as u64,
            _ => 1,
        }
    }

    /// What sets are ordered by; the same for the same value only.
    fn sort_key(&self) -> String {
        match self {
            Self::Number(number) => {
                // Numbers in their own order.
                let bits = number.float().to_bits();
                let ordered = if bits >> 63 == 0 { bits | (1 << 63) } else { !bits };
                format!("n{ordered:020}")
            }
            Self::Text(text) if text.literal().is_some() => {
                format!("t{}", text.literal().unwrap_or_default())
            }
            Self::Pointer(pointer) => match &pointer.value {
                Some(value) => value.sort_key(),
                None => format!("~{}", pointer.to),
            },
            Self::List(node) | Self::Set(node) => {
                node.items.iter().fold("v".to_owned(), |all, item| all + "\u{1}" + &item.sort_key())
            }
            Self::Map(node) => node
                .items
                .iter()
                .fold("v".to_owned(), |all, (key, item)| format!("{all}\u{1}{key}\u{2}{}", item.sort_key())),
            Self::Bool(value) => format!("b{value}"),
            other => format!("~{other:?}"),
        }
    }

    /// Every reference in it.
    pub(super) fn refs(&self) -> BTreeSet<Reference> {
        let mut all = BTreeSet::new();
        self.gather(&mut all);
        all
    }

    pub(super) fn gather(&self, all: &mut BTreeSet<Reference>) {
        match self {
            Self::Null | Self::Bool(_) | Self::Number(_) => {}
            Self::Text(text) | Self::Base64(text) => all.extend(text.references().cloned()),
            Self::Json(inner) => inner.gather(all),
            Self::List(node) | Self::Set(node) => node.items.iter().for_each(|item| item.gather(all)),
            Self::Map(node) => node.items.values().for_each(|item| item.gather(all)),
            Self::Rest(rest) => {
                rest.each.gather(all);
                all.extend(rest.why.iter().cloned());
            }
            Self::Pointer(pointer) => {
                all.insert(pointer.to.clone());
            }
            Self::Unknown(refs) => all.extend(refs.iter().cloned()),
            Self::Thing(instance) => {
                all.insert(instance.reference(""));
            }
        }
    }

    /// The value behind a name that has one.
    pub(super) fn bare(&self) -> &Self {
        match self {
            Self::Pointer(pointer) => pointer.value.as_ref().map_or(self, Self::bare),
            other => other,
        }
    }

    /// Whether anything in it is not told.
    pub(super) fn is_whole(&self) -> bool {
        match self.bare() {
            Self::Null | Self::Bool(_) | Self::Number(_) => true,
            Self::Text(text) | Self::Base64(text) => text.literal().is_some(),
            Self::Json(inner) => inner.is_whole(),
            Self::List(node) | Self::Set(node) => node.items.iter().all(Self::is_whole),
            Self::Map(node) => node.items.values().all(Self::is_whole),
            Self::Rest(_) | Self::Pointer(_) | Self::Unknown(_) | Self::Thing(_) => false,
        }
    }
}

fn text_weight(text: &Text) -> u64 {
    text.parts().iter().fold(1, |all, part| {
        all + match part {
            terrace_aws::Part::Literal(literal) => literal.len() as u64,
            terrace_aws::Part::Reference(_) => 8,
            terrace_aws::Part::Opaque(refs) => refs.len() as u64,
        }
    })
}

fn node<'a>(items: impl IntoIterator<Item = &'a Val>) -> Option<(u16, u64)> {
    let (mut depth, mut weight) = (0, 1_u64);
    for item in items {
        depth = depth.max(item.depth());
        weight = weight.saturating_add(item.weight());
    }
    (depth < DEEPEST && weight < LARGEST).then_some((depth + 1, weight))
}

/// The references of one unknown name.
pub(super) fn refs_of(name: impl Into<String>) -> Refs {
    Rc::new(BTreeSet::from([Reference::unknown(UnknownName::new(name))]))
}

/// What several values are made of.
pub(super) fn refs_in<'a>(values: impl IntoIterator<Item = &'a Val>) -> Refs {
    let mut all = BTreeSet::new();
    values.into_iter().for_each(|value| value.gather(&mut all));
    Rc::new(all)
}
