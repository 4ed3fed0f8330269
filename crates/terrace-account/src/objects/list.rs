//! What is in a bucket.
//!
//! "ListObjectsV2" and "ListObjectVersions", Amazon S3 API Reference. Keys are asked for encoded, for XML cannot say them all.

use percent_encoding::percent_decode_str;

use crate::objects::{Bucket, ETag, Key, Method};
use crate::{Refusal, Xml, encoded};

/// No bucket of ours has more pages of a thousand.
const MOST: usize = 10_000;

/// An object, as lists have it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// Its key.
    pub key: Key,
    /// In bytes.
    pub length: u64,
    /// Its entity tag.
    pub etag: ETag,
    /// When it was written: RFC 3339.
    pub modified: String,
}

/// A version of an object, or the mark that it was deleted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Version {
    /// Its key.
    pub key: Key,
    /// Which; `null` of one that was written before versions were kept.
    pub version: String,
    /// In bytes; none of a mark.
    pub length: u64,
    /// Says that the object was deleted.
    pub is_mark: bool,
    /// What the key has now.
    pub is_latest: bool,
}

impl Bucket {
    /// All objects whose keys begin so, by key.
    ///
    /// # Errors
    /// If S3 refuses, or nobody answers.
    pub async fn list(&self, prefix: &str) -> Result<Vec<Listed>, Refusal> {
        let mut all = Vec::new();
        let mut more = String::new();
        for _ in 0..MOST {
            let query = format!("encoding-type=url&list-type=2&prefix={}{more}", encoded(prefix));
            let page = self.page(&query).await?;
            let url = page.word("EncodingType") == Some("url");
            for one in page.children().iter().filter(|one| one.name() == "Contents") {
                all.push(Listed {
                    key: key(one, url)?,
                    length: length(one),
                    etag: ETag::new(one.word("ETag").unwrap_or_default()),
                    modified: one.word("LastModified").unwrap_or_default().to_owned(),
                });
            }
            let token = page.word("NextContinuationToken").filter(|_| page.is("IsTruncated"));
            let Some(token) = token else { return Ok(all) };
            more = format!("&continuation-token={}", encoded(token));
        }
        Err(too_many())
    }

    /// All versions of all objects whose keys begin so, and all marks of deletion.
    ///
    /// # Errors
    /// If S3 refuses, or nobody answers.
    pub async fn versions(&self, prefix: &str) -> Result<Vec<Version>, Refusal> {
        let mut all = Vec::new();
        let mut more = String::new();
        for _ in 0..MOST {
            let query = format!("encoding-type=url&prefix={}{more}&versions", encoded(prefix));
            let page = self.page(&query).await?;
            let url = page.word("EncodingType") == Some("url");
            for one in page.children() {
                let is_mark = one.name() == "DeleteMarker";
                if is_mark || one.name() == "Version" {
                    all.push(Version {
                        key: key(one, url)?,
                        version: one.word("VersionId").unwrap_or("null").to_owned(),
                        length: length(one),
                        is_mark,
                        is_latest: one.is("IsLatest"),
                    });
                }
            }
            if !page.is("IsTruncated") {
                return Ok(all);
            }
            let Some(key) = page.word("NextKeyMarker") else { return Ok(all) };
            more = format!("&key-marker={}", encoded(&decoded(key, url)));
            if let Some(version) = page.word("NextVersionIdMarker") {
                more.push_str(&format!("&version-id-marker={}", encoded(version)));
            }
        }
        Err(too_many())
    }

    async fn page(&self, query: &str) -> Result<Xml, Refusal> {
        let answer = self.ask(Method::Get, query, &[], "").await?;
        Xml::parse(&answer.text()).map_err(|why| Refusal::unsent(format!("the list is no XML: {why}")))
    }
}

fn key(of: &Xml, url: bool) -> Result<Key, Refusal> {
    Key::new(decoded(of.word("Key").unwrap_or_default(), url)).map_err(Refusal::unsent)
}

/// As forms encode: a plus is a space.
fn decoded(text: &str, url: bool) -> String {
    if url {
        percent_decode_str(&text.replace('+', " ")).decode_utf8_lossy().into_owned()
    } else {
        text.to_owned()
    }
}

fn length(of: &Xml) -> u64 {
    of.word("Size").and_then(|text| text.parse().ok()).unwrap_or_default()
}

fn too_many() -> Refusal {
    Refusal::unsent(format!("more than {MOST} pages are listed"))
}
