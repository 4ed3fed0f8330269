//! The faults of the real thing, to be asked for: `close=30s,loss=2%`.
//!
//! Written as a comma-separated list; what is not written does not happen. GUARANTEE: printing and reading again gives the
//! same faults.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

/// A share of all frames, from 0 to 50 %. More than half would be no channel but a wall.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Share {
    /// In hundredths of a per cent.
    basis_points: u16,
}

/// A time from 1 ms to 24 h.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span {
    millis: u32,
}

/// What goes wrong in a session, and how often. The default is the real thing on a good day: paced as the real agent, closed
/// after an hour.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Faults {
    /// `unpaced`: as fast as the machine can, which the real agent is not.
    pub unpaced: bool,
    /// `close=30s`: the gateway closes every connection after this time (the real one: after an hour).
    pub close: Option<Span>,
    /// `cut=10s`: the connection breaks off after this time, without a word.
    pub cut: Option<Span>,
    /// `pause=2s`: by turns nothing is published for this time, and then all is, for the same time.
    pub pause: Option<Span>,
    /// `loss=2%`: that share of frames never arrives.
    pub loss: Share,
    /// `duplicate=1%`: that share of frames arrives twice.
    pub duplicate: Share,
    /// `reorder=1%`: that share of frames arrives after later ones.
    pub reorder: Share,
    /// `delay=20ms`: every frame takes this long each way.
    pub delay: Option<Span>,
    /// `connect-error`: the agent cannot connect to the host.
    pub connect_error: bool,
    /// `target-not-connected`: StartSession says that no agent is connected.
    pub target_not_connected: bool,
    /// `unready=3s`: for this time after the handshake the agent takes nothing and acknowledges nothing.
    pub unready: Option<Span>,
}

/// Why a text is no list of faults.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FaultsError {
    /// There is no such fault.
    #[error(
        "`{0}` is no fault; there are unpaced, close=TIME, cut=TIME, pause=TIME, loss=SHARE, duplicate=SHARE, reorder=SHARE, delay=TIME, connect-error, target-not-connected, unready=TIME"
    )]
    Unknown(String),
    /// A time is wrong.
    #[error("`{0}` is no time: write a whole number with ms, s, m or h, from 1ms to 24h, as in `close=30s`")]
    Span(String),
    /// A share is wrong.
    #[error("`{0}` is no share: write 0% to 50%, as in `loss=2%` or `loss=0.5%`")]
    Share(String),
    /// A fault is there twice.
    #[error("`{0}` is written twice")]
    Twice(String),
}

impl Share {
    /// Of ten thousand frames, how many.
    pub fn basis_points(self) -> u16 {
        self.basis_points
    }
}

impl Span {
    /// The time.
    pub fn duration(self) -> Duration {
        Duration::from_millis(u64::from(self.millis))
    }
}

impl FromStr for Share {
    type Err = FaultsError;

    fn from_str(text: &str) -> Result<Self, FaultsError> {
        let read = || {
            let number = text.strip_suffix('%')?;
            let (whole, part) = number.split_once('.').unwrap_or((number, "0"));
            if part.is_empty() || part.len() > 2 || !part.bytes().all(|byte| byte.is_ascii_digit()) {
                return None;
            }
            let part: u16 = format!("{part:0<2}").parse().ok()?;
            let whole = digits::<u16>(whole)?;
            whole.checked_mul(100)?.checked_add(part).filter(|points| *points <= 5000)
        };
        read().map(|basis_points| Self { basis_points }).ok_or_else(|| FaultsError::Share(text.to_owned()))
    }
}

impl FromStr for Span {
    type Err = FaultsError;

    fn from_str(text: &str) -> Result<Self, FaultsError> {
        let read = || {
            let at = text.find(|c: char| !c.is_ascii_digit())?;
            let (number, unit) = text.split_at_checked(at)?;
            let millis = UNITS.iter().find(|(name, _)| *name == unit)?.1;
            digits::<u32>(number)?.checked_mul(millis).filter(|millis| (1..=86_400_000).contains(millis))
        };
        read().map(|millis| Self { millis }).ok_or_else(|| FaultsError::Span(text.to_owned()))
    }
}

const UNITS: [(&str, u32); 4] = [("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1)];

/// A number without a sign, which `parse` would take.
fn digits<T: FromStr>(text: &str) -> Option<T> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok()).flatten()
}

impl fmt::Display for Share {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, part) = (self.basis_points / 100, self.basis_points % 100);
        match part {
            0 => write!(f, "{whole}%"),
            part if part % 10 == 0 => write!(f, "{whole}.{}%", part / 10),
            part => write!(f, "{whole}.{part:02}%"),
        }
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let fits = |(_, millis): &&(&str, u32)| self.millis.is_multiple_of(*millis);
        let (unit, millis) = UNITS.iter().find(fits).unwrap_or(&("ms", 1));
        write!(f, "{}{unit}", self.millis / millis)
    }
}

impl FromStr for Faults {
    type Err = FaultsError;

    fn from_str(text: &str) -> Result<Self, FaultsError> {
        let mut faults = Self::default();
        let mut seen = Vec::new();
        for item in text.split(',').map(str::trim).filter(|item| !item.is_empty()) {
            let (name, value) =
                item.split_once('=').map_or((item, None), |(name, value)| (name.trim(), Some(value.trim())));
            if seen.contains(&name) {
                return Err(FaultsError::Twice(name.to_owned()));
            }
            seen.push(name);
            match (name, value) {
                ("unpaced", None) => faults.unpaced = true,
                ("connect-error", None) => faults.connect_error = true,
                ("target-not-connected", None) => faults.target_not_connected = true,
                ("close", Some(time)) => faults.close = Some(time.parse()?),
                ("cut", Some(time)) => faults.cut = Some(time.parse()?),
                ("pause", Some(time)) => faults.pause = Some(time.parse()?),
                ("delay", Some(time)) => faults.delay = Some(time.parse()?),
                ("unready", Some(time)) => faults.unready = Some(time.parse()?),
                ("loss", Some(share)) => faults.loss = share.parse()?,
                ("duplicate", Some(share)) => faults.duplicate = share.parse()?,
                ("reorder", Some(share)) => faults.reorder = share.parse()?,
                _ => return Err(FaultsError::Unknown(item.to_owned())),
            }
        }
        Ok(faults)
    }
}

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let flag = |name: &str, on: bool| on.then(|| name.to_owned());
        let span = |name: &str, span: Option<Span>| span.map(|span| format!("{name}={span}"));
        let share = |name: &str, share: Share| (share.basis_points > 0).then(|| format!("{name}={share}"));
        let all = [
            flag("unpaced", self.unpaced),
            span("close", self.close),
            span("cut", self.cut),
            span("pause", self.pause),
            share("loss", self.loss),
            share("duplicate", self.duplicate),
            share("reorder", self.reorder),
            span("delay", self.delay),
            flag("connect-error", self.connect_error),
            flag("target-not-connected", self.target_not_connected),
            span("unready", self.unready),
        ];
        f.write_str(&all.into_iter().flatten().collect::<Vec<_>>().join(","))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn lists_are_read_and_printed() {
        let all = "unpaced,close=30s,cut=10s,pause=2s,loss=2%,duplicate=1%,reorder=0.5%,delay=20ms,connect-error,target-not-connected,unready=3s";
        assert_eq!(all.parse::<Faults>().unwrap().to_string(), all);
        assert_eq!("".parse::<Faults>().unwrap(), Faults::default());
        assert_eq!(" close = 60m , delay=1000ms".parse::<Faults>().unwrap().to_string(), "close=1h,delay=1s");
    }

    #[test]
    fn what_is_no_fault_is_refused() {
        for text in [
            "paced",
            "close",
            "close=",
            "close=30",
            "close=0s",
            "close=25h",
            "close=+1s",
            "unpaced=1",
            "loss=2",
            "loss=51%",
            "loss=-1%",
            "loss=1.%",
            "loss=1.234%",
            "loss=%",
            "cut=1s,cut=2s",
            "unpaced,unpaced",
            "close=99999999999s",
        ] {
            assert!(text.parse::<Faults>().is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn printing_and_reading_again_gives_the_same(
            spans in prop::collection::vec(prop::option::of(1_u32..=86_400_000), 5),
            shares in prop::collection::vec(0_u16..=5000, 3),
            flags in prop::collection::vec(any::<bool>(), 3),
        ) {
            let span = |at: usize| spans[at].map(|millis| Span { millis });
            let share = |at: usize| Share { basis_points: shares[at] };
            let faults = Faults {
                unpaced: flags[0], close: span(0), cut: span(1), pause: span(2), loss: share(0), duplicate: share(1),
                reorder: share(2), delay: span(3), connect_error: flags[1], target_not_connected: flags[2], unready: span(4),
            };
            prop_assert_eq!(faults.to_string().parse::<Faults>().unwrap(), faults);
        }

        #[test]
        fn no_text_is_too_odd(text in "\\PC{0,40}") {
            if let Ok(faults) = text.parse::<Faults>() {
                prop_assert_eq!(faults.to_string().parse::<Faults>().unwrap(), faults);
            }
        }
    }
}
