//! Values as expressions, laid out as `terraform fmt` leaves them.

use std::fmt::Write as _;

use terrace_aws::{Json, Part, Reference, Text, Value};

use super::quote;

/// How wide a line may be before a list is broken, in bytes.
const WIDTH: usize = 100;

/// Where text goes, and what could not be written.
#[derive(Default)]
pub(super) struct Page {
    pub(super) out: String,
    /// Set when something opaque was met.
    pub(super) opaque: bool,
}

/// How an expression takes part in the layout of its body.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// One line.
    Line,
    /// A heredoc: lines below, but its `=` is aligned with its neighbours'.
    Heredoc,
    /// Brackets that are closed on a later line.
    Open,
}

/// Anything that is printed as `key = expression`.
pub(super) trait Expression {
    /// How it is laid out if `before` bytes stand before it on its line.
    fn shape(&self, before: usize) -> Shape;
    /// Prints it; lines after the first stand `indent` spaces further in.
    fn print(&self, page: &mut Page, indent: usize, before: usize);
    /// Prints it where a comma may follow: not as a heredoc, whose end needs a line of its own.
    fn print_item(&self, page: &mut Page, indent: usize, before: usize);
}

impl Page {
    pub(super) fn spaces(&mut self, count: usize) {
        self.out.extend(std::iter::repeat_n(' ', count));
    }

    pub(super) fn new_line(&mut self, indent: usize) {
        self.out.push('\n');
        self.spaces(indent);
    }

    pub(super) fn reference(&mut self, reference: &Reference) {
        let _ = write!(self.out, "{reference}");
    }

    /// A text as an expression.
    pub(super) fn text(&mut self, text: &Text, indent: usize) {
        if quote::suits_heredoc(text) { self.heredoc(text, indent) } else { self.flat(text) }
    }

    /// A text as an expression on one line.
    fn flat(&mut self, text: &Text) {
        match text.reference() {
            Some(reference) => self.reference(reference),
            None => self.quoted(text),
        }
    }

    fn quoted(&mut self, text: &Text) {
        self.out.push('"');
        let mut parts = text.parts().iter().peekable();
        while let Some(part) = parts.next() {
            match part {
                Part::Literal(literal) => quote::escaped(&mut self.out, literal, parts.peek().is_some()),
                Part::Reference(reference) => {
                    self.out.push_str("${");
                    self.reference(reference);
                    self.out.push('}');
                }
                Part::Opaque(_) => self.opaque = true,
            }
        }
        self.out.push('"');
    }

    fn heredoc(&mut self, text: &Text, indent: usize) {
        self.out.push_str("<<-");
        self.out.push_str(quote::MARK);
        self.out.push('\n');
        let mut line_start = true;
        for part in text.parts() {
            match part {
                Part::Literal(literal) => {
                    for line in literal.split_inclusive('\n') {
                        if line_start && line != "\n" {
                            self.spaces(indent + 2);
                        }
                        self.template_line(line);
                        line_start = line.ends_with('\n');
                    }
                }
                Part::Reference(reference) => {
                    if line_start {
                        self.spaces(indent + 2);
                    }
                    line_start = false;
                    self.out.push_str("${");
                    self.reference(reference);
                    self.out.push('}');
                }
                Part::Opaque(_) => self.opaque = true,
            }
        }
        self.spaces(indent);
        self.out.push_str(quote::MARK);
    }

    fn template_line(&mut self, line: &str) {
        let mut rest = line.chars().peekable();
        while let Some(c) = rest.next() {
            self.out.push(c);
            if matches!(c, '$' | '%') && rest.peek() == Some(&'{') {
                self.out.push(c);
            }
        }
    }

    /// `[ … ]`, on one line or an item a line.
    fn list<E: Expression>(&mut self, items: &[E], indent: usize, before: usize) {
        match list_shape(items, before) {
            ListShape::Line => {
                self.out.push('[');
                for (at, item) in items.iter().enumerate() {
                    if at > 0 {
                        self.out.push_str(", ");
                    }
                    item.print_item(self, indent, 0);
                }
                self.out.push(']');
            }
            ListShape::Hugging => {
                self.out.push('[');
                items.iter().for_each(|item| item.print_item(self, indent, before + 1));
                self.out.push(']');
            }
            ListShape::ItemALine => {
                self.out.push('[');
                for item in items {
                    self.new_line(indent + 2);
                    item.print_item(self, indent + 2, indent + 2);
                    self.out.push(',');
                }
                self.new_line(indent);
                self.out.push(']');
            }
        }
    }

    /// `{ … }`, a key a line, the `=` of neighbouring one-line values aligned.
    pub(super) fn object<'a, E: Expression + 'a>(
        &mut self,
        fields: impl Iterator<Item = (&'a str, &'a E)> + Clone,
        indent: usize,
    ) {
        if fields.clone().next().is_none() {
            self.out.push_str("{}");
            return;
        }
        self.out.push('{');
        let inner = indent + 2;
        let mut run = Run::default();
        for (at, (key, value)) in fields.clone().enumerate() {
            let width = run.width(fields.clone(), at, inner);
            self.new_line(inner);
            let start = self.out.len();
            quote::key(&mut self.out, key);
            let shape = value.shape(inner + quote::key_width(key) + 3);
            if shape != Shape::Open {
                let written = self.out.get(start..).map_or(0, |key| key.chars().count());
                self.spaces(width.saturating_sub(written));
            }
            self.out.push_str(" = ");
            value.print(self, inner, inner + quote::key_width(key) + 3);
        }
        self.new_line(indent);
        self.out.push('}');
    }
}

/// The run of neighbouring one-line values that is being written: their `=` stand below each other.
#[derive(Default)]
struct Run {
    end: usize,
    width: usize,
}

impl Run {
    /// How wide the keys of the run are that the field `at` belongs to.
    fn width<'a, E: Expression + 'a>(
        &mut self,
        fields: impl Iterator<Item = (&'a str, &'a E)>,
        at: usize,
        indent: usize,
    ) -> usize {
        if at >= self.end {
            (self.end, self.width) = (at, 0);
            for (key, value) in fields.skip(at) {
                let key = quote::key_width(key);
                self.end += 1;
                if value.shape(indent + key + 3) == Shape::Open {
                    break;
                }
                self.width = self.width.max(key);
            }
        }
        self.width
    }
}

enum ListShape {
    Line,
    /// `[{ … }]`: one object, its braces beside the brackets.
    Hugging,
    ItemALine,
}

fn list_shape<E: Expression>(items: &[E], before: usize) -> ListShape {
    let open = |item: &E| item.shape(0) == Shape::Open;
    match items {
        [only] if only.shape(before + 1) == Shape::Open => ListShape::Hugging,
        _ if items.iter().any(open) => ListShape::ItemALine,
        _ => {
            let mut scratch = Page::default();
            for item in items {
                item.print_item(&mut scratch, 0, 0);
                scratch.out.push_str(", ");
                if before + scratch.out.len() > WIDTH {
                    return ListShape::ItemALine;
                }
            }
            ListShape::Line
        }
    }
}

fn list_as_a_whole<E: Expression>(items: &[E], before: usize) -> Shape {
    match list_shape(items, before) {
        ListShape::Line => Shape::Line,
        ListShape::Hugging | ListShape::ItemALine => Shape::Open,
    }
}

impl Expression for Text {
    fn shape(&self, _before: usize) -> Shape {
        if quote::suits_heredoc(self) { Shape::Heredoc } else { Shape::Line }
    }

    fn print(&self, page: &mut Page, indent: usize, _before: usize) {
        page.text(self, indent);
    }

    fn print_item(&self, page: &mut Page, _indent: usize, _before: usize) {
        page.flat(self);
    }
}

impl Expression for Json {
    fn shape(&self, before: usize) -> Shape {
        match self {
            Self::Null | Self::Bool(_) | Self::Int(_) => Shape::Line,
            Self::Text(text) => text.shape(before),
            Self::List(items) => list_as_a_whole(items, before),
            Self::Object(fields) if fields.is_empty() => Shape::Line,
            Self::Object(_) => Shape::Open,
        }
    }

    fn print(&self, page: &mut Page, indent: usize, before: usize) {
        match self {
            Self::Null => page.out.push_str("null"),
            Self::Bool(value) => page.out.push_str(if *value { "true" } else { "false" }),
            Self::Int(number) => {
                let _ = write!(page.out, "{number}");
            }
            Self::Text(text) => page.text(text, indent),
            Self::List(items) => page.list(items, indent, before),
            Self::Object(fields) => {
                page.object(fields.iter().map(|(key, value)| (key.as_str(), value)), indent);
            }
        }
    }

    fn print_item(&self, page: &mut Page, indent: usize, before: usize) {
        match self {
            Self::Text(text) => page.flat(text),
            other => other.print(page, indent, before),
        }
    }
}

impl Expression for Value {
    fn shape(&self, before: usize) -> Shape {
        match self {
            Self::Bool(_) | Self::Int(_) | Self::Milli(_) | Self::Opaque(_) => Shape::Line,
            Self::Text(text) => text.shape(before),
            Self::List(items) => list_as_a_whole(items, before),
            Self::Map(items) if items.is_empty() => Shape::Line,
            Self::Blocks(blocks) if blocks.is_empty() => Shape::Line,
            Self::Map(_) | Self::Blocks(_) => Shape::Open,
            Self::Json(json) => called(json.shape(before + "jsonencode(".len())),
            Self::Base64(text) => called(text.shape(before)),
        }
    }

    fn print(&self, page: &mut Page, indent: usize, before: usize) {
        match self {
            Self::Bool(value) => page.out.push_str(if *value { "true" } else { "false" }),
            Self::Int(number) => {
                let _ = write!(page.out, "{number}");
            }
            Self::Milli(thousandths) => milli(&mut page.out, *thousandths),
            Self::Text(text) => page.text(text, indent),
            Self::List(items) => page.list(items, indent, before),
            Self::Map(items) => {
                page.object(items.iter().map(|(key, value)| (key.as_str(), value)), indent);
            }
            Self::Json(json) => call(page, "jsonencode(", json, indent, before),
            Self::Base64(text) => call(page, "base64encode(", text, indent, before),
            Self::Blocks(_) | Self::Opaque(_) => page.opaque = true,
        }
    }

    fn print_item(&self, page: &mut Page, indent: usize, before: usize) {
        match self {
            Self::Text(text) => page.flat(text),
            other => other.print(page, indent, before),
        }
    }
}

/// Inside a call's parentheses a heredoc is open: the parenthesis is closed on a line of its own.
const fn called(inner: Shape) -> Shape {
    match inner {
        Shape::Line => Shape::Line,
        Shape::Heredoc | Shape::Open => Shape::Open,
    }
}

fn call(page: &mut Page, name: &str, argument: &impl Expression, indent: usize, before: usize) {
    page.out.push_str(name);
    argument.print(page, indent, before + name.len());
    if argument.shape(before + name.len()) == Shape::Heredoc {
        page.new_line(indent);
    }
    page.out.push(')');
}

fn milli(out: &mut String, thousandths: i64) {
    let (whole, rest) = (thousandths.unsigned_abs() / 1000, thousandths.unsigned_abs() % 1000);
    let digits = format!("{rest:03}");
    let digits = digits.trim_end_matches('0');
    let sign = if thousandths < 0 { "-" } else { "" };
    let _ =
        if digits.is_empty() { write!(out, "{sign}{whole}") } else { write!(out, "{sign}{whole}.{digits}") };
}

/// The name that a provider's second region goes by: `us_east_1`.
pub(super) fn alias(out: &mut String, region: &str) {
    out.extend(region.chars().map(|c| if c == '-' { '_' } else { c }));
}
