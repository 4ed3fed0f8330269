//! Terraform as somebody else wrote it → an [`Inventory`](terrace_aws::inventory::Inventory).
//!
//! [`folder()`] reads the files of a folder. Unlike [`import`](crate::import), which reads our own output strictly,
//! it takes whatever people write: what it cannot tell is an unknown with a name, and what it cannot read is listed.

mod folder;

pub use folder::{Given, folder};
