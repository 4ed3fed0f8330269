//! Terraform as others wrote it → an inventory, shown as text.

#![expect(clippy::disallowed_methods, reason = "cases are folders, and one test runs Terraform")]

mod folder;
mod shown;
