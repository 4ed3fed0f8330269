//! Facts that hold, and facts that might.

use std::collections::BTreeSet;

/// Something that nobody has told, by the caller's number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UnknownId(pub u32);

/// Several unknowns.
pub type Unknowns = BTreeSet<UnknownId>;

/// Whether something holds.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum When {
    /// It does.
    #[default]
    Always,
    /// It may; that depends on these.
    Perhaps(Unknowns),
}

/// Something that holds or might.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fact<T> {
    /// What.
    pub is: T,
    /// Whether.
    pub when: When,
}

/// How unknown things are taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Bound {
    /// As little passes as may be: what passes then surely does.
    Least,
    /// As much passes as may be: what does not pass then surely does not.
    Most,
}

impl Bound {
    /// The other one: for what stops packets.
    #[must_use]
    pub const fn turned(self) -> Self {
        match self {
            Self::Least => Self::Most,
            Self::Most => Self::Least,
        }
    }
}

impl When {
    /// Depending on one thing.
    pub fn on(unknown: UnknownId) -> Self {
        Self::Perhaps(Unknowns::from([unknown]))
    }

    /// Whether it is taken to hold. For what lets packets pass; for what stops them ask with [`Bound::turned`].
    pub fn holds(&self, bound: Bound) -> bool {
        match self {
            Self::Always => true,
            Self::Perhaps(_) => bound == Bound::Most,
        }
    }

    /// Holding only if both do.
    #[must_use]
    pub fn and(&self, other: &Self) -> Self {
        match (self, other) {
            (Self::Always, when) | (when, Self::Always) => when.clone(),
            (Self::Perhaps(one), Self::Perhaps(two)) => Self::Perhaps(one | two),
        }
    }

    /// What it depends on.
    pub fn unknowns(&self) -> impl Iterator<Item = UnknownId> {
        let perhaps = match self {
            Self::Always => None,
            Self::Perhaps(on) => Some(on),
        };
        perhaps.into_iter().flatten().copied()
    }
}

impl<T> Fact<T> {
    /// It holds.
    pub const fn sure(is: T) -> Self {
        Self { is, when: When::Always }
    }

    /// It may hold.
    pub const fn perhaps(is: T, on: Unknowns) -> Self {
        Self { is, when: When::Perhaps(on) }
    }

    /// It, if it is taken to hold.
    pub fn under(&self, bound: Bound) -> Option<&T> {
        self.when.holds(bound).then_some(&self.is)
    }
}
