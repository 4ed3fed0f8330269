//! Amounts of money, whole: no sum of them is off by a fraction of a cent.

use std::fmt;
use std::iter::Sum;
use std::ops::Add;

const MICRO: u64 = 1_000_000;

/// Millionths of a US dollar; an amount too large stays at the greatest there is (18 million million dollars).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MicroDollars(u64);

impl MicroDollars {
    /// Nothing.
    pub const ZERO: Self = Self(0);

    /// That many millionths.
    pub const fn new(millionths: u64) -> Self {
        Self(millionths)
    }

    /// In millionths.
    pub const fn get(self) -> u64 {
        self.0
    }

    /// This for each of so many.
    #[must_use]
    pub const fn times(self, count: u64) -> Self {
        Self(self.0.saturating_mul(count))
    }

    /// `numerator / denominator` of this, rounded to the nearest millionth, half up; of no parts, nothing.
    #[must_use]
    pub fn share(self, numerator: u64, denominator: u64) -> Self {
        let parts = u128::from(denominator);
        let product = u128::from(self.0) * u128::from(numerator);
        let rounded = product.saturating_add(parts / 2).checked_div(parts).unwrap_or_default();
        Self(u64::try_from(rounded).unwrap_or(u64::MAX))
    }

    /// A decimal of dollars with at most six digits after the point, such as `0.0225`.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
        let digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
        if whole.is_empty() || fraction.len() > 6 || !digits(whole) || !digits(fraction) {
            return None;
        }
        let whole = whole.parse::<u64>().ok()?.checked_mul(MICRO)?;
        let fraction = format!("{fraction:0<6}").parse::<u64>().ok()?;
        whole.checked_add(fraction).map(Self)
    }
}

impl Add for MicroDollars {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl Sum for MicroDollars {
    fn sum<I: Iterator<Item = Self>>(amounts: I) -> Self {
        amounts.fold(Self::ZERO, Add::add)
    }
}

/// As a price is written: `$0.0225`, cents at least and no more digits than it has. With a precision (`{:.2}`, at
/// most 6) that many, rounded half up.
impl fmt::Display for MicroDollars {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(precision) = f.precision() {
            let step = 10_u64.pow(u32::try_from(6_usize.saturating_sub(precision)).unwrap_or_default());
            let (whole, rest) = {
                let rounded = u128::from(self.0) + u128::from(step / 2);
                let units = rounded / u128::from(step);
                let one = u128::from(MICRO / step);
                (units / one, units % one)
            };
            return match precision.min(6) {
                0 => write!(f, "${whole}"),
                digits => write!(f, "${whole}.{rest:0digits$}"),
            };
        }
        let (whole, rest) = (self.0 / MICRO, format!("{:06}", self.0 % MICRO));
        let kept = rest.trim_end_matches('0').len().max(2);
        write!(f, "${whole}.{}", rest.get(..kept).unwrap_or(&rest))
    }
}
