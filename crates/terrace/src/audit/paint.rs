//! The report's colours.

use terrace_audit::report::{Paint, Role};

use crate::style;

/// Colours by role.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Colours;

impl Paint for Colours {
    fn paint(&self, role: Role, text: &str) -> String {
        if text.is_empty() {
            return String::new();
        }
        let style = match role {
            Role::Heading => style::STRONG,
            Role::Wrong => style::ERROR,
            Role::Unsure => style::WARNING,
            Role::Good => style::GOOD,
            Role::Fix => style::HELP,
            Role::Quiet => style::QUIET,
        };
        style::paint(style, text)
    }
}
