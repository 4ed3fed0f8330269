//! Taking away what no kept release has.

use std::collections::BTreeSet;

use terrace_account::objects::{Bucket, Key};

use super::kind::Turn;
use super::{Event, Place};
use crate::release::Failure;
use crate::release::record::Record;

impl Place {
    /// Takes away the files that none of the kept releases has (see `Book::kept`): what visitors may still be asked for stays.
    /// Does nothing if no kept release has a page. Gives how many.
    ///
    /// # Errors
    /// If AWS refuses or does not answer. The same can be begun again.
    pub async fn sweep(
        &self,
        kept: &[Record],
        events: &(dyn Fn(Event) + Send + Sync),
    ) -> Result<usize, Failure> {
        let pages = || kept.iter().filter_map(|record| record.contents.page.as_ref());
        // A page that nobody recorded is nobody's to take away.
        if pages().next().is_none() {
            return Ok(0);
        }
        let files = || pages().flat_map(|page| page.files.iter());
        let paths: BTreeSet<&str> = files().map(|file| file.path.as_str()).collect();
        let mutable = files().filter(|file| Turn::of(&file.media_type, &file.cache) != Turn::Hashed);
        let contents: BTreeSet<String> = mutable.map(|file| file.digest.sha256().hex()).collect();
        let page = self.swept(&self.page, "", |key| !paths.contains(key)).await?;
        let own = |key: &str| key.strip_prefix(&self.prefix).is_some_and(|name| !contents.contains(name));
        let former = self.swept(&self.kept, &self.prefix, own).await?;
        events(Event::Swept { files: page + former });
        Ok(page + former)
    }

    async fn swept(
        &self,
        bucket: &Bucket,
        prefix: &str,
        goes: impl Fn(&str) -> bool,
    ) -> Result<usize, Failure> {
        let what = || format!("files of former releases could not be taken away from {}", bucket.name());
        let told = |refusal| Failure::refused(what(), &refusal).in_force("the new release, whole");
        let listed = bucket.list(prefix).await.map_err(told)?;
        let all: Vec<(Key, Option<String>)> =
            listed.into_iter().filter(|one| goes(one.key.as_str())).map(|one| (one.key, None)).collect();
        if all.is_empty() {
            return Ok(0);
        }
        let left = bucket.delete_all(&all).await.map_err(told)?;
        match left.first() {
            None => Ok(all.len()),
            Some(one) => {
                let why = format!("{}: {} ({} of {})", one.key, one.message, left.len(), all.len());
                let next =
                    "allow s3:DeleteObject on that bucket to whoever deploys; the next release sweeps again";
                Err(Failure::found(what(), why, next).in_force("the new release, whole"))
            }
        }
    }
}
