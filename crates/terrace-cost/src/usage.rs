//! What is assumed of a system's use: everything that its description does not say and that costs something.
//!
//! The defaults are a small system's: one million requests a month. Each figure has a name, by which it is shown and
//! set.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use crate::Quantity;

/// In what an assumption is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Measure {
    /// Things.
    Count,
    /// Gigabytes of 10^9 bytes, as AWS bills transfer.
    Gigabytes,
    /// Hundredths of a whole.
    Percent,
}

macro_rules! assumptions {
    ($($name:ident $word:literal $measure:ident $default:literal $about:literal,)*) => {
        /// Something that is assumed of a month.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Assumption {
            $(
                #[doc = $about]
                $name,
            )*
        }

        impl Assumption {
            /// All, in the order in which they are shown.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// The name by which it is set.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$name => $word,)* }
            }

            /// What it is, for people.
            pub const fn about(self) -> &'static str {
                match self { $(Self::$name => $about,)* }
            }

            /// In what it is counted.
            pub const fn measure(self) -> Measure {
                match self { $(Self::$name => Measure::$measure,)* }
            }

            /// What is assumed if nothing is said, in thousandths.
            const fn usual(self) -> Quantity {
                match self { $(Self::$name => Quantity::thousandths($default),)* }
            }
        }
    };
}

assumptions! {
    Requests "requests" Count 1_000_000_000 "requests of visitors a month",
    Traffic "traffic" Gigabytes 50_000 "sent to visitors a month",
    ApiShare "api-share" Percent 50_000 "of both are the API's, the rest is the page",
    Data "data" Gigabytes 10_000 "in the database",
    DataChange "data-change" Percent 2_000 "of the data change a day, which backups keep",
    DatabaseIo "database-io" Count 10_000 "reads and writes of Aurora's storage for a request of the API",
    Logs "logs" Gigabytes 1_000 "written a month by each log of a tier; those of AWS a tenth",
    Outward "outward" Gigabytes 10_000 "a month between services and AWS or the internet",
    Bucket "bucket" Gigabytes 1_000 "kept in each bucket",
    BucketCalls "bucket-calls" Count 10_000_000 "objects written a month in each bucket, and as many read",
    Images "images" Gigabytes 2_000 "of container images kept for each service",
    Builds "builds" Count 2_000 "builds of each machine image a month, half an hour each",
    KeyCalls "key-calls" Count 100_000_000 "uses of each key a month",
    SecretCalls "secret-calls" Count 1_000_000 "readings of each secret a month",
    Insights "insights" Count 25_000 "metrics of Container Insights for each service",
}

/// What is assumed of a month's use.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    told: BTreeMap<Assumption, Quantity>,
}

impl Usage {
    /// What is assumed of one thing.
    pub fn get(&self, assumption: Assumption) -> Quantity {
        self.told.get(&assumption).copied().unwrap_or_else(|| assumption.usual())
    }

    /// Whether that is not the default but was told.
    pub fn is_told(&self, assumption: Assumption) -> bool {
        self.told.contains_key(&assumption)
    }

    /// Assumes something else.
    pub fn set(&mut self, assumption: Assumption, amount: Quantity) {
        self.told.insert(assumption, amount);
    }
}

/// Why a text is no amount of an assumption.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is no amount of `{}`: {expected}", assumption.name())]
pub struct AmountError {
    text: String,
    assumption: Assumption,
    expected: &'static str,
}

/// Why a text is no assumption.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("nothing is assumed under the name `{0}`")]
pub struct AssumptionError(String);

impl Assumption {
    /// An amount as it is typed: `1000000`, `2.5M`, `50GB`, `30%`.
    pub fn read(self, text: &str) -> Result<Quantity, AmountError> {
        let error =
            |expected| AmountError { text: text.chars().take(40).collect(), assumption: self, expected };
        let expected = match self.measure() {
            Measure::Count => "a number such as `250000`, `250k` or `2.5M` was expected",
            Measure::Gigabytes => "gigabytes such as `50GB`, `1.5TB` or `200MB` were expected",
            Measure::Percent => "a share such as `30%`, 100 % at most, was expected",
        };
        let plain: String = text.chars().filter(|c| !matches!(c, ' ' | '_' | ',')).collect();
        let at = plain.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(plain.len());
        let (number, suffix) = plain.split_at_checked(at).ok_or_else(|| error(expected))?;
        let number = thousandths(number).ok_or_else(|| error(expected))?;
        let factor = match (self.measure(), suffix.to_ascii_lowercase().as_str()) {
            (Measure::Count, "k") | (Measure::Gigabytes, "tb" | "t") => (1000, 1),
            (Measure::Count, "m") => (1_000_000, 1),
            (Measure::Count | Measure::Percent, "") | (Measure::Gigabytes, "" | "gb" | "g") => (1, 1),
            (Measure::Gigabytes, "mb" | "m") => (1, 1000),
            (Measure::Percent, "%") => (1, 1),
            _ => return Err(error(expected)),
        };
        let amount = number.share(factor.0, factor.1);
        if self.measure() == Measure::Percent && amount > Quantity::whole(100) {
            return Err(error(expected));
        }
        Ok(amount)
    }

    /// An amount as it is shown, and as it can be typed.
    pub fn show(self, amount: Quantity) -> String {
        match self.measure() {
            Measure::Count => amount.to_string(),
            Measure::Gigabytes => format!("{amount} GB"),
            Measure::Percent => format!("{amount} %"),
        }
    }
}

impl FromStr for Assumption {
    type Err = AssumptionError;

    fn from_str(text: &str) -> Result<Self, AssumptionError> {
        let found = Self::ALL.iter().copied().find(|known| known.name() == text);
        found.ok_or_else(|| AssumptionError(text.chars().take(40).collect()))
    }
}

impl fmt::Display for Assumption {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A decimal with three digits after the point at most.
fn thousandths(text: &str) -> Option<Quantity> {
    let (whole, rest) = text.split_once('.').unwrap_or((text, ""));
    if whole.is_empty() || rest.len() > 3 || rest.contains('.') {
        return None;
    }
    let whole = whole.parse::<u64>().ok()?.checked_mul(1000)?;
    let rest = format!("{rest:0<3}").parse::<u64>().ok()?;
    whole.checked_add(rest).map(Quantity::thousandths)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_read_as_people_type_them() {
        let read =
            |assumption: Assumption, text: &str| assumption.read(text).ok().map(|a| assumption.show(a));
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(read(Assumption::Requests, "1000000"), some("1,000,000"));
        assert_eq!(read(Assumption::Requests, "2.5M"), some("2,500,000"));
        assert_eq!(read(Assumption::Requests, "250k"), some("250,000"));
        assert_eq!(read(Assumption::Traffic, "50GB"), some("50 GB"));
        assert_eq!(read(Assumption::Traffic, "1.5 TB"), some("1,500 GB"));
        assert_eq!(read(Assumption::Traffic, "200MB"), some("0.2 GB"));
        assert_eq!(read(Assumption::ApiShare, "30%"), some("30 %"));
        for bad in ["", "-1", "1e6", "many", "5.", "1.2.3", "1.2345", "5GB", "99999999999999999999"] {
            let read = read(Assumption::Requests, bad);
            assert_eq!(read, if bad == "5." { some("5") } else { None }, "{bad}");
        }
        assert_eq!(read(Assumption::ApiShare, "101%"), None);
        assert_eq!(read(Assumption::Traffic, "5%"), None);
    }

    #[test]
    fn what_is_shown_can_be_typed() {
        for assumption in Assumption::ALL {
            let shown = assumption.show(Usage::default().get(*assumption));
            assert_eq!(assumption.read(&shown), Ok(Usage::default().get(*assumption)), "{shown}");
            assert_eq!(assumption.name().parse(), Ok(*assumption));
        }
    }
}
