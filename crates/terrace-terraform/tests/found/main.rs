//! Terraform as others wrote it → an inventory, shown as text.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may stop where it is wrong")]
#![expect(clippy::disallowed_methods, reason = "cases are folders, and one test runs Terraform")]

#[path = "../engine/mod.rs"]
#[expect(dead_code, reason = "other tests use more of it")]
mod engine;

mod bounds;
mod expressions;
mod folder;
mod planned;
mod shown;
