//! A CloudFormation template, in YAML or JSON, as an [`Inventory`] in the AWS provider's vocabulary.
//!
//! Text becomes a tree with places (`yaml`, `json`), its functions become values or named unknowns (`evaluate`), and
//! tables tell each resource type in Terraform's words (`model`, `service`). What cannot be read is listed.
//!
//! GUARANTEE: any text gives an inventory or diagnostics with a place, in bounded time and memory.

mod build;
mod cidr;
mod condition;
mod convert;
mod datum;
mod dynamic;
mod evaluate;
mod json;
mod model;
mod nested;
mod node;
mod parameters;
mod read;
mod repeat;
mod scope;
mod service;
mod substitute;
mod template;
mod yaml;

use std::collections::BTreeMap;

use terrace_aws::inventory::{Inventory, Tree};
use terrace_diag::Diagnostics;

pub use read::looks_like_template;

/// What is known besides the template.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Given {
    /// Values of parameters by name; lists are separated by commas.
    pub parameters: BTreeMap<String, String>,
    /// The region of the stack.
    pub region: Option<String>,
    /// The account of the stack, twelve digits.
    pub account: Option<String>,
    /// The stack's name.
    pub stack: Option<String>,
    /// Conditions of the template that are assumed to hold or not.
    pub conditions: BTreeMap<String, bool>,
}

/// Reads the template at `path` of a tree; nested stacks are read from the same tree.
///
/// # Errors
/// The text is no template, or a value that was given is not allowed; with spans of the file at `path`.
pub fn template(tree: &Tree, path: &str, given: &Given) -> Result<Inventory, Diagnostics> {
    read::template(tree, path, given)
}
