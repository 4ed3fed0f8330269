//! Where the rules put what is paid for: prices are looked up here, allowances taken once, and what has no price
//! kept apart.

use std::collections::{BTreeMap, BTreeSet};

use terrace_aws::resource::Subnet;
use terrace_aws::{Address, Concern, ResourceGraph, Text};
use terrace_topology::Region;

use crate::prices::{Item, Price, PriceBook};
use crate::{Assumption, Estimate, Line, Quantity, Unpriced, Usage};

/// Hours of a month, as AWS counts it.
pub(crate) const HOURS: u64 = 730;

/// Something to be paid for.
pub(crate) struct Entry<'e> {
    pub(crate) resource: &'e Address,
    pub(crate) concern: Concern,
    pub(crate) what: String,
    pub(crate) item: Item,
    /// How much a month, in the unit of the item's price.
    pub(crate) quantity: Quantity,
    /// How much once it has grown as far as it may.
    pub(crate) at_most: Quantity,
}

pub(crate) struct Ledger<'a> {
    pub(crate) graph: &'a ResourceGraph,
    book: &'a PriceBook,
    usage: &'a Usage,
    region: &'a Region,
    lines: Vec<Line>,
    unpriced: Vec<Unpriced>,
    free: usize,
    assumed: BTreeSet<Assumption>,
    /// What is left of an account's monthly allowances.
    allowances: BTreeMap<Item, Quantity>,
    /// What was looked up already.
    known: BTreeMap<(&'a Region, Item), Option<Price>>,
}

impl<'a> Ledger<'a> {
    pub(crate) const fn new(
        graph: &'a ResourceGraph,
        book: &'a PriceBook,
        usage: &'a Usage,
        region: &'a Region,
    ) -> Self {
        Self {
            graph,
            book,
            usage,
            region,
            lines: Vec::new(),
            unpriced: Vec::new(),
            free: 0,
            assumed: BTreeSet::new(),
            allowances: BTreeMap::new(),
            known: BTreeMap::new(),
        }
    }

    /// What is assumed of something; from now on the estimate rests on it.
    pub(crate) fn assume(&mut self, assumption: Assumption) -> Quantity {
        self.assumed.insert(assumption);
        self.usage.get(assumption)
    }

    /// The API's part of something that is visitors'.
    pub(crate) fn of_api(&mut self, whole: Quantity) -> Quantity {
        let share = self.assume(Assumption::ApiShare);
        whole.share(share.get(), Quantity::whole(100).get())
    }

    /// Over how many zones the subnets are spread; one at least.
    pub(crate) fn zones(&self) -> u64 {
        let zones: BTreeSet<&Text> =
            self.graph.all::<Subnet>().map(|(_, net)| &net.availability_zone).collect();
        u64::try_from(zones.len().max(1)).unwrap_or(u64::MAX)
    }

    /// Adds a line, or says that there is no price.
    pub(crate) fn charge(&mut self, entry: Entry<'_>) {
        let Entry { resource, concern, what, item, quantity, at_most } = entry;
        if quantity == Quantity::ZERO {
            return;
        }
        let region = self.region_of(resource);
        let found = self.known.entry((region, item.clone()));
        let Some(price) = *found.or_insert_with(|| self.book.price(region, &item)) else {
            let reason = format!("no price of `{item}` was found for {region}");
            return self.cannot(resource, what, reason);
        };
        let left = self.allowances.entry(item.clone()).or_insert(Quantity::whole(price.free));
        let free = quantity.min(*left);
        *left = left.less(free);
        let cost =
            |quantity: Quantity| price.amount.share(quantity.less(free).get(), Quantity::whole(1).get());
        self.lines.push(Line {
            concern,
            what,
            resource: resource.clone(),
            amount: cost(quantity),
            at_most: cost(at_most.max(quantity)),
            item,
            quantity,
            free,
            price,
        });
    }

    /// Says that something costs, and why it is not said how much.
    pub(crate) fn cannot(&mut self, resource: &Address, what: impl Into<String>, reason: impl Into<String>) {
        self.unpriced.push(Unpriced { what: what.into(), resource: resource.clone(), reason: reason.into() });
    }

    /// Counts a resource that costs nothing.
    pub(crate) const fn free(&mut self) {
        self.free = self.free.saturating_add(1);
    }

    pub(crate) fn close(mut self) -> Estimate {
        self.lines.sort_by_key(|line| line.concern);
        self.unpriced.sort();
        Estimate {
            region: self.region.clone(),
            lines: self.lines,
            unpriced: self.unpriced,
            free: self.free,
            assumed: self.assumed.into_iter().map(|one| (one, self.usage.get(one))).collect(),
        }
    }

    /// Of which region the prices of a resource are: its own, if it has one that is priced.
    fn region_of(&self, resource: &Address) -> &'a Region {
        let own = self.graph.node(resource).and_then(|node| node.region.as_ref());
        let priced = |region: &&Region| self.book.regions().any(|code| code == region.as_str());
        own.filter(priced).unwrap_or(self.region)
    }
}

impl<'e> Entry<'e> {
    /// Something that does not grow by itself.
    pub(crate) fn new(
        resource: &'e Address,
        concern: Concern,
        what: impl Into<String>,
        item: Item,
        quantity: Quantity,
    ) -> Self {
        Self { resource, concern, what: what.into(), item, quantity, at_most: quantity }
    }

    /// One or more of something, the whole month.
    pub(crate) fn all_month(
        resource: &'e Address,
        concern: Concern,
        what: impl Into<String>,
        item: Item,
        count: u64,
    ) -> Self {
        Self::new(resource, concern, what, item, Quantity::whole(HOURS).times(count))
    }

    /// That grows by itself so far.
    pub(crate) const fn growing_to(mut self, at_most: Quantity) -> Self {
        self.at_most = at_most;
        self
    }
}

/// A number of things that are counted by the length of a list.
pub(crate) fn count<T>(things: &[T]) -> u64 {
    u64::try_from(things.len()).unwrap_or(u64::MAX)
}
