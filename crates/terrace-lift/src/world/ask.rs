//! Arguments asked as the documents differ in writing them: an empty text is none.

use terrace_aws::Text;
use terrace_aws::inventory::{Told, View};

/// A text that is not empty.
pub(super) fn text(view: View<'_>, argument: &str) -> Told<Text> {
    match view.text(argument) {
        Told::Is(text) if text.literal() == Some("") => Told::Nothing,
        told => told,
    }
}

/// A literal that is not empty.
pub(super) fn literal(view: View<'_>, argument: &str) -> Told<String> {
    match view.literal(argument) {
        Told::Is(text) if text.is_empty() => Told::Nothing,
        told => told,
    }
}

/// A whole number.
pub(super) fn int(view: View<'_>, argument: &str) -> Told<i64> {
    if text(view, argument).is_nothing() { Told::Nothing } else { view.int(argument) }
}

/// A truth.
pub(super) fn bool(view: View<'_>, argument: &str) -> Told<bool> {
    if text(view, argument).is_nothing() { Told::Nothing } else { view.bool(argument) }
}

/// Nested blocks; none where they are not told.
pub(super) fn blocks<'a>(view: View<'a>, argument: &str) -> Vec<View<'a>> {
    view.blocks(argument).known().unwrap_or_default()
}

/// A word, where one is told.
pub(super) fn word(view: View<'_>, argument: &str) -> Option<String> {
    literal(view, argument).known()
}
