//! The estimate: what is paid for, how much of it, at which price and from where that is known.

use std::collections::{BTreeMap, BTreeSet};

use terrace_aws::{Address, Concern, ResourceGraph};
use terrace_topology::Region;

use crate::ledger::Ledger;
use crate::prices::{Item, MicroDollars, Price, PriceBook, Source};
use crate::{Assumption, Quantity, Usage, rules};

/// Something that is paid for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Where it belongs in what people read.
    pub concern: Concern,
    /// What it is, for people: `Machines of app, t3.small`. The same for things of one kind.
    pub what: String,
    /// What it is paid for.
    pub resource: Address,
    /// What is charged for.
    pub item: Item,
    /// How much of it a month, in the price's unit.
    pub quantity: Quantity,
    /// How much of that is free.
    pub free: Quantity,
    /// What one costs.
    pub price: Price,
    /// What it costs a month.
    pub amount: MicroDollars,
    /// What it costs once what it belongs to has grown as far as it may.
    pub at_most: MicroDollars,
}

/// Something that costs, and of which it is not known how much.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Unpriced {
    /// What it is, for people.
    pub what: String,
    /// What it is paid for.
    pub resource: Address,
    /// Why there is no amount.
    pub reason: String,
}

/// What a system costs a month of 730 hours, in US dollars without tax.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Estimate {
    /// Of which region the prices are.
    pub region: Region,
    /// By concern, then in the order of the graph.
    pub lines: Vec<Line>,
    /// What costs and is in no line.
    pub unpriced: Vec<Unpriced>,
    /// How many resources cost nothing.
    pub free: usize,
    /// What the lines rest on.
    pub assumed: BTreeMap<Assumption, Quantity>,
}

/// There are no prices for a region.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there are no prices for {region}")]
pub struct NoPrices {
    /// The region.
    pub region: Region,
    /// Those that there are prices for.
    pub priced: Vec<&'static str>,
}

/// What a graph costs a month, by the prices of its own region or of another one.
pub fn estimate(
    graph: &ResourceGraph,
    book: &PriceBook,
    usage: &Usage,
    as_if: Option<&Region>,
) -> Result<Estimate, NoPrices> {
    let region = as_if.unwrap_or(&graph.region);
    if !book.regions().any(|code| code == region.as_str()) {
        return Err(NoPrices { region: region.clone(), priced: book.regions().collect() });
    }
    let mut ledger = Ledger::new(graph, book, usage, region);
    rules::apply(&mut ledger);
    Ok(ledger.close())
}

impl Estimate {
    /// The lines of one concern.
    pub fn of(&self, concern: Concern) -> impl Iterator<Item = &Line> {
        self.lines.iter().filter(move |line| line.concern == concern)
    }

    /// What one concern costs a month.
    pub fn subtotal(&self, concern: Concern) -> MicroDollars {
        self.of(concern).map(|line| line.amount).sum()
    }

    /// What all of it costs a month.
    pub fn total(&self) -> MicroDollars {
        self.lines.iter().map(|line| line.amount).sum()
    }

    /// What all of it costs a month once everything has grown as far as it may.
    pub fn at_most(&self) -> MicroDollars {
        self.lines.iter().map(|line| line.at_most).sum()
    }

    /// Where its prices are from, sorted by name.
    pub fn sources(&self) -> Vec<Source> {
        self.lines.iter().map(|line| line.price.source).collect::<BTreeSet<_>>().into_iter().collect()
    }
}
