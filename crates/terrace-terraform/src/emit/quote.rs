//! Literal text as HCL spells it: identifiers, quoted strings, heredocs.
//!
//! LAW: what is written here reads back as the same characters, whatever they are.

use std::fmt::Write as _;

use terrace_aws::{Part, Text};

/// Words that mean something else where a key is expected.
const TAKEN: &[&str] = &["null", "true", "false", "for", "if", "in", "else", "endif", "endfor"];

/// Whether a key may stand without quotes.
pub(super) fn is_identifier(key: &str) -> bool {
    key.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && key.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-')
        && !TAKEN.contains(&key)
}

/// Writes a key of an object.
pub(super) fn key(out: &mut String, key: &str) {
    if is_identifier(key) {
        out.push_str(key);
    } else {
        quoted(out, key);
    }
}

/// How wide a key is, in characters.
pub(super) fn key_width(key: &str) -> usize {
    if is_identifier(key) {
        key.len()
    } else {
        let mut scratch = String::new();
        quoted(&mut scratch, key);
        scratch.chars().count()
    }
}

/// Writes literal text in quotes.
pub(super) fn quoted(out: &mut String, text: &str) {
    out.push('"');
    escaped(out, text, false);
    out.push('"');
}

/// Writes literal text as it stands between quotes. A `$` or `%` right before an expression is written by its
/// number, because `$${` means something else.
pub(super) fn escaped(out: &mut String, text: &str, before_expression: bool) {
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '$' | '%' => match rest.peek() {
                Some('{') => {
                    out.push(c);
                    out.push(c);
                }
                Some('$' | '%') => number(out, c),
                None if before_expression => number(out, c),
                Some(_) | None => out.push(c),
            },
            c if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}') => number(out, c),
            c => out.push(c),
        }
    }
}

fn number(out: &mut String, c: char) {
    let code = u32::from(c);
    let _ = if code <= 0xffff { write!(out, "\\u{code:04x}") } else { write!(out, "\\U{code:08x}") };
}

/// Whether text is better told line by line, and reads back the same if it is.
///
/// Terraform takes the smallest indentation off every line, so one line at least must begin without; lines
/// are joined as they are, so the last one must end; lines of nothing but spaces are treated differently by
/// different readers; and nothing may need an escape other than `$${`.
pub(super) fn suits_heredoc(text: &Text) -> bool {
    let Some((Part::Literal(last), _)) = text.parts().split_last() else { return false };
    if !last.ends_with('\n') {
        return false;
    }
    let (mut lines, mut flush, mut line_start, mut only_spaces) = (0_usize, false, true, false);
    for (at, part) in text.parts().iter().enumerate() {
        let literal = match part {
            Part::Opaque(_) => return false,
            Part::Reference(_) => {
                flush |= line_start;
                (line_start, only_spaces) = (false, false);
                continue;
            }
            Part::Literal(literal) => literal,
        };
        let expression_next = at + 1 < text.parts().len();
        let mut rest = literal.chars().peekable();
        while let Some(c) = rest.next() {
            let doubtful = match (c, rest.peek()) {
                ('\n', _) => only_spaces,
                ('\t', _) => false,
                ('$' | '%', Some('$' | '%')) => true,
                ('$' | '%', None) => expression_next,
                (c, _) => c.is_control() || (line_start && !c.is_ascii()),
            };
            if doubtful {
                return false;
            }
            let space = matches!(c, ' ' | '\t');
            flush |= line_start && !space && c != '\n';
            only_spaces = space && (line_start || only_spaces);
            line_start = c == '\n';
            lines += usize::from(line_start);
        }
    }
    lines >= 2 && flush && !ends_itself(text)
}

/// Whether a line of the text would end the heredoc.
fn ends_itself(text: &Text) -> bool {
    let ends = |literal: &str| literal.lines().any(|line| line.trim() == MARK);
    text.parts().iter().any(|part| matches!(part, Part::Literal(literal) if ends(literal)))
}

/// What ends a heredoc.
pub(super) const MARK: &str = "EOT";
