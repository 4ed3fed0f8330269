//! Writing an object, always or on a condition.
//!
//! "PutObject", Amazon S3 API Reference; "How to prevent object overwrites with conditional writes", Amazon S3 User Guide.

use std::collections::BTreeMap;

use crate::objects::{Asking, Bucket, ETag, Key, Method, checksum};
use crate::{Content, Refusal, Told};

/// The largest object that one request writes.
const LARGEST: u64 = 5 << 30;
/// Marks a conditional write, so that it is known again.
const MARK: &str = "terrace-write";

/// How an object is written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Put {
    /// `text/html; charset=utf-8`; S3's own choice is `binary/octet-stream`.
    pub content_type: Option<String>,
    /// `public, max-age=31536000, immutable`.
    pub cache_control: Option<String>,
    /// `gzip`.
    pub content_encoding: Option<String>,
    /// Kept beside it (`x-amz-meta-…`): small letters, visible ASCII.
    pub metadata: BTreeMap<String, String>,
    /// When it is written at all.
    pub condition: Condition,
}

/// When an object is written at all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Condition {
    /// In any case.
    #[default]
    Always,
    /// If there is none under the key.
    Absent,
    /// If what is under the key is this.
    Is(ETag),
}

/// What became of a write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Written {
    /// It is there.
    Done(Stored),
    /// The condition does not hold: somebody else was there first.
    Unmet,
}

/// An object that has been written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    /// Its entity tag.
    pub etag: ETag,
    /// Its version, in a bucket that keeps them.
    pub version: Option<String>,
}

impl Put {
    /// Of a media type.
    pub fn of(content_type: &str) -> Self {
        Self { content_type: Some(content_type.to_owned()), ..Self::default() }
    }

    /// On a condition.
    #[must_use]
    pub fn on(self, condition: Condition) -> Self {
        Self { condition, ..self }
    }

    /// What is told of it, as headers.
    pub(crate) fn told(&self) -> Vec<(String, String)> {
        let mut headers = Vec::new();
        for (name, value) in [
            ("content-type", &self.content_type),
            ("cache-control", &self.cache_control),
            ("content-encoding", &self.content_encoding),
        ] {
            if let Some(value) = value {
                headers.push((name.to_owned(), value.clone()));
            }
        }
        for (name, value) in &self.metadata {
            headers.push((format!("x-amz-meta-{name}"), value.clone()));
        }
        headers
    }

    fn headers(&self, content: &Content, mark: Option<&str>) -> Vec<(String, String)> {
        let mut headers = checksum(content).to_vec();
        headers.extend(self.told());
        let mut header = |name: &str, value: &str| headers.push((name.to_owned(), value.to_owned()));
        if let Some(mark) = mark {
            header(&format!("x-amz-meta-{MARK}"), mark);
        }
        match &self.condition {
            Condition::Always => {}
            Condition::Absent => header("if-none-match", "*"),
            Condition::Is(etag) => header("if-match", etag.as_str()),
        }
        headers
    }
}

impl Bucket {
    /// Writes an object; `told` hears how many bytes have gone to the connection, from none again when it is tried again.
    ///
    /// # Errors
    /// If S3 refuses, nobody answers, a file cannot be read, or it is larger than 5 GiB.
    pub async fn put(
        &self,
        key: &Key,
        content: &Content,
        how: &Put,
        told: Told<'_>,
    ) -> Result<Written, Refusal> {
        if content.length() > LARGEST {
            return Err(Refusal::unsent(format!(
                "`{key}` is larger than 5 GiB, the most that S3 takes at once"
            )));
        }
        let mark = match &how.condition {
            Condition::Always => None,
            Condition::Absent | Condition::Is(_) => Some(mark()?),
        };
        let headers = how.headers(content, mark.as_deref());
        let asking =
            Asking { method: Method::Put, key: Some(key), query: String::new(), headers, content, told };
        let tried = self.tried(&asking).await;
        let refusal = match tried.outcome {
            Ok(answer) => {
                let etag = ETag::new(answer.header("etag").unwrap_or_default());
                let version = answer.header("x-amz-version-id").map(str::to_owned);
                return Ok(Written::Done(Stored { etag, version }));
            }
            Err(refusal) => refusal,
        };
        // What `If-Match` names is gone altogether, not the bucket.
        let gone = matches!(how.condition, Condition::Is(_)) && refusal.code() == "NoSuchKey";
        if refusal.status() != 412 && !gone {
            return Err(refusal);
        }
        if tried.doubtful
            && let Some(about) = self.head(key).await?
            && about.metadata.get(MARK) == mark.as_ref()
        {
            return Ok(Written::Done(Stored { etag: about.etag, version: about.version }));
        }
        Ok(Written::Unmet)
    }
}

/// Something that nobody else has.
fn mark() -> Result<String, Refusal> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(Refusal::unsent)?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}
