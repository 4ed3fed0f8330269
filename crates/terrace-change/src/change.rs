//! The whole of it: a plan and prices come in, a [`Change`] comes out.

use terrace_cost::Usage;
use terrace_cost::prices::PriceBook;
use terrace_terraform::found::{Changes, OutputChange};

use crate::exposure::{self, Exposure};
use crate::money::{self, Money};
use crate::permissions::{self, Permissions};
use crate::resources::{self, Group};
use crate::{Outcome, outcome};

/// What a deployment would change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// What is added, changed, replaced, destroyed, by where it belongs.
    pub groups: Vec<Group>,
    /// Outputs whose value changes.
    pub outputs: Vec<OutputChange>,
    /// What becomes reachable or unreachable.
    pub exposure: Exposure,
    /// Which permissions grow or shrink.
    pub permissions: Permissions,
    /// Money a month, up or down.
    pub money: Money,
    /// What this plan does not tell: what is left for a later one, what could not be read.
    pub untold: Vec<String>,
    /// What would come of it.
    pub outcome: Outcome,
}

/// Weighs what a plan would change.
pub fn change(changes: &Changes, prices: &PriceBook, usage: &Usage) -> Change {
    let groups = resources::groups(changes);
    let outcome = outcome::of(changes, &groups);
    Change {
        outputs: changes.outputs.clone(),
        exposure: exposure::between(&changes.before, &changes.after),
        permissions: permissions::between(&changes.before, &changes.after),
        money: money::between(&changes.before, &changes.after, prices, usage),
        untold: untold(changes),
        groups,
        outcome,
    }
}

fn untold(changes: &Changes) -> Vec<String> {
    let mut all: Vec<String> =
        changes.deferred.iter().map(|address| format!("{address} is left for a later plan")).collect();
    // What was not read before either is no news, and still not told.
    let unread = changes.after.unread().iter().map(|unread| format!("{} {}", unread.what, unread.why));
    all.extend(unread);
    all.sort();
    all.dedup();
    all
}
