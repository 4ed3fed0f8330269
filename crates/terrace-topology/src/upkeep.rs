//! What keeps a system well: whom it tells, what it may cost, how long it remembers.

use std::fmt;
use std::str::FromStr;

/// An address that takes mail: `local@domain` of plain ASCII, as nearly all are.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EmailAddress(String);

/// Why a text is no address.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an address reads like `ops@example.com`")]
pub struct EmailAddressError;

impl EmailAddress {
    /// The address as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for EmailAddress {
    type Err = EmailAddressError;

    fn from_str(text: &str) -> Result<Self, EmailAddressError> {
        let Some((local, domain)) = text.split_once('@') else { return Err(EmailAddressError) };
        let local_fits = (1..=64).contains(&local.len())
            && local.bytes().all(|b| b.is_ascii_alphanumeric() || b"._%+-".contains(&b));
        if local_fits && domain.parse::<crate::DomainName>().is_ok() && text.len() <= 254 {
            Ok(Self(text.to_owned()))
        } else {
            Err(EmailAddressError)
        }
    }
}

impl fmt::Display for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

macro_rules! amount {
    ($(#[$doc:meta])* $name:ident($inner:ty), $error:ident, $message:literal, $least:literal..=$most:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name($inner);

        /// Why a number is none.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
        #[error($message)]
        pub struct $error;

        impl $name {
            /// The least it can be.
            pub const LEAST: $inner = $least;
            /// The most it can be.
            pub const MOST: $inner = $most;

            /// The amount, if it is within the bounds.
            pub fn new(amount: $inner) -> Result<Self, $error> {
                if (Self::LEAST..=Self::MOST).contains(&amount) { Ok(Self(amount)) } else { Err($error) }
            }

            /// The number.
            pub const fn get(self) -> $inner {
                self.0
            }
        }
    };
}

amount!(
    /// What a system may cost: whole US dollars a month.
    MonthlyBudget(u32), MonthlyBudgetError, "a budget is 1 to 10000000 US dollars a month", 1..=10_000_000
);
amount!(
    /// The room of a database in GiB.
    Gibibytes(u32), GibibytesError, "a database has 20 to 65536 GiB", 20..=65_536
);
amount!(
    /// For how many days a database's backups are kept; 0 for no backups.
    BackupDays(u8), BackupDaysError, "backups are kept for 0 to 35 days", 0..=35
);
amount!(
    /// How many releases are kept, the one in force among them: one can go back to the others.
    KeptReleases(u8), KeptReleasesError, "1 to 100 releases are kept", 1..=100
);

/// For how many days logs are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LogDays(u16);

/// Why logs are not kept for so many days.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("logs are kept for {} days", LogDays::spoken())]
pub struct LogDaysError;

impl LogDays {
    /// The numbers of days there are (CloudWatch Logs, `PutRetentionPolicy`).
    pub const ALL: [u16; 22] = [
        1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288,
        3653,
    ];

    /// The number, if it is one of those.
    pub fn new(days: u16) -> Result<Self, LogDaysError> {
        if Self::ALL.contains(&days) { Ok(Self(days)) } else { Err(LogDaysError) }
    }

    /// The number.
    pub const fn get(self) -> u16 {
        self.0
    }

    fn spoken() -> String {
        let all: Vec<String> = Self::ALL.iter().map(ToString::to_string).collect();
        match all.split_last() {
            Some((last, others)) => format!("{} or {last}", others.join(", ")),
            None => String::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_have_the_form_of_addresses() {
        for good in ["a@b.co", "ops+items@mail.example.com"] {
            assert_eq!(good.parse::<EmailAddress>().unwrap().as_str(), good);
        }
        for bad in ["", "ops", "@b.co", "a@", "a@b", "a b@c.de", "a@b@c.de", "a@b.co\n", "<a@b.co>"] {
            assert!(bad.parse::<EmailAddress>().is_err(), "{bad}");
        }
    }

    #[test]
    fn amounts_have_bounds() {
        assert_eq!(BackupDays::new(0).map(BackupDays::get), Ok(0));
        assert!(BackupDays::new(36).is_err());
        assert!(Gibibytes::new(19).is_err() && Gibibytes::new(20).is_ok());
        assert!(MonthlyBudget::new(0).is_err() && MonthlyBudget::new(10_000_001).is_err());
        assert_eq!(LogDays::new(30).map(LogDays::get), Ok(30));
        assert!(LogDays::new(31).unwrap_err().to_string().ends_with("3288 or 3653 days"));
    }
}
