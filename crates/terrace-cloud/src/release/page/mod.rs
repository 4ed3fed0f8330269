//! The page: a built folder, brought to the bucket that the distribution takes it from.
//!
//! Files whose names have a hash of their content go first, beside those of former releases, and may be kept for ever by
//! whoever has them. The others replace their former selves: each is put into the foundation's bucket under its digest
//! (`artifacts/SYSTEM/ENVIRONMENT/page/SHA256`) and copied from there by S3, HTML after all others and `index.html` last. So
//! the bytes of a file are sent once, a half-done release shows the former page, and any kept release can be put back without
//! a build. Files are sent as they are: the distribution compresses what it hands out.
//!
//! GUARANTEE: a visitor who has the former page finds the files that it names; what did not change is not sent; the same
//! release can be brought again after any break, and goes on; the distribution forgets what changed and nothing else.

mod bring;
mod folder;
mod invalidation;
mod kind;
mod sweep;

use terrace_account::Account;
use terrace_account::objects::{Bucket, Key};

use crate::deployed::{Distribution, Names, Origin};
use crate::release::Failure;
use crate::release::record::{Digest, File, Page};

pub use bring::Wanted;
pub use folder::Built;

/// The folder of a page that a distribution takes from a bucket where machines serve the rest of it.
pub const ASSETS: &str = "assets/";

/// Where a system's page is.
#[derive(Clone, Debug)]
pub struct Place {
    account: Account,
    page: Bucket,
    kept: Bucket,
    prefix: String,
    distribution: Distribution,
    /// Before every reference that AWS is given.
    token: String,
}

/// What is told while a page is brought.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Event {
    /// It was compared with what is there.
    Compared {
        /// Files that are sent or replaced, as far as is known yet.
        changed: usize,
        /// Files that stay as they are.
        same: usize,
    },
    /// A file is being sent.
    Sending {
        /// Its path.
        path: String,
        /// In bytes; less than before if it is sent again.
        sent: u64,
        /// In bytes.
        of: u64,
    },
    /// A file has been sent.
    Sent {
        /// Its path.
        path: String,
        /// In bytes.
        length: u64,
    },
    /// A file that replaces its former self is where visitors find it.
    Replaced {
        /// Its path.
        path: String,
    },
    /// A file that is no part of the page any more is gone.
    Removed {
        /// Its path.
        path: String,
    },
    /// The distribution was told to forget.
    Invalidating {
        /// What: `/index.html`, or `/*` for everything.
        paths: Vec<String>,
    },
    /// It has forgotten.
    Invalidated,
    /// Files that no kept release has are gone.
    Swept {
        /// How many.
        files: usize,
    },
}

/// What bringing a page did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Brought {
    /// The files that were sent.
    pub sent: Vec<String>,
    /// In bytes.
    pub bytes: u64,
    /// The files that replaced their former selves.
    pub replaced: Vec<String>,
    /// The files that are gone.
    pub removed: Vec<String>,
    /// What the distribution was told to forget.
    pub invalidated: Vec<String>,
}

impl Place {
    /// Of a system, behind this origin, with the foundation's bucket.
    pub fn of(account: &Account, names: &Names, origin: &Origin, foundation: Bucket) -> Self {
        let Names { system, environment, .. } = names;
        let page = Bucket::new(account, origin.bucket.clone()).within(names.region.as_str());
        Self {
            account: account.clone(),
            page: page.owned_by(names.account.as_str()),
            kept: foundation,
            prefix: format!("artifacts/{system}/{environment}/page/"),
            distribution: origin.distribution.clone(),
            token: format!("terrace-{system}-{environment}"),
        }
    }

    /// Where a content is kept that visitors find under a name that may have another one day.
    fn kept(&self, digest: Digest) -> Result<Key, Failure> {
        key(format!("{}{}", self.prefix, digest.sha256().hex()))
    }
}

fn key(text: impl Into<String>) -> Result<Key, Failure> {
    Key::new(text).map_err(|error| Failure::found("a file has no key", error.to_string(), "shorten its path"))
}

/// Whether a file of that page is the same.
fn has(page: Option<&Page>, file: &File) -> bool {
    page.and_then(|page| page.file(&file.path)) == Some(file)
}
