//! The response for a file: conditions, range, form, fields.

use std::sync::Arc;

use bytes::Bytes;
use http::header::{
    ACCEPT_ENCODING, ACCEPT_RANGES, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_RANGE,
    CONTENT_TYPE, ETAG, LAST_MODIFIED, RANGE, VARY, X_CONTENT_TYPE_OPTIONS,
};
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode};

use super::asset::{Asset, Content, Form};
use super::negotiate::{codings, weighed};
use super::precondition::{Outcome, Validators, evaluate, range_holds};
use super::range::{Part, part};
use super::stream::FileBody;
use crate::body::EdgeBody;
use crate::failure::Failure;

/// Answers a `GET` or `HEAD` for a file.
///
/// The fields of the request are taken out of it: their map becomes that of the response, which saves making one.
pub(super) fn respond<B>(asset: &Asset, request: &mut Request<B>) -> Result<Response<EdgeBody>, Failure> {
    let (method, asked) = (request.method(), request.headers());
    // A part is always one of the plain form, so that a download can be resumed whatever was made meanwhile.
    let range = asked.get(RANGE).filter(|_| method == Method::GET);
    let form = match range {
        Some(_) => &asset.plain,
        None => choose(asset, asked),
    };
    let validators = Validators { etag: &form.etag, modified: asset.modified };
    match evaluate(asked, validators) {
        Outcome::Proceed => {}
        Outcome::Failed => return Err(Failure::PreconditionFailed),
        Outcome::NotModified => {
            let mut response = Response::new(EdgeBody::Empty);
            *response.status_mut() = StatusCode::NOT_MODIFIED;
            let fields = response.headers_mut();
            fields.insert(ETAG, form.etag.clone());
            fields.insert(CACHE_CONTROL, asset.kind.cache_control.clone());
            fields.insert(LAST_MODIFIED, asset.last_modified.clone());
            vary(asset, fields);
            return Ok(response);
        }
    }
    let wanted = match range {
        Some(range) if range_holds(asked, validators) && asked.get_all(RANGE).iter().count() == 1 => {
            part(range.as_bytes(), form.length)
        }
        _ => Part::Whole,
    };
    let (first, length) = match wanted {
        Part::Outside => return Err(Failure::RangeNotSatisfiable { length: form.length }),
        Part::Whole => (0, form.length),
        Part::Bytes { first, last } => (first, last.saturating_sub(first).saturating_add(1)),
    };
    let mut response = if method == Method::HEAD {
        Response::new(EdgeBody::Empty)
    } else {
        Response::new(body(&form.content, first, length))
    };
    let mut fields = std::mem::take(request.headers_mut());
    fields.clear();
    if wanted == Part::Whole {
        fields.insert(CONTENT_LENGTH, form.content_length.clone());
    } else {
        *response.status_mut() = StatusCode::PARTIAL_CONTENT;
        let last = first.saturating_add(length).saturating_sub(1);
        let value = HeaderValue::try_from(format!("bytes {first}-{last}/{}", form.length));
        fields.insert(CONTENT_RANGE, value.map_err(|_| Failure::Internal("a range has no form"))?);
        fields.insert(CONTENT_LENGTH, HeaderValue::from(length));
    }
    describe(asset, form, &mut fields);
    *response.headers_mut() = fields;
    Ok(response)
}

/// The fields that say what is sent, but for its length.
fn describe(asset: &Asset, form: &Form, fields: &mut HeaderMap) {
    fields.insert(CONTENT_TYPE, asset.kind.content_type.clone());
    fields.insert(ETAG, form.etag.clone());
    fields.insert(LAST_MODIFIED, asset.last_modified.clone());
    fields.insert(CACHE_CONTROL, asset.kind.cache_control.clone());
    fields.insert(ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    fields.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    if let Some(coding) = form.coding {
        fields.insert(CONTENT_ENCODING, HeaderValue::from_static(coding.token()));
    }
    vary(asset, fields);
}

/// A whole file in memory as HTTP/1.1 sends it.
#[derive(Clone, Debug)]
pub(crate) struct Ready {
    /// Status line and fields; `Date` and the empty line are still to come.
    pub(crate) head: Bytes,
    /// The content.
    pub(crate) body: Bytes,
}

/// What a `GET` without conditions or range gets, if that is in memory.
pub(super) fn ready(asset: &Asset, accept_encoding: Option<&[u8]>) -> Option<Ready> {
    let coded = accept_encoding
        .filter(|_| asset.varies)
        .and_then(|accepted| weighed(std::iter::once(accepted)).find_map(|coding| asset.coded(coding)));
    let form = coded.unwrap_or(&asset.plain);
    let Content::Memory(body) = &form.content else { return None };
    let head = form.head.get_or_init(|| {
        let mut fields = HeaderMap::new();
        fields.insert(CONTENT_LENGTH, form.content_length.clone());
        describe(asset, form, &mut fields);
        let mut head = b"HTTP/1.1 200 OK\r\n".to_vec();
        for (name, value) in &fields {
            for part in [name.as_str().as_bytes(), b": ", value.as_bytes(), b"\r\n"] {
                head.extend_from_slice(part);
            }
        }
        Bytes::from(head)
    });
    Some(Ready { head: head.clone(), body: body.clone() })
}

fn vary(asset: &Asset, fields: &mut HeaderMap) {
    if asset.varies {
        fields.insert(VARY, HeaderValue::from_static("accept-encoding"));
    }
}

fn choose<'a>(asset: &'a Asset, asked: &HeaderMap) -> &'a Form {
    if !asset.varies || !asked.contains_key(ACCEPT_ENCODING) {
        return &asset.plain;
    }
    codings(asked).find_map(|coding| asset.coded(coding)).unwrap_or(&asset.plain)
}

fn body(content: &Content, first: u64, length: u64) -> EdgeBody {
    match content {
        Content::Memory(bytes) => {
            let bounds = usize::try_from(first).ok().zip(usize::try_from(length).ok());
            let range = bounds.and_then(|(first, length)| {
                let end = first.checked_add(length)?;
                (end <= bytes.len()).then(|| bytes.slice(first..end))
            });
            EdgeBody::full(range.unwrap_or_else(Bytes::new))
        }
        Content::Disk(file) => EdgeBody::File(FileBody::new(Arc::clone(file), first, length)),
    }
}
