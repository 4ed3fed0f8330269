//! The words that text and JSON share.

use terrace_terraform::found::Shown;

/// One side of an argument.
pub(super) fn shown(side: &Shown) -> String {
    match side {
        Shown::Nothing => "nothing".to_owned(),
        Shown::Told(value) => value.clone(),
        Shown::Hidden => "(not shown)".to_owned(),
        Shown::Later => "(known after apply)".to_owned(),
    }
}

/// `1 resource`, `2 resources`
pub(super) fn counted(count: usize, noun: &str) -> String {
    let s = if count == 1 { "" } else { "s" };
    format!("{count} {noun}{s}")
}

/// A text without anything that a terminal would obey: addresses hold keys that people chose.
pub(super) fn clean(text: &str) -> String {
    let odd = |c: char| c.is_control() || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    if !text.contains(odd) {
        return text.to_owned();
    }
    text.chars().flat_map(|c| if odd(c) { c.escape_unicode().collect::<Vec<_>>() } else { vec![c] }).collect()
}
