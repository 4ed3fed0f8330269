//! Takes a deployed system away, and tells what is kept.
//!
//! Terraform removes what it made (`crate::terraform`); this is what stands around that. [`inventory()`] tells
//! before what there is, by the tags that everything of a system has, what of it costs money by being there,
//! and what stays; [`protected()`] what AWS will not let go; [`end_leftovers()`] ends migrations that nobody
//! follows; [`snapshot()`] keeps the data; [`empty()`] empties
//! buckets, so that they can be removed; [`inventory()`] again afterwards
//! tells whether anything is left.
//!
//! GUARANTEE: only what the system's own tags name is listed; what AWS goes on listing for a while after it
//! is gone is told apart from what is there; a bucket is emptied of nothing that was not found in it.

mod apart;
mod empty;
mod gone;
mod inventory;
mod kind;
mod last;
mod leftover;

pub use apart::{protected, remove_repository};
pub use empty::{Emptied, empty, empty_below};
pub use inventory::{Inventory, Thing, inventory};
pub use kind::{Fate, Kind};
pub use last::{LastError, Snapshot, snapshot};
pub use leftover::{Ground, Leftover, end_leftovers, leftovers};
