//! The answer to bytes that never became a request: the same document as for any failure, written by hand
//! because the HTTP library has not seen them.

use std::fmt::Write as _;
use std::time::SystemTime;

use bytes::Bytes;
use http::{HeaderMap, Version};
use terrace_edge_config::Peer;

use super::connection_state::ConnectionState;
use super::identity::request_id;
use super::shared::Shared;
use crate::body::EdgeBody;
use crate::failure::{Failure, respond};

/// Counts and logs a refused message, and gives the bytes of its answer.
pub(crate) fn refuse(shared: &Shared, failure: Failure, connection: &ConnectionState) -> Bytes {
    let id = request_id(&HeaderMap::new(), Peer::Public);
    let response = respond(failure, &id, None, Version::HTTP_11);
    shared.request_refused();
    let (parts, body) = response.into_parts();
    let body = match body {
        EdgeBody::Full(bytes) => bytes,
        _ => Bytes::new(),
    };
    shared.log.refused(connection, failure, &id, body.len() as u64);
    let mut head = format!("HTTP/1.1 {}\r\n", parts.status);
    for (name, value) in &parts.headers {
        // Writing to a String cannot fail.
        let _ = write!(head, "{name}: {}\r\n", value.to_str().unwrap_or_default());
    }
    let date = httpdate::fmt_http_date(SystemTime::now());
    let _ = write!(head, "content-length: {}\r\ndate: {date}\r\n\r\n", body.len());
    let mut answer = head.into_bytes();
    answer.extend_from_slice(&body);
    Bytes::from(answer)
}
