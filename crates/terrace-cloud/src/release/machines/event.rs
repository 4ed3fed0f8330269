//! What is told while machines are released.

use crate::deployed::Party;
use crate::release::record::Digest;

/// What happens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// What the party's machines fetch is in the bucket already.
    AlreadyThere {
        /// Whose.
        party: Party,
        /// Which.
        digest: Digest,
    },
    /// So much of a file has been sent.
    Sent {
        /// Whose.
        party: Party,
        /// Its name.
        file: String,
        /// Bytes so far; from none again when it is sent again.
        done: u64,
        /// Bytes altogether.
        of: u64,
    },
    /// All machines of a party run it already.
    Unchanged {
        /// Whose.
        party: Party,
    },
    /// The launch template has a version for this release.
    Version {
        /// Whose.
        party: Party,
        /// Its number.
        version: u64,
        /// Whether it was made now.
        made: bool,
    },
    /// The machines are being replaced.
    Refreshing {
        /// Whose.
        party: Party,
        /// The instance refresh.
        id: String,
        /// Whether it was under way already, begun by a run that was stopped.
        resumed: bool,
    },
    /// How far it is.
    Progress {
        /// Whose.
        party: Party,
        /// Of all machines, percent.
        percent: u8,
        /// How many of them are still to be replaced.
        left: u32,
        /// Machines of the new release that serve.
        serving: usize,
        /// What Auto Scaling says is waited for.
        waits: Option<String>,
    },
    /// A machine of the new release is there.
    Started {
        /// Whose.
        party: Party,
        /// The machine.
        instance: String,
    },
    /// A machine of the new release answers.
    Healthy {
        /// Whose.
        party: Party,
        /// The machine.
        instance: String,
    },
    /// A machine of the new release came to nothing.
    Bad {
        /// Whose.
        party: Party,
        /// Which, and why.
        bad: Bad,
    },
    /// The machines go back to what they were.
    GoingBack {
        /// Whose.
        party: Party,
        /// Why.
        why: String,
    },
    /// A machine that a former migration left is being taken away.
    Leftover {
        /// The machine.
        instance: String,
        /// Of which release.
        number: String,
    },
    /// The migration runs.
    Migrating {
        /// On this machine.
        instance: String,
        /// Whether a run that was stopped has started it.
        resumed: bool,
    },
    /// The migration prints a line.
    Printed {
        /// What.
        line: String,
    },
    /// The machine of the migration could not be taken away. One that ran to its end goes by itself.
    Stays {
        /// The machine.
        instance: String,
        /// Why.
        why: String,
    },
}

/// A machine that came to nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bad {
    /// The machine; none if none was started.
    pub instance: Option<String>,
    /// Why, a line each: AWS's words with what they mean, what it logged last.
    pub why: Vec<String>,
}
