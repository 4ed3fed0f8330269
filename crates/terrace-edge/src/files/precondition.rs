//! Conditional requests in the order that RFC 9110, section 13.2.2 sets.

use std::time::{Duration, SystemTime};

use http::header::{IF_MATCH, IF_MODIFIED_SINCE, IF_NONE_MATCH, IF_RANGE, IF_UNMODIFIED_SINCE};
use http::{HeaderMap, HeaderName, HeaderValue};

/// What a client can compare: the strong entity tag and the time of the last change, in whole seconds.
#[derive(Clone, Copy, Debug)]
pub(super) struct Validators<'v> {
    pub(super) etag: &'v HeaderValue,
    pub(super) modified: SystemTime,
}

/// What the conditions of a request for reading come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// Go on.
    Proceed,
    /// 304.
    NotModified,
    /// 412.
    Failed,
}

/// Weighs all conditions but `If-Range`.
pub(super) fn evaluate(headers: &HeaderMap, validators: Validators<'_>) -> Outcome {
    if headers.contains_key(IF_MATCH) {
        if !any_tag(headers, &IF_MATCH, validators.etag, false) {
            return Outcome::Failed;
        }
    } else if let Some(since) = date(headers, &IF_UNMODIFIED_SINCE)
        && seconds(validators.modified) > seconds(since)
    {
        return Outcome::Failed;
    }
    if headers.contains_key(IF_NONE_MATCH) {
        if any_tag(headers, &IF_NONE_MATCH, validators.etag, true) {
            return Outcome::NotModified;
        }
    } else if let Some(since) = date(headers, &IF_MODIFIED_SINCE)
        && seconds(validators.modified) <= seconds(since)
    {
        return Outcome::NotModified;
    }
    Outcome::Proceed
}

/// Whether a range may be answered with a part: there is no `If-Range`, or it names what there is.
pub(super) fn range_holds(headers: &HeaderMap, validators: Validators<'_>) -> bool {
    let Some(value) = headers.get(IF_RANGE) else { return true };
    if value.as_bytes().starts_with(b"\"") {
        return value == validators.etag;
    }
    // A date must match exactly, and a weak tag never does (section 13.1.5).
    date(headers, &IF_RANGE).is_some_and(|date| seconds(date) == seconds(validators.modified))
}

fn date(headers: &HeaderMap, name: &HeaderName) -> Option<SystemTime> {
    let mut values = headers.get_all(name).iter();
    let (value, None) = (values.next()?, values.next()) else { return None };
    httpdate::parse_http_date(value.to_str().ok()?).ok()
}

fn seconds(time: SystemTime) -> u64 {
    time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or(Duration::ZERO).as_secs()
}

/// Whether a list of entity tags has this one, or is `*`.
fn any_tag(headers: &HeaderMap, name: &HeaderName, etag: &HeaderValue, weakly: bool) -> bool {
    headers.get_all(name).iter().any(|list| {
        let mut rest = list.as_bytes().trim_ascii();
        if rest == b"*" {
            return true;
        }
        // Tags may contain commas, so the list is read tag by tag.
        loop {
            rest = rest.trim_ascii_start();
            while let Some(after) = rest.strip_prefix(b",") {
                rest = after.trim_ascii_start();
            }
            let (weak, opaque) = match rest.strip_prefix(b"W/") {
                Some(opaque) => (true, opaque),
                None => (false, rest),
            };
            let Some(inside) = opaque.strip_prefix(b"\"") else { return false };
            let Some(end) = memchr::memchr(b'"', inside) else { return false };
            let length = end.saturating_add(2);
            if opaque.get(..length) == Some(etag.as_bytes()) && (weakly || !weak) {
                return true;
            }
            rest = opaque.get(length..).unwrap_or_default();
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome(fields: &[(HeaderName, &str)]) -> Outcome {
        let mut headers = HeaderMap::new();
        for (name, value) in fields {
            headers.append(name.clone(), value.parse().unwrap());
        }
        let etag = HeaderValue::from_static("\"a,b\"");
        let modified = httpdate::parse_http_date("Sat, 21 Nov 2026 10:00:00 GMT").unwrap();
        evaluate(&headers, Validators { etag: &etag, modified: modified + Duration::from_millis(500) })
    }

    #[test]
    fn conditions_are_weighed_in_order() {
        let at = "Sat, 21 Nov 2026 10:00:00 GMT";
        let before = "Sat, 21 Nov 2026 09:59:59 GMT";
        for (fields, expected) in [
            (vec![(IF_NONE_MATCH, "\"x\", W/\"a,b\"")], Outcome::NotModified),
            (vec![(IF_NONE_MATCH, "*")], Outcome::NotModified),
            (vec![(IF_NONE_MATCH, "\"a\", \"b\"")], Outcome::Proceed),
            (vec![(IF_NONE_MATCH, "\"x\""), (IF_MODIFIED_SINCE, at)], Outcome::Proceed),
            (vec![(IF_MODIFIED_SINCE, at)], Outcome::NotModified),
            (vec![(IF_MODIFIED_SINCE, before)], Outcome::Proceed),
            (vec![(IF_MODIFIED_SINCE, "yesterday")], Outcome::Proceed),
            (vec![(IF_MATCH, "\"a,b\"")], Outcome::Proceed),
            (vec![(IF_MATCH, "W/\"a,b\"")], Outcome::Failed),
            (vec![(IF_MATCH, "\"x\""), (IF_UNMODIFIED_SINCE, at)], Outcome::Failed),
            (vec![(IF_MATCH, "\"a,b\""), (IF_UNMODIFIED_SINCE, before)], Outcome::Proceed),
            (vec![(IF_UNMODIFIED_SINCE, before)], Outcome::Failed),
            (vec![(IF_UNMODIFIED_SINCE, at)], Outcome::Proceed),
            (vec![(IF_NONE_MATCH, "garbage")], Outcome::Proceed),
        ] {
            assert_eq!(outcome(&fields), expected, "{fields:?}");
        }
    }
}
