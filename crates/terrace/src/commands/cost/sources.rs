//! Where the prices of an estimate are from, as footnotes.

use std::collections::BTreeMap;

use terrace_cost::prices::Source;

use super::lines::{section, wrapped};

/// Where prices are from, numbered in the order in which they are met.
#[derive(Default)]
pub(super) struct Sources {
    numbers: BTreeMap<Source, usize>,
}

impl Sources {
    /// The number of a source.
    pub(super) fn number(&mut self, source: Source) -> usize {
        let next = self.numbers.len() + 1;
        *self.numbers.entry(source).or_insert(next)
    }

    /// All of them, and which are old on a day (`YYYY-MM-DD`).
    pub(super) fn render(&self, today: &str) -> String {
        let mut all: Vec<(&Source, usize)> = self.numbers.iter().map(|(source, at)| (source, *at)).collect();
        all.sort_by_key(|(_, at)| *at);
        let limit = year_before(today);
        let mut text = String::new();
        for (source, at) in all {
            let old = if source.date < limit.as_str() { " (older than a year)" } else { "" };
            text.push_str(&wrapped(&format!("[{at}] {}{old}: {}", source.date, source.place), 2));
        }
        let apart = "Of prices in steps the first is taken. What every account has free each month is not taken off, \
                     except by CloudFront.";
        text.push_str(&wrapped(apart, 2));
        section("Prices, in US dollars without tax, and on which day they were AWS's", &text)
    }
}

/// The same day of the year before; as text, which sorts as days do.
fn year_before(day: &str) -> String {
    let (year, rest) = day.split_once('-').unwrap_or((day, ""));
    let before = year.parse::<u32>().unwrap_or_default().saturating_sub(1);
    format!("{before:04}-{rest}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prices_older_than_a_year_are_marked() {
        let mut sources = Sources::default();
        let source = |name, date| Source { name, date, place: "somewhere" };
        let (old, new) = (source("old", "2025-11-20"), source("new", "2025-11-21"));
        assert_eq!([sources.number(old), sources.number(new), sources.number(old)], [1, 2, 1]);
        let text = sources.render("2026-11-21");
        assert!(text.contains("  [1] 2025-11-20 (older than a year): somewhere\n"), "{text}");
        assert!(text.contains("  [2] 2025-11-21: somewhere\n"), "{text}");
    }
}
