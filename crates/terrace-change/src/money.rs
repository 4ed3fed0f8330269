//! Money a month, up or down, by resource, by the estimates of the design before and after.
//!
//! What cannot be priced is named and never left out. LAWS: `between(a, a)` changes nothing; the sum of the lines is the
//! difference of the totals.

use std::collections::{BTreeMap, BTreeSet};

use terrace_aws::inventory::{Inventory, ItemId};
use terrace_cost::prices::{MicroDollars, PriceBook};
use terrace_cost::{Usage, estimate};
use terrace_terraform::import;

/// Money a month.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Money {
    /// What the whole costs before; none if that cannot be said.
    pub before: Option<MicroDollars>,
    /// And after.
    pub after: Option<MicroDollars>,
    /// The resources of which it differs, by address.
    pub lines: Vec<MoneyLine>,
    /// What costs, differs, and has no price: an address and why.
    pub unpriced: Vec<(String, String)>,
    /// Why there is no estimate of one side.
    pub untold: Vec<String>,
}

/// What a resource costs a month, before and after.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MoneyLine {
    /// Its address.
    pub resource: String,
    /// For what: `Machines of app, t3.small`.
    pub what: String,
    /// Before.
    pub before: MicroDollars,
    /// After.
    pub after: MicroDollars,
}

impl Money {
    /// Whether nothing differs.
    pub const fn is_empty(&self) -> bool {
        self.lines.is_empty() && self.unpriced.is_empty() && self.untold.is_empty()
    }
}

/// An amount with its sign: `+$12.40`.
pub fn signed(before: MicroDollars, after: MicroDollars) -> String {
    let more = after >= before;
    let (from, to) = if more { (before, after) } else { (after, before) };
    let by = MicroDollars::new(to.get().saturating_sub(from.get()));
    format!("{}{by:.2}", if more { '+' } else { '-' })
}

#[derive(Default)]
struct Side {
    total: Option<MicroDollars>,
    lines: BTreeMap<(String, String), MicroDollars>,
    unpriced: BTreeSet<(String, String)>,
    untold: Option<String>,
}

/// What differs between two designs.
pub fn between(before: &Inventory, after: &Inventory, prices: &PriceBook, usage: &Usage) -> Money {
    let (was, is) = (side(before, prices, usage), side(after, prices, usage));
    let keys: BTreeSet<&(String, String)> = was.lines.keys().chain(is.lines.keys()).collect();
    let of = |side: &Side, key: &(String, String)| side.lines.get(key).copied().unwrap_or_default();
    let lines = keys.into_iter().filter_map(|key| {
        let (before, after) = (of(&was, key), of(&is, key));
        let (resource, what) = key.clone();
        (before != after).then_some(MoneyLine { resource, what, before, after })
    });
    Money {
        before: was.total,
        after: is.total,
        lines: lines.collect(),
        unpriced: was.unpriced.symmetric_difference(&is.unpriced).cloned().collect(),
        untold: [was.untold, is.untold].into_iter().flatten().collect::<BTreeSet<_>>().into_iter().collect(),
    }
}

fn side(inventory: &Inventory, prices: &PriceBook, usage: &Usage) -> Side {
    // Of nothing nothing is to be paid, wherever it is.
    if inventory.items().all(|item| item.id().mode() != terrace_aws::Mode::Managed) {
        return Side { total: Some(MicroDollars::ZERO), ..Side::default() };
    }
    let untold = |why: String| Side { untold: Some(why), ..Side::default() };
    let typed = match import::inventory(inventory) {
        Ok(typed) => typed,
        Err(_) => return untold("in which region it is, is not told".to_owned()),
    };
    let estimate = match estimate(&typed.graph, prices, usage, None) {
        Ok(estimate) => estimate,
        Err(error) => return untold(error.to_string()),
    };
    let name = |address: &terrace_aws::Address| {
        typed.names.get(address).map_or_else(|| address.to_string(), |id: &ItemId| id.name().to_owned())
    };
    let mut side = Side { total: Some(estimate.total()), ..Side::default() };
    for line in &estimate.lines {
        let amount = side.lines.entry((name(&line.resource), line.what.clone())).or_default();
        *amount = *amount + line.amount;
    }
    side.unpriced = estimate.unpriced.iter().map(|one| (name(&one.resource), one.reason.clone())).collect();
    let unmodelled = typed.unmodelled.iter().filter(|one| one.argument.is_none());
    side.unpriced.extend(unmodelled.map(|one| (one.address.clone(), one.reason.clone())));
    side
}
