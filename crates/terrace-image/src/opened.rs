//! An image that another tool has made, read from the archive that it leaves: an image layout (image-spec, `image-layout.md`) in
//! a tar file, as `docker save`, `podman save --format oci-archive`, `buildah push oci-archive:` and buildx write it.
//!
//! GUARANTEE: every blob is what its digest says. What is packed stays as it is, byte for byte; layers that are not packed are,
//! with the one compressor of this crate, and Docker's types become those of the image-spec: then the manifest is a new one.

use std::collections::BTreeMap;

use bytes::Bytes;
use serde::Deserialize;

use crate::blob::{Blob, Descriptor, MediaType};
use crate::digest::Digest;
use crate::document::{Manifest, written};
use crate::error::ImageError;
use crate::gzip::gzip;
use crate::image::Image;
use crate::layer::Layer;
use crate::layout::LAYOUT_INDEX;
use crate::platform::Architecture;

/// An index may name indexes; nobody's does so more often.
const DEEPEST: usize = 4;

/// Docker's names of what the image-spec has, which read the same otherwise ("Image Manifest Version 2, Schema 2").
const DOCKER: [(&str, MediaType); 5] = [
    ("application/vnd.docker.distribution.manifest.list.v2+json", MediaType::Index),
    ("application/vnd.docker.distribution.manifest.v2+json", MediaType::Manifest),
    ("application/vnd.docker.container.image.v1+json", MediaType::Config),
    ("application/vnd.docker.image.rootfs.diff.tar", MediaType::LayerTar),
    ("application/vnd.docker.image.rootfs.diff.tar.gzip", MediaType::LayerGzip),
];

#[derive(Deserialize)]
struct Entries {
    manifests: Vec<Descriptor>,
}

#[derive(Deserialize)]
struct Parts {
    config: Descriptor,
    layers: Vec<Descriptor>,
    #[serde(default)]
    annotations: BTreeMap<String, String>,
}

/// Of a configuration, what decides.
#[derive(Deserialize)]
struct Machine {
    architecture: String,
    os: String,
    rootfs: Differences,
}

#[derive(Deserialize)]
struct Differences {
    diff_ids: Vec<Digest>,
}

impl Image {
    /// The image for these machines in an archive of a layout.
    ///
    /// # Errors
    /// If it is no such archive, has no image for them, or something in it is not what its digest says.
    pub fn open(archive: &Bytes, asked: Architecture) -> Result<Self, ImageError> {
        let layout = Layout { files: files(archive)? };
        let mut found = Vec::new();
        let index = layout
            .files
            .get(LAYOUT_INDEX)
            .ok_or_else(|| damaged("it has no index.json, as what Docker saves before version 25"))?;
        let entries: Entries = read(index, LAYOUT_INDEX)?;
        for entry in &entries.manifests {
            if let Some(image) = layout.image(entry, asked, DEEPEST, &mut found)? {
                return Ok(image);
            }
        }
        found.sort();
        found.dedup();
        Err(ImageError::OtherPlatforms { found: found.join(", "), asked })
    }
}

struct Layout {
    files: BTreeMap<String, Bytes>,
}

impl Layout {
    /// The bytes that a descriptor names.
    fn blob(&self, named: &Descriptor) -> Result<Blob, ImageError> {
        let place = format!("blobs/sha256/{}", named.digest.hex());
        let bytes = self.files.get(&place).ok_or_else(|| damaged(&format!("{place} is not in it")))?;
        let blob = Blob::new(plain(&named.media_type), bytes.clone());
        if blob.digest() != named.digest || blob.size() != named.size {
            return Err(damaged(&format!("{place} is not what its name says")));
        }
        Ok(blob)
    }

    /// The image that a descriptor leads to, if it is for these machines; otherwise for which it is.
    fn image(
        &self,
        named: &Descriptor,
        asked: Architecture,
        depth: usize,
        found: &mut Vec<String>,
    ) -> Result<Option<Image>, ImageError> {
        if depth == 0 {
            return Err(damaged("its indexes name each other"));
        }
        if let Some(platform) = &named.platform
            && (platform.os != "linux" || platform.architecture != asked.as_str())
        {
            found.push(format!("{}/{}", platform.os, platform.architecture));
            return Ok(None);
        }
        let blob = self.blob(named)?;
        if *blob.media_type() == MediaType::Index {
            let entries: Entries = read(blob.bytes(), "an index")?;
            for entry in &entries.manifests {
                if let Some(image) = self.image(entry, asked, depth - 1, found)? {
                    return Ok(Some(image));
                }
            }
            return Ok(None);
        }
        let parts: Parts = read(blob.bytes(), "a manifest")?;
        let config = self.blob(&parts.config)?;
        let machine: Machine = match serde_json::from_slice(config.bytes()) {
            Ok(machine) => machine,
            // What is signed or said of an image lies beside it in the same form.
            Err(_) if parts.config.media_type != MediaType::Config => return Ok(None),
            Err(error) => return Err(damaged(&format!("a configuration cannot be read: {error}"))),
        };
        if machine.os != "linux" || machine.architecture != asked.as_str() {
            found.push(format!("{}/{}", machine.os, machine.architecture));
            return Ok(None);
        }
        let differences = machine.rootfs.diff_ids;
        if differences.len() != parts.layers.len() {
            return Err(damaged("it has another number of layers than its configuration says"));
        }
        let mut layers = Vec::with_capacity(differences.len());
        for (layer, diff) in parts.layers.iter().zip(differences) {
            layers.push(packed(self.blob(layer)?, diff)?);
        }
        let image = Image { architecture: asked, layers, config, manifest: blob };
        let same =
            image.layers.iter().zip(&parts.layers).all(|(now, was)| {
                now.blob.digest() == was.digest && *now.blob.media_type() == was.media_type
            });
        let same =
            same && named.media_type == MediaType::Manifest && parts.config.media_type == MediaType::Config;
        if same { Ok(Some(image)) } else { image.named_anew(&parts.annotations).map(Some) }
    }
}

impl Image {
    /// The same with a manifest that names its layers and its configuration as they are now.
    pub(crate) fn named_anew(self, annotations: &BTreeMap<String, String>) -> Result<Self, ImageError> {
        let manifest = Manifest {
            schema_version: 2,
            media_type: MediaType::Manifest,
            config: self.config.descriptor(),
            layers: self.layers.iter().map(|layer| layer.blob().descriptor()).collect(),
            annotations,
        };
        Ok(Self { manifest: written(MediaType::Manifest, &manifest)?, ..self })
    }
}

/// A layer as it goes to a registry: packed.
fn packed(blob: Blob, diff: Digest) -> Result<Layer, ImageError> {
    let blob = if *blob.media_type() == MediaType::LayerTar {
        if blob.digest() != diff {
            return Err(damaged("a layer is not what the configuration says"));
        }
        Blob::new(MediaType::LayerGzip, gzip(blob.bytes()))
    } else {
        blob
    };
    Ok(Layer { title: "a layer of the base".to_owned(), blob, diff })
}

/// A type as the image-spec has it.
fn plain(media_type: &MediaType) -> MediaType {
    let known = DOCKER.into_iter().find(|(text, _)| media_type.as_str() == *text);
    known.map_or_else(|| media_type.clone(), |(_, known)| known)
}

/// The files of an archive by their paths; each is a part of the archive's own bytes.
fn files(archive: &Bytes) -> Result<BTreeMap<String, Bytes>, ImageError> {
    let unread = |error: &std::io::Error| damaged(&error.to_string());
    let mut reader = tar::Archive::new(&**archive);
    let mut files = BTreeMap::new();
    for entry in reader.entries().map_err(|error| unread(&error))? {
        let entry = entry.map_err(|error| unread(&error))?;
        if !entry.header().entry_type().is_file() {
            continue;
        }
        let path = entry.path().map_err(|error| unread(&error))?;
        let Some(name) = path.to_str().map(|name| name.trim_start_matches("./").to_owned()) else { continue };
        let from = usize::try_from(entry.raw_file_position()).unwrap_or(usize::MAX);
        let to = usize::try_from(entry.size()).ok().and_then(|size| from.checked_add(size));
        let Some(to) = to.filter(|to| *to <= archive.len()) else {
            return Err(damaged("it is cut off"));
        };
        files.insert(name, archive.slice(from..to));
    }
    Ok(files)
}

fn read<'a, T: Deserialize<'a>>(bytes: &'a [u8], what: &str) -> Result<T, ImageError> {
    serde_json::from_slice(bytes).map_err(|error| damaged(&format!("{what} cannot be read: {error}")))
}

fn damaged(why: &str) -> ImageError {
    ImageError::Layout { why: why.to_owned() }
}
