//! Money a month, up or down, by resource, by the estimates of the design before and after.
//!
//! What cannot be priced is named and never left out. LAWS: `between(a, a)` changes nothing; the sum of the lines is the
//! difference of the totals.

use std::collections::{BTreeMap, BTreeSet};

use terrace_aws::inventory::{Inventory, ItemId};
use terrace_aws::{Kind, Mode};
use terrace_cost::prices::{MicroDollars, PriceBook};
use terrace_cost::{Charge, Usage, charge, estimate};
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
    // What has no price on either side and is not the same may cost more or less.
    let differs = |one: &&(String, String)| {
        let record = |of: &Inventory| {
            let mut record = of.named(&one.0)?.record.clone();
            ["tags", "tags_all"].into_iter().for_each(|name| drop(record.remove(name)));
            Some(record)
        };
        was.unpriced.contains(*one) != is.unpriced.contains(*one) || record(before) != record(after)
    };
    Money {
        before: was.total,
        after: is.total,
        lines: lines.collect(),
        unpriced: was.unpriced.union(&is.unpriced).filter(differs).cloned().collect(),
        untold: [was.untold, is.untold].into_iter().flatten().collect::<BTreeSet<_>>().into_iter().collect(),
    }
}

fn side(inventory: &Inventory, prices: &PriceBook, usage: &Usage) -> Side {
    // Of nothing nothing is to be paid, wherever it is.
    if inventory.items().all(|item| item.id().mode() != Mode::Managed) {
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
    side.unpriced = estimate
        .unpriced
        .iter()
        .map(|one| (name(&one.resource), format!("({}): {}", one.what, one.reason)))
        .collect();
    let unmodelled = typed.unmodelled.iter().filter(|one| one.argument.is_none());
    let free: BTreeSet<&str> =
        inventory.items().filter(|item| is_free(item.type_name())).map(|item| item.id().name()).collect();
    let unmodelled = unmodelled.filter(|one| !free.contains(one.address.as_str()));
    side.unpriced.extend(unmodelled.map(|one| (one.address.clone(), one.reason.clone())));
    side
}

/// Whether a type is known to cost nothing.
fn is_free(type_name: &str) -> bool {
    let kind = Kind::find(Mode::Managed, type_name);
    kind.is_some_and(|kind| matches!(charge(kind), Charge::Free(_)))
}
