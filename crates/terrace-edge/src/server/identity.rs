//! The names a request carries through the logs: its request id and its trace (W3C Trace Context, level 1).
//!
//! Names are random but no secrets: the generator is fast and seeded per thread by the system.

use std::cell::Cell;
use std::hash::{BuildHasher, Hasher, RandomState};

use http::{HeaderMap, HeaderName, HeaderValue};
use terrace_edge_config::Peer;

use crate::context::{RequestId, Trace};

/// `X-Request-Id`.
pub(crate) const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// `traceparent`.
pub(crate) const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");

thread_local! {
    static STATE: Cell<u64> = Cell::new(RandomState::new().build_hasher().finish());
}

/// 64 random bits, never zero (SplitMix64).
fn random() -> u64 {
    STATE.with(|state| {
        let next = state.get().wrapping_add(0x9e37_79b9_7f4a_7c15);
        state.set(next);
        let mixed = (next ^ (next >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)).max(1)
    })
}

fn random_wide() -> u128 {
    (u128::from(random()) << 64) | u128::from(random())
}

/// The request id: a trusted peer's if it is sound, else a new one.
pub(crate) fn request_id(headers: &HeaderMap, trust: Peer) -> RequestId {
    if trust == Peer::Edge
        && let Some(given) = headers.get(X_REQUEST_ID)
        && is_sound_id(given)
    {
        return RequestId::Given(given.clone());
    }
    RequestId::Made(random_wide())
}

fn is_sound_id(value: &HeaderValue) -> bool {
    (1..=128).contains(&value.len())
        && value.as_bytes().iter().all(|b| b.is_ascii_alphanumeric() || b"-_.=+/:".contains(b))
}

/// The trace: the caller's if it can be read, with a new span in it; else a new, unsampled one.
pub(crate) fn trace(headers: &HeaderMap) -> Trace {
    let mut given = headers.get_all(TRACEPARENT).iter();
    if let (Some(value), None) = (given.next(), given.next())
        && let Some((trace_id, flags)) = read_traceparent(value.as_bytes())
    {
        return Trace { trace_id, span_id: random(), flags };
    }
    Trace { trace_id: random_wide(), span_id: random(), flags: 0 }
}

/// `version "-" trace-id "-" parent-id "-" flags`, all lower-case hexadecimal.
fn read_traceparent(value: &[u8]) -> Option<(u128, u8)> {
    let text = std::str::from_utf8(value).ok()?;
    if text.bytes().any(|b| b.is_ascii_uppercase()) {
        return None;
    }
    let mut parts = text.split('-');
    let version = hexadecimal(parts.next()?, 2)?;
    let trace_id = hexadecimal(parts.next()?, 32)?;
    let parent_id = hexadecimal(parts.next()?, 16)?;
    let flags = hexadecimal(parts.next()?, 2)?;
    // Later versions may say more after the flags; version 00 does not.
    if version == 0xff || trace_id == 0 || parent_id == 0 || (version == 0 && parts.next().is_some()) {
        return None;
    }
    Some((trace_id, u8::try_from(flags).ok()? & 1))
}

fn hexadecimal(digits: &str, length: usize) -> Option<u128> {
    if digits.len() != length || !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
        return None;
    }
    u128::from_str_radix(digits, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_sound_traceparent_is_carried_on() {
        let id = "4bf92f3577b34da6a3ce929d0e0e4736";
        let sound = format!("00-{id}-00f067aa0ba902b7-01");
        assert_eq!(read_traceparent(sound.as_bytes()), Some((0x4bf9_2f35_77b3_4da6_a3ce_929d_0e0e_4736, 1)));
        for bad in [
            sound.to_uppercase(),
            format!("ff-{id}-00f067aa0ba902b7-01"),
            format!("00-{id}-0000000000000000-01"),
            format!("00-{}-00f067aa0ba902b7-01", "0".repeat(32)),
            format!("00-{id}-00f067aa0ba902b7-01-x"),
            format!("00-{id}-00f067aa0ba902b7"),
            format!("00-+{}-00f067aa0ba902b7-01", "1".repeat(31)),
        ] {
            assert_eq!(read_traceparent(bad.as_bytes()), None, "{bad}");
        }
    }

    #[test]
    fn a_request_id_is_believed_only_from_an_edge() {
        let mut headers = HeaderMap::new();
        headers.insert(X_REQUEST_ID, HeaderValue::from_static("abc-1"));
        assert_eq!(request_id(&headers, Peer::Edge).to_string(), "abc-1");
        assert_eq!(request_id(&headers, Peer::Public).to_string().len(), 32);
        headers.insert(X_REQUEST_ID, HeaderValue::from_static("abc \"x"));
        assert_eq!(request_id(&headers, Peer::Edge).to_string().len(), 32);
    }
}
