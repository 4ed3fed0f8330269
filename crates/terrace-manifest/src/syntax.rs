//! The text as TOML, with every error in it.

use terrace_diag::{Diagnostic, Diagnostics, Span};
use toml::Spanned;
use toml::de::DeTable;

use crate::code;

/// The longest manifest that is read, bytes.
pub(crate) const LONGEST: usize = 1 << 20;

/// The document as far as it could be read, and what is wrong with the text.
pub(crate) fn read(text: &str) -> (Spanned<DeTable<'_>>, Diagnostics) {
    if text.len() > LONGEST {
        let found = Diagnostic::error(code::TOO_LARGE, format!("the manifest has {} bytes", text.len()))
            .help(format!("a manifest has {LONGEST} bytes at most"));
        return (Spanned::new(0..0, DeTable::default()), found.into());
    }
    let (document, errors) = DeTable::parse_recoverable(text);
    let mut found = Diagnostics::new();
    for error in errors {
        let span = error.span().map_or(Span::new(text.len(), text.len()), Span::from);
        let message = error.message().to_owned();
        found.push(Diagnostic::error(code::SYNTAX, message).at(span, ""));
    }
    (document, found)
}

/// All findings in the order of the text.
pub(crate) fn combine(_text: &str, syntax: Diagnostics, mut meaning: Diagnostics) -> Diagnostics {
    meaning.append(syntax);
    meaning.sorted()
}

/// Whether the text itself is wrong, so that what was read of it is not all that was meant.
pub(crate) fn broken(diagnostics: &Diagnostics) -> bool {
    diagnostics.iter().any(|d| [code::SYNTAX, code::DUPLICATE_KEY, code::TOO_LARGE].contains(&d.code()))
}
