//! Terraform as somebody else wrote it → an [`Inventory`](terrace_aws::inventory::Inventory).
//!
//! [`folder()`] reads the files of a folder; [`plan()`] and [`state()`] what `terraform show -json` prints. Unlike
//! [`import`](crate::import), which reads our own output strictly, they take whatever people write: what they cannot
//! tell is an unknown with a name, and what they cannot read is listed. [`changes()`] tells what a plan would change, with the
//! design before and after.

mod change;
mod folder;
mod json;
mod lookups;
mod plan;
mod state;

pub use change::{Action, ArgumentChange, Changes, OutputChange, ResourceChange, Shown, changes};
pub use folder::{Given, folder};
pub use json::{DocumentError, json};
pub use plan::plan;
pub use state::state;
