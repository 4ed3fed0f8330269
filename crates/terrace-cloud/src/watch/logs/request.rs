//! What names a request on its way through the tiers.
//!
//! `X-Request-Id`; the trace of a `traceparent` (W3C Trace Context); the root of `X-Amzn-Trace-Id` ("Request
//! tracing for your Application Load Balancer").

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use serde_json::Value as Json;

/// Shorter ones would be found in lines that are not about them; longer ones are no identifiers.
const LENGTH: std::ops::RangeInclusive<usize> = 6..=128;
/// Deeper than any log's line.
const DEEPEST: usize = 6;

/// An identifier that a request carries.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct RequestId(String);

/// Why a text is no identifier of a request.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is no request: 6 to 128 letters, digits and `-_=:.+/` were expected, as a log's `request_id` has them, or the header \
     X-Request-Id, traceparent or X-Amzn-Trace-Id"
)]
pub struct RequestIdError(String);

impl RequestId {
    /// Its text, as it stands in logs.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Those that a line gives a request beside each other, if it is JSON: a request's and its trace's.
    pub(super) fn within(line: &str) -> BTreeSet<Self> {
        let mut found = BTreeSet::new();
        if line.trim_start().starts_with('{')
            && let Ok(json) = serde_json::from_str::<Json>(line)
        {
            gather(&json, 0, &mut found);
        }
        found
    }
}

fn gather(json: &Json, depth: usize, found: &mut BTreeSet<RequestId>) {
    let names = ["requestid", "xrequestid", "traceid", "traceparent", "xamzntraceid", "amzntraceid"];
    let Some(fields) = json.as_object().filter(|_| depth < DEEPEST) else { return };
    for (name, value) in fields {
        let plain: String = name.chars().filter(char::is_ascii_alphanumeric).collect();
        match value {
            Json::String(text) if names.contains(&plain.to_ascii_lowercase().as_str()) => {
                found.extend(text.parse());
            }
            Json::Object(_) => gather(value, depth + 1, found),
            _ => {}
        }
    }
}

impl FromStr for RequestId {
    type Err = RequestIdError;

    fn from_str(text: &str) -> Result<Self, RequestIdError> {
        let text = text.trim();
        let own = trace(text).or_else(|| root(text)).unwrap_or(text);
        let good = |one: char| one.is_ascii_alphanumeric() || "-_=:.+/".contains(one);
        // `-` and `000000` name nothing.
        let means = own.chars().any(|one| one.is_ascii_alphanumeric() && one != '0');
        if LENGTH.contains(&own.len()) && own.chars().all(good) && means {
            Ok(Self(own.to_owned()))
        } else {
            Err(RequestIdError(text.chars().take(80).collect()))
        }
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The trace of `00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01`.
fn trace(text: &str) -> Option<&str> {
    let parts: Vec<&str> = text.split('-').collect();
    let [version, trace, parent, flags] = parts.as_slice() else { return None };
    let hex =
        |part: &str, length: usize| part.len() == length && part.bytes().all(|byte| byte.is_ascii_hexdigit());
    (hex(version, 2) && hex(trace, 32) && hex(parent, 16) && hex(flags, 2)).then_some(*trace)
}

/// The root of `Self=1-…;Root=1-67891233-abcdef012345678912345678`.
fn root(text: &str) -> Option<&str> {
    text.split(';').find_map(|part| part.trim().strip_prefix("Root="))
}
