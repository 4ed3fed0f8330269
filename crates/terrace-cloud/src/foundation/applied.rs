//! What was applied last: whether the infrastructure has to be touched at all, and what only AWS knows of it.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use terrace_account::Content;
use terrace_account::objects::{ETag, Put, Written};

use crate::foundation::place::key;
use crate::foundation::{Foundation, FoundationError, System};

/// What was applied last.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Applied {
    /// Of the generated text and its inputs: SHA-256, hexadecimal.
    pub digest: String,
    /// `terraform output -json`, without what is sensitive.
    pub outputs: Json,
    /// When: RFC 3339.
    pub at: String,
    /// Who: an ARN.
    pub by: String,
}

impl Foundation {
    /// What was applied last; none if nothing was.
    ///
    /// # Errors
    /// If AWS refuses, or it is not what was written.
    pub async fn applied(&self, system: &System) -> Result<Option<Applied>, FoundationError> {
        Ok(self.read(system.applied_key()).await?.map(|(applied, ..)| applied))
    }

    /// Says what has been applied.
    ///
    /// # Errors
    /// If AWS refuses.
    pub async fn write_applied(&self, system: &System, applied: &Applied) -> Result<(), FoundationError> {
        self.write(system.applied_key(), applied, &json()).await.map(drop)
    }

    /// A document, its entity tag, and its age by S3's clock.
    pub(crate) async fn read<T: DeserializeOwned>(
        &self,
        name: String,
    ) -> Result<Option<(T, ETag, Option<std::time::Duration>)>, FoundationError> {
        let object = self.bucket.get(&key(name.clone())?).await;
        let object = object.map_err(FoundationError::refused(format!("reading {name}")))?;
        let Some(object) = object else { return Ok(None) };
        match serde_json::from_slice(&object.content) {
            Ok(document) => Ok(Some((document, object.about.etag, object.about.age))),
            Err(error) => Err(FoundationError::Edited {
                bucket: self.bucket.name().to_string(),
                key: name,
                why: error.to_string(),
            }),
        }
    }

    pub(crate) async fn write<T: Serialize>(
        &self,
        name: String,
        document: &T,
        how: &Put,
    ) -> Result<Written, FoundationError> {
        let mut text = serde_json::to_string_pretty(document).unwrap_or_default();
        text.push('\n');
        let content = Content::bytes(text.into_bytes());
        let written = self.bucket.put(&key(name.clone())?, &content, how, &|_| {}).await;
        written.map_err(FoundationError::refused(format!("writing {name}")))
    }
}

/// As the foundation's documents are written.
pub(crate) fn json() -> Put {
    Put { cache_control: Some("no-store".to_owned()), ..Put::of("application/json") }
}
