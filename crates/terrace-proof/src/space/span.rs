//! Intervals of whole numbers: the sides of a box.

/// The numbers from `first` to `last`, both included; never empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Span {
    first: u128,
    last: u128,
}

impl Span {
    /// The numbers of a byte.
    pub(super) const BYTE: Self = Self { first: 0, last: 0xff };
    /// The numbers of two bytes.
    pub(super) const WORD: Self = Self { first: 0, last: 0xffff };

    /// One number.
    pub(super) const fn one(number: u128) -> Self {
        Self { first: number, last: number }
    }

    /// From the one to the other, whichever is lower.
    pub(super) const fn between(a: u128, b: u128) -> Self {
        if a <= b { Self { first: a, last: b } } else { Self { first: b, last: a } }
    }

    pub(super) const fn first(self) -> u128 {
        self.first
    }

    pub(super) const fn last(self) -> u128 {
        self.last
    }

    pub(super) const fn contains(self, number: u128) -> bool {
        self.first <= number && number <= self.last
    }

    pub(super) const fn overlaps(self, other: Self) -> bool {
        self.first <= other.last && other.first <= self.last
    }

    /// Whether every number of `other` is in it.
    pub(super) const fn holds(self, other: Self) -> bool {
        self.first <= other.first && other.last <= self.last
    }

    pub(super) fn meet(self, other: Self) -> Option<Self> {
        self.overlaps(other)
            .then(|| Self { first: self.first.max(other.first), last: self.last.min(other.last) })
    }

    /// Its numbers below all of `other`.
    pub(super) fn below(self, other: Self) -> Option<Self> {
        let end = other.first.checked_sub(1)?;
        (self.first <= end).then(|| Self { first: self.first, last: self.last.min(end) })
    }

    /// Its numbers above all of `other`.
    pub(super) fn above(self, other: Self) -> Option<Self> {
        let start = other.last.checked_add(1)?;
        (start <= self.last).then(|| Self { first: self.first.max(start), last: self.last })
    }

    /// Both as one, if `next` begins where it ends.
    pub(super) fn joined(self, next: Self) -> Option<Self> {
        (self.last.checked_add(1) == Some(next.first)).then_some(Self { first: self.first, last: next.last })
    }

    /// How many numbers; `u128::MAX` where there is one more than that.
    pub(super) const fn count(self) -> u128 {
        (self.last - self.first).saturating_add(1)
    }

    /// The first of some numbers that is in it, else its lowest.
    pub(super) fn prefer(self, liked: &[u128]) -> u128 {
        liked.iter().copied().find(|n| self.contains(*n)).unwrap_or(self.first)
    }
}
