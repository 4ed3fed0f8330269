//! An estimate as a table for people: by concern, with what it rests on below.

use std::collections::BTreeMap;

use terrace_aws::Concern;
use terrace_cost::prices::{MicroDollars, Source, Unit};
use terrace_cost::{Assumption, Estimate, Line, Quantity};

use super::egress::Ways;
use super::{Basis, Costed, shape};
use crate::style::{QUIET, STRONG, WARNING, paint};
use crate::table::Table;

/// Columns of a terminal that everything fits into.
const WIDTH: usize = 100;
/// Columns for what a line is.
const WHAT: usize = 46;

pub(super) fn render(
    own: &Costed,
    egress: Option<&Ways>,
    basis: &Basis,
    detail: bool,
    today: &str,
) -> String {
    let estimate = &own.estimate;
    let topology = &own.topology;
    let environment = topology.environment.as_ref().map(|name| format!(", {name}")).unwrap_or_default();
    let about = format!("{}{environment}, {}", shape(topology.shape), topology.region);
    let mut text = heading(own, basis, &about);
    text.push_str(&summary(estimate));
    let mut notes = Sources::default();
    let mut table = Table::new(["", "QUANTITY", "EACH", "A MONTH", ""]).numbers_after(1);
    for concern in Concern::ALL {
        let rows = rows(estimate, concern, detail);
        if rows.is_empty() {
            continue;
        }
        let total = format!("{:.2}", estimate.subtotal(concern));
        table.row(sum(concern.name(), &total));
        for row in rows {
            row.put(&mut table, &mut notes);
        }
    }
    table.row(sum("total", &format!("{:.2}", estimate.total())));
    text.push_str(&table.render());
    if let Some(ways) = egress {
        text.push_str(&section("Egress", &wrapped(&ways.sentence, 2)));
    }
    text.push_str(&unpriced(estimate, ""));
    text.push_str(&assumptions(&[estimate], basis));
    text.push_str(&notes.render(today));
    text
}

/// What is estimated, and by which prices.
pub(super) fn heading(own: &Costed, basis: &Basis, about: &str) -> String {
    let topology = &own.topology;
    let mut text = format!("{} {}\n", paint(STRONG, &topology.name), paint(QUIET, format!("({about})")));
    if let Some(region) = basis.as_if.as_ref().filter(|region| **region != topology.region) {
        let loud = format!("THE PRICES ARE THOSE OF {region}, NOT OF {}.", topology.region);
        text.push_str(&paint(WARNING, loud));
        text.push('\n');
    }
    text
}

fn summary(estimate: &Estimate) -> String {
    let most = estimate.at_most();
    let grown = if most > estimate.total() {
        format!(", and {most:.2} with everything grown to its largest size")
    } else {
        String::new()
    };
    format!("about {:.2} a month at its smallest size{grown}\n\n", estimate.total())
}

/// A row of the table: one line, or several of one kind.
struct Row<'e> {
    first: &'e Line,
    resources: Vec<String>,
    quantity: Quantity,
    free: Quantity,
    amount: MicroDollars,
}

/// The rows of a concern, the dearest first.
fn rows(estimate: &Estimate, concern: Concern, detail: bool) -> Vec<Row<'_>> {
    let mut rows: Vec<Row<'_>> = Vec::new();
    for line in estimate.of(concern) {
        let like = |row: &&mut Row<'_>| {
            row.first.what == line.what && row.first.item == line.item && row.first.price == line.price
        };
        match rows.iter_mut().find(like).filter(|_| !detail) {
            Some(row) => {
                row.quantity = row.quantity + line.quantity;
                row.free = row.free + line.free;
                row.amount = row.amount + line.amount;
            }
            None => rows.push(Row {
                first: line,
                resources: if detail { vec![line.resource.to_string()] } else { Vec::new() },
                quantity: line.quantity,
                free: line.free,
                amount: line.amount,
            }),
        }
    }
    rows.sort_by_key(|row| std::cmp::Reverse(row.amount));
    rows
}

impl Row<'_> {
    fn put(&self, table: &mut Table<5>, notes: &mut Sources) {
        let price = self.first.price;
        let (measure, each) = words(price.unit);
        let each =
            if self.free == self.quantity { "free".to_owned() } else { format!("{}{each}", price.amount) };
        let what = match self.free {
            Quantity::ZERO => self.first.what.clone(),
            _ if self.free == self.quantity => self.first.what.clone(),
            free => format!("{}, {free}{measure} of it free", self.first.what),
        };
        let mut parts = broken(&what, WHAT).into_iter();
        table.row([
            format!("  {}", parts.next().unwrap_or_default()),
            format!("{}{measure}", self.quantity),
            each,
            format!("{:.2}", self.amount),
            paint(QUIET, format!("[{}]", notes.number(price.source))),
        ]);
        let resources = self.resources.iter().map(|address| paint(QUIET, address));
        for more in parts.chain(resources) {
            table.row([format!("    {more}"), String::new(), String::new(), String::new(), String::new()]);
        }
    }
}

/// After a quantity, and after a price.
const fn words(unit: Unit) -> (&'static str, &'static str) {
    match unit {
        Unit::Hour => (" h", "/h"),
        Unit::Month => ("", ""),
        Unit::Gigabyte | Unit::GigabyteMonth => (" GB", "/GB"),
        Unit::GigabyteHour => (" GB·h", "/GB·h"),
        Unit::ProcessorHour => (" vCPU·h", "/vCPU·h"),
        Unit::CapacityHour => (" LCU·h", "/LCU·h"),
        Unit::Million => (" million", "/million"),
    }
}

fn sum(title: &str, amount: &str) -> [String; 5] {
    [paint(STRONG, title), String::new(), String::new(), paint(STRONG, amount), String::new()]
}

/// Where prices are from, numbered in the order in which they are met.
#[derive(Default)]
struct Sources {
    numbers: BTreeMap<Source, usize>,
}

impl Sources {
    fn number(&mut self, source: Source) -> usize {
        let next = self.numbers.len() + 1;
        *self.numbers.entry(source).or_insert(next)
    }

    fn render(&self, today: &str) -> String {
        let mut all: Vec<(&Source, usize)> = self.numbers.iter().map(|(source, at)| (source, *at)).collect();
        all.sort_by_key(|(_, at)| *at);
        let limit = year_before(today);
        let mut text = String::new();
        for (source, at) in all {
            let old = if source.date < limit.as_str() { " (older than a year)" } else { "" };
            let line = format!("{} {}{old}: {}", format_args!("[{at}]"), source.date, source.place);
            text.push_str(&wrapped(&line, 2));
        }
        text.push_str("  What an account has free each month is not taken off, CloudFront's aside.\n");
        section("Prices, in US dollars without tax, and on which day they were AWS's", &text)
    }
}

/// The same day of the year before; as text, which sorts as days do.
fn year_before(day: &str) -> String {
    let (year, rest) = day.split_once('-').unwrap_or((day, ""));
    let before = year.parse::<u32>().unwrap_or_default().saturating_sub(1);
    format!("{before:04}-{rest}")
}

/// What costs and has no price; `of` says of which estimate.
pub(super) fn unpriced(estimate: &Estimate, of: &str) -> String {
    let mut merged: BTreeMap<(&str, &str), Vec<String>> = BTreeMap::new();
    for one in &estimate.unpriced {
        merged.entry((&one.what, &one.reason)).or_default().push(one.resource.to_string());
    }
    if merged.is_empty() {
        return String::new();
    }
    let mut text = String::new();
    for ((what, reason), resources) in merged {
        text.push_str(&wrapped(&format!("{what}: {reason} ({})", resources.join(", ")), 2));
    }
    section(&format!("Not priced{of}, and not in the total"), &text)
}

/// What the estimates rest on.
pub(super) fn assumptions(estimates: &[&Estimate], basis: &Basis) -> String {
    let assumed: BTreeMap<Assumption, Quantity> = estimates
        .iter()
        .flat_map(|estimate| estimate.assumed.iter().map(|(name, amount)| (*name, *amount)))
        .collect();
    let mut table = Table::new(["", "", ""]);
    for (assumption, amount) in assumed {
        let told = if basis.usage.is_told(assumption) { " (set)" } else { "" };
        table.row([
            format!("  {assumption}"),
            format!("{}{told}", assumption.show(amount)),
            assumption.about().to_owned(),
        ]);
    }
    let rendered = table.render();
    let rows = rendered.split_once('\n').map(|(_, rows)| rows).unwrap_or_default();
    section("Assumed; `--assume NAME=AMOUNT` assumes something else", rows)
}

fn section(title: &str, body: &str) -> String {
    if body.is_empty() { String::new() } else { format!("\n{}\n{body}", paint(STRONG, title)) }
}

/// A text in lines that fit, indented; what follows the first line a little more.
fn wrapped(text: &str, indent: usize) -> String {
    let mut out = String::new();
    for (at, line) in broken(text, WIDTH - indent - 2).into_iter().enumerate() {
        let indent = if at == 0 { indent } else { indent + 2 };
        out.push_str(&" ".repeat(indent));
        out.push_str(&line);
        out.push('\n');
    }
    out
}

/// A text in lines of so many columns; a word that is longer has a line of its own.
fn broken(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split(' ') {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}
