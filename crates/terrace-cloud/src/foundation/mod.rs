//! What stands before and after every system: the bucket of states and releases, the registry's repositories.
//!
//! There is one bucket for an account and a region ([`Foundation`]): Terraform's states, what was applied last ([`Applied`]),
//! records of releases, artifacts, and of each deployment under way a [`Journal`], which lets one in at a time and tells the
//! next where the last one stopped. [`repository()`] makes the registry's repositories.
//!
//! GUARANTEE: everything is looked for before it is made; what a killed run left half made is made whole; what somebody else
//! has made under a name of ours is left alone, and said.

mod applied;
mod bucket;
mod error;
mod event;
mod journal;
mod part;
mod place;
mod repository;

pub use applied::Applied;
pub use bucket::{Care, Foundation};
pub use error::FoundationError;
pub use event::{Event, Piece};
pub use journal::{Begun, Entry, Holder, Journal, State};
pub use place::{Place, System, SystemError};
pub use repository::{Login, Repository, has_image, login, prune, repository};
