//! What rules look at: a design, and what was decided of it.

use terrace_aws::inventory::Inventory;

/// A design and what was decided of it, once for all rules.
#[derive(Debug)]
pub struct Subject<'a> {
    /// The design as found.
    pub inventory: &'a Inventory,
}
