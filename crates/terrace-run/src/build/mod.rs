//! Builds of the tiers: run when something changed, and only then.
//!
//! Guarantees: a build is skipped only if its sources, its command, the settings of the environment that builders
//! read and what it made are all as they were after its last good run; two builds never work in one folder at the
//! same time, not even for two systems; a failed build leaves no stamp.

mod run;
mod sources;
mod stamp;

pub(crate) use run::alone_in;
pub use run::{BuildError, Job, Outcome, Progress, run};
pub(crate) use sources::is_made;
pub use sources::{Sources, is_never_source};
