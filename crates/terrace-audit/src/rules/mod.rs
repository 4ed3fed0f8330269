//! The rules, one file each.

mod answer;
mod linked;
mod metadata_v1;
mod unencrypted_storage;
mod volumes;

use crate::Rule;

/// Every rule, in the order in which a report names them.
pub const ALL: &[&Rule] = &[&unencrypted_storage::RULE, &metadata_v1::RULE];

/// The rule of a name.
pub fn find(name: &str) -> Option<&'static Rule> {
    ALL.iter().copied().find(|rule| rule.name.as_str() == name)
}
