//! What a node of a template comes to, with the line that it was written on.
//!
//! GUARANTEE: what is not told is [`Content::Unknown`] or a text with a reference in it, by name; never a default.

use std::collections::BTreeSet;

use terrace_aws::inventory::UnknownName;
use terrace_aws::{Part, Reference, Text};

/// Names of what something depends on.
pub(crate) type Names = BTreeSet<UnknownName>;

/// A value and its line.
#[derive(Clone, Debug)]
pub(crate) struct Datum {
    pub(crate) line: u32,
    pub(crate) content: Content,
}

/// A value.
#[derive(Clone, Debug)]
pub(crate) enum Content {
    /// As if it were not written: `null`, `AWS::NoValue`.
    Nothing,
    Bool(bool),
    Int(i64),
    Text(Text),
    /// Text to be handed over in base64.
    Base64(Text),
    List(Vec<Datum>),
    /// Values by key, in order.
    Map(Vec<(String, Datum)>),
    /// A list whose elements are known by place only: the zones of a region.
    Members(Reference),
    /// A value made of these.
    Unknown(BTreeSet<Reference>),
    /// One of two, which depends on the names.
    Either(Names, Box<Datum>, Box<Datum>),
}

impl Datum {
    pub(crate) const fn new(line: u32, content: Content) -> Self {
        Self { line, content }
    }

    pub(crate) fn text(line: u32, text: impl Into<Text>) -> Self {
        Self::new(line, Content::Text(text.into()))
    }

    /// A text that has a name and nothing else: two of one name are the same.
    pub(crate) fn named(line: u32, name: impl Into<String>) -> Self {
        Self::text(line, Reference::unknown(UnknownName::new(name)))
    }

    /// A value of whatever form that has a name and nothing else.
    pub(crate) fn unknown(line: u32, name: impl Into<String>) -> Self {
        Self::new(line, Content::Unknown(BTreeSet::from([Reference::unknown(UnknownName::new(name))])))
    }

    pub(crate) const fn is_nothing(&self) -> bool {
        matches!(self.content, Content::Nothing)
    }

    /// As the only entry of a map.
    pub(crate) fn under(self, key: &str) -> Self {
        Self::new(self.line, Content::Map(vec![(key.to_owned(), self)]))
    }

    /// The value of a key.
    pub(crate) fn get(&self, key: &str) -> Option<&Self> {
        match &self.content {
            Content::Map(entries) => entries.iter().find(|(name, _)| name == key).map(|(_, value)| value),
            _ => None,
        }
    }

    /// Takes a key out of a map.
    pub(crate) fn take(&mut self, key: &str) -> Option<Self> {
        let Content::Map(entries) = &mut self.content else { return None };
        let at = entries.iter().position(|(name, _)| name == key)?;
        Some(entries.remove(at).1)
    }

    /// Elements of a list; a single value is a list of one.
    pub(crate) fn elements(self) -> Vec<Self> {
        match self.content {
            Content::List(items) => items,
            Content::Nothing => Vec::new(),
            content => vec![Self::new(self.line, content)],
        }
    }

    /// As text: numbers and truths as they are written; something else is text made of it.
    pub(crate) fn to_text(&self) -> Text {
        match &self.content {
            Content::Nothing => Text::new(),
            Content::Bool(truth) => Text::from(truth.to_string()),
            Content::Int(number) => Text::from(number.to_string()),
            Content::Text(text) | Content::Base64(text) => text.clone(),
            Content::Unknown(of) => sole(of),
            other => Text::opaque(references(other)),
        }
    }

    /// Text without references.
    pub(crate) fn literal(&self) -> Option<String> {
        match &self.content {
            Content::Bool(_) | Content::Int(_) | Content::Text(_) => {
                self.to_text().literal().map(str::to_owned)
            }
            _ => None,
        }
    }

    /// Whether two values are the same wherever they were written.
    pub(crate) fn same(&self, other: &Self) -> bool {
        match (&self.content, &other.content) {
            (Content::Nothing, Content::Nothing) => true,
            (Content::Base64(one), Content::Base64(two)) => one == two,
            (Content::Members(one), Content::Members(two)) => one == two,
            (Content::Unknown(one), Content::Unknown(two)) => one == two,
            (Content::List(one), Content::List(two)) => {
                one.len() == two.len() && one.iter().zip(two).all(|(one, two)| one.same(two))
            }
            (Content::Map(one), Content::Map(two)) => {
                let pairs = one.iter().zip(two);
                one.len() == two.len() && pairs.into_iter().all(|((a, x), (b, y))| a == b && x.same(y))
            }
            (
                Content::Bool(_) | Content::Int(_) | Content::Text(_),
                Content::Bool(_) | Content::Int(_) | Content::Text(_),
            ) => self.to_text() == other.to_text(),
            _ => false,
        }
    }

    /// How much it weighs, for the budget: bytes and values.
    pub(crate) fn weight(&self) -> usize {
        let text = |text: &Text| text.to_string().len();
        16 + match &self.content {
            Content::Text(inner) | Content::Base64(inner) => text(inner),
            Content::List(items) => items.iter().map(Self::weight).sum(),
            Content::Map(entries) => entries.iter().map(|(key, value)| key.len() + value.weight()).sum(),
            Content::Either(_, yes, no) => yes.weight() + no.weight(),
            _ => 0,
        }
    }

    /// Everything that stands in it as written, on another line: where it is used.
    pub(crate) fn on(mut self, line: u32) -> Self {
        self.line = line;
        self.content = match self.content {
            Content::List(items) => Content::List(items.into_iter().map(|item| item.on(line)).collect()),
            Content::Map(entries) => {
                Content::Map(entries.into_iter().map(|(key, value)| (key, value.on(line))).collect())
            }
            other => other,
        };
        self
    }

    /// What it is made of.
    pub(crate) fn references(&self) -> BTreeSet<Reference> {
        references(&self.content)
    }
}

/// A text cut at each delimiter; none if a part that is not told may hold one. No id, name or ARN has a comma in it.
pub(crate) fn split(text: &Text, delimiter: &str) -> Option<Vec<Text>> {
    let mut parts = vec![Text::new()];
    for part in text.parts() {
        match part {
            Part::Literal(literal) => {
                for (index, piece) in literal.split(delimiter).enumerate() {
                    if index > 0 {
                        parts.push(Text::new());
                    }
                    let last = parts.pop().unwrap_or_default();
                    parts.push(last.then(piece));
                }
            }
            Part::Reference(reference) if reference.item().is_some() && delimiter == "," => {
                let last = parts.pop().unwrap_or_default();
                parts.push(last.then(reference.clone()));
            }
            Part::Reference(_) | Part::Opaque(_) => return None,
        }
    }
    Some(parts)
}

/// A lone reference is text of its own; several are text that is made of them.
pub(crate) fn sole(of: &BTreeSet<Reference>) -> Text {
    match of.iter().next() {
        Some(one) if of.len() == 1 => Text::from(one.clone()),
        _ => Text::opaque(of.clone()),
    }
}

/// Names as references to what has no value.
pub(crate) fn unknowns(names: &Names) -> BTreeSet<Reference> {
    names.iter().cloned().map(Reference::unknown).collect()
}

/// Elements of a list, of lists in it and of both sides of what depends on something, each with the names that it depends
/// on; a single value is a list of one.
pub(crate) fn alternatives(list: Option<Datum>) -> Vec<(Names, Datum)> {
    fn walk(datum: Datum, names: &Names, all: &mut Vec<(Names, Datum)>) {
        match datum.content {
            Content::Nothing => {}
            Content::List(items) => items.into_iter().for_each(|item| walk(item, names, all)),
            Content::Either(more, yes, no) => {
                let names: Names = names.iter().cloned().chain(more).collect();
                walk(*yes, &names, all);
                walk(*no, &names, all);
            }
            content => all.push((names.clone(), Datum::new(datum.line, content))),
        }
    }
    let mut all = Vec::new();
    if let Some(list) = list {
        walk(list, &Names::new(), &mut all);
    }
    all
}

fn references(content: &Content) -> BTreeSet<Reference> {
    match content {
        Content::Nothing | Content::Bool(_) | Content::Int(_) => BTreeSet::new(),
        Content::Text(text) | Content::Base64(text) => text.references().cloned().collect(),
        Content::List(items) => items.iter().flat_map(Datum::references).collect(),
        Content::Map(entries) => entries.iter().flat_map(|(_, value)| value.references()).collect(),
        Content::Members(of) => BTreeSet::from([of.clone()]),
        Content::Unknown(of) => of.clone(),
        Content::Either(names, ..) => unknowns(names),
    }
}
