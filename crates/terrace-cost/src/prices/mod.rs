//! The price book: what AWS asks, when it did, and where that was found.
//!
//! The tables are `prices.txt` and `sources.txt`, whose heads say how they read. A price without a source is not in
//! them, so that what is not priced is said and never guessed. Reading happens where a price is asked for.

mod item;
mod money;
#[cfg(test)]
mod tests;

pub use item::{Item, Unit};
pub use money::MicroDollars;

use terrace_topology::Region;

/// Prices and where they are from.
#[derive(Clone, Copy, Debug)]
pub struct PriceBook {
    prices: &'static str,
    sources: &'static str,
}

/// What one unit of something costs in a region, in US dollars without tax; of prices in steps, the first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Price {
    /// For one unit.
    pub amount: MicroDollars,
    /// What it is for.
    pub unit: Unit,
    /// How many units a month cost an account nothing, in all regions together.
    pub free: u64,
    /// Where it was found.
    pub source: Source,
}

/// Where a price was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Source {
    /// Its short name, such as `ec2`.
    pub name: &'static str,
    /// The day on which AWS asked that price, `YYYY-MM-DD`.
    pub date: &'static str,
    /// What it is, and its address where it has one.
    pub place: &'static str,
}

/// A line of the table: a thing and its prices.
#[derive(Clone, Copy)]
struct Row {
    thing: &'static str,
    unit: Unit,
    free: u64,
    source: &'static str,
    cells: &'static str,
}

impl PriceBook {
    /// The prices that came with this program.
    pub const fn bundled() -> Self {
        Self { prices: include_str!("prices.txt"), sources: include_str!("sources.txt") }
    }

    /// The regions there are prices for.
    pub fn regions(&self) -> impl Iterator<Item = &'static str> + use<> {
        let line = lines(self.prices).find_map(|line| line.strip_prefix("regions "));
        line.unwrap_or_default().split_ascii_whitespace()
    }

    /// What an item costs in a region; `None` where no price was found.
    pub fn price(&self, region: &Region, item: &Item) -> Option<Price> {
        let column = self.regions().position(|code| code == region.as_str())?;
        let thing = item.to_string();
        let row = self.rows().flatten().find(|row| row.thing == thing)?;
        self.read(row, row.cells.split_ascii_whitespace().nth(column)?)
    }

    /// Every source, sorted by name.
    pub fn sources(&self) -> impl Iterator<Item = Source> + use<> {
        lines(self.sources).filter_map(|line| {
            let mut parts = line.splitn(3, '|').map(str::trim);
            Some(Source { name: parts.next()?, date: parts.next()?, place: parts.next()? })
        })
    }

    /// The lines of the table; `None` for one that is not whole.
    fn rows(&self) -> impl Iterator<Item = Option<Row>> + use<> {
        lines(self.prices).filter(|line| !line.starts_with("regions ")).map(Row::read)
    }

    /// The price of a cell; `None` also for `-`.
    fn read(&self, row: Row, cell: &'static str) -> Option<Price> {
        let (amount, name) = cell.split_once('@').unwrap_or((cell, row.source));
        let amount = MicroDollars::parse(amount)?;
        let source = self.sources().find(|source| source.name == name)?;
        Some(Price { amount, unit: row.unit, free: row.free, source })
    }
}

impl Row {
    fn read(line: &'static str) -> Option<Self> {
        let mut parts = line.split('|').map(str::trim);
        let (thing, unit, free) = (parts.next()?, parts.next()?, parts.next()?);
        Some(Self {
            thing,
            unit: Unit::ALL.into_iter().find(|known| known.word() == unit)?,
            free: if free == "-" { 0 } else { free.parse().ok()? },
            source: parts.next()?,
            cells: parts.next()?,
        })
    }
}

fn lines(table: &'static str) -> impl Iterator<Item = &'static str> {
    table.lines().filter(|line| !line.starts_with('#') && !line.is_empty())
}
