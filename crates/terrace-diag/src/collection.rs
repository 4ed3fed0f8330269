//! All that was found, in the order of the source, so that nobody mends one error to meet the next.

use crate::{Diagnostic, Severity};

/// Every finding of one check.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Diagnostics(Vec<Diagnostic>);

impl Diagnostics {
    /// No findings.
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// Adds one.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        self.0.push(diagnostic);
    }

    /// Adds all of another check's.
    pub fn append(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    /// Whether any of them stops the work.
    pub fn has_errors(&self) -> bool {
        self.0.iter().any(|d| d.severity() == Severity::Error)
    }

    /// Whether nothing was found.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many of one weight there are.
    pub fn count(&self, severity: Severity) -> usize {
        self.0.iter().filter(|d| d.severity() == severity).count()
    }

    /// The findings, by place and then by weight; those without a place come last.
    #[must_use]
    pub fn sorted(mut self) -> Self {
        self.0.sort_by_key(|d| {
            let place = d.primary().map_or((usize::MAX, usize::MAX), |l| (l.span().start(), l.span().end()));
            (place, d.severity(), d.code())
        });
        self
    }

    /// The findings one by one.
    pub fn iter(&self) -> impl Iterator<Item = &Diagnostic> {
        self.0.iter()
    }
}

impl IntoIterator for Diagnostics {
    type Item = Diagnostic;
    type IntoIter = std::vec::IntoIter<Diagnostic>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl FromIterator<Diagnostic> for Diagnostics {
    fn from_iter<I: IntoIterator<Item = Diagnostic>>(items: I) -> Self {
        Self(items.into_iter().collect())
    }
}

impl From<Diagnostic> for Diagnostics {
    fn from(diagnostic: Diagnostic) -> Self {
        Self(vec![diagnostic])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Code, Span};

    #[test]
    fn findings_come_in_the_order_of_the_source_and_placeless_ones_last() {
        let code = Code::new("test::any");
        let all: Diagnostics = [
            Diagnostic::warning(code, "nowhere"),
            Diagnostic::error(code, "later").at(Span::new(9, 12), ""),
            Diagnostic::warning(code, "earlier").at(Span::new(2, 4), ""),
        ]
        .into_iter()
        .collect();
        assert!(all.has_errors());
        let messages: Vec<_> = all.sorted().into_iter().map(|d| d.message().to_owned()).collect();
        assert_eq!(messages, ["earlier", "later", "nowhere"]);
    }
}
