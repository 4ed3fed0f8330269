//! An image with more on top of it: files, and another way to start.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::blob::{Blob, MediaType};
use crate::error::ImageError;
use crate::image::Image;
use crate::layer::{Compression, Layer};
use crate::timestamp::Timestamp;
use crate::tree::Tree;

/// What an image starts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Start {
    /// What stays whatever whoever runs it says (`Entrypoint`).
    pub entrypoint: Vec<String>,
    /// What whoever runs it may replace (`Cmd`).
    pub arguments: Vec<String>,
}

impl Image {
    /// What it starts.
    ///
    /// # Errors
    /// If its configuration cannot be read.
    pub fn start(&self) -> Result<Start, ImageError> {
        let config = self.configuration()?;
        let words = |name: &str| {
            let words = config.get("config").and_then(|config| config.get(name)).and_then(Value::as_array);
            words.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
        };
        Ok(Start { entrypoint: words("Entrypoint"), arguments: words("Cmd") })
    }

    /// With a layer of these files on top, started in this way; everything else stays as it is.
    ///
    /// # Errors
    /// If its configuration cannot be read, or the files cannot be packed.
    pub fn over(&self, title: &str, files: &Tree, start: &Start) -> Result<Self, ImageError> {
        let layer = Layer::pack(title, files, Timestamp::default(), Compression::Gzip)?;
        let mut config = self.configuration()?;
        let diffs = config.get_mut("rootfs").and_then(|rootfs| rootfs.get_mut("diff_ids"));
        let diffs = diffs.and_then(Value::as_array_mut).ok_or_else(unreadable)?;
        diffs.push(json!(layer.diff()));
        if let Some(history) = config.get_mut("history").and_then(Value::as_array_mut) {
            let created = Timestamp::default().rfc3339();
            history.push(json!({"created": created, "created_by": "terrace", "comment": title}));
        }
        let how = config.entry("config").or_insert_with(|| json!({}));
        let how = how.as_object_mut().ok_or_else(unreadable)?;
        how.insert("Entrypoint".to_owned(), json!(start.entrypoint));
        how.insert("Cmd".to_owned(), json!(start.arguments));
        let bytes = serde_json::to_vec(&config).map_err(|_| unreadable())?;
        let mut layers = self.layers.clone();
        layers.push(layer);
        let manifest: Annotated = serde_json::from_slice(self.manifest.bytes()).map_err(|_| unreadable())?;
        let image = Self {
            architecture: self.architecture,
            layers,
            config: Blob::new(MediaType::Config, bytes),
            manifest: self.manifest.clone(),
        };
        image.named_anew(&manifest.annotations)
    }

    fn configuration(&self) -> Result<Map<String, Value>, ImageError> {
        serde_json::from_slice(self.config.bytes()).map_err(|_| unreadable())
    }
}

#[derive(serde::Deserialize)]
struct Annotated {
    #[serde(default)]
    annotations: BTreeMap<String, String>,
}

fn unreadable() -> ImageError {
    ImageError::Layout { why: "its configuration cannot be read".to_owned() }
}
