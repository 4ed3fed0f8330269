//! `.tf.json` → the same blocks as from native syntax.
//!
//! JSON is nearly an HCL expression, so it is rewritten to one line by line and read by the same parser: lines stay,
//! and `${…}` in texts are templates without more ado.

use hcl_edit::Span as _;
use hcl_edit::expr::{Expression, Object, ObjectKey};

use super::source::{self, Attribute, Block, Body, Lines, Misread, parsed};

/// A file of arguments and values.
pub(super) fn arguments(text: &str) -> Result<Body, Misread> {
    let (object, lines) = object(text)?;
    Ok(plain(object, &lines))
}

/// A file of blocks.
pub(super) fn file(text: &str) -> Result<Body, Misread> {
    let (object, lines) = object(text)?;
    let mut all = Body::default();
    for (name, line, value) in items(object, &lines) {
        let labels = match name.as_str() {
            "resource" | "data" | "ephemeral" => 2,
            "variable" | "output" | "module" | "provider" => 1,
            "//" => continue,
            _ => 0,
        };
        blocks(&name, &[], labels, line, value, &lines, &mut all.blocks);
    }
    Ok(all)
}

fn object(text: &str) -> Result<(Object, Lines), Misread> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if let Err(error) = serde_json::from_str::<serde::de::IgnoredAny>(text) {
        return Err(Misread { line: error.line(), column: error.column(), why: error.to_string() });
    }
    let rewritten = rewritten(text);
    let (expression, text) = parsed::<Expression>(rewritten.trim_end())?;
    match expression {
        Expression::Object(object) => Ok((object, Lines::of(&text))),
        _ => Err(Misread { line: 1, column: 1, why: "an object was expected".to_owned() }),
    }
}

/// JSON text as an HCL expression. Inside of `${…}` the escapes of JSON are undone, because what stands there is no
/// text but an expression.
fn rewritten(text: &str) -> String {
    let mut all = String::with_capacity(text.len());
    let mut chars = text.trim_start_matches([' ', '\t', '\r']).chars().peekable();
    // Inside of a JSON text; how many braces of a template are open in it.
    let (mut inside, mut open) = (false, 0_usize);
    while let Some(c) = chars.next() {
        match (inside, c) {
            (true, '\\') => {
                let escaped = chars.next().unwrap_or_default();
                match escaped {
                    'u' => {
                        let code: String = chars.by_ref().take(4).collect();
                        unicode(&code, &mut chars, &mut all);
                    }
                    _ if open > 0 => all.push(match escaped {
                        'n' | 'r' | 't' | 'b' | 'f' => ' ',
                        other => other,
                    }),
                    '/' => all.push('/'),
                    'b' => all.push_str("\\u0008"),
                    'f' => all.push_str("\\u000c"),
                    other => {
                        all.push('\\');
                        all.push(other);
                    }
                }
            }
            (true, '"') => {
                (inside, open) = (false, 0);
                all.push('"');
            }
            (true, '{') if open > 0 || opens(&all) => {
                open += 1;
                all.push('{');
            }
            (true, '}') if open > 0 => {
                open -= 1;
                all.push('}');
            }
            (false, '"') => {
                inside = true;
                all.push('"');
            }
            (_, c) => all.push(c),
        }
    }
    all
}

/// Whether a brace that follows begins a template: after one `$` or `%`, not after two.
fn opens(before: &str) -> bool {
    let mut last = before.chars().rev();
    match last.next() {
        Some(sign @ ('$' | '%')) => last.next() != Some(sign),
        _ => false,
    }
}

fn unicode(code: &str, chars: &mut std::iter::Peekable<std::str::Chars<'_>>, all: &mut String) {
    let Ok(first) = u32::from_str_radix(code, 16) else { return };
    if !(0xd800..0xdc00).contains(&first) {
        all.push_str(&format!("\\u{code}"));
        return;
    }
    let rest: String = chars.by_ref().take(6).collect();
    let second = rest.strip_prefix("\\u").and_then(|code| u32::from_str_radix(code, 16).ok());
    let second = second.filter(|second| (0xdc00..0xe000).contains(second)).unwrap_or(0xdc00);
    let whole = 0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00);
    all.push(char::from_u32(whole).unwrap_or(char::REPLACEMENT_CHARACTER));
}

fn items(object: Object, lines: &Lines) -> Vec<(String, u32, Expression)> {
    let mut all = Vec::new();
    for (key, value) in object {
        let (name, span) = match key {
            ObjectKey::Ident(name) => (name.as_str().to_owned(), name.span()),
            ObjectKey::Expression(Expression::String(name)) => (name.value().clone(), name.span()),
            ObjectKey::Expression(other) => {
                (other.to_string().trim().trim_matches('"').to_owned(), other.span())
            }
        };
        all.push((source::key(&name).to_owned(), lines.line(span), value.into_expr()));
    }
    all
}

/// Nested blocks that have to be known as such; the others are read as arguments that hold maps.
fn plain(object: Object, lines: &Lines) -> Body {
    let mut all = Body::default();
    for (name, line, value) in items(object, lines) {
        match name.as_str() {
            "//" => {}
            "backend" | "dynamic" => blocks(&name, &[], 1, line, value, lines, &mut all.blocks),
            "content" | "cloud" | "lifecycle" | "provisioner" | "connection" => {
                blocks(&name, &[], 0, line, value, lines, &mut all.blocks);
            }
            _ => all.attributes.push(Attribute { name, value, line }),
        }
    }
    all
}

fn blocks(
    kind: &str,
    known: &[String],
    labels: usize,
    line: u32,
    value: Expression,
    lines: &Lines,
    all: &mut Vec<Block>,
) {
    match value {
        Expression::Array(values) => {
            for value in values {
                blocks(kind, known, labels, line, value, lines, all);
            }
        }
        Expression::Object(object) if labels > 0 => {
            for (label, line, value) in items(object, lines) {
                let known: Vec<String> = known.iter().cloned().chain([label]).collect();
                blocks(kind, &known, labels - 1, line, value, lines, all);
            }
        }
        Expression::Object(object) => {
            let body = plain(object, lines);
            all.push(Block { kind: kind.to_owned(), labels: known.to_vec(), body, line });
        }
        _ => {}
    }
}
