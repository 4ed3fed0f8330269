//! The few colours of the program, by meaning.

use anstyle::{AnsiColor, Style};

/// What went wrong.
pub(crate) const ERROR: Style = AnsiColor::BrightRed.on_default().bold();
/// What may go wrong.
pub(crate) const WARNING: Style = AnsiColor::Yellow.on_default().bold();
/// What to do about it.
pub(crate) const HELP: Style = AnsiColor::BrightCyan.on_default().bold();
/// What went well.
pub(crate) const GOOD: Style = AnsiColor::Green.on_default();
/// What is under way.
pub(crate) const BUSY: Style = AnsiColor::Cyan.on_default();
/// What matters most on the screen.
pub(crate) const STRONG: Style = Style::new().bold();
/// What matters least.
pub(crate) const QUIET: Style = Style::new().dimmed();
/// What can be opened.
pub(crate) const LINK: Style = AnsiColor::BrightCyan.on_default().underline().bold();

/// Colours that tell the parties of one system apart; none of them is that of an error.
pub(crate) const PARTIES: [Style; 6] = [
    AnsiColor::Cyan.on_default(),
    AnsiColor::Magenta.on_default(),
    AnsiColor::Green.on_default(),
    AnsiColor::Blue.on_default(),
    AnsiColor::Yellow.on_default(),
    AnsiColor::BrightMagenta.on_default(),
];

/// A text in a style.
pub(crate) fn paint(style: Style, text: impl std::fmt::Display) -> String {
    format!("{style}{text}{style:#}")
}
