//! Empties a bucket, with all versions and the marks of what was deleted.
//!
//! "Deleting a general purpose bucket", Amazon S3 User Guide.

use serde::Serialize;
use terrace_account::objects::{Bucket, Key};

use crate::watch::WatchError;

/// As many versions as are deleted at once.
const AT_ONCE: usize = 1000;
/// How often is looked again for what came meanwhile: logs that are delivered late, for example.
const ROUNDS: usize = 5;

/// How far a bucket is emptied.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Emptied {
    /// As many versions and marks as were deleted.
    pub deleted: usize,
    /// As many as were found so far.
    pub found: usize,
    /// One that S3 would not delete, and why, in S3's words.
    pub left: Option<String>,
}

/// Empties a bucket; that there is none is no error. Tells how far it is; all of it is done if nothing is
/// [`left`](Emptied::left).
///
/// # Errors
/// If S3 refuses or does not answer; what was deleted is deleted, and the rest when it is begun again.
pub async fn empty(bucket: &Bucket, called: &str, events: impl Fn(&Emptied)) -> Result<Emptied, WatchError> {
    empty_below(bucket, "", called, events).await
}

/// The same of those keys alone that begin with `prefix`.
///
/// # Errors
/// If S3 refuses or does not answer; what was deleted is deleted, and the rest when it is begun again.
pub async fn empty_below(
    bucket: &Bucket,
    prefix: &str,
    called: &str,
    events: impl Fn(&Emptied),
) -> Result<Emptied, WatchError> {
    let refused = |refusal| WatchError::new(format!("emptying the bucket {called}"), refusal);
    let mut so_far = Emptied { deleted: 0, found: 0, left: None };
    for _ in 0..ROUNDS {
        let versions = match bucket.versions(prefix).await {
            Ok(versions) => versions,
            Err(refusal) if refusal.code() == "NoSuchBucket" => return Ok(so_far),
            Err(refusal) => return Err(refused(refusal)),
        };
        if versions.is_empty() {
            return Ok(so_far);
        }
        (so_far.found, so_far.left) = (so_far.deleted + versions.len(), None);
        let before = so_far.deleted;
        let all: Vec<(Key, Option<String>)> =
            versions.into_iter().map(|one| (one.key, Some(one.version))).collect();
        for some in all.chunks(AT_ONCE) {
            let left = bucket.delete_all(some).await.map_err(refused)?;
            let told = left.first().map(|one| format!("{}: {}: {}", one.key, one.code, one.message));
            so_far.left = told.or(so_far.left);
            so_far.deleted += some.len() - left.len().min(some.len());
            events(&so_far);
        }
        if so_far.deleted == before {
            return Ok(so_far);
        }
    }
    Ok(so_far)
}
