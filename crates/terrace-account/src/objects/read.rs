//! Reading an object, or what is told of it.
//!
//! "GetObject" and "HeadObject", Amazon S3 API Reference.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use zeroize::Zeroizing;

use crate::objects::{Asking, Bucket, ETag, Key, Method};
use crate::sending::Answer;
use crate::{Content, Refusal, Sha256};

/// What is told of an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct About {
    /// Its entity tag.
    pub etag: ETag,
    /// In bytes.
    pub length: u64,
    /// Its version, in a bucket that keeps them.
    pub version: Option<String>,
    /// Its media type.
    pub content_type: Option<String>,
    /// How long it may be kept.
    pub cache_control: Option<String>,
    /// Its SHA-256, if it was written with it.
    pub sha256: Option<Sha256>,
    /// Since when it is there, by S3's own clock; whole seconds.
    pub age: Option<Duration>,
    /// What was kept beside it.
    pub metadata: BTreeMap<String, String>,
}

/// An object, at most 64 MiB.
pub struct Object {
    /// What is told of it.
    pub about: About,
    /// All of it.
    pub content: Zeroizing<Vec<u8>>,
}

impl fmt::Debug for Object {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Object").field("about", &self.about).finish_non_exhaustive()
    }
}

impl About {
    fn of(answer: &Answer) -> Self {
        let word = |name: &str| answer.header(name).map(str::to_owned);
        let metadata = answer.headers().filter_map(|(name, value)| {
            Some((name.strip_prefix("x-amz-meta-")?.to_owned(), value.to_owned()))
        });
        let time = |name: &str| httpdate::parse_http_date(answer.header(name)?).ok();
        let age = time("date").zip(time("last-modified"));
        Self {
            age: age.and_then(|(now, then)| now.duration_since(then).ok()),
            etag: ETag::new(word("etag").unwrap_or_default()),
            length: answer.header("content-length").and_then(|text| text.parse().ok()).unwrap_or_default(),
            version: word("x-amz-version-id"),
            content_type: word("content-type"),
            cache_control: word("cache-control"),
            sha256: answer.header("x-amz-checksum-sha256").and_then(Sha256::from_base64),
            metadata: metadata.collect(),
        }
    }
}

impl Bucket {
    /// What is told of an object; none if there is none, or no such bucket.
    ///
    /// # Errors
    /// If S3 refuses, or nobody answers.
    pub async fn head(&self, key: &Key) -> Result<Option<About>, Refusal> {
        match self.read(Method::Head, key).await {
            Ok(answer) => Ok(Some(About::of(&answer))),
            Err(refusal) if refusal.status() == 404 => Ok(None),
            Err(refusal) => Err(refusal),
        }
    }

    /// An object; none if there is none.
    ///
    /// # Errors
    /// If there is no such bucket, S3 refuses, nobody answers, or it is too large.
    pub async fn get(&self, key: &Key) -> Result<Option<Object>, Refusal> {
        match self.read(Method::Get, key).await {
            Ok(answer) => Ok(Some(Object { about: About::of(&answer), content: answer.body })),
            Err(refusal) if refusal.status() == 404 && refusal.code() != "NoSuchBucket" => Ok(None),
            Err(refusal) => Err(refusal),
        }
    }

    async fn read(&self, method: Method, key: &Key) -> Result<Answer, Refusal> {
        let headers = vec![("x-amz-checksum-mode".to_owned(), "ENABLED".to_owned())];
        let content = Content::bytes("");
        let query = String::new();
        self.tried(&Asking { method, key: Some(key), query, headers, content: &content, told: &|_| {} })
            .await
            .outcome
    }
}
