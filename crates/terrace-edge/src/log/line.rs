//! The text of one log line. Fields: ts (RFC 3339, UTC), edge, client, method, host, path, status, bytes, ms,
//! request_id, trace_id, proto, and where they apply
//! target, attempts, upstream_ms, agent, fault (whose), reason, whole (false: the response broke off).

use std::fmt::{Display, Write as _};
use std::net::IpAddr;
use std::time::Duration;

use http::Version;
use terrace_edge_config::EdgeName;

use super::{Draft, now};
use crate::context::RequestId;
use crate::failure::Failure;
use crate::server::ConnectionState;

/// Text with the field setters of a JSON object, without the formatting machinery, which would cost more than
/// all the rest of a line.
struct Line<'o>(&'o mut String);

impl Line<'_> {
    fn key(&mut self, key: &str) {
        self.0.push_str(",\"");
        self.0.push_str(key);
        self.0.push_str("\":");
    }

    fn number(&mut self, key: &str, value: u64) {
        self.key(key);
        digits(self.0, value, 1);
    }

    fn text(&mut self, key: &str, value: &str) {
        self.key(key);
        self.0.push('"');
        escape(self.0, value);
        self.0.push('"');
    }

    /// For what has no cheaper form. Writing to a `String` cannot fail.
    fn shown(&mut self, key: &str, value: impl Display) {
        self.key(key);
        let _ = write!(self.0, "\"{value}\"");
    }

    fn hexadecimal(&mut self, key: &str, value: u128) {
        self.key(key);
        self.0.push('"');
        for shift in (0..32).rev() {
            let digit = u32::try_from((value >> (shift * 4)) & 0xf).unwrap_or_default();
            self.0.push(char::from_digit(digit, 16).unwrap_or_default());
        }
        self.0.push('"');
    }

    fn address(&mut self, key: &str, address: IpAddr) {
        let IpAddr::V4(address) = address else { return self.shown(key, address) };
        self.key(key);
        let mut separator = '"';
        for octet in address.octets() {
            self.0.push(separator);
            digits(self.0, u64::from(octet), 1);
            separator = '.';
        }
        self.0.push('"');
    }

    fn millis(&mut self, key: &str, time: Duration) {
        self.key(key);
        let micros = u64::try_from(time.as_micros()).unwrap_or(u64::MAX);
        digits(self.0, micros / 1000, 1);
        self.0.push('.');
        digits(self.0, micros % 1000, 3);
    }
}

/// A number in decimal digits, at least so many of them.
fn digits(out: &mut String, value: u64, at_least: u32) {
    let mut power = 1_u64;
    let mut count = 1;
    while count < at_least || value / power >= 10 {
        power = power.saturating_mul(10);
        count += 1;
    }
    while power > 0 {
        let digit = u32::try_from(value / power % 10).unwrap_or_default();
        out.push(char::from_digit(digit, 10).unwrap_or_default());
        power /= 10;
    }
}

/// Escapes as RFC 8259, section 7 asks.
fn escape(out: &mut String, text: &str) {
    if text.bytes().all(|b| b >= b' ' && b != b'"' && b != b'\\' && b != 0x7f) {
        out.push_str(text);
        return;
    }
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            c if c < ' ' || c == '\u{7f}' => {
                let _ = write!(out, "\\u{:04x}", u32::from(c));
            }
            c => out.push(c),
        }
    }
}

/// Writes `{"ts":"…","edge":"…"`.
fn begin(out: &mut String, edge: &EdgeName) {
    let now = now();
    let seconds = now.as_secs();
    let (year, month, day) = civil(seconds / 86_400);
    out.push_str("{\"ts\":\"");
    for (value, width, end) in [
        (year, 4, '-'),
        (month, 2, '-'),
        (day, 2, 'T'),
        (seconds / 3600 % 24, 2, ':'),
        (seconds / 60 % 60, 2, ':'),
        (seconds % 60, 2, '.'),
        (u64::from(now.subsec_millis()), 3, 'Z'),
    ] {
        digits(out, value, width);
        out.push(end);
    }
    out.push('"');
    Line(out).text("edge", edge.as_str());
}

/// The date of a day after 1970-01-01 (Hinnant, "chrono-compatible low-level date algorithms").
fn civil(days: u64) -> (u64, u64, u64) {
    let shifted = days + 719_468;
    let era = shifted / 146_097;
    let day_of_era = shifted % 146_097;
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    (year_of_era + era * 400 + u64::from(month <= 2), month, day)
}

fn protocol(version: Version) -> &'static str {
    match version {
        Version::HTTP_2 => "h2",
        Version::HTTP_10 => "http/1.0",
        _ => "http/1.1",
    }
}

/// The line of a request.
pub(super) fn request(out: &mut String, edge: &EdgeName, draft: &Draft, sent: u64, whole: bool) {
    let context = &draft.context;
    begin(out, edge);
    let mut line = Line(out);
    line.address("client", context.client);
    line.text("method", draft.method.as_str());
    if let Some(host) = &context.host {
        line.text("host", &String::from_utf8_lossy(host.as_bytes()));
    }
    line.text("path", draft.target.path());
    line.number("status", draft.failure.map_or(u64::from(draft.status.as_u16()), log_status));
    line.number("bytes", sent);
    line.millis("ms", context.started.elapsed());
    identity(&mut line, &context.request_id);
    line.hexadecimal("trace_id", context.trace.trace_id);
    line.text("proto", protocol(context.version));
    let upstream = context.upstream;
    if let Some(target) = upstream.target {
        line.shown("target", target);
    }
    if upstream.attempts > 0 {
        line.number("attempts", u64::from(upstream.attempts));
    }
    if let Some(time) = upstream.time {
        line.millis("upstream_ms", time);
    }
    if let Some(agent) = &draft.user_agent {
        line.text("agent", &String::from_utf8_lossy(agent.as_bytes()));
    }
    end(line, draft.failure, whole);
}

/// The line of a message that never was a request.
pub(super) fn refusal(
    out: &mut String,
    edge: &EdgeName,
    connection: &ConnectionState,
    failure: Failure,
    id: &RequestId,
    sent: u64,
) {
    begin(out, edge);
    let mut line = Line(out);
    line.address("client", connection.peer.ip());
    line.number("status", log_status(failure));
    line.number("bytes", sent);
    identity(&mut line, id);
    end(line, Some(failure), true);
}

fn identity(line: &mut Line<'_>, id: &RequestId) {
    match id {
        RequestId::Made(bits) => line.hexadecimal("request_id", *bits),
        RequestId::Given(_) => line.text("request_id", &id.to_string()),
    }
}

fn end(mut line: Line<'_>, failure: Option<Failure>, whole: bool) {
    if let Some(fault) = failure.map(Failure::fault) {
        line.text("fault", fault.as_str());
    }
    if let Some(reason) = failure.and_then(Failure::reason) {
        line.text("reason", reason);
    }
    if !whole {
        line.0.push_str(",\"whole\":false");
    }
    line.0.push_str("}\n");
}

fn log_status(failure: Failure) -> u64 {
    if failure == Failure::ClientGone { 499 } else { u64::from(failure.status().as_u16()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_become_dates() {
        assert_eq!(civil(0), (1970, 1, 1));
        assert_eq!(civil(11_016), (2000, 2, 29));
        assert_eq!(civil(20_778), (2026, 11, 21));
    }

    #[test]
    fn numbers_have_their_digits() {
        for (value, width, expected) in [
            (0, 1, "0"),
            (7, 3, "007"),
            (10, 1, "10"),
            (999, 1, "999"),
            (u64::MAX, 1, "18446744073709551615"),
        ] {
            let mut out = String::new();
            digits(&mut out, value, width);
            assert_eq!(out, expected);
        }
        let mut out = String::new();
        Line(&mut out).hexadecimal("a", 0xabc);
        Line(&mut out).address("b", IpAddr::from([127, 0, 0, 1]));
        Line(&mut out).millis("c", Duration::from_micros(1_234_005));
        assert_eq!(out, r#","a":"00000000000000000000000000000abc","b":"127.0.0.1","c":1234.005"#);
    }

    #[test]
    fn text_cannot_break_out_of_its_line() {
        let mut out = String::new();
        escape(&mut out, "a\"b\\c\nd\u{7f}é");
        assert_eq!(out, "a\\\"b\\\\c\\u000ad\\u007fé");
    }
}
