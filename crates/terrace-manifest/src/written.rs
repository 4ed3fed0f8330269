//! A value with the place it was written at.

use terrace_diag::Span;

/// A value and where it is written. Two are equal when they say the same, wherever they say it.
#[derive(Clone, Copy, Debug)]
pub struct Written<T> {
    value: T,
    span: Span,
}

impl<T> Written<T> {
    /// A value written at `span`.
    pub const fn new(value: T, span: Span) -> Self {
        Self { value, span }
    }

    /// A value of no source text, such as one that a program chose.
    pub const fn nowhere(value: T) -> Self {
        Self { value, span: Span::new(0, 0) }
    }

    /// The value.
    pub const fn value(&self) -> &T {
        &self.value
    }

    /// Its place.
    pub const fn span(&self) -> Span {
        self.span
    }

    /// The value alone.
    pub fn into_value(self) -> T {
        self.value
    }
}

impl<T: PartialEq> PartialEq for Written<T> {
    fn eq(&self, other: &Self) -> bool {
        self.value == other.value
    }
}

impl<T: Eq> Eq for Written<T> {}
