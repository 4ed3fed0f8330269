//! One log group, a page at a time.

use std::collections::VecDeque;

use serde_json::{Value as Json, json};
use terrace_account::{Account, Call, service};

use super::{Line, Source, Wanted};
use crate::watch::{Time, WatchError};

/// The interface's name, and its version of JSON.
const TARGET: (&str, &str) = ("Logs_20140328", "1.1");

/// How far a log group has been read.
#[derive(Debug)]
pub(super) struct Cursor {
    source: Source,
    page: VecDeque<Line>,
    token: Option<String>,
    end: End,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    NotYet,
    Reached,
    /// There is no such group.
    Absent,
}

impl Cursor {
    pub(super) fn new(source: Source) -> Self {
        Self { source, page: VecDeque::new(), token: None, end: End::NotYet }
    }

    pub(super) fn source(&self) -> &Source {
        &self.source
    }

    pub(super) fn is_absent(&self) -> bool {
        self.end == End::Absent
    }

    /// Whether nobody knows what its next line is.
    pub(super) fn is_thirsty(&self) -> bool {
        self.page.is_empty() && self.end == End::NotYet
    }

    /// When its next line was written.
    pub(super) fn at(&self) -> Option<Time> {
        self.page.front().map(|line| line.at)
    }

    pub(super) fn take(&mut self) -> Option<Line> {
        self.page.pop_front()
    }

    /// Reads the next page, which may be empty; tells when CloudWatch answered.
    pub(super) async fn fetch(
        &mut self,
        account: &Account,
        wanted: &Wanted,
    ) -> Result<Option<Time>, WatchError> {
        let group = self.source.group.as_str();
        let mut fields = json!({"logGroupName": group, "startTime": wanted.since.millis()});
        if let Some(fields) = fields.as_object_mut() {
            fields.extend(wanted.until.map(|until| ("endTime".to_owned(), until.millis().into())));
            fields.extend(
                wanted.matching.pattern().map(|pattern| ("filterPattern".to_owned(), pattern.into())),
            );
            fields.extend(self.token.clone().map(|token| ("nextToken".to_owned(), token.into())));
        }
        let call = Call::json(service::LOGS, TARGET, "FilterLogEvents", fields);
        let answer = match account.answer(&call).await {
            Ok(answer) => answer,
            Err(refusal) if refusal.code().contains("ResourceNotFound") => {
                self.end = End::Absent;
                return Ok(None);
            }
            Err(refusal) => return Err(WatchError::new(format!("reading the log group {group}"), refusal)),
        };
        let text = answer.text();
        // What is no JSON has no lines and no more pages; nothing that CloudWatch answers is.
        let page: Json = serde_json::from_str(&text).unwrap_or_default();
        let events = page.get("events").and_then(Json::as_array).map(Vec::as_slice).unwrap_or_default();
        let lines = events.iter().filter_map(|event| line(event, &self.source.party));
        self.page.extend(lines.filter(|line| wanted.matching.holds(&line.message)));
        let token = page.get("nextToken").and_then(Json::as_str).filter(|token| !token.is_empty());
        // A token that comes back the same would turn for ever.
        let token = token.filter(|token| self.token.as_deref() != Some(*token)).map(str::to_owned);
        if token.is_none() {
            self.end = End::Reached;
        }
        self.token = token;
        let date = answer.header("date").and_then(|date| httpdate::parse_http_date(date).ok());
        Ok(date.map(Time::of))
    }
}

fn line(event: &Json, party: &str) -> Option<Line> {
    let word = |name: &str| event.get(name).and_then(Json::as_str).unwrap_or_default();
    let at = Time::of_millis(event.get("timestamp").and_then(Json::as_u64)?);
    let (stream, message) = (word("logStreamName"), word("message").trim_end_matches(['\n', '\r']));
    let id = match word("eventId") {
        "" => format!("{stream} {at} {message}"),
        id => id.to_owned(),
    };
    Some(Line { at, party: party.to_owned(), stream: stream.to_owned(), message: message.to_owned(), id })
}
