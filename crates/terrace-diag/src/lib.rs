//! Diagnostics as values: a code, a severity, a place, labels and hints.
//!
//! A [`Diagnostic`] is data until the command line renders it. Nothing here prints, reads or stops at
//! the first error: a check pushes all it finds into [`Diagnostics`] and the caller decides.
//!
//! Messages follow one grammar: lower case, no full stop, what is wrong first, names in backticks. The
//! label says what was expected there; a help line says what to write instead.

mod collection;
mod span;

pub use collection::Diagnostics;
pub use span::Span;

/// How much a diagnostic weighs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// The work cannot go on.
    Error,
    /// The work goes on, and may not do what was meant.
    Warning,
}

/// A stable name of one kind of diagnostic, such as `manifest::unknown-key`: part of the public contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Code(&'static str);

impl Code {
    /// A code; by convention `area::kebab-case-name`.
    pub const fn new(text: &'static str) -> Self {
        Self(text)
    }

    /// The code as printed.
    pub const fn as_str(self) -> &'static str {
        self.0
    }
}

impl std::fmt::Display for Code {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.0)
    }
}

/// A remark tied to a place in the source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    span: Span,
    text: String,
}

impl Label {
    /// The place.
    pub fn span(&self) -> Span {
        self.span
    }

    /// The remark; may be empty when the place speaks for itself.
    pub fn text(&self) -> &str {
        &self.text
    }
}

/// One finding about the user's input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    code: Code,
    severity: Severity,
    message: String,
    primary: Option<Label>,
    secondary: Vec<Label>,
    helps: Vec<String>,
}

impl Diagnostic {
    /// A finding that stops the work.
    pub fn error(code: Code, message: impl Into<String>) -> Self {
        Self::new(code, Severity::Error, message.into())
    }

    /// A finding that does not.
    pub fn warning(code: Code, message: impl Into<String>) -> Self {
        Self::new(code, Severity::Warning, message.into())
    }

    fn new(code: Code, severity: Severity, message: String) -> Self {
        Self { code, severity, message, primary: None, secondary: Vec::new(), helps: Vec::new() }
    }

    /// Sets the place it is about, with what was expected there.
    #[must_use]
    pub fn at(mut self, span: Span, text: impl Into<String>) -> Self {
        self.primary = Some(Label { span, text: text.into() });
        self
    }

    /// Adds another place that plays a part.
    #[must_use]
    pub fn with(mut self, span: Span, text: impl Into<String>) -> Self {
        self.secondary.push(Label { span, text: text.into() });
        self
    }

    /// Adds what to do about it.
    #[must_use]
    pub fn help(mut self, text: impl Into<String>) -> Self {
        self.helps.push(text.into());
        self
    }

    /// The kind of finding.
    pub fn code(&self) -> Code {
        self.code
    }

    /// Its weight.
    pub fn severity(&self) -> Severity {
        self.severity
    }

    /// What is wrong, one line.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// The place it is about, if it has one in the source.
    pub fn primary(&self) -> Option<&Label> {
        self.primary.as_ref()
    }

    /// The other places.
    pub fn secondary(&self) -> &[Label] {
        &self.secondary
    }

    /// What to do about it, most likely first.
    pub fn helps(&self) -> &[String] {
        &self.helps
    }
}
