//! The text of a file → blocks and arguments with their lines. `.tf` and `.tf.json` come to the same.

use std::collections::BTreeMap;
use std::ops::Range;
use std::rc::Rc;

use hcl_edit::Span as _;
use hcl_edit::expr::Expression;
use hcl_edit::structure::{Body as Parsed, Structure};
use terrace_aws::inventory::Place;

/// An argument.
#[derive(Debug)]
pub(super) struct Attribute {
    pub(super) name: String,
    pub(super) value: Expression,
    pub(super) line: u32,
}

/// A block with its labels.
#[derive(Debug)]
pub(super) struct Block {
    pub(super) kind: String,
    pub(super) labels: Vec<String>,
    pub(super) body: Body,
    pub(super) line: u32,
}

/// What stands in a block or a file.
#[derive(Debug, Default)]
pub(super) struct Body {
    pub(super) attributes: Vec<Attribute>,
    pub(super) blocks: Vec<Block>,
}

impl Body {
    pub(super) fn attribute(&self, name: &str) -> Option<&Attribute> {
        self.attributes.iter().find(|attribute| attribute.name == name)
    }

    pub(super) fn blocks<'a>(&'a self, kind: &'a str) -> impl Iterator<Item = &'a Block> {
        self.blocks.iter().filter(move |block| block.kind == kind)
    }
}

/// A block and the file that it stands in.
#[derive(Debug)]
pub(super) struct Placed {
    pub(super) file: Rc<str>,
    pub(super) block: Block,
}

impl Placed {
    pub(super) fn place(&self) -> Place {
        self.at(self.block.line)
    }

    pub(super) fn at(&self, line: u32) -> Place {
        Place::new(self.file.as_ref(), line)
    }
}

/// What is wrong with a text, and in which line.
#[derive(Debug)]
pub(super) struct Misread {
    pub(super) line: usize,
    pub(super) column: usize,
    pub(super) why: String,
}

/// Where lines begin.
pub(super) struct Lines(Vec<usize>);

impl Lines {
    pub(super) fn of(text: &str) -> Self {
        Self(text.bytes().enumerate().filter(|(_, b)| *b == b'\n').map(|(at, _)| at).collect())
    }

    pub(super) fn line(&self, span: Option<Range<usize>>) -> u32 {
        let at = span.map_or(0, |span| span.start);
        u32::try_from(self.0.partition_point(|newline| *newline < at) + 1).unwrap_or(u32::MAX)
    }
}

/// Reads native syntax.
pub(super) fn native(text: &str) -> Result<Body, Misread> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let parsed: Parsed = text.parse().map_err(|error: hcl_edit::parser::Error| misread(&error))?;
    Ok(body(parsed, &Lines::of(text)))
}

pub(super) fn misread(error: &hcl_edit::parser::Error) -> Misread {
    let place = error.location();
    let why = error.message().trim().replace('\n', "; ");
    Misread { line: place.line(), column: place.column(), why }
}

fn body(parsed: Parsed, lines: &Lines) -> Body {
    let mut all = Body::default();
    for structure in parsed {
        match structure {
            Structure::Attribute(attribute) => all.attributes.push(Attribute {
                line: lines.line(attribute.span()),
                name: attribute.key.as_str().to_owned(),
                value: attribute.value,
            }),
            Structure::Block(block) => all.blocks.push(Block {
                line: lines.line(block.span()),
                kind: block.ident.as_str().to_owned(),
                labels: block.labels.iter().map(|label| label.as_str().to_owned()).collect(),
                body: body(block.body, lines),
            }),
        }
    }
    all
}

/// The arguments of a file of values (`.tfvars`).
pub(super) fn values(path: &str, text: &str) -> Result<BTreeMap<String, Expression>, Misread> {
    let body = if path.ends_with(".json") { super::json::arguments(text)? } else { native(text)? };
    Ok(body.attributes.into_iter().map(|attribute| (attribute.name, attribute.value)).collect())
}
