//! What is told while a product is built and brought away.

use std::time::Duration;

use terrace_topology::PartyName;

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Event {
    /// Another build works in the folder; this one waits for it.
    Waiting {
        /// Whose build waits.
        party: PartyName,
    },
    /// A command runs.
    Building {
        /// Whose.
        party: PartyName,
        /// What runs.
        command: String,
    },
    /// A build printed a line.
    Line {
        /// Whose.
        party: PartyName,
        /// The line.
        text: String,
    },
    /// A party is built.
    Built {
        /// Whose.
        party: PartyName,
        /// For how long a command ran; none if nothing had changed.
        took: Option<Duration>,
    },
    /// What its containers or machines get is ready.
    Packed {
        /// Whose.
        party: PartyName,
        /// By what it is named.
        digest: String,
        /// How large it is, in bytes.
        size: u64,
    },
    /// Something is fetched that every release needs and this machine does not have.
    Fetching {
        /// From where.
        what: String,
    },
    /// So much of an image is on its way.
    Pushing {
        /// To where.
        repository: String,
        /// How many bytes went.
        sent: u64,
        /// Of how many.
        size: u64,
    },
    /// Something failed that may pass; it is tried again.
    Again {
        /// What failed.
        why: String,
        /// After how long.
        after: Duration,
    },
    /// The registry has the image.
    Pushed {
        /// In which repository.
        repository: String,
        /// By what it is named.
        digest: String,
        /// How many bytes had to be sent.
        sent: u64,
    },
}
