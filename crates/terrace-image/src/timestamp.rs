//! The one time that is in an image.

use std::time::{Duration, UNIX_EPOCH};

use crate::error::ImageError;

/// Seconds since 1970 (`SOURCE_DATE_EPOCH`, reproducible-builds.org), the time of every file and of the image; 0 unless given.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Timestamp(u64);

/// The latest that the eleven octal digits of an archive's header hold: in the year 2242.
const LATEST: u64 = 0o777_7777_7777;

impl Timestamp {
    /// A time, in seconds since 1970; not after 2242.
    pub fn new(seconds: u64) -> Result<Self, ImageError> {
        if seconds > LATEST {
            return Err(ImageError::Timestamp { seconds, latest: LATEST });
        }
        Ok(Self(seconds))
    }

    /// Seconds since 1970.
    pub const fn seconds(self) -> u64 {
        self.0
    }

    /// As RFC 3339 writes it, in UTC.
    pub(crate) fn rfc3339(self) -> String {
        humantime::format_rfc3339_seconds(UNIX_EPOCH + Duration::from_secs(self.0)).to_string()
    }
}
