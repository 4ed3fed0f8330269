//! Values that condition operators compare: decimals, moments, addresses. What cannot be read is none.

use std::cmp::Ordering;
use std::net::IpAddr;

use terrace_net::{Ipv4Block, Ipv6Block};

/// Compares two decimals of any length exactly (`-1.50`, `10`).
pub(crate) fn compare_decimals(one: &str, two: &str) -> Option<Ordering> {
    let (one, two) = (decimal(one)?, decimal(two)?);
    Some(match (one.0, two.0) {
        (true, false) => Ordering::Less,
        (false, true) => Ordering::Greater,
        (false, false) => magnitude(&one, &two),
        (true, true) => magnitude(&two, &one),
    })
}

/// Negative, whole digits without leading zeros, decimals without trailing zeros.
type Decimal<'a> = (bool, &'a str, &'a str);

fn decimal(text: &str) -> Option<Decimal<'_>> {
    let text = text.trim();
    let (negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let (whole, decimals) = digits.split_once('.').unwrap_or((digits, ""));
    let clean = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    if !clean(whole) || !clean(decimals) || (whole.is_empty() && decimals.is_empty()) {
        return None;
    }
    let (whole, decimals) = (whole.trim_start_matches('0'), decimals.trim_end_matches('0'));
    Some((negative && !(whole.is_empty() && decimals.is_empty()), whole, decimals))
}

fn magnitude(one: &Decimal<'_>, two: &Decimal<'_>) -> Ordering {
    one.1.len().cmp(&two.1.len()).then_with(|| one.1.cmp(two.1)).then_with(|| one.2.cmp(two.2))
}

/// Compares two moments: seconds since 1970, or the forms of ISO 8601 that W3C's note on dates and times lists.
pub(crate) fn compare_moments(one: &str, two: &str) -> Option<Ordering> {
    Some(moment(one)?.cmp(&moment(two)?))
}

/// Nanoseconds since 1970.
fn moment(text: &str) -> Option<i128> {
    const SECOND: i128 = 1_000_000_000;
    if !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()) && text.len() > 4 {
        return text.parse::<i64>().ok().map(|seconds| i128::from(seconds) * SECOND);
    }
    let (date, time) = match text.split_once('T') {
        Some((date, time)) => (date, Some(time)),
        None => (text, None),
    };
    let mut parts = date.split('-');
    let year = number(parts.next()?, 4)?;
    let month = parts.next().map_or(Some(1), |m| number(m, 2)).filter(|m| (1..=12).contains(m))?;
    let day = parts.next().map_or(Some(1), |d| number(d, 2)).filter(|d| (1..=31).contains(d))?;
    if parts.next().is_some() {
        return None;
    }
    let days = i128::from(days(year, month, day)) * 86_400 * SECOND;
    Some(days + time.map_or(Some(0), of_day)?)
}

/// Nanoseconds of `hh:mm[:ss[.f]](Z|±hh:mm)`.
fn of_day(text: &str) -> Option<i128> {
    const SECOND: i128 = 1_000_000_000;
    let (clock, offset) = match text.find(['Z', '+', '-']) {
        Some(at) => text.split_at_checked(at)?,
        None => return None,
    };
    let offset = match (offset.strip_prefix('+'), offset.strip_prefix('-')) {
        (None, None) => (offset == "Z").then_some(0)?,
        (Some(ahead), _) => minutes(ahead)?,
        (_, Some(behind)) => -minutes(behind)?,
    };
    let mut parts = clock.splitn(3, ':');
    let hours = number(parts.next()?, 2).filter(|h| *h < 24)?;
    let minute = number(parts.next()?, 2).filter(|m| *m < 60)?;
    let (seconds, fraction) = match parts.next() {
        None => (0, 0),
        Some(text) => {
            let (seconds, fraction) = text.split_once('.').unwrap_or((text, ""));
            let fraction: String = fraction.chars().chain("000000000".chars()).take(9).collect();
            (number(seconds, 2).filter(|s| *s < 61)?, number(&fraction, 9)?)
        }
    };
    let all = (hours * 60 + minute - offset) * 60 + seconds;
    Some(i128::from(all) * SECOND + i128::from(fraction))
}

fn minutes(text: &str) -> Option<i64> {
    let (hours, minutes) = text.split_once(':')?;
    Some(number(hours, 2)? * 60 + number(minutes, 2)?)
}

fn number(text: &str, digits: usize) -> Option<i64> {
    (text.len() == digits && text.bytes().all(|b| b.is_ascii_digit())).then(|| text.parse().ok())?
}

/// Days since 1970 in the Gregorian calendar.
const fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

/// Whether a block of addresses, or one address, has the address.
pub(crate) fn in_block(address: &str, block: &str) -> Option<bool> {
    let address: IpAddr = address.parse().ok()?;
    let (network, prefix) = match block.split_once('/') {
        Some((network, prefix)) => (network.parse().ok()?, Some(prefix.parse::<u8>().ok()?)),
        None => (block.parse::<IpAddr>().ok()?, None),
    };
    Some(match (address, network) {
        (IpAddr::V4(one), IpAddr::V4(two)) => {
            let prefix = prefix.unwrap_or(32);
            prefix <= 32 && Ipv4Block::around(two, prefix).contains_address(one)
        }
        (IpAddr::V6(one), IpAddr::V6(two)) => {
            let prefix = prefix.unwrap_or(128);
            let mask = u128::MAX.checked_shl(128 - u32::from(prefix.min(128))).unwrap_or(0);
            prefix <= 128 && Ipv6Block::new((two.to_bits() & mask).into(), prefix).ok()?.contains_address(one)
        }
        _ => false,
    })
}
