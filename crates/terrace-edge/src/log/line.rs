//! The text of one log line. Fields: ts (RFC 3339, UTC), edge, client, method, host, path, status, bytes, ms,
//! request_id, trace_id, proto, and where they apply target, upstream_ms, attempts, fault, failure, whole, agent.

use std::fmt::{Display, Write as _};
use std::time::Duration;

use http::Version;
use terrace_edge_config::EdgeName;

use super::{Draft, fault, now};
use crate::context::RequestId;
use crate::failure::Failure;
use crate::server::ConnectionState;

/// Text with the field setters of a JSON object. Writing to a `String` cannot fail, so results are let go.
struct Line<'o>(&'o mut String);

impl Line<'_> {
    fn number(&mut self, key: &str, value: impl Display) {
        let _ = write!(self.0, ",\"{key}\":{value}");
    }

    /// Text known to need no escapes.
    fn plain(&mut self, key: &str, value: impl Display) {
        let _ = write!(self.0, ",\"{key}\":\"{value}\"");
    }

    fn text(&mut self, key: &str, value: &str) {
        let _ = write!(self.0, ",\"{key}\":\"");
        escape(self.0, value);
        self.0.push('"');
    }

    fn millis(&mut self, key: &str, time: Duration) {
        let micros = time.as_micros();
        let _ = write!(self.0, ",\"{key}\":{}.{:03}", micros / 1000, micros % 1000);
    }
}

/// Escapes as RFC 8259, section 7 asks.
fn escape(out: &mut String, text: &str) {
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
    let (hour, minute, second) = (seconds / 3600 % 24, seconds / 60 % 60, seconds % 60);
    let _ = write!(
        out,
        "{{\"ts\":\"{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{:03}Z\",\"edge\":\"{edge}\"",
        now.subsec_millis(),
    );
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
    line.plain("client", context.client);
    line.plain("method", &draft.method);
    if let Some(host) = &context.host {
        line.text("host", &String::from_utf8_lossy(host.as_bytes()));
    }
    line.text("path", draft.target.path());
    line.number("status", draft.failure.map_or(draft.status.as_u16(), log_status));
    line.number("bytes", sent);
    line.millis("ms", context.started.elapsed());
    line.plain("request_id", &context.request_id);
    line.plain("trace_id", format_args!("{:032x}", context.trace.trace_id));
    line.plain("proto", protocol(context.version));
    let upstream = context.upstream;
    if let Some(target) = upstream.target {
        line.plain("target", target);
    }
    if upstream.attempts > 0 {
        line.number("attempts", upstream.attempts);
    }
    if let Some(time) = upstream.time {
        line.millis("upstream_ms", time);
    }
    end(line, draft.failure, whole);
    if let Some(agent) = &draft.user_agent {
        out.truncate(out.trim_end_matches("}\n").len());
        Line(out).text("agent", &String::from_utf8_lossy(agent.as_bytes()));
        out.push_str("}\n");
    }
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
    line.plain("client", connection.peer.ip());
    line.number("status", log_status(failure));
    line.number("bytes", sent);
    line.plain("request_id", id);
    end(line, Some(failure), true);
}

fn end(mut line: Line<'_>, failure: Option<Failure>, whole: bool) {
    if let Some(fault) = fault(failure) {
        line.plain("fault", fault.as_str());
    }
    if let Some(reason) = failure.and_then(Failure::reason) {
        line.text("reason", reason);
    }
    if !whole {
        line.number("whole", false);
    }
    line.0.push_str("}\n");
}

fn log_status(failure: Failure) -> u16 {
    if failure == Failure::ClientGone { 499 } else { failure.status().as_u16() }
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
    fn text_cannot_break_out_of_its_line() {
        let mut out = String::new();
        escape(&mut out, "a\"b\\c\nd\u{7f}é");
        assert_eq!(out, "a\\\"b\\\\c\\u000ad\\u007fé");
    }
}
