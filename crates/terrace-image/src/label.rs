//! What is said of an image: labels, which are annotations of its manifest as well.

use std::collections::BTreeMap;

use crate::error::ImageError;

/// The keys that the image-spec defines and releases have a use for (`annotations.md#pre-defined-annotation-keys`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Label {
    /// What it is called.
    Title,
    /// What it is.
    Description,
    /// The version of what is packed, as people write it.
    Version,
    /// The commit.
    Revision,
    /// Where the source is (URL).
    Source,
    /// Where to read on (URL).
    Url,
    /// Under which licences (SPDX).
    Licenses,
}

impl Label {
    /// The key.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Title => "org.opencontainers.image.title",
            Self::Description => "org.opencontainers.image.description",
            Self::Version => "org.opencontainers.image.version",
            Self::Revision => "org.opencontainers.image.revision",
            Self::Source => "org.opencontainers.image.source",
            Self::Url => "org.opencontainers.image.url",
            Self::Licenses => "org.opencontainers.image.licenses",
        }
    }
}

/// Labels by key. `org.opencontainers.image.created` is not among them: the [`Timestamp`](crate::Timestamp) says it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Labels(BTreeMap<String, String>);

/// Keys of the image-spec that others give: the time by the recipe, the rest by tools that derive images.
const NOT_GIVEN: &str = "org.opencontainers.image.created";

impl Labels {
    /// With a label of the image-spec.
    #[must_use]
    pub fn with(mut self, label: Label, value: impl Into<String>) -> Self {
        self.0.insert(label.key().to_owned(), value.into());
        self
    }

    /// With a label of another key: visible characters without spaces, not empty.
    pub fn with_key(mut self, key: &str, value: impl Into<String>) -> Result<Self, ImageError> {
        let visible = !key.is_empty() && key.chars().all(|one| one.is_ascii_graphic());
        if !visible || key == NOT_GIVEN {
            return Err(ImageError::Label { key: key.escape_debug().to_string() });
        }
        self.0.insert(key.to_owned(), value.into());
        Ok(self)
    }

    pub(crate) fn as_map(&self) -> &BTreeMap<String, String> {
        &self.0
    }
}
