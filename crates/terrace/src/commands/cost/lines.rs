//! An estimate as a table for people: by concern, with what it rests on below.

use std::collections::BTreeMap;

use terrace_aws::Concern;
use terrace_cost::prices::{MicroDollars, Unit};
use terrace_cost::{Assumption, Estimate, Line, Quantity};

use super::egress::Ways;
use super::sources::Sources;
use super::{Basis, Costed, shape};
use crate::style::{QUIET, STRONG, WARNING, paint};
use crate::table::Table;

/// Columns of a terminal that everything fits into.
const WIDTH: usize = 100;
/// Columns for what a line is.
const WHAT: usize = 46;

pub(super) fn render(own: &Costed, egress: &Ways, basis: &Basis, detail: bool, today: &str) -> String {
    let estimate = &own.estimate;
    let topology = &own.topology;
    let environment = topology.environment.as_ref().map(|name| format!(", {name}")).unwrap_or_default();
    let about = format!("{}{environment}, {}", shape(topology.shape), topology.region);
    let mut text = heading(own, basis, &about);
    text.push_str(&summary(estimate));
    let groups: Vec<(Concern, Vec<Row<'_>>)> =
        Concern::ALL.into_iter().map(|concern| (concern, rows(estimate, concern, detail))).collect();
    let room = room(&groups, estimate.total());
    let mut notes = Sources::default();
    let mut table = Table::new(["", "QUANTITY", "EACH", "A MONTH", ""]).numbers_after(1);
    for (concern, rows) in groups.into_iter().filter(|(_, rows)| !rows.is_empty()) {
        table.row(sum(concern.name(), estimate.subtotal(concern)));
        for row in rows {
            row.put(&mut table, room, &mut notes);
        }
    }
    table.row(sum("total", estimate.total()));
    text.push_str(&table.render());
    text.push_str(&section("Egress", &wrapped(&egress.sentence, 2)));
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
    let (total, most) = (money(estimate.total()), money(estimate.at_most()));
    let grown =
        if most == total { String::new() } else { format!("; {most} with everything grown to its largest") };
    format!("about {total} a month at its smallest{grown}\n\n")
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
    /// What it is; and in words how much, at which price, and what that comes to.
    fn cells(&self) -> (String, [String; 3]) {
        let price = self.first.price;
        let (measure, each) = words(price.unit);
        let all_free = self.free == self.quantity;
        let what = if all_free || self.free == Quantity::ZERO {
            self.first.what.clone()
        } else {
            format!("{}, {}{measure} of it free", self.first.what, self.free)
        };
        let each = if all_free { "free".to_owned() } else { format!("{}{each}", price.amount) };
        (what, [format!("{}{measure}", self.quantity), each, money(self.amount)])
    }

    fn put(&self, table: &mut Table<5>, room: usize, notes: &mut Sources) {
        let (what, [quantity, each, amount]) = self.cells();
        let mut parts = broken(&what, room).into_iter();
        let note = paint(QUIET, format!("[{}]", notes.number(self.first.price.source)));
        table.row([format!("  {}", parts.next().unwrap_or_default()), quantity, each, amount, note]);
        let resources = self.resources.iter().map(|address| paint(QUIET, address));
        for more in parts.chain(resources) {
            table.row([format!("    {more}"), String::new(), String::new(), String::new(), String::new()]);
        }
    }
}

/// Columns for what a line is, so that it fits beside the numbers of all lines.
fn room(groups: &[(Concern, Vec<Row<'_>>)], total: MicroDollars) -> usize {
    let mut widths = [0, 0, money(total).chars().count()];
    for row in groups.iter().flat_map(|(_, rows)| rows) {
        for (width, cell) in widths.iter_mut().zip(row.cells().1) {
            *width = (*width).max(cell.chars().count());
        }
    }
    // Two columns between two cells, indents, and the number of the source.
    let beside = widths.iter().sum::<usize>() + 4 * 2 + 4 + "[99]".len();
    WIDTH.saturating_sub(beside).clamp(20, WHAT)
}

/// Dollars and cents, with commas between thousands.
pub(super) fn money(amount: MicroDollars) -> String {
    let cents = amount.get().saturating_add(5_000) / 10_000;
    format!("${}.{:02}", Quantity::whole(cents / 100), cents % 100)
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

fn sum(title: &str, amount: MicroDollars) -> [String; 5] {
    [paint(STRONG, title), String::new(), String::new(), paint(STRONG, money(amount)), String::new()]
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

pub(super) fn section(title: &str, body: &str) -> String {
    if body.is_empty() { String::new() } else { format!("\n{}\n{body}", paint(STRONG, title)) }
}

/// A text in lines that fit, indented; what follows the first line a little more.
pub(super) fn wrapped(text: &str, indent: usize) -> String {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_broken_where_words_end() {
        assert_eq!(broken("a bc def", 4), ["a bc", "def"]);
        assert_eq!(broken("https://example.com/long a", 8), ["https://example.com/long", "a"]);
        assert!(wrapped(&"word ".repeat(60), 2).lines().all(|line| line.len() <= WIDTH));
    }

    #[test]
    fn amounts_are_rounded_to_cents() {
        let shown = |micro: u64| money(MicroDollars::new(micro));
        assert_eq!(shown(4_999), "$0.00");
        assert_eq!(shown(995_000), "$1.00");
        assert_eq!(shown(1_003_646_700_000), "$1,003,646.70");
    }
}
