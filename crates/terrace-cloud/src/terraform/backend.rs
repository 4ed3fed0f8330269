//! Where Terraform keeps its state, and what its provider must know of an emulator: files that Terrace adds to the text.

use std::path::PathBuf;

use hcl_edit::expr::Expression;
use hcl_edit::structure::Body;
use serde_json::{Value as Json, json};
use terrace_terraform::Files;

/// Where the state is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Backend {
    /// In a bucket, encrypted, with the lock beside it.
    S3(InBucket),
    /// In a file of this machine. For tests, and for who wants no bucket.
    File(PathBuf),
}

/// A state in a bucket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InBucket {
    bucket: String,
    key: String,
    region: String,
    endpoint: Option<String>,
}

/// Why a state cannot be there.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a state cannot be kept at `{0}`: {1}")]
pub struct BackendError(String, &'static str);

impl InBucket {
    /// At this key of this bucket, which is in this region; at an endpoint that is none of AWS's own, if there is one.
    ///
    /// # Errors
    /// If a bucket, a key or a region cannot be named so. Amazon S3 User Guide, "General purpose bucket naming rules".
    pub fn new(bucket: &str, key: &str, region: &str, endpoint: Option<&str>) -> Result<Self, BackendError> {
        let plain = |text: &str, more: &str| {
            !text.is_empty()
                && text
                    .bytes()
                    .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || more.contains(char::from(b)))
        };
        if !(3..=63).contains(&bucket.len()) || !plain(bucket, ".-") {
            return Err(BackendError(bucket.to_owned(), "3 to 63 of a-z, 0-9, `-` and `.` name a bucket"));
        }
        let clean = |b: u8| b.is_ascii_alphanumeric() || b"._-/".contains(&b);
        // Terraform refuses a key with a `/` at either end.
        if key.is_empty()
            || key.len() > 900
            || key.starts_with('/')
            || key.ends_with('/')
            || !key.bytes().all(clean)
        {
            return Err(BackendError(
                key.to_owned(),
                "letters, digits, `.`, `_`, `-` and `/` within make a key",
            ));
        }
        if !plain(region, "-") {
            return Err(BackendError(region.to_owned(), "a region is named like us-east-1"));
        }
        let (bucket, key, region) = (bucket.to_owned(), key.to_owned(), region.to_owned());
        Ok(Self { bucket, key, region, endpoint: endpoint.map(str::to_owned) })
    }
}

impl Backend {
    /// The block, in Terraform's JSON. "S3", Terraform documentation, backends.
    pub(super) fn text(&self) -> String {
        let block = match self {
            Self::S3(place) => {
                let InBucket { bucket, key, region, endpoint } = place;
                let mut block = json!({
                    "bucket": bucket, "key": key, "region": region, "encrypt": true, "use_lockfile": true,
                });
                if let (Some(endpoint), Some(fields)) = (endpoint, block.as_object_mut()) {
                    fields.insert(
                        "endpoints".to_owned(),
                        json!({ "s3": plain(endpoint), "sts": plain(endpoint) }),
                    );
                    fields.insert("use_path_style".to_owned(), json!(true));
                    fields.insert("skip_region_validation".to_owned(), json!(true));
                    fields.insert("skip_metadata_api_check".to_owned(), json!(true));
                }
                json!({ "s3": block })
            }
            Self::File(path) => json!({ "local": { "path": plain(&path.to_string_lossy()) } }),
        };
        printed(&json!({ "terraform": { "backend": block } }))
    }
}

/// What the text's providers must know of an emulator, each by its alias.
pub(super) fn emulated(files: &Files) -> String {
    let mut aliases: Vec<Option<String>> = vec![];
    for text in files.values() {
        // What cannot be read, Terraform will refuse with better words.
        let Ok(body) = text.parse::<Body>() else { continue };
        let providers = body.get_blocks("provider");
        for provider in
            providers.filter(|one| one.labels.first().is_some_and(|label| label.as_str() == "aws"))
        {
            let alias = provider.body.get_attribute("alias").and_then(|alias| match &alias.value {
                Expression::String(text) => Some(text.value().to_string()),
                _ => None,
            });
            aliases.push(alias);
        }
    }
    aliases.sort();
    aliases.dedup();
    let settings = |alias: &Option<String>| {
        let mut settings = json!({
            "s3_use_path_style": true, "skip_metadata_api_check": true, "skip_region_validation": true,
        });
        if let (Some(alias), Some(fields)) = (alias, settings.as_object_mut()) {
            fields.insert("alias".to_owned(), json!(alias));
        }
        settings
    };
    let all: Vec<Json> = aliases.iter().map(settings).collect();
    if all.is_empty() { printed(&json!({})) } else { printed(&json!({ "provider": { "aws": all } })) }
}

/// In Terraform's JSON every string is a template.
fn plain(text: &str) -> String {
    text.replace("${", "$${").replace("%{", "%%{")
}

pub(super) fn printed(value: &Json) -> String {
    format!("{value:#}\n")
}
