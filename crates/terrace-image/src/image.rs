//! An image for one architecture, and an index of several.

use std::collections::BTreeSet;

use crate::blob::{Blob, Descriptor, MediaType};
use crate::document::{IndexText, PlatformText, written};
use crate::error::ImageError;
use crate::layer::Layer;
use crate::platform::Architecture;

/// An image for one architecture: layers, configuration, manifest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Image {
    pub(crate) architecture: Architecture,
    pub(crate) layers: Vec<Layer>,
    pub(crate) config: Blob,
    pub(crate) manifest: Blob,
}

impl Image {
    /// The machines that it is for.
    pub fn architecture(&self) -> Architecture {
        self.architecture
    }

    /// Its layers, the lowest first: what changes seldom before what changes with each release.
    pub fn layers(&self) -> &[Layer] {
        &self.layers
    }

    /// Its configuration.
    pub fn config(&self) -> &Blob {
        &self.config
    }

    /// Its manifest; the manifest's digest names the image.
    pub fn manifest(&self) -> &Blob {
        &self.manifest
    }

    /// What a registry must have before it takes the manifest: the layers, then the configuration.
    pub fn blobs(&self) -> impl Iterator<Item = &Blob> {
        self.layers.iter().map(Layer::blob).chain([&self.config])
    }

    fn descriptor(&self) -> Descriptor {
        let platform =
            PlatformText { architecture: self.architecture.as_str().to_owned(), os: "linux".to_owned() };
        Descriptor { platform: Some(platform), ..self.manifest.descriptor() }
    }
}

/// Images of the same thing for several architectures, each of which a machine picks its own from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Index {
    images: Vec<Image>,
    document: Blob,
}

impl Index {
    /// An index of one image for each architecture.
    pub fn new(mut images: Vec<Image>) -> Result<Self, ImageError> {
        images.sort_by_key(Image::architecture);
        let mut seen = BTreeSet::new();
        if let Some(twice) = images.iter().map(Image::architecture).find(|one| !seen.insert(*one)) {
            return Err(ImageError::SameArchitecture(twice));
        }
        if images.is_empty() {
            return Err(ImageError::NoImage);
        }
        let text = IndexText {
            schema_version: 2,
            media_type: MediaType::Index,
            manifests: images.iter().map(Image::descriptor).collect(),
        };
        Ok(Self { document: written(MediaType::Index, &text)?, images })
    }

    /// Its images, in the order of their architectures' names.
    pub fn images(&self) -> &[Image] {
        &self.images
    }

    /// The document; its digest names all of them.
    pub fn document(&self) -> &Blob {
        &self.document
    }
}
