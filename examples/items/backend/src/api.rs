//! The HTTP face: routes, bodies in, bodies out.
//!
//! Successful requests are not logged above debug level, the load balancer does that; failures
//! here are, with the request id the balancer gave them.

use std::sync::Arc;

use axum::{
    Router,
    body::Bytes,
    extract::{
        DefaultBodyLimit, FromRequest, MatchedPath, Path, Query, Request, State,
        rejection::{BytesRejection, QueryRejection},
    },
    http::{HeaderValue, StatusCode, header},
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::get,
};
use serde::Serialize;
use serde_json::{Map, Value};

use crate::{
    item::{Change, Draft, ItemId},
    listing::RawListing,
    problem::Problem,
    store::Store,
};

/// The largest body taken, in bytes; the longest description in its longest spelling fits.
const BODY_MAX: usize = 64 * 1024;

type Shared = State<Arc<Store>>;

/// Everything this API answers.
pub fn routes(store: Arc<Store>) -> Router {
    let routes = Router::new()
        .route("/health", get(health))
        .route("/api/items", get(list).post(add))
        .route("/api/items/{id}", get(show).put(replace).patch(change).delete(remove))
        .fallback(|| async { Problem::new(StatusCode::NOT_FOUND, "There is nothing here.") })
        .method_not_allowed_fallback(|| async {
            Problem::new(StatusCode::METHOD_NOT_ALLOWED, "This cannot be done here.")
        })
        .layer(DefaultBodyLimit::max(BODY_MAX))
        .with_state(store);
    if tracing::enabled!(tracing::Level::DEBUG) { routes.layer(middleware::from_fn(log)) } else { routes }
}

async fn log(request: Request, next: Next) -> Response {
    let method = request.method().clone();
    let route = request.extensions().get::<MatchedPath>().map(|path| path.as_str().to_owned());
    let id = request.headers().get("x-request-id").and_then(|id| id.to_str().ok()).map(str::to_owned);
    let started = tokio::time::Instant::now();
    let response = next.run(request).await;
    tracing::debug!(
        %method,
        route,
        request_id = id,
        status = response.status().as_u16(),
        microseconds = u64::try_from(started.elapsed().as_micros()).unwrap_or(u64::MAX),
        "request"
    );
    response
}

async fn health(State(store): Shared) -> Result<Response, Problem> {
    store.check().await?;
    Ok(json(StatusCode::OK, &serde_json::json!({ "status": "ok" })))
}

async fn list(
    State(store): Shared,
    query: Result<Query<RawListing>, QueryRejection>,
) -> Result<Response, Problem> {
    let Query(raw) =
        query.map_err(|rejection| Problem::new(StatusCode::BAD_REQUEST, rejection.body_text()))?;
    let page = store.list(&raw.validate().map_err(Problem::invalid)?).await?;
    Ok(json(StatusCode::OK, &page))
}

async fn add(State(store): Shared, JsonObject(body): JsonObject) -> Result<Response, Problem> {
    let item = store.insert(&Draft::from_json(&body).map_err(Problem::invalid)?).await?;
    let mut response = json(StatusCode::CREATED, &item);
    if let Ok(location) = HeaderValue::try_from(format!("/api/items/{}", item.id.number())) {
        response.headers_mut().insert(header::LOCATION, location);
    }
    Ok(response)
}

async fn show(State(store): Shared, Id(id): Id) -> Result<Response, Problem> {
    let item = store.find(id).await?.ok_or_else(Problem::no_such_item)?;
    Ok(json(StatusCode::OK, &item))
}

async fn replace(
    State(store): Shared,
    Id(id): Id,
    JsonObject(body): JsonObject,
) -> Result<Response, Problem> {
    let draft = Draft::from_json(&body).map_err(Problem::invalid)?;
    let item = store.replace(id, &draft).await?.ok_or_else(Problem::no_such_item)?;
    Ok(json(StatusCode::OK, &item))
}

async fn change(State(store): Shared, Id(id): Id, JsonObject(body): JsonObject) -> Result<Response, Problem> {
    let change = Change::from_json(&body).map_err(Problem::invalid)?;
    let item = store.change(id, &change).await?.ok_or_else(Problem::no_such_item)?;
    Ok(json(StatusCode::OK, &item))
}

async fn remove(State(store): Shared, Id(id): Id) -> Result<Response, Problem> {
    if store.delete(id).await? {
        Ok(StatusCode::NO_CONTENT.into_response())
    } else {
        Err(Problem::no_such_item())
    }
}

fn json(status: StatusCode, body: &impl Serialize) -> Response {
    let mut bytes = Vec::with_capacity(2048);
    if let Err(reason) = serde_json::to_writer(&mut bytes, body) {
        tracing::error!(%reason, "an answer could not be written");
        return Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "Something went wrong here.").into_response();
    }
    let mut response = (status, bytes).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// The item a path names; 404 where it cannot name any.
struct Id(ItemId);

impl<S: Send + Sync> axum::extract::FromRequestParts<S> for Id {
    type Rejection = Problem;

    async fn from_request_parts(
        parts: &mut axum::http::request::Parts,
        state: &S,
    ) -> Result<Self, Self::Rejection> {
        let segment = Path::<String>::from_request_parts(parts, state).await;
        let id = segment.ok().and_then(|Path(segment)| ItemId::parse(&segment));
        id.map(Self).ok_or_else(Problem::no_such_item)
    }
}

/// A body that is a JSON object and says so.
struct JsonObject(Map<String, Value>);

impl<S: Send + Sync> FromRequest<S> for JsonObject {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Self::Rejection> {
        if !request.headers().get(header::CONTENT_TYPE).is_some_and(is_json) {
            return Err(Problem::new(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "Send the body as application/json.",
            ));
        }
        let body =
            Bytes::from_request(request, state).await.map_err(|rejection: BytesRejection| match rejection
                .status()
            {
                StatusCode::PAYLOAD_TOO_LARGE => {
                    Problem::new(StatusCode::PAYLOAD_TOO_LARGE, format!("Keep the body to {BODY_MAX} bytes."))
                }
                _ => Problem::new(StatusCode::BAD_REQUEST, "The body did not arrive whole."),
            })?;
        serde_json::from_slice(&body).map(Self).map_err(|error| {
            Problem::new(StatusCode::BAD_REQUEST, format!("The body is not a JSON object: {error}."))
        })
    }
}

fn is_json(value: &HeaderValue) -> bool {
    let Ok(text) = value.to_str() else { return false };
    let essence = text.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    essence == "application/json" || (essence.starts_with("application/") && essence.ends_with("+json"))
}
