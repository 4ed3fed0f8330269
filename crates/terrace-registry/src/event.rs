//! What goes on while an image is pushed.

use std::time::Duration;

use terrace_image::Digest;

/// Who is told.
pub(crate) type Told<'a> = &'a (dyn Fn(Event) + Send + Sync);

/// Something that happened. Sizes are in bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// The registry has this blob already.
    Present {
        /// Which.
        digest: Digest,
        /// Its size.
        size: u64,
    },
    /// The registry took this blob over from another repository.
    Mounted {
        /// Which.
        digest: Digest,
        /// Its size.
        size: u64,
    },
    /// So much of this blob is on its way. It falls back when a part has to be sent anew.
    Sent {
        /// Which.
        digest: Digest,
        /// How much.
        sent: u64,
        /// Of how much.
        size: u64,
    },
    /// This blob is there.
    Uploaded {
        /// Which.
        digest: Digest,
        /// Its size.
        size: u64,
    },
    /// This manifest or index is there under this tag or digest.
    Named {
        /// Which.
        digest: Digest,
        /// As what.
        reference: String,
    },
    /// Something failed that may pass; it is tried again.
    Again {
        /// What failed.
        why: String,
        /// After how long.
        after: Duration,
    },
}
