//! A blob with its type and its digest, and what others write of it.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use crate::digest::Digest;
use crate::document::PlatformText;

/// The media types that an image of ours has, and those of others that a registry may hold (image-spec, `media-types.md`).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub enum MediaType {
    /// An index of manifests.
    Index,
    /// A manifest.
    Manifest,
    /// An image's configuration.
    Config,
    /// A layer as a plain archive.
    LayerTar,
    /// A layer as a compressed archive.
    LayerGzip,
    /// Another one, as it is written.
    Other(String),
}

impl MediaType {
    /// How it is written.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Index => "application/vnd.oci.image.index.v1+json",
            Self::Manifest => "application/vnd.oci.image.manifest.v1+json",
            Self::Config => "application/vnd.oci.image.config.v1+json",
            Self::LayerTar => "application/vnd.oci.image.layer.v1.tar",
            Self::LayerGzip => "application/vnd.oci.image.layer.v1.tar+gzip",
            Self::Other(text) => text,
        }
    }
}

impl From<String> for MediaType {
    fn from(text: String) -> Self {
        [Self::Index, Self::Manifest, Self::Config, Self::LayerTar, Self::LayerGzip]
            .into_iter()
            .find(|known| known.as_str() == text)
            .unwrap_or(Self::Other(text))
    }
}

impl From<MediaType> for String {
    fn from(media_type: MediaType) -> Self {
        media_type.as_str().to_owned()
    }
}

impl FromStr for MediaType {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(text.to_owned().into())
    }
}

impl fmt::Display for MediaType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Bytes with their type and digest. Cloning shares the bytes.
#[derive(Clone, PartialEq, Eq)]
pub struct Blob {
    media_type: MediaType,
    digest: Digest,
    bytes: Bytes,
}

impl Blob {
    /// These bytes; the digest is computed.
    pub fn new(media_type: MediaType, bytes: impl Into<Bytes>) -> Self {
        let bytes = bytes.into();
        Self { media_type, digest: Digest::of(&bytes), bytes }
    }

    /// What it is.
    pub fn media_type(&self) -> &MediaType {
        &self.media_type
    }

    /// What names it.
    pub fn digest(&self) -> Digest {
        self.digest
    }

    /// Its bytes.
    pub fn bytes(&self) -> &Bytes {
        &self.bytes
    }

    /// Its size in bytes.
    pub fn size(&self) -> u64 {
        self.bytes.len() as u64
    }

    /// What another document writes of it.
    pub fn descriptor(&self) -> Descriptor {
        Descriptor {
            media_type: self.media_type.clone(),
            digest: self.digest,
            size: self.size(),
            annotations: BTreeMap::new(),
            platform: None,
        }
    }
}

impl fmt::Debug for Blob {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of {} bytes, {}", self.media_type, self.size(), self.digest)
    }
}

/// A blob as another document names it (image-spec, `descriptor.md`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Descriptor {
    /// What it is.
    pub media_type: MediaType,
    /// What names it.
    pub digest: Digest,
    /// Its size in bytes.
    pub size: u64,
    /// What is said of it besides.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub annotations: BTreeMap<String, String>,
    /// In an index: for which machines it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) platform: Option<PlatformText>,
}
