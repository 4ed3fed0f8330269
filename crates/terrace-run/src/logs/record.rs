//! One line of a log, as it is kept: `2026-11-21T10:26:20.123Z app-1 out text`.

use std::fmt;
use std::num::NonZeroU16;
use std::str::FromStr;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};
use terrace_local::ProcessName;

use super::Stream;
use crate::Instance;

/// A line that a process wrote.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogLine {
    /// When it was read, milliseconds since 1970-01-01T00:00:00Z.
    pub at: u64,
    /// Who wrote it.
    pub instance: Instance,
    /// Where to.
    pub stream: Stream,
    /// What.
    pub text: String,
}

/// Now, in the measure of [`LogLine::at`].
pub(crate) fn now() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |d| u64::try_from(d.as_millis()).unwrap_or(u64::MAX))
}

impl LogLine {
    /// When it was read, as RFC 3339 writes it, in UTC.
    pub fn time(&self) -> String {
        // Beyond the year 9999 there is no such text, and no such log.
        let at = Duration::from_millis(self.at.min(253_402_300_799_999));
        humantime::format_rfc3339_millis(UNIX_EPOCH + at).to_string()
    }

    /// A line of the log of `process`; none if it is not one (the disk was full in the middle of it).
    pub(super) fn parse(line: &str, process: &ProcessName) -> Option<Self> {
        let mut parts = line.splitn(4, ' ');
        let time = humantime::parse_rfc3339(parts.next()?).ok()?.duration_since(UNIX_EPOCH).ok()?;
        let instance = parts.next()?.strip_prefix(process.as_str())?;
        let replica = match instance.strip_prefix('-') {
            Some(number) => Some(number.parse::<NonZeroU16>().ok()?),
            None if instance.is_empty() => None,
            None => return None,
        };
        Some(Self {
            at: u64::try_from(time.as_millis()).ok()?,
            instance: Instance { process: process.clone(), replica },
            stream: parts.next()?.parse().ok()?,
            text: parts.next()?.to_owned(),
        })
    }
}

impl fmt::Display for LogLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {} {}", self.time(), self.instance, self.stream, self.text)
    }
}

/// A text that names no stream.
#[derive(Debug)]
pub struct NoStream;

impl FromStr for Stream {
    type Err = NoStream;

    fn from_str(text: &str) -> Result<Self, NoStream> {
        [Self::Out, Self::Err, Self::Terrace]
            .into_iter()
            .find(|stream| stream.to_string() == text)
            .ok_or(NoStream)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_reads_as_it_was_written() {
        let app = ProcessName::new("app").unwrap();
        let line = LogLine {
            at: 1_795_256_780_123,
            instance: Instance { process: app.clone(), replica: NonZeroU16::new(2) },
            stream: Stream::Err,
            text: "two  words ".to_owned(),
        };
        assert_eq!(line.to_string(), "2026-11-21T10:26:20.123Z app-2 err two  words ");
        assert_eq!(LogLine::parse(&line.to_string(), &app), Some(line));
        for broken in ["", "2026-11-21T10:26:20.123Z app", "x app out y", "2026-11-21T10:26:20Z web out y"] {
            assert_eq!(LogLine::parse(broken, &app), None, "{broken}");
        }
    }
}
