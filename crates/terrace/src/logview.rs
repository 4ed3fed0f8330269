//! Log lines as people read them: each with the coloured name of who wrote it.

use std::collections::BTreeMap;
use std::fmt::Display;

use regex::Regex;
use serde_json::{Map, Value};
use terrace_run::logs::{LogLine, Stream};

use crate::style::{ERROR, PARTIES, QUIET, WARNING, paint};

/// Turns log lines into text.
#[derive(Debug, Default)]
pub(crate) struct LogView {
    colours: BTreeMap<String, usize>,
    width: usize,
    times: bool,
    grep: Option<Regex>,
}

impl LogView {
    /// A view whose names are set at least as wide as the longest of `names`.
    pub(crate) fn new<'a>(names: impl Iterator<Item = &'a str>) -> Self {
        let mut view = Self::default();
        for name in names {
            view.colour(name);
            view.width = view.width.max(name.len() + 2);
        }
        view
    }

    /// Shows when each line was written.
    pub(crate) fn times(mut self, times: bool) -> Self {
        self.times = times;
        self
    }

    /// Shows only lines that match.
    pub(crate) fn grep(mut self, grep: Option<Regex>) -> Self {
        self.grep = grep;
        self
    }

    /// Sets names as wide as those of all these lines need.
    pub(crate) fn fit<'a>(&mut self, lines: impl Iterator<Item = &'a LogLine>) {
        let widest = lines.map(|line| line.instance.to_string().len()).max();
        self.width = self.width.max(widest.unwrap_or_default());
    }

    /// Whether lines are chosen by a pattern.
    pub(crate) fn greps(&self) -> bool {
        self.grep.is_some()
    }

    /// Whether a line is to be shown.
    pub(crate) fn wants(&self, line: &LogLine) -> bool {
        self.matches(&line.text)
    }

    /// Whether a line with this text is to be shown.
    pub(crate) fn matches(&self, text: &str) -> bool {
        self.grep.as_ref().is_none_or(|grep| grep.is_match(text))
    }

    /// The line as text, with styles, without an end.
    pub(crate) fn render(&mut self, line: &LogLine) -> String {
        let (name, process) = (line.instance.to_string(), line.instance.process.as_str());
        match line.stream {
            Stream::Terrace => self.line((&name, process), &line.time(), &paint(QUIET, &line.text)),
            Stream::Out | Stream::Err => self.said((&name, process), &line.time(), &line.text),
        }
    }

    /// The same of something that a process said: who, of which of them (its colour), when, and what.
    pub(crate) fn said(&mut self, who: (&str, &str), time: &impl Display, text: &str) -> String {
        let short = object(text).and_then(|fields| request(&fields).or_else(|| structured(fields)));
        self.line(who, time, short.as_deref().unwrap_or(text))
    }

    fn line(&mut self, (name, process): (&str, &str), time: &impl Display, text: &str) -> String {
        self.width = self.width.max(name.len());
        let width = self.width;
        let style = PARTIES.get(self.colour(process) % PARTIES.len()).copied();
        let head = paint(style.unwrap_or_default(), format!("{name:<width$} │"));
        let time = match self.times {
            true => format!("{} ", paint(QUIET, time)),
            false => String::new(),
        };
        format!("{time}{head} {text}")
    }

    fn colour(&mut self, process: &str) -> usize {
        let next = self.colours.len();
        *self.colours.entry(process.to_owned()).or_insert(next)
    }
}

/// Whether the line is one request of an edge's access log.
pub(crate) fn is_request(line: &LogLine) -> bool {
    tells_request(&line.text)
}

/// Whether a text is one request of an edge's access log.
pub(crate) fn tells_request(text: &str) -> bool {
    text.starts_with("{\"ts\":") && text.contains("\"edge\":")
}

/// The fields of a line that is a JSON object.
fn object(text: &str) -> Option<Map<String, Value>> {
    if text.starts_with('{') { serde_json::from_str(text).ok() } else { None }
}

/// An edge's line of one request, short: `200 GET /api/items 1.2 ms`.
fn request(line: &Map<String, Value>) -> Option<String> {
    line.get("edge")?;
    let word = |key: &str| line.get(key).and_then(Value::as_str).unwrap_or("-");
    let status = line.get("status").and_then(Value::as_u64)?;
    let style = match status {
        500.. => ERROR,
        400.. => WARNING,
        _ => anstyle::Style::new(),
    };
    let ms = line.get("ms").and_then(Value::as_f64).unwrap_or_default();
    let to =
        line.get("target").and_then(Value::as_str).map(|target| format!(" → {target}")).unwrap_or_default();
    let why =
        line.get("failure").and_then(Value::as_str).map(|failure| format!(" {failure}")).unwrap_or_default();
    let rest = paint(QUIET, format!("{ms:.1} ms{to}{why}"));
    Some(format!("{} {} {} {rest}", paint(style, status), word("method"), word("path")))
}

/// A structured line of an app, as loggers of many languages write them: its message first, the rest as `key=value`.
/// Its own time is left out: the line has one already.
fn structured(mut line: Map<String, Value>) -> Option<String> {
    let mut take = |names: &[&str]| names.iter().find_map(|name| line.remove(*name));
    let Some(Value::String(message)) = take(&["message", "msg", "event"]) else { return None };
    let _ = take(&["timestamp", "time", "ts", "@timestamp"]);
    let level = take(&["level", "severity", "levelname", "lvl"]);
    let level = level.as_ref().and_then(Value::as_str).unwrap_or_default().to_ascii_uppercase();
    let level = match level.as_str() {
        "" => String::new(),
        "ERROR" | "FATAL" | "CRITICAL" | "PANIC" => paint(ERROR, format!("{level} ")),
        "WARN" | "WARNING" => paint(WARNING, format!("{level} ")),
        _ => paint(QUIET, format!("{level} ")),
    };
    let mut rest = String::new();
    for (key, value) in &line {
        match value {
            Value::String(text) if !text.contains([' ', '"']) => rest.push_str(&format!(" {key}={text}")),
            other => rest.push_str(&format!(" {key}={other}")),
        }
    }
    Some(format!("{level}{message}{}", paint(QUIET, rest)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use terrace_local::ProcessName;
    use terrace_run::Instance;

    fn line(process: &str, replica: u16, text: &str) -> LogLine {
        LogLine {
            at: 1_790_000_000_000,
            instance: Instance {
                process: ProcessName::new(process).unwrap(),
                replica: std::num::NonZeroU16::new(replica),
            },
            stream: Stream::Out,
            text: text.to_owned(),
        }
    }

    #[test]
    fn lines_carry_their_names_and_requests_are_short() {
        let mut view = LogView::new(["app", "web"].into_iter()).grep(Some(Regex::new("e").unwrap()));
        let request = r#"{"ts":"x","edge":"web","method":"GET","path":"/","status":200,"ms":0.34}"#;
        let said = r#"{"time":"x","level":"info","msg":"here","n":1,"to":"you"}"#;
        let lines =
            [line("app", 2, "hello"), line("app", 1, said), line("web", 0, request), line("web", 0, "no")];
        assert!(is_request(&lines[2]) && !is_request(&lines[1]));
        let mut shown = Vec::new();
        for line in &lines {
            if view.wants(line) {
                shown.push(anstream::adapter::strip_str(&view.render(line)).to_string());
            }
        }
        assert_eq!(shown, ["app-2 │ hello", "app-1 │ INFO here n=1 to=you", "web   │ 200 GET / 0.3 ms"]);
    }
}
