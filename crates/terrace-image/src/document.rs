//! The documents of an image as they are written: configuration, manifest, index, layout (image-spec v1.1).
//!
//! Types of our own, because the crate `oci-spec` keeps labels and annotations in hash maps, whose order changes from run to
//! run; the tests read every document with it.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::blob::{Blob, Descriptor, MediaType};
use crate::digest::Digest;
use crate::error::ImageError;

/// `config.md`.
#[derive(Debug, Serialize)]
pub(crate) struct Configuration<'a> {
    pub(crate) created: String,
    pub(crate) architecture: &'a str,
    pub(crate) os: &'a str,
    pub(crate) config: Execution<'a>,
    pub(crate) rootfs: RootFileSystem,
    pub(crate) history: Vec<History<'a>>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Execution<'a> {
    pub(crate) user: String,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) exposed_ports: BTreeMap<String, Empty>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) env: Vec<String>,
    pub(crate) entrypoint: &'a [String],
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    pub(crate) cmd: &'a [String],
    pub(crate) working_dir: String,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) labels: &'a BTreeMap<String, String>,
    pub(crate) stop_signal: &'a str,
}

/// Go's empty struct, which sets are written with.
#[derive(Debug, Serialize)]
pub(crate) struct Empty {}

pub(crate) fn set(items: &BTreeSet<String>) -> BTreeMap<String, Empty> {
    items.iter().map(|item| (item.clone(), Empty {})).collect()
}

#[derive(Debug, Serialize)]
pub(crate) struct RootFileSystem {
    #[serde(rename = "type")]
    pub(crate) kind: &'static str,
    pub(crate) diff_ids: Vec<Digest>,
}

#[derive(Debug, Serialize)]
pub(crate) struct History<'a> {
    pub(crate) created: String,
    pub(crate) created_by: &'static str,
    pub(crate) comment: &'a str,
}

/// `manifest.md`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Manifest<'a> {
    pub(crate) schema_version: u8,
    pub(crate) media_type: MediaType,
    pub(crate) config: Descriptor,
    pub(crate) layers: Vec<Descriptor>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) annotations: &'a BTreeMap<String, String>,
}

/// `image-index.md`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct IndexText {
    pub(crate) schema_version: u8,
    pub(crate) media_type: MediaType,
    pub(crate) manifests: Vec<Descriptor>,
}

/// Of an index: the machines that a manifest is for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct PlatformText {
    /// The architecture.
    pub(crate) architecture: String,
    /// The system.
    pub(crate) os: String,
}

/// A document as a blob.
pub(crate) fn written(media_type: MediaType, document: &impl Serialize) -> Result<Blob, ImageError> {
    // Maps with text for keys always become JSON; the case is there because the call can tell of others.
    let bytes =
        serde_json::to_vec(document).map_err(|error| ImageError::Unwritten { why: error.to_string() })?;
    Ok(Blob::new(media_type, bytes))
}
