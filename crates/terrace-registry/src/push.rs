//! An image, or an index of several, brought to a registry under its names.

use std::collections::BTreeSet;
use std::sync::Arc;

use futures_util::stream::{self, StreamExt as _, TryStreamExt as _};
use http::header::CONTENT_TYPE;
use http::{HeaderValue, Method, StatusCode};
use terrace_image::{Blob, Digest, Image, Index};

use crate::client::Registry;
use crate::error::RegistryError;
use crate::event::Event;
use crate::name::{Reference, Repository, Tag};
use crate::payload::Payload;
use crate::pull::{digest_of, same};
use crate::token::Scope;
use crate::upload::{Arrival, Telling, Way};
use crate::wire::Request;

/// What is pushed, as what, and from where its layers may be mounted.
#[derive(Clone, Debug)]
pub struct Push<'a> {
    images: Vec<&'a Image>,
    /// What the tags are to name.
    top: &'a Blob,
    tags: Vec<Tag>,
    from: Option<Repository>,
}

impl<'a> Push<'a> {
    /// One image.
    pub fn image(image: &'a Image) -> Self {
        Self { images: vec![image], top: image.manifest(), tags: Vec::new(), from: None }
    }

    /// An index and all of its images.
    pub fn index(index: &'a Index) -> Self {
        Self { images: index.images().iter().collect(), top: index.document(), tags: Vec::new(), from: None }
    }

    /// Under this tag as well; its digest names it in any case.
    #[must_use]
    pub fn tag(mut self, tag: Tag) -> Self {
        self.tags.push(tag);
        self
    }

    /// Layers that this repository of the same registry has are taken over from there.
    #[must_use]
    pub fn mount_from(mut self, repository: Repository) -> Self {
        self.from = Some(repository);
        self
    }
}

/// What was pushed, and what it took.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pushed {
    /// The digest of the image or the index: its name for good.
    pub digest: Digest,
    /// How many bytes of layers and configurations were sent.
    pub sent: u64,
    /// How many layers and configurations were sent.
    pub uploaded: usize,
    /// How many were taken over from another repository.
    pub mounted: usize,
    /// How many were there.
    pub present: usize,
    /// How many manifests and tags were put.
    pub named: usize,
}

impl Registry {
    /// Brings an image or an index to a repository: what it lacks, then manifests, then tags.
    ///
    /// Whatever broke it off, the same push goes on from there; when all is there, it sends nothing.
    pub async fn push(
        &self,
        to: &Repository,
        what: &Push<'_>,
        told: impl Fn(Event) + Send + Sync + 'static,
    ) -> Result<Pushed, RegistryError> {
        let told: Telling = Arc::new(told);
        let from = what.from.as_ref().filter(|from| *from != to);
        let scope = Scope::push(to.as_str(), from.map(Repository::as_str));
        let top = what.top;
        let mut pushed =
            Pushed { digest: top.digest(), sent: 0, uploaded: 0, mounted: 0, present: 0, named: 0 };
        if self.digest_for(to, &top.digest().into(), &scope, &*told).await?.is_none() {
            let way = Way { repository: to, from, scope: &scope, told: &told };
            self.bring_all(what, &way, &mut pushed).await?;
            let below = what.images.iter().map(|image| image.manifest());
            for manifest in below.filter(|manifest| manifest.digest() != top.digest()) {
                let reference = Reference::Digest(manifest.digest());
                if self.digest_for(to, &reference, &scope, &*told).await?.is_none() {
                    self.put(to, manifest, &reference, &scope, &told).await?;
                    pushed.named += 1;
                }
            }
            // A tag brings it there as well.
            if what.tags.is_empty() {
                self.put(to, top, &top.digest().into(), &scope, &told).await?;
                pushed.named += 1;
            }
        }
        for tag in &what.tags {
            let reference = Reference::Tag(tag.clone());
            if self.digest_for(to, &reference, &scope, &*told).await? != Some(top.digest()) {
                self.put(to, top, &reference, &scope, &told).await?;
                pushed.named += 1;
            }
        }
        Ok(pushed)
    }

    /// Gives a manifest that is there another name; nothing else is sent.
    pub async fn tag(&self, repository: &Repository, digest: Digest, tag: &Tag) -> Result<(), RegistryError> {
        let reference = Reference::Tag(tag.clone());
        let scope = Scope::push(repository.as_str(), None);
        let Some(manifest) = self.manifest(repository, &digest.into()).await? else {
            let url = self.endpoint.at(&format!("{repository}/manifests/{digest}"));
            return Err(RegistryError::Missing { place: Request::new(Method::GET, url).place() });
        };
        let told: Telling = Arc::new(|_| ());
        match self.digest_for(repository, &reference, &scope, &*told).await? {
            Some(named) if named == digest => Ok(()),
            _ => self.put(repository, &manifest, &reference, &scope, &told).await,
        }
    }

    /// Every layer and configuration, side by side, each once.
    async fn bring_all(
        &self,
        what: &Push<'_>,
        way: &Way<'_>,
        pushed: &mut Pushed,
    ) -> Result<(), RegistryError> {
        let mut seen = BTreeSet::new();
        let blobs: Vec<&Blob> = what
            .images
            .iter()
            .flat_map(|image| image.blobs())
            .filter(|blob| seen.insert(blob.digest()))
            .collect();
        let brought = stream::iter(
            blobs.into_iter().map(|blob| async move { Ok((self.bring(blob, way).await?, blob.size())) }),
        );
        let arrivals: Vec<(Arrival, u64)> =
            brought.buffer_unordered(self.settings.side_by_side.max(1)).try_collect::<Vec<_>>().await?;
        for (arrival, size) in arrivals {
            match arrival {
                Arrival::Present => pushed.present += 1,
                Arrival::Mounted => pushed.mounted += 1,
                Arrival::Uploaded => {
                    pushed.uploaded += 1;
                    pushed.sent += size;
                }
            }
        }
        Ok(())
    }

    /// Puts a manifest under a name.
    async fn put(
        &self,
        repository: &Repository,
        manifest: &Blob,
        reference: &Reference,
        scope: &Scope,
        told: &Telling,
    ) -> Result<(), RegistryError> {
        let url = self.endpoint.at(&format!("{repository}/manifests/{reference}"));
        let media_type = HeaderValue::from_str(manifest.media_type().as_str())
            .unwrap_or(HeaderValue::from_static("application/json"));
        let request = || {
            Request::new(Method::PUT, url.clone())
                .header(CONTENT_TYPE, media_type.clone())
                .payload(Payload::of(manifest.bytes().clone()))
        };
        let answer = self.call_again(scope, &**told, request).await?;
        // The specification has 201; ECR and others answer 200 now and then.
        if !matches!(answer.status, StatusCode::CREATED | StatusCode::OK | StatusCode::ACCEPTED) {
            return Err(answer.refused());
        }
        same(&answer, digest_of(&answer)?, manifest.digest())?;
        told(Event::Named { digest: manifest.digest(), reference: reference.to_string() });
        Ok(())
    }
}
