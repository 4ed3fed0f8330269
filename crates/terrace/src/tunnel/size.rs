//! Sizes as people type them: `64MiB`, `500MB`, `1G`.

use std::str::FromStr;

/// A number of bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Size(usize);

/// Why a text is no size.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a size is a whole number with a unit: `64MiB`, `500MB`, `1GiB`")]
pub(crate) struct SizeError;

impl Size {
    /// In bytes.
    pub(crate) const fn bytes(self) -> usize {
        self.0
    }
}

impl FromStr for Size {
    type Err = SizeError;

    fn from_str(text: &str) -> Result<Self, SizeError> {
        let at = text.find(|c: char| !c.is_ascii_digit()).ok_or(SizeError)?;
        let (number, unit) = text.split_at_checked(at).ok_or(SizeError)?;
        let factor: usize = match unit.trim().to_ascii_lowercase().as_str() {
            "k" | "kib" => 1 << 10,
            "m" | "mib" => 1 << 20,
            "g" | "gib" => 1 << 30,
            "kb" => 1_000,
            "mb" => 1_000_000,
            "gb" => 1_000_000_000,
            "b" => 1,
            _ => return Err(SizeError),
        };
        let number: usize = number.parse().map_err(|_| SizeError)?;
        number.checked_mul(factor).map(Self).ok_or(SizeError)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_with_their_units() {
        for (text, bytes) in
            [("64MiB", 64 << 20), ("64m", 64 << 20), ("500 MB", 500_000_000), ("1G", 1 << 30)]
        {
            assert_eq!(text.parse::<Size>().map(Size::bytes), Ok(bytes), "{text}");
        }
        for text in ["", "64", "MiB", "-1M", "1T", "99999999999999999999G", "1.5G"] {
            assert_eq!(text.parse::<Size>(), Err(SizeError), "{text}");
        }
    }
}
