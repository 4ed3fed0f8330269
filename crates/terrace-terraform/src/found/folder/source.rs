//! The text of a file → blocks and arguments with their lines. `.tf` and `.tf.json` come to the same.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Range;
use std::rc::Rc;
use std::str::FromStr;

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
    let (parsed, text) = parsed::<Parsed>(text)?;
    Ok(body(parsed, &Lines::of(&text)))
}

/// What a key is called that stands in an object for the second time, with a number after it.
const AGAIN: &str = "__again_";

/// How often a file is read anew because of such keys.
const REPEATED: usize = 64;

/// Parses a text. Of several values of one key Terraform takes the last, where the parser refuses: the later ones get
/// names of their own until they are evaluated ([`key`]).
pub(super) fn parsed<T: FromStr<Err = hcl_edit::parser::Error>>(
    text: &str,
) -> Result<(T, Cow<'_, str>), Misread> {
    let mut text = Cow::Borrowed(text);
    for number in 0..REPEATED {
        let error = match text.parse() {
            Ok(parsed) => return Ok((parsed, text)),
            Err(error) => error,
        };
        match renamed(&text, &error, number) {
            Some(renamed) => text = Cow::Owned(renamed),
            None => return Err(misread(&error)),
        }
    }
    text.parse().map(|parsed| (parsed, text)).map_err(|error| misread(&error))
}

fn renamed(text: &str, error: &hcl_edit::parser::Error, number: usize) -> Option<String> {
    if !error.message().contains("redefined object key") {
        return None;
    }
    let place = error.location();
    let line: usize = text.split_inclusive('\n').take(place.line().checked_sub(1)?).map(str::len).sum();
    let rest = text.get(line..)?;
    let column: usize = rest.chars().take(place.column().checked_sub(1)?).map(char::len_utf8).sum();
    let key = rest.get(column..)?;
    let length = match key.strip_prefix('"') {
        Some(inner) => inner.find(['"', '$', '%', '\n'])? + 1,
        None => key.find(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '-')))?,
    };
    let quoted = key.starts_with('"') == (key.get(length..)?.starts_with('"'));
    let (before, after) = text.split_at_checked(line + column + length)?;
    (quoted && length > 0).then(|| format!("{before}{AGAIN}{number}{after}"))
}

/// A key of an object as it was written.
pub(super) fn key(name: &str) -> &str {
    match name.rsplit_once(AGAIN) {
        Some((key, number)) if number.bytes().all(|b| b.is_ascii_digit()) => key,
        _ => name,
    }
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
