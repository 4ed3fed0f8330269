//! Three-valued truth after Kleene, where "unknown" names what it waits for.
//!
//! GUARANTEE: "yes" and "no" hold whatever the unknown things turn out to be.

use std::collections::BTreeSet;
use std::fmt;

use terrace_aws::Reference;

/// Something that is not known and matters.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Unknown {
    /// The value of a context key; in lower case.
    Key(String),
    /// The value of a reference.
    Reference(Reference),
    /// A text of which not even the references are told.
    Text,
    /// Which of several resources or sessions is meant: some match, others do not.
    Which(String),
    /// A whole policy, by its name.
    Policy(String),
    /// A condition operator that is not modelled, or a use of one that AWS does not define.
    Operator(String),
    /// `NotPrincipal` that lists only some of the caller's names (AWS: "might deny").
    NotPrincipal,
    /// Comparing two patterns took too many states.
    Size,
}

impl fmt::Display for Unknown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Key(key) => write!(f, "the context key {key}"),
            // What is asked in words is asked as it is.
            Self::Reference(reference) if reference.to_string().starts_with("whether ") => reference.fmt(f),
            Self::Reference(reference) => write!(f, "the value of {reference}"),
            Self::Text => f.write_str("a text that is made of nothing known"),
            Self::Which(text) => write!(f, "which of {text}"),
            Self::Policy(name) => write!(f, "the text of the policy {name}"),
            Self::Operator(name) => write!(f, "what the operator {name} does"),
            Self::NotPrincipal => {
                f.write_str("whether NotPrincipal exempts a caller that it lists only in part")
            }
            Self::Size => f.write_str("patterns too large to compare"),
        }
    }
}

/// Yes, no, or unknown until something is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Truth {
    /// It holds.
    Yes,
    /// It does not hold.
    No,
    /// It depends on these.
    Unknown(BTreeSet<Unknown>),
}

impl Truth {
    /// Unknown because of one thing.
    pub fn unknown(why: Unknown) -> Self {
        Self::Unknown(BTreeSet::from([why]))
    }

    /// Both.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::No, _) | (_, Self::No) => Self::No,
            (Self::Yes, rest) | (rest, Self::Yes) => rest,
            (Self::Unknown(mut one), Self::Unknown(two)) => {
                one.extend(two);
                Self::Unknown(one)
            }
        }
    }

    /// One of both.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        self.negated().and(other.negated()).negated()
    }

    /// The contrary.
    #[must_use]
    pub fn negated(self) -> Self {
        match self {
            Self::Yes => Self::No,
            Self::No => Self::Yes,
            unknown @ Self::Unknown(_) => unknown,
        }
    }

    /// All of them; of none, yes.
    pub fn all(them: impl IntoIterator<Item = Self>) -> Self {
        them.into_iter().fold(Self::Yes, Self::and)
    }

    /// At least one of them; of none, no.
    pub fn any(them: impl IntoIterator<Item = Self>) -> Self {
        them.into_iter().fold(Self::No, Self::or)
    }
}

impl From<bool> for Truth {
    fn from(holds: bool) -> Self {
        if holds { Self::Yes } else { Self::No }
    }
}
