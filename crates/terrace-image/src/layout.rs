//! Images as the files of an image layout (image-spec, `image-layout.md`), which podman, skopeo, umoci and `docker load` read.

use std::collections::BTreeMap;

use bytes::Bytes;
use serde::Serialize;

use crate::blob::{Blob, Descriptor, MediaType};
use crate::error::ImageError;
use crate::image::Index;

/// The layout's own index, which names what is in it.
pub const LAYOUT_INDEX: &str = "index.json";

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Version {
    image_layout_version: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Entries {
    schema_version: u8,
    media_type: MediaType,
    manifests: Vec<Descriptor>,
}

/// The files of a layout by their paths: images under a name (`latest`), one alone as a manifest, several as an index.
pub fn layout(name: &str, index: &Index) -> Result<BTreeMap<String, Bytes>, ImageError> {
    let top = match index.images() {
        [one] => one.manifest(),
        _ => index.document(),
    };
    let mut entry = top.descriptor();
    entry.annotations.insert("org.opencontainers.image.ref.name".to_owned(), name.to_owned());
    let entries = Entries { schema_version: 2, media_type: MediaType::Index, manifests: vec![entry] };
    let mut files = BTreeMap::from([
        ("oci-layout".to_owned(), json(&Version { image_layout_version: "1.0.0" })?),
        (LAYOUT_INDEX.to_owned(), json(&entries)?),
    ]);
    let manifests = index.images().iter().map(|image| image.manifest());
    let blobs = index.images().iter().flat_map(|image| image.blobs());
    for blob in blobs.chain(manifests).chain([top]) {
        files.insert(place(blob), blob.bytes().clone());
    }
    Ok(files)
}

fn place(blob: &Blob) -> String {
    format!("blobs/sha256/{}", blob.digest().hex())
}

fn json(value: &impl Serialize) -> Result<Bytes, ImageError> {
    serde_json::to_vec(value)
        .map(Bytes::from)
        .map_err(|error| ImageError::Unwritten { why: error.to_string() })
}
