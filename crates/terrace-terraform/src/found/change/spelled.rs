//! Values as people read them in one line: short, and without anything that a terminal would obey.

use serde_json::Value as Printed;

/// No value is spelled longer.
const LONGEST: usize = 120;

/// A text as it is shown; what is cut ends with `…`.
pub(super) fn text(text: &str) -> String {
    let mut all = String::new();
    for c in text.chars() {
        if all.chars().count() >= LONGEST {
            all.push('…');
            break;
        }
        match c {
            '\n' => all.push_str("\\n"),
            c if c.is_control() || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}') => {
                all.extend(c.escape_unicode());
            }
            c => all.push(c),
        }
    }
    all
}

/// A value: texts in quotes, lists in brackets.
pub(super) fn value(printed: &Printed) -> String {
    let whole = match printed {
        Printed::String(one) => format!("\"{one}\""),
        other => other.to_string(),
    };
    text(&whole)
}
