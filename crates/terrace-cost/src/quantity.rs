//! How much of something: whole numbers and thousandths, so that sums are exact.

use std::fmt;
use std::iter::Sum;
use std::ops::Add;

/// Thousandths of a unit; one too large stays at the greatest there is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Quantity(u64);

impl Quantity {
    /// Nothing.
    pub const ZERO: Self = Self(0);

    /// So many.
    pub const fn whole(count: u64) -> Self {
        Self(count.saturating_mul(1000))
    }

    /// So many thousandths.
    pub const fn thousandths(count: u64) -> Self {
        Self(count)
    }

    /// In thousandths.
    pub const fn get(self) -> u64 {
        self.0
    }

    /// This for each of so many.
    #[must_use]
    pub const fn times(self, count: u64) -> Self {
        Self(self.0.saturating_mul(count))
    }

    /// `numerator / denominator` of this, rounded to the nearest thousandth; of no parts, nothing.
    #[must_use]
    pub fn share(self, numerator: u64, denominator: u64) -> Self {
        let parts = u128::from(denominator);
        let product = u128::from(self.0) * u128::from(numerator);
        let rounded = product.saturating_add(parts / 2).checked_div(parts).unwrap_or_default();
        Self(u64::try_from(rounded).unwrap_or(u64::MAX))
    }

    /// Part number `at` (from 0) of `of` equal parts, whose sum is this.
    #[must_use]
    pub fn part(self, at: u64, of: u64) -> Self {
        self.share(at.saturating_add(1), of).less(self.share(at, of))
    }

    /// This without `other`; nothing if that is more.
    #[must_use]
    pub const fn less(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }
}

impl Add for Quantity {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl Sum for Quantity {
    fn sum<I: Iterator<Item = Self>>(quantities: I) -> Self {
        quantities.fold(Self::ZERO, Add::add)
    }
}

/// `1,460` or `0.5`: with commas between thousands and no more decimals than it has.
impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = (self.0 / 1000).to_string();
        for (at, digit) in digits.chars().enumerate() {
            if at > 0 && (digits.len() - at).is_multiple_of(3) {
                f.write_str(",")?;
            }
            write!(f, "{digit}")?;
        }
        let rest = format!("{:03}", self.0 % 1000);
        match rest.trim_end_matches('0') {
            "" => Ok(()),
            decimals => write!(f, ".{decimals}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantities_are_written_as_people_read_them() {
        let shown = |thousandths: u64| Quantity::thousandths(thousandths).to_string();
        assert_eq!(shown(0), "0");
        assert_eq!(shown(500), "0.5");
        assert_eq!(shown(1_460_000), "1,460");
        assert_eq!(shown(999_999), "999.999");
        assert_eq!(shown(1_234_567_010), "1,234,567.01");
    }

    #[test]
    fn quantities_never_overflow() {
        assert_eq!(Quantity::whole(u64::MAX).times(2), Quantity::thousandths(u64::MAX));
        assert_eq!(Quantity::whole(1).share(1, 0), Quantity::ZERO);
        assert_eq!(Quantity::whole(1).less(Quantity::whole(2)), Quantity::ZERO);
        let parts: Vec<Quantity> = (0..6).map(|at| Quantity::whole(10).part(at, 6)).collect();
        assert_eq!(parts.iter().copied().sum::<Quantity>(), Quantity::whole(10), "{parts:?}");
        assert_eq!(Quantity::whole(10).share(1, 3), Quantity::thousandths(3333));
    }
}
