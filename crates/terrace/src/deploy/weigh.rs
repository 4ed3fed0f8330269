//! A plan in words that a person can weigh.

use terrace_aws::inventory::Inventory;
use terrace_change::{Change, report};
use terrace_cost::Usage;
use terrace_cost::prices::PriceBook;
use terrace_terraform::found;

use crate::audit::paint::Colours;
use crate::design::Designed;
use crate::failure::Failure;

/// What a plan (`terraform show -json`) would change.
pub(crate) fn weigh(designed: &Designed, plan: &str) -> Result<Change, Failure> {
    let changes = found::changes(plan, "the plan")
        .map_err(|error| Failure::new("the plan cannot be weighed").because(&error))?;
    let changes = changes.told_by(&Inventory::of(&designed.design.graph));
    Ok(terrace_change::change(&changes, &PriceBook::bundled(), &Usage::default()))
}

/// The same as text.
pub(crate) fn show(change: &Change, all: bool) -> String {
    report::text(change, &Colours, all)
}
