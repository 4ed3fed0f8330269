//! One blob on its way (distribution-spec, "Pushing Blobs").
//!
//! What is known of registries as they are: ECR answers 201 to a part instead of 202, and its `Range` stays at the first part
//! (aws/containers-roadmap, issue 2831), so what was sent is counted here and `Range` is believed only after a break, and only
//! if it lies within what was on its way. An upload that ECR has part of takes no first byte anew (`BLOB_UPLOAD_INVALID`):
//! a new one is begun then.

use std::sync::Arc;

use bytes::Bytes;
use http::header::{CONTENT_RANGE, CONTENT_TYPE, LOCATION};
use http::{HeaderValue, Method, StatusCode};
use terrace_image::{Blob, Digest};
use url::Url;

use crate::client::Registry;
use crate::error::RegistryError;
use crate::event::Event;
use crate::name::Repository;
use crate::payload::Payload;
use crate::pull::{digest_of, same};
use crate::token::Scope;
use crate::wire::{Answer, Request};

/// Who is told.
pub(crate) type Telling = Arc<dyn Fn(Event) + Send + Sync>;

/// How a blob came to be there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Arrival {
    Present,
    Mounted,
    Uploaded,
}

/// Where a blob goes.
pub(crate) struct Way<'a> {
    pub(crate) repository: &'a Repository,
    /// From where it may be mounted.
    pub(crate) from: Option<&'a Repository>,
    pub(crate) scope: &'a Scope,
    pub(crate) told: &'a Telling,
}

/// An upload that the registry has begun.
struct Session {
    location: Url,
    /// How much of the blob it has.
    offset: u64,
    /// How much is sent at a time.
    chunk: u64,
    /// A part may have arrived of which no answer came.
    broken: bool,
}

impl Registry {
    /// Brings a blob there, unless it is.
    pub(crate) async fn bring(&self, blob: &Blob, way: &Way<'_>) -> Result<Arrival, RegistryError> {
        let (digest, size) = (blob.digest(), blob.size());
        if self.has(way.repository, digest, way.scope, &**way.told).await? {
            (way.told)(Event::Present { digest, size });
            return Ok(Arrival::Present);
        }
        let mut session: Option<Session> = None;
        let mut patience = self.patience();
        let mut again = false;
        loop {
            let before = session.as_ref().map_or(0, |session| session.offset);
            let error = match self.go_on(blob, way, &mut session, again).await {
                Ok(Arrival::Uploaded) => {
                    (way.told)(Event::Uploaded { digest, size });
                    return Ok(Arrival::Uploaded);
                }
                Ok(arrival) => {
                    (way.told)(Event::Mounted { digest, size });
                    return Ok(arrival);
                }
                Err(error) => error,
            };
            if session.as_ref().is_some_and(|session| session.offset > before) {
                patience.renew();
            }
            let of_upload = session.is_some() && error.is_of_upload();
            if of_upload {
                session = None;
            }
            let passing = of_upload || error.is_passing();
            patience.wait(error, passing, &**way.told).await?;
            again = true;
        }
    }

    /// One attempt, from where the last one broke.
    async fn go_on(
        &self,
        blob: &Blob,
        way: &Way<'_>,
        kept: &mut Option<Session>,
        again: bool,
    ) -> Result<Arrival, RegistryError> {
        // The last attempt may have done it all and only its answer was lost.
        if again && self.has(way.repository, blob.digest(), way.scope, &**way.told).await? {
            return Ok(Arrival::Uploaded);
        }
        if let Some(session) = kept.as_mut().filter(|session| session.broken)
            && !self.resume(session, blob, way).await?
        {
            *kept = None;
        }
        let session = match kept {
            Some(session) => session,
            None => match self.begin(blob, way).await? {
                Some(session) => kept.insert(session),
                None => return Ok(Arrival::Mounted),
            },
        };
        while blob.size() - session.offset > session.chunk {
            self.part(blob, way, session).await?;
        }
        self.end(blob, way, session).await?;
        Ok(Arrival::Uploaded)
    }

    /// Begins an upload; none if the registry took the blob over from elsewhere instead.
    async fn begin(&self, blob: &Blob, way: &Way<'_>) -> Result<Option<Session>, RegistryError> {
        let mut url = self.endpoint.at(&format!("{}/blobs/uploads/", way.repository));
        if let Some(from) = way.from {
            let digest = blob.digest().to_string();
            url.query_pairs_mut().append_pair("mount", &digest).append_pair("from", from.as_str());
        }
        let answer = self.call(way.scope, || Request::new(Method::POST, url.clone())).await;
        let answer = answer.map_err(|error| match error {
            // aws/containers-roadmap, issue 1970.
            RegistryError::Unreachable { place, why } if self.endpoint.is_ecr() => {
                let why = format!("{why} (ECR does so when there is no such repository: make it first)");
                RegistryError::Unreachable { place, why }
            }
            other => other,
        })?;
        match answer.status {
            StatusCode::CREATED if way.from.is_some() => {
                same(&answer, digest_of(&answer)?, blob.digest())?;
                Ok(None)
            }
            StatusCode::ACCEPTED => {
                // "If the registry has an explicit minimum chunk size requirement, the response SHOULD include" this.
                let least =
                    answer.text("oci-chunk-min-length").and_then(|text| text.parse().ok()).unwrap_or(0);
                let chunk = self.settings.chunk.max(least).max(1);
                Ok(Some(Session { location: answer.location()?, offset: 0, chunk, broken: false }))
            }
            _ => Err(answer.refused()),
        }
    }

    /// Asks how much of the blob the registry has; whether it can go on from there.
    async fn resume(&self, session: &mut Session, blob: &Blob, way: &Way<'_>) -> Result<bool, RegistryError> {
        let answer = self.call(way.scope, || Request::new(Method::GET, session.location.clone())).await?;
        if answer.is_passing() {
            return Err(answer.refused());
        }
        let last =
            answer.text("range").and_then(|range| range.trim_start_matches("bytes=").strip_prefix("0-"));
        let Some(last) =
            last.and_then(|last| last.parse::<u64>().ok()).filter(|_| answer.status.is_success())
        else {
            return Ok(false);
        };
        // Registries write `0-0` for nothing.
        let has = if last == 0 { 0 } else { last.saturating_add(1) };
        let could_have = session.offset..=session.offset.saturating_add(session.chunk).min(blob.size());
        if !could_have.contains(&has) {
            return Ok(false);
        }
        session.offset = has;
        session.broken = false;
        session.follow(&answer)?;
        Ok(true)
    }

    /// Sends the next part.
    async fn part(&self, blob: &Blob, way: &Way<'_>, session: &mut Session) -> Result<(), RegistryError> {
        let end = session.offset.saturating_add(session.chunk).min(blob.size());
        let answer = self
            .send_to(Method::PATCH, session.location.clone(), blob, session.offset..end, way, session)
            .await?;
        // 201 and 204 are ECR's and others'; the specification has 202.
        if !matches!(answer.status, StatusCode::ACCEPTED | StatusCode::CREATED | StatusCode::NO_CONTENT) {
            return Err(answer.refused());
        }
        session.offset = end;
        session.broken = false;
        session.follow(&answer)
    }

    /// Sends what is left, and says what the whole has to be.
    async fn end(&self, blob: &Blob, way: &Way<'_>, session: &mut Session) -> Result<(), RegistryError> {
        let mut url = session.location.clone();
        url.query_pairs_mut().append_pair("digest", &blob.digest().to_string());
        let left = session.offset..blob.size();
        let answer = self.send_to(Method::PUT, url, blob, left, way, session).await?;
        if !matches!(answer.status, StatusCode::CREATED | StatusCode::NO_CONTENT) {
            return Err(answer.refused());
        }
        same(&answer, digest_of(&answer)?, blob.digest())
    }

    async fn send_to(
        &self,
        method: Method,
        url: Url,
        blob: &Blob,
        range: std::ops::Range<u64>,
        way: &Way<'_>,
        session: &mut Session,
    ) -> Result<Answer, RegistryError> {
        let whole = range.start == 0 && range.end == blob.size();
        let payload = payload(blob, &range, way.told);
        let mut request = Request::new(method, url)
            .header(CONTENT_TYPE, HeaderValue::from_static("application/octet-stream"))
            .payload(payload);
        // With it, some registries take a whole blob for a part that is too large.
        if !whole && !range.is_empty() {
            let text = format!("{}-{}", range.start, range.end.saturating_sub(1));
            let value = HeaderValue::from_str(&text).unwrap_or(HeaderValue::from_static("0-0"));
            request = request.header(CONTENT_RANGE, value);
        }
        session.broken = true;
        self.call(way.scope, || request.clone()).await
    }
}

impl Session {
    /// Goes on where the registry says; it need not say so each time.
    fn follow(&mut self, answer: &Answer) -> Result<(), RegistryError> {
        if answer.headers.contains_key(LOCATION) {
            self.location = answer.location()?;
        }
        Ok(())
    }
}

impl Answer {
    /// Where to go on, absolute or as seen from what was asked.
    pub(crate) fn location(&self) -> Result<Url, RegistryError> {
        let text =
            self.text(LOCATION.as_str()).ok_or_else(|| self.wrong("it says no place to go on (Location)"))?;
        self.url.join(text).map_err(|_| self.wrong("the place to go on (Location) is no address"))
    }
}

/// A part of a blob that tells how far it is.
fn payload(blob: &Blob, range: &std::ops::Range<u64>, told: &Telling) -> Payload {
    let place = |at: u64| usize::try_from(at).unwrap_or(usize::MAX).min(blob.bytes().len());
    let (start, end) = (place(range.start), place(range.end));
    let bytes: Bytes = if start <= end { blob.bytes().slice(start..end) } else { Bytes::new() };
    let (digest, size, from): (Digest, u64, u64) = (blob.digest(), blob.size(), range.start);
    let told = Arc::clone(told);
    Payload { bytes, told: Some(Arc::new(move |gone| told(Event::Sent { digest, sent: from + gone, size }))) }
}
