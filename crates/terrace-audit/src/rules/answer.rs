//! Whether something is as it should be, is not, or depends on what is not told.

use std::collections::BTreeSet;

use terrace_aws::inventory::{Told, UnknownName};

use crate::{Finding, Findings};

/// An answer to "is it as it should be?".
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    /// It is.
    Good,
    /// It is not, whatever is not told.
    Bad,
    /// It depends on these.
    Open(BTreeSet<UnknownName>),
}

impl Answer {
    /// Depending on these; where none has a name, on what is outside the design.
    pub(super) fn open(on: impl IntoIterator<Item = UnknownName>) -> Self {
        let mut on: BTreeSet<UnknownName> = on.into_iter().collect();
        if on.is_empty() {
            on.insert(UnknownName::new("what is not in the design"));
        }
        Self::Open(on)
    }

    /// As it should be, if this is true.
    pub(super) const fn when(good: bool) -> Self {
        if good { Self::Good } else { Self::Bad }
    }

    /// What an argument makes of it; `without` is what AWS makes of it where the argument is not given.
    pub(super) fn of<T>(told: Told<T>, without: Self, good: impl FnOnce(T) -> bool) -> Self {
        match told {
            Told::Nothing => without,
            Told::Is(value) => Self::when(good(value)),
            Told::Unknown(of) => Self::open(crate::named(&of)),
        }
    }

    /// An argument that has to be true; `without` is AWS's default.
    pub(super) fn truth(told: Told<bool>, without: bool) -> Self {
        Self::of(told, Self::when(without), |value| value)
    }

    /// An argument that has to be true, or what follows from others where it is not given.
    pub(super) fn truth_or(told: Told<bool>, without: Self) -> Self {
        Self::of(told, without, |value| value)
    }

    /// An argument that must not be true; `without` is AWS's default.
    pub(super) fn no(told: Told<bool>, without: bool) -> Self {
        Self::of(told, Self::when(!without), |value| !value)
    }

    /// Both have to be good.
    #[must_use]
    pub(super) fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Bad, _) | (_, Self::Bad) => Self::Bad,
            (Self::Good, other) => other,
            (this, Self::Good) => this,
            (Self::Open(mut on), Self::Open(more)) => {
                on.extend(more);
                Self::Open(on)
            }
        }
    }

    /// One of them has to be good.
    #[must_use]
    pub(super) fn or(self, other: Self) -> Self {
        match (self, other) {
            (Self::Good, _) | (_, Self::Good) => Self::Good,
            (Self::Bad, other) => other,
            (this, Self::Bad) => this,
            (Self::Open(mut on), Self::Open(more)) => {
                on.extend(more);
                Self::Open(on)
            }
        }
    }

    /// Whether it is surely as it should be.
    pub(super) const fn is_good(&self) -> bool {
        matches!(self, Self::Good)
    }

    /// Says the finding where it is not good; where it depends, as something that may be.
    pub(super) fn say(self, findings: &mut Findings, finding: impl FnOnce() -> Finding) {
        match self {
            Self::Good => {}
            Self::Bad => findings.push(finding()),
            Self::Open(on) => {
                let finding = finding();
                let message = format!("it may be that {}", finding.message);
                findings.push(Finding { message, ..finding }.depending(on));
            }
        }
    }
}
