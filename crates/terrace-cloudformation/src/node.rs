//! A document as a tree with places: what YAML and JSON have in common.
//!
//! GUARANTEE: no node is deeper than [`DEPTH`], and no map has a key twice, so that readers may recurse. The short tags
//! of CloudFormation (`!Ref x`) are already their long form (`{"Ref": x}`).

use terrace_diag::{Code, Diagnostic, Span};

/// The text cannot be read as YAML or JSON.
pub(crate) const SYNTAX: Code = Code::new("cloudformation::syntax");
/// A map has a key twice.
pub(crate) const DUPLICATE: Code = Code::new("cloudformation::duplicate-key");
/// The document is larger or deeper than any template.
pub(crate) const TOO_LARGE: Code = Code::new("cloudformation::too-large");

/// How deep a document may be. CloudFormation's own templates stay far below.
pub(crate) const DEPTH: usize = 96;
/// How long a text may be, in bytes; CloudFormation takes one million.
pub(crate) const BYTES: usize = 32 << 20;
/// How many nodes aliases may add to a document.
pub(crate) const COPIES: usize = 200_000;

/// What reading gives, or what is wrong with the text.
pub(crate) type Read<T> = Result<T, Box<Diagnostic>>;

/// Where a node stands in its text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct At {
    /// Counted from 1.
    pub(crate) line: u32,
    start: u32,
    end: u32,
}

impl At {
    pub(crate) fn new(line: usize, start: usize, end: usize) -> Self {
        let small = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        Self { line: small(line), start: small(start), end: small(end) }
    }

    /// As a span of the text.
    pub(crate) const fn span(self) -> Span {
        Span::new(self.start as usize, self.end as usize)
    }
}

/// A node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Node {
    pub(crate) at: At,
    pub(crate) what: What,
}

/// What a node is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum What {
    /// One value; `plain` if it stands without quotes, so that it may be a number or a truth.
    Scalar { text: String, plain: bool },
    /// Nodes in order.
    List(Vec<Node>),
    /// Nodes by key, in the order of the text.
    Map(Vec<Entry>),
}

/// A key and its node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) key: String,
    pub(crate) at: At,
    pub(crate) value: Node,
}

/// What a scalar means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Scalar<'a> {
    Null,
    Bool(bool),
    Int(i64),
    Text(&'a str),
    /// YAML 1.1 and YAML 1.2 read different things in it: `022`, `12:30`.
    Ambiguous(&'a str),
}

impl Node {
    pub(crate) const fn new(at: At, what: What) -> Self {
        Self { at, what }
    }

    /// A map of one key: the long form of a short tag.
    pub(crate) fn call(name: &str, at: At, argument: Self) -> Self {
        Self::new(at, What::Map(vec![Entry { key: name.to_owned(), at, value: argument }]))
    }

    /// The node of a key.
    pub(crate) fn get(&self, key: &str) -> Option<&Self> {
        self.entry(key).map(|entry| &entry.value)
    }

    /// A key with its node.
    pub(crate) fn entry(&self, key: &str) -> Option<&Entry> {
        self.entries().iter().find(|entry| entry.key == key)
    }

    /// Keys and nodes; none if it is no map.
    pub(crate) fn entries(&self) -> &[Entry] {
        match &self.what {
            What::Map(entries) => entries,
            _ => &[],
        }
    }

    /// Nodes of a list; none if it is none.
    pub(crate) fn items(&self) -> &[Self] {
        match &self.what {
            What::List(items) => items,
            _ => &[],
        }
    }

    /// The characters of a scalar.
    pub(crate) fn text(&self) -> Option<&str> {
        match &self.what {
            What::Scalar { text, .. } => Some(text),
            _ => None,
        }
    }

    /// The name and the argument, if the node is a map of one key.
    pub(crate) fn sole(&self) -> Option<(&str, &Self)> {
        match self.entries() {
            [entry] => Some((entry.key.as_str(), &entry.value)),
            _ => None,
        }
    }

    /// What a scalar means, after YAML 1.1 without its times and dates, as CloudFormation reads it.
    pub(crate) fn scalar(&self) -> Option<Scalar<'_>> {
        let What::Scalar { text, plain } = &self.what else { return None };
        Some(if *plain { plain_scalar(text) } else { Scalar::Text(text) })
    }
}

fn plain_scalar(text: &str) -> Scalar<'_> {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Scalar::Null,
        "true" | "True" | "TRUE" | "yes" | "Yes" | "YES" | "on" | "On" | "ON" => return Scalar::Bool(true),
        "false" | "False" | "FALSE" | "no" | "No" | "NO" | "off" | "Off" | "OFF" => {
            return Scalar::Bool(false);
        }
        _ => {}
    }
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (first, rest) = match digits.as_bytes() {
        [first, rest @ ..] if first.is_ascii_digit() => (*first, rest),
        _ => return Scalar::Text(text),
    };
    if first == b'0' && !rest.is_empty() && rest.iter().all(|digit| (b'0'..=b'7').contains(digit)) {
        return Scalar::Ambiguous(text);
    }
    if first != b'0' && sexagesimal(digits) {
        return Scalar::Ambiguous(text);
    }
    if digits.bytes().all(|digit| digit.is_ascii_digit()) && (first != b'0' || rest.is_empty()) {
        return text.parse().map_or(Scalar::Text(text), Scalar::Int);
    }
    let hexadecimal = digits.strip_prefix("0x").filter(|_| digits == text);
    match hexadecimal.and_then(|digits| i64::from_str_radix(digits, 16).ok()) {
        Some(number) => Scalar::Int(number),
        None => Scalar::Text(text),
    }
}

/// `12:30` is 750 to YAML 1.1.
fn sexagesimal(digits: &str) -> bool {
    let mut parts = digits.split(':');
    let whole = |part: &str| !part.is_empty() && part.bytes().all(|digit| digit.is_ascii_digit());
    let small = |part: &str| whole(part) && part.len() <= 2 && part.parse::<u32>().is_ok_and(|n| n < 60);
    parts.next().is_some_and(whole) && digits.contains(':') && parts.all(small)
}

/// Two entries of one map with the same key.
pub(crate) fn duplicate(entries: &[Entry]) -> Option<Box<Diagnostic>> {
    let mut seen = std::collections::BTreeMap::new();
    for entry in entries {
        if let Some(first) = seen.insert(entry.key.as_str(), entry.at) {
            return Some(Box::new(
                Diagnostic::error(DUPLICATE, format!("the key `{}` is there twice", entry.key))
                    .at(entry.at.span(), "again here")
                    .with(first.span(), "first here")
                    .help("keep one of the two: AWS takes one and drops the other without a word"),
            ));
        }
    }
    None
}

/// The document is deeper than [`DEPTH`].
pub(crate) fn too_deep(at: At) -> Box<Diagnostic> {
    let deep = Diagnostic::error(TOO_LARGE, format!("nested deeper than {DEPTH} levels"))
        .at(at.span(), "this is one level too many")
        .help("split the template into nested stacks");
    Box::new(deep)
}

/// The text is longer than [`BYTES`].
pub(crate) fn too_long(bytes: usize) -> Box<Diagnostic> {
    let long = Diagnostic::error(
        TOO_LARGE,
        format!("the text has {bytes} bytes, and no more than {BYTES} are read"),
    )
    .help("CloudFormation takes one million bytes: hand over the template itself");
    Box::new(long)
}
