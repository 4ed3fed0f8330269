//! Machines: what they fetch when they start, and how one release takes another's place.
//!
//! An [`Artifact`] lies in the foundation's bucket under its own digest. A release makes a version of the launch template that
//! names it, and an instance refresh leads the group there: a new machine serves before an old one goes. A rollback is the same
//! way with a former digest, without a build.
//!
//! No parameter names the release, because a refresh goes back only if it leads to another template than the one that is in
//! force: with a parameter both would be the same, and a machine that scales out would start what has just failed.
//!
//! A migration runs before that, on a machine of the release that is apart from the group.
//!
//! GUARANTEE: what is in force is told by the group's template alone, which AWS sets when all machines run it, and leaves as it
//! was when they do not, whether Terrace lives or not. Begun again after any break, a release goes on with the version and the
//! refresh that are there.

mod apart;
mod archive;
mod artifact;
mod event;
mod explain;
mod following;
mod group;
mod migration;
mod refresh;
mod releasing;
mod template;

pub(crate) use apart::Apart;
pub use archive::Archive;
pub use artifact::{Artifact, SETTINGS, SUMS, is_there, put};
pub use event::{Bad, Event};
pub use migration::migrate;
pub use releasing::{Released, Wish, release};
pub use template::TAG;
