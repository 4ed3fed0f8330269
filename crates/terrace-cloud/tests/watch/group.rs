//! Log groups as CloudWatch keeps them: pages of any size, some of them empty, lines that arrive late, calls
//! that are throttled.

use std::collections::BTreeMap;
use std::time::{Duration, UNIX_EPOCH};

use serde_json::{Value as Json, json};

use crate::server::{Answer, Asked};

/// A line, and with the how-many-th look at its group it can be found.
#[derive(Clone, Debug)]
pub(crate) struct Event {
    pub(crate) at: u64,
    pub(crate) message: String,
    pub(crate) from_look: u64,
}

/// Plays `logs:FilterLogEvents`.
pub(crate) struct Groups {
    pub(crate) groups: BTreeMap<String, Vec<Event>>,
    /// How many lines a page has; an empty one follows each.
    pub(crate) page: usize,
    /// Each so many-th call is throttled; none at 0.
    pub(crate) throttled: u64,
    /// CloudWatch's clock at the first look, and how far on it is with each look.
    pub(crate) clock: (u64, u64),
    calls: u64,
    looks: BTreeMap<String, u64>,
}

impl Groups {
    pub(crate) fn new(groups: BTreeMap<String, Vec<Event>>, page: usize) -> Self {
        Self { groups, page, throttled: 0, clock: (1_000_000, 2_000), calls: 0, looks: BTreeMap::new() }
    }

    pub(crate) fn play(&mut self, asked: &Asked) -> Answer {
        assert_eq!(asked.call, "logs:FilterLogEvents");
        self.calls += 1;
        if self.throttled > 0 && self.calls.is_multiple_of(self.throttled) {
            return (
                400,
                String::new(),
                r#"{"__type":"ThrottlingException","message":"Rate exceeded"}"#.to_owned(),
            );
        }
        let fields: Json = serde_json::from_str(&asked.body).unwrap();
        let group = fields["logGroupName"].as_str().unwrap();
        let Some(events) = self.groups.get(group) else {
            return (
                400,
                String::new(),
                r#"{"__type":"ResourceNotFoundException","message":"no group"}"#.to_owned(),
            );
        };
        let token = fields["nextToken"].as_str().map(|token| token.parse::<usize>().unwrap());
        let look = self.looks.entry(group.to_owned()).or_default();
        *look += u64::from(token.is_none());
        let number = |name: &str| fields[name].as_u64();
        let pattern = fields["filterPattern"].as_str().map(|pattern| {
            let inner = pattern.strip_prefix('%').and_then(|rest| rest.strip_suffix('%')).unwrap();
            regex::Regex::new(inner).unwrap()
        });
        let mut found: Vec<(usize, &Event)> = events.iter().enumerate().collect();
        found.retain(|(_, one)| {
            one.from_look <= *look
                && number("startTime").is_none_or(|start| one.at >= start)
                && number("endTime").is_none_or(|end| one.at <= end)
                && pattern.as_ref().is_none_or(|pattern| pattern.is_match(&one.message))
        });
        found.sort_by_key(|(_, one)| one.at);
        // An even token is a page; an odd one the empty page before the next.
        let step = token.unwrap_or_default();
        let from = if step.is_multiple_of(2) { step / 2 * self.page } else { found.len() };
        let some: Vec<Json> = found
            .iter()
            .skip(from)
            .take(self.page)
            .map(|(index, one)| {
                json!({"eventId": format!("{group}-{index}"), "timestamp": one.at, "ingestionTime": one.at,
                    "logStreamName": "app/app/7412", "message": format!("{}\n", one.message)})
            })
            .collect();
        let more = (step / 2 + 1) * self.page < found.len();
        let mut answer = json!({"events": some, "searchedLogStreams": []});
        if more || !step.is_multiple_of(2) {
            answer["nextToken"] = json!((step + 1).to_string());
        }
        let now = UNIX_EPOCH + Duration::from_millis(self.clock.0 + *look * self.clock.1);
        (200, httpdate::fmt_http_date(now), answer.to_string())
    }
}
