//! What is read: manifests, their digests, small blobs.

use bytes::Bytes;
use http::header::{ACCEPT, CONTENT_TYPE};
use http::{HeaderValue, Method, StatusCode};
use terrace_image::{Blob, Digest, MediaType};

use crate::client::Registry;
use crate::error::RegistryError;
use crate::event::Told;
use crate::name::{Reference, Repository};
use crate::token::Scope;
use crate::wire::{Answer, Request};

/// The largest manifest that registries take ("Pushing Manifests"), in bytes.
const MANIFEST: usize = 4 << 20;

/// How often a registry may send on to another place.
const SENT_ON: usize = 5;

/// Every kind of manifest that is understood, and Docker's, which old images have.
const KINDS: &str = "application/vnd.oci.image.manifest.v1+json, application/vnd.oci.image.index.v1+json, \
     application/vnd.docker.distribution.manifest.v2+json, application/vnd.docker.distribution.manifest.list.v2+json";

impl Registry {
    /// The digest of what has this reference; none if nothing has.
    pub async fn digest(
        &self,
        repository: &Repository,
        reference: &Reference,
    ) -> Result<Option<Digest>, RegistryError> {
        self.digest_for(repository, reference, &Scope::pull(repository.as_str()), &|_| ()).await
    }

    pub(crate) async fn digest_for(
        &self,
        repository: &Repository,
        reference: &Reference,
        scope: &Scope,
        told: Told<'_>,
    ) -> Result<Option<Digest>, RegistryError> {
        let answer =
            self.call_again(scope, told, || self.ask_manifest(Method::HEAD, repository, reference)).await?;
        match answer.status {
            StatusCode::OK => {}
            StatusCode::NOT_FOUND => return Ok(None),
            _ => return Err(answer.refused()),
        }
        match (digest_of(&answer)?, reference) {
            (Some(found), Reference::Digest(expected)) if found != *expected => {
                Err(RegistryError::OtherBytes { place: answer.place, expected: *expected, found })
            }
            (Some(found), _) => Ok(Some(found)),
            (None, Reference::Digest(expected)) => Ok(Some(*expected)),
            // The header is not obligatory: the bytes tell.
            (None, Reference::Tag(_)) => Ok(self
                .manifest_for(repository, reference, scope, told)
                .await?
                .map(|manifest| manifest.digest())),
        }
    }

    /// The manifest or index that has this reference; none if nothing has. Its bytes are those of its digest.
    pub async fn manifest(
        &self,
        repository: &Repository,
        reference: &Reference,
    ) -> Result<Option<Blob>, RegistryError> {
        self.manifest_for(repository, reference, &Scope::pull(repository.as_str()), &|_| ()).await
    }

    async fn manifest_for(
        &self,
        repository: &Repository,
        reference: &Reference,
        scope: &Scope,
        told: Told<'_>,
    ) -> Result<Option<Blob>, RegistryError> {
        let answer =
            self.call_again(scope, told, || self.ask_manifest(Method::GET, repository, reference)).await?;
        match answer.status {
            StatusCode::OK => {}
            StatusCode::NOT_FOUND => return Ok(None),
            _ => return Err(answer.refused()),
        }
        let kind = answer.text(CONTENT_TYPE.as_str()).and_then(|text| text.split(';').next());
        let kind = kind.ok_or_else(|| answer.wrong("a manifest without its media type"))?;
        let manifest = Blob::new(MediaType::from(kind.trim().to_owned()), answer.body.clone());
        let expected = match reference {
            Reference::Digest(digest) => Some(*digest),
            Reference::Tag(_) => digest_of(&answer)?,
        };
        same(&answer, expected, manifest.digest())?;
        Ok(Some(manifest))
    }

    fn ask_manifest(&self, method: Method, repository: &Repository, reference: &Reference) -> Request {
        Request::new(method, self.endpoint.at(&format!("{repository}/manifests/{reference}")))
            .header(ACCEPT, HeaderValue::from_static(KINDS))
            .at_most(MANIFEST)
    }

    /// The bytes of a blob, no more than so many.
    pub async fn blob(
        &self,
        repository: &Repository,
        digest: Digest,
        at_most: usize,
    ) -> Result<Bytes, RegistryError> {
        let scope = Scope::pull(repository.as_str());
        let mut url = self.endpoint.at(&format!("{repository}/blobs/{digest}"));
        for _ in 0..=SENT_ON {
            let answer = self
                .call_again(&scope, &|_| (), || Request::new(Method::GET, url.clone()).at_most(at_most))
                .await?;
            match answer.status {
                StatusCode::OK => {
                    same(&answer, Some(digest), Digest::of(&answer.body))?;
                    return Ok(answer.body);
                }
                StatusCode::NOT_FOUND => return Err(RegistryError::Missing { place: answer.place }),
                status if status.is_redirection() => url = answer.location()?,
                _ => return Err(answer.refused()),
            }
        }
        let why = "it is sent on in circles".to_owned();
        Err(RegistryError::Answer { place: Request::new(Method::GET, url).place(), why })
    }

    /// Whether the registry has a blob.
    pub(crate) async fn has(
        &self,
        repository: &Repository,
        digest: Digest,
        scope: &Scope,
        told: Told<'_>,
    ) -> Result<bool, RegistryError> {
        let url = self.endpoint.at(&format!("{repository}/blobs/{digest}"));
        let answer = self.call_again(scope, told, || Request::new(Method::HEAD, url.clone())).await?;
        match answer.status {
            StatusCode::NOT_FOUND => Ok(false),
            status if status.is_success() || status.is_redirection() => Ok(true),
            _ => Err(answer.refused()),
        }
    }
}

/// The digest that an answer says it is of.
pub(crate) fn digest_of(answer: &Answer) -> Result<Option<Digest>, RegistryError> {
    let text = answer.text("docker-content-digest");
    text.map(|text| text.parse().map_err(|error| answer.wrong(format!("{error}")))).transpose()
}

/// That what is there is what was expected.
pub(crate) fn same(answer: &Answer, expected: Option<Digest>, found: Digest) -> Result<(), RegistryError> {
    match expected {
        Some(expected) if expected != found => {
            Err(RegistryError::OtherBytes { place: answer.place.clone(), expected, found })
        }
        _ => Ok(()),
    }
}
