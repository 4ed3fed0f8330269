//! What one party's machines fetch when they start: a few files and their sums, in a folder that is named by them.
//!
//! `artifacts/SYSTEM/ENVIRONMENT/DIGEST/FILE`; `SHA256SUMS` has a line for each file as `sha256sum` writes them, and its own
//! SHA-256 is the folder's name. A machine that knows the name can so check all that it fetches.
//!
//! GUARANTEE: the sums are written last, so that where they are, everything is; what is there is never written again.

use std::collections::BTreeMap;

use terrace_account::objects::{Bucket, Condition, Key, Put, Written};
use terrace_account::{Content, Sha256};

use super::Event;
use crate::deployed::Party;
use crate::foundation::System;
use crate::release::Failure;
use crate::release::record::Digest;

/// The file with the sums of the others.
pub const SUMS: &str = "SHA256SUMS";
/// The file with a service's plain settings, as `terrace-boot` reads them.
pub const SETTINGS: &str = "settings.json";

/// One party's files.
#[derive(Clone, Debug)]
pub struct Artifact {
    files: BTreeMap<String, Content>,
    sums: String,
}

impl Artifact {
    /// Of files by name: `page.tar.gz`, `terrace-boot`.
    ///
    /// # Errors
    /// If there are none, or a name is none that a machine can be told (letters, digits, `._-`, no dot at the start).
    pub fn of(files: BTreeMap<String, Content>) -> Result<Self, Failure> {
        let plain = |name: &str| {
            !name.starts_with('.')
                && (1..=200).contains(&name.len())
                && name.chars().all(|one| one.is_ascii_alphanumeric() || "._-".contains(one))
        };
        let what = "this is nothing that machines could fetch";
        if let Some(name) = files.keys().find(|name| !plain(name) || *name == SUMS) {
            let why = format!("`{}` is no name of a file of a release", name.escape_debug());
            return Err(Failure::found(what, why, "name it with letters, digits, `.`, `_` and `-`"));
        }
        if files.is_empty() {
            return Err(Failure::found(what, "it has no files", "build it first"));
        }
        let sums = files.iter().map(|(name, content)| format!("{}  {name}\n", content.sha256())).collect();
        Ok(Self { files, sums })
    }

    /// By which it is named: the SHA-256 of its sums.
    pub fn digest(&self) -> Digest {
        Digest::of(self.sums.as_bytes())
    }

    /// Of all but the settings: another setting is no other code.
    pub fn code(&self) -> Digest {
        let own = |line: &&str| line.rsplit(' ').next() != Some(SETTINGS);
        let code: String = self.sums.split_inclusive('\n').filter(|line| own(&line.trim_end())).collect();
        Digest::of(code.as_bytes())
    }

    /// The sums, as they are written.
    pub fn sums(&self) -> &str {
        &self.sums
    }
}

fn key(system: &System, digest: Digest, file: &str) -> Result<Key, Failure> {
    let key = Key::new(format!("{}{}/{file}", system.artifacts_prefix(), digest.sha256()));
    key.map_err(|error| Failure::found("the artifact has no key", error.to_string(), "shorten the names"))
}

/// Brings an artifact to the bucket, or as much of it as is not there.
///
/// # Errors
/// If S3 refuses, nobody answers, or something else lies under the name.
pub async fn put(
    bucket: &Bucket,
    system: &System,
    party: &Party,
    artifact: &Artifact,
    events: &(dyn Fn(Event) + Send + Sync),
) -> Result<(), Failure> {
    if is_there(bucket, system, artifact.digest()).await? {
        events(Event::AlreadyThere { party: party.clone(), digest: artifact.digest() });
        return Ok(());
    }
    let sums = (SUMS.to_owned(), Content::bytes(artifact.sums.clone()));
    let last = std::iter::once((&sums.0, &sums.1));
    for (name, content) in artifact.files.iter().chain(last) {
        let key = key(system, artifact.digest(), name)?;
        let told = |done| {
            let (party, file, of) = (party.clone(), name.clone(), content.length());
            events(Event::Sent { party, file, done, of });
        };
        put_one(bucket, &key, content, &told).await?;
    }
    Ok(())
}

async fn put_one(
    bucket: &Bucket,
    key: &Key,
    content: &Content,
    told: &(dyn Fn(u64) + Send + Sync),
) -> Result<(), Failure> {
    let place = format!("s3://{}/{key}", bucket.name());
    let refused = |refusal| Failure::refused(format!("{place} could not be written"), &refusal);
    let how = Put::of("application/octet-stream").on(Condition::Absent);
    if let Written::Done(_) = bucket.put(key, content, &how, told).await.map_err(refused)? {
        return Ok(());
    }
    // A former try that was broken off has left it, or somebody released the same.
    let about = bucket.head(key).await.map_err(refused)?;
    if about.is_some_and(|about| about.sha256 == Some(content.sha256()) && about.length == content.length()) {
        return Ok(());
    }
    let next = format!("look at it, then take it away: aws s3 rm {place}");
    Err(Failure::found("something else lies where the release belongs", place, next))
}

/// Whether all of an artifact is in the bucket.
///
/// # Errors
/// If S3 refuses, or nobody answers.
pub async fn is_there(bucket: &Bucket, system: &System, digest: Digest) -> Result<bool, Failure> {
    let key = key(system, digest, SUMS)?;
    let about = bucket.head(&key).await;
    let about = about.map_err(|refusal| {
        Failure::refused(format!("s3://{}/{key} could not be looked at", bucket.name()), &refusal)
    })?;
    let same: Option<Option<Sha256>> = about.map(|about| about.sha256);
    Ok(same.is_some_and(|sha256| sha256.is_none_or(|sha256| sha256 == digest.sha256())))
}
