//! Single lines of the text: a resource, a passage, a permission, an amount.

use std::collections::BTreeMap;

use terrace_cost::prices::MicroDollars;

use crate::exposure::{FindingLine, Passage};
use crate::money::{MoneyLine, signed};
use crate::permissions::{Grant, ReaderLine};
use crate::resources::{Resource, Verb};

/// A cent, in millionths of a dollar.
const CENT: u64 = 10_000;
/// Rules that a passage rests on, of which the first say most.
const RULES: usize = 2;

pub(super) fn head(of: &Resource) -> String {
    let sign = match &of.verb {
        Verb::Add => "+",
        Verb::Change => "~",
        Verb::Replace { .. } => "±",
        Verb::Destroy => "-",
        Verb::Forget => "·",
        Verb::Import => "←",
        Verb::Move => "→",
        Verb::Other(_) => "?",
    };
    let mut words = format!("{sign} {} {}", of.verb.word(), of.address);
    if let Verb::Replace { create_first: true } = of.verb {
        words.push_str(", the new one first");
    }
    if let Some(old) = &of.moved_from {
        words.push_str(&format!(", moved from {old}"));
    }
    if let Some(id) = &of.imported_as {
        words.push_str(&format!(", imported as {id}"));
    }
    if of.verb == Verb::Forget {
        words.push_str(": it stays, and Terraform does not look after it any more");
    }
    if let Some(because) = &of.because {
        words.push_str(&format!(", {because}"));
    }
    words
}

/// Passages that differ in who opens them alone stand in one line.
pub(super) fn passages(sign: &str, all: &[Passage]) -> Vec<String> {
    let mut together: Vec<(Vec<&str>, &Passage)> = Vec::new();
    for one in all {
        let same = |(_, known): &&mut (Vec<&str>, &Passage)| {
            let of = |one: &Passage| {
                (
                    one.to.clone(),
                    one.on.clone(),
                    one.addresses.clone(),
                    one.depends_on.clone(),
                    one.by.clone(),
                )
            };
            of(known) == of(one)
        };
        match together.iter_mut().find(same) {
            Some((from, _)) => from.push(&one.from),
            None => together.push((vec![&one.from], one)),
        }
    }
    let line = |(from, one): (Vec<&str>, &Passage)| {
        let perhaps = if one.depends_on.is_empty() { "" } else { "perhaps " };
        let at = if one.addresses.is_empty() { String::new() } else { format!(" ({})", one.addresses) };
        let mut words = format!("{sign} {perhaps}{} → {} on {}{at}", from.join(", "), one.to, one.on);
        if !one.depends_on.is_empty() {
            words.push_str(&format!("; depends on {}", one.depends_on.join(", ")));
        }
        if !one.by.is_empty() {
            let shown: Vec<&str> = one.by.iter().take(RULES).map(String::as_str).collect();
            let more = if one.by.len() > RULES { ", …" } else { "" };
            words.push_str(&format!("; by {}{more}", shown.join("; ")));
        }
        words
    };
    together.into_iter().map(line).collect()
}

pub(super) fn finding(sign: &str, one: &FindingLine) -> String {
    let perhaps = if one.is_sure { "" } else { ", depends on what is not told" };
    format!("{sign} {} {}: {}{perhaps}", one.severity.word(), one.rule, one.message)
}

pub(super) fn grant(sign: &str, one: &Grant) -> String {
    let conditions = one.when.join(" and ");
    let when = match (one.when.is_empty(), one.partly, sign) {
        (true, ..) => String::new(),
        (false, false, "-") => format!(", which it could if {conditions}"),
        (false, false, _) => format!(" if {conditions}"),
        (false, true, "-") => format!(", but if {conditions}"),
        (false, true, _) => format!(", no longer only if {conditions}"),
    };
    let by = if one.by.is_empty() { String::new() } else { format!("; by {}", one.by.join(", ")) };
    format!("{sign} {} on {}{when}{by}", one.actions.join(", "), one.resources.join(", "))
}

/// Readers, each in a line; of those that wait for the text of a policy, if that is asked for, only how many.
pub(super) fn readers(
    sign: &str,
    verb: &str,
    all: &[ReaderLine],
    short: bool,
) -> (Vec<String>, Option<String>) {
    let waits = |one: &&ReaderLine| {
        let texts = one.depends_on.iter().filter(|on| on.starts_with("the text of the policy"));
        short && !one.depends_on.is_empty() && texts.count() == one.depends_on.len()
    };
    let (waiting, told): (Vec<&ReaderLine>, Vec<&ReaderLine>) = all.iter().partition(waits);
    let count = waiting.len();
    let words = format!("? who {verb} read what: {count} more depend on policies whose text is not told");
    (told.into_iter().map(|one| reader(sign, verb, one)).collect(), (count > 0).then_some(words))
}

fn reader(sign: &str, verb: &str, one: &ReaderLine) -> String {
    let verb = if one.depends_on.is_empty() { verb.to_owned() } else { format!("perhaps {verb}") };
    let perhaps = match one.depends_on.as_slice() {
        [] => String::new(),
        on => format!("; depends on {}", on.join(", ")),
    };
    let how = if one.how.len() > 1 { format!("; {}", one.how.join(", then ")) } else { String::new() };
    format!("{sign} {} {verb} read {}{how}{perhaps}", one.who, one.what)
}

/// A line for each resource, those first of which it differs most; and how many differ by less than a cent.
pub(super) fn by_resource(all: &[MoneyLine]) -> (Vec<String>, usize) {
    let mut resources: BTreeMap<&str, Vec<&MoneyLine>> = BTreeMap::new();
    all.iter().for_each(|line| resources.entry(&line.resource).or_default().push(line));
    let mut sums: Vec<(u64, String)> = Vec::new();
    let mut less = 0;
    for (resource, lines) in resources {
        let sum =
            |side: fn(&MoneyLine) -> MicroDollars| lines.iter().map(|line| side(line)).sum::<MicroDollars>();
        let (before, after) = (sum(|line| line.before), sum(|line| line.after));
        let by = before.get().abs_diff(after.get());
        if by < CENT {
            less += 1;
            continue;
        }
        // Named after what most of it is for, afterwards if anything is left.
        let weight = |line: &&&MoneyLine| (line.after, line.before);
        let what = lines.iter().max_by_key(weight).map(|line| line.what.as_str()).unwrap_or_default();
        sums.push((by, format!("{} {resource}: {what}", signed(before, after))));
    }
    sums.sort_by(|(one, words), (other, others)| (other, words).cmp(&(one, others)));
    (sums.into_iter().map(|(_, words)| words).collect(), less)
}
