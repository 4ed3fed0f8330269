//! Every error a client sees, in one shape: problem details, RFC 9457.
//!
//! What the client did wrong is said field by field; what went wrong here is logged and never
//! shown.

use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;

use crate::store::StoreError;

/// One wrong field of a body, or one wrong parameter of a query.
#[derive(Clone, Debug, Serialize)]
pub struct FieldError {
    detail: String,
    #[serde(flatten)]
    place: Place,
    #[serde(skip)]
    field: &'static str,
}

#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "lowercase")]
enum Place {
    Pointer(String),
    Parameter(&'static str),
}

impl FieldError {
    /// A member of the JSON body, named by a JSON pointer as in RFC 9457, section 3.
    pub fn body(field: &'static str, detail: String) -> Self {
        Self { detail, place: Place::Pointer(format!("#/{field}")), field }
    }

    /// A parameter of the query string.
    pub fn query(field: &'static str, detail: String) -> Self {
        Self { detail, place: Place::Parameter(field), field }
    }

    /// The field's bare name.
    pub fn field(&self) -> &'static str {
        self.field
    }

    /// What is wrong, as a sentence for the person who typed it.
    pub fn detail(&self) -> &str {
        &self.detail
    }
}

/// An answer that is not the one asked for.
#[derive(Debug, Serialize)]
pub struct Problem {
    title: &'static str,
    #[serde(serialize_with = "as_number")]
    status: StatusCode,
    detail: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<FieldError>,
}

fn as_number<S: serde::Serializer>(status: &StatusCode, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_u16(status.as_u16())
}

impl Problem {
    /// A problem without fields.
    pub fn new(status: StatusCode, detail: impl Into<String>) -> Self {
        let title = status.canonical_reason().unwrap_or("Error");
        Self { title, status, detail: detail.into(), errors: Vec::new() }
    }

    /// 422, with what is wrong field by field.
    pub fn invalid(errors: Vec<FieldError>) -> Self {
        Self { errors, ..Self::new(StatusCode::UNPROCESSABLE_ENTITY, "Some of what was sent is not valid.") }
    }

    /// 404 for an item.
    pub fn no_such_item() -> Self {
        Self::new(StatusCode::NOT_FOUND, "There is no such item. It may have been deleted.")
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Unavailable(reason) => {
                tracing::error!(%reason, "the database cannot be reached");
                Self::new(
                    StatusCode::SERVICE_UNAVAILABLE,
                    "The database cannot be reached. Try again in a moment.",
                )
            }
            StoreError::Failed(reason) => {
                tracing::error!(%reason, "a statement failed");
                Self::new(StatusCode::INTERNAL_SERVER_ERROR, "Something went wrong here.")
            }
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let body = serde_json::to_vec(&self).unwrap_or_default();
        let mut response = (self.status, body).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if self.status == StatusCode::SERVICE_UNAVAILABLE {
            headers.insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
        }
        response
    }
}
