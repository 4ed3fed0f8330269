//! The report for people.

use std::fmt::Write as _;

use terrace_aws::inventory::Place;

use crate::{Certainty, Evidence};

use super::{Found, Leg, Outcome, Report};

/// What a piece of text is, for whoever has colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// A heading.
    Heading,
    /// What is wrong.
    Wrong,
    /// What may be wrong.
    Unsure,
    /// What holds.
    Good,
    /// What to do.
    Fix,
    /// What matters least.
    Quiet,
}

/// Gives text its colours.
pub trait Paint {
    /// The text as one with this role.
    fn paint(&self, role: Role, text: &str) -> String;
}

/// Without colours.
#[derive(Clone, Copy, Debug)]
pub struct Plain;

impl Paint for Plain {
    fn paint(&self, _: Role, text: &str) -> String {
        text.to_owned()
    }
}

/// The report as text. `all`: with every property, everything cleared and not read, not only their number.
pub fn text(report: &Report, paint: &dyn Paint, all: bool) -> String {
    let mut out = Sheet { text: String::new(), paint };
    out.head(report);
    report.found.iter().for_each(|found| out.found(found));
    out.accepted(report);
    out.held(report, all);
    out.cleared(report, all);
    out.unread(report, all);
    out.assumed(report, all);
    out.end(report);
    out.text
}

struct Sheet<'a> {
    text: String,
    paint: &'a dyn Paint,
}

impl Sheet<'_> {
    // Writing to a String cannot fail.
    fn line(&mut self, line: &str) {
        let _ = writeln!(self.text, "{}", line.trim_end());
    }

    fn heading(&mut self, words: &str) {
        let words = self.paint.paint(Role::Heading, words);
        self.line("");
        self.line(&words);
    }

    fn quiet(&self, words: &str) -> String {
        self.paint.paint(Role::Quiet, words)
    }

    fn head(&mut self, report: &Report) {
        let source = &report.source;
        let name = self.paint.paint(Role::Heading, &source.name);
        let count = counted(source.resources, "resource");
        self.line(&format!("{name}: {}, {count}", source.kind));
        if !report.tiers.is_empty() {
            self.heading("Tiers");
            let wide = |of: fn(&super::TierLine) -> &str| {
                report.tiers.iter().map(|line| of(line).chars().count()).max().unwrap_or_default()
            };
            let (tier, site) = (wide(|line| &line.tier), wide(|line| &line.site).min(60));
            for line in &report.tiers {
                let why = self.quiet(&line.why);
                self.line(&format!("  {:tier$}  {:site$}  {why}", line.tier, line.site));
            }
        }
        if !report.paths.is_empty() {
            self.heading("Paths");
            self.paths(report);
        }
    }

    /// As a tree: what paths have in common stands once.
    fn paths(&mut self, report: &Report) {
        let mut before: &[Leg] = &[];
        for path in &report.paths {
            let common = before.iter().zip(path).take_while(|(one, other)| one == other).count();
            for (depth, leg) in path.iter().enumerate().skip(common) {
                match depth {
                    0 => self.line(&format!("  {}", leg.to)),
                    depth => {
                        let on = self.quiet(&leg.on);
                        self.line(&format!("  {}└ {on} → {}", "  ".repeat(depth - 1), leg.to));
                    }
                }
            }
            before = path;
        }
    }

    fn found(&mut self, found: &Found) {
        let finding = &found.finding;
        let (role, word) = match &finding.certainty {
            Certainty::Sure => (Role::Wrong, "VIOLATED"),
            Certainty::Depends(_) => (Role::Unsure, "DEPENDS"),
        };
        self.line("");
        let word = self.paint.paint(role, word);
        let rule = self.quiet(found.rule.name.as_str());
        self.line(&format!("{word}  {}  {rule}", finding.severity.word()));
        self.line(&format!("  {}", finding.message));
        if let Certainty::Depends(on) = &finding.certainty {
            let on: Vec<&str> = on.iter().map(terrace_aws::inventory::UnknownName::as_str).collect();
            self.line(&format!("  depends on {}", on.join(", ")));
        }
        if let Some(place) = &finding.place {
            let at = self.quiet(&format!("at {place}"));
            self.line(&format!("  {at}"));
        }
        for (number, hop) in finding.hops.iter().enumerate() {
            let arrow = if hop.packet.is_empty() { String::new() } else { format!("   {}", hop.packet) };
            let arrow = self.quiet(&arrow);
            self.line(&format!("  {}. {} → {}{arrow}", number + 1, hop.from, hop.to));
            hop.by.iter().for_each(|one| self.evidence("       ", one));
        }
        finding.because.iter().for_each(|one| self.evidence("  because ", one));
        let fix = self.paint.paint(Role::Fix, "fix");
        let mut lines = finding.fix.lines();
        let first = lines.next().unwrap_or_default();
        self.line(&format!("  {fix} {first}"));
        lines.for_each(|line| self.line(&format!("      {line}")));
    }

    fn evidence(&mut self, indent: &str, one: &Evidence) {
        let at = self.quiet(&shown(one.place.as_ref()));
        let what = if one.path.is_empty() {
            one.item.name().to_owned()
        } else {
            format!("{} {}", one.item, one.path)
        };
        self.line(&format!("{indent}{what}: {}{at}", one.says));
    }

    fn accepted(&mut self, report: &Report) {
        if report.accepted.is_empty() {
            return;
        }
        self.heading("Accepted");
        // What has one reason stands together.
        let mut reasons: Vec<&str> = Vec::new();
        for (_, reason) in &report.accepted {
            if !reasons.contains(&reason.as_str()) {
                reasons.push(reason);
            }
        }
        for reason in reasons {
            self.line(&format!("  {reason}:"));
            for (found, _) in report.accepted.iter().filter(|(_, of)| of == reason) {
                let rule = self.quiet(found.rule.name.as_str());
                self.line(&format!("    {}  {rule}", found.finding.message));
            }
        }
    }

    fn held(&mut self, report: &Report, all: bool) {
        let held: Vec<_> = report.properties.iter().filter(|p| p.outcome == Outcome::Proved).collect();
        if held.is_empty() {
            return;
        }
        let of = if report.missing().next().is_some() { " of what was read" } else { "" };
        self.heading(&format!("Proved{of} ({})", held.len()));
        for property in held {
            let tick = self.paint.paint(Role::Good, "✓");
            let of = if all {
                self.quiet(&format!("  {} ({} looked at)", property.rule.name, property.examined))
            } else {
                String::new()
            };
            self.line(&format!("  {tick} {}{of}", property.rule.property));
        }
    }

    fn cleared(&mut self, report: &Report, all: bool) {
        if report.cleared.is_empty() {
            return;
        }
        self.heading(&format!("Cleared ({}): looks wrong, and is not", report.cleared.len()));
        let shown = if all { usize::MAX } else { 8 };
        for cleared in report.cleared.iter().take(shown) {
            self.evidence("  ", &cleared.what);
            self.line(&format!("    {}", cleared.reason));
        }
        self.rest(report.cleared.len(), shown);
    }

    fn unread(&mut self, report: &Report, all: bool) {
        if report.unread.is_empty() {
            return;
        }
        self.heading(&format!("Not read ({})", report.unread.len()));
        let most = if all { usize::MAX } else { 8 };
        for unread in report.unread.iter().take(most) {
            let at = self.quiet(&shown(unread.place.as_ref()));
            self.line(&format!("  {} {}{at}", unread.what, unread.why));
        }
        self.rest(report.unread.len(), most);
    }

    fn assumed(&mut self, report: &Report, all: bool) {
        if report.assumed.is_empty() {
            return;
        }
        self.heading(&format!("Assumed ({})", report.assumed.len()));
        let most = if all { usize::MAX } else { 8 };
        report.assumed.iter().take(most).for_each(|words| self.line(&format!("  {words}")));
        self.rest(report.assumed.len(), most);
    }

    fn rest(&mut self, count: usize, shown: usize) {
        if count > shown {
            let more = self.quiet(&format!("  … and {} more: --all shows them", count - shown));
            self.line(&more);
        }
    }

    fn end(&mut self, report: &Report) {
        let outcome = report.outcome();
        let count = |wanted: fn(&Certainty) -> bool| {
            report.found.iter().filter(|found| wanted(&found.finding.certainty)).count()
        };
        let (sure, unsure) =
            (count(|c| *c == Certainty::Sure), count(|c| matches!(c, Certainty::Depends(_))));
        let words = match outcome {
            Outcome::Violated => format!("VIOLATED: {}", counted(sure, "finding")),
            Outcome::Depends => "DEPENDS".to_owned(),
            Outcome::Proved | Outcome::Accepted => "PROVED".to_owned(),
            Outcome::Nothing => "nothing that a rule is about was found".to_owned(),
        };
        let role = match outcome {
            Outcome::Violated => Role::Wrong,
            Outcome::Depends | Outcome::Nothing => Role::Unsure,
            Outcome::Proved | Outcome::Accepted => Role::Good,
        };
        let words = self.paint.paint(role, &words);
        let missing = report.missing().count();
        let unsure = match (outcome, unsure) {
            (Outcome::Depends, 0) => {
                let (count, verb) = (counted(missing, "part"), if missing == 1 { "is" } else { "are" });
                format!(": what was read is proved; {count} of the design {verb} not here or not modelled")
            }
            (_, 0) => String::new(),
            (Outcome::Depends, n) => format!(": {} on what is not told", counted_verb(n)),
            (_, n) => format!("; {} on what is not told", counted_verb(n)),
        };
        let accepted = match report.accepted.len() {
            0 => String::new(),
            n => format!("; {} accepted", counted(n, "finding")),
        };
        self.line("");
        self.line(&format!("{words}{unsure}{accepted}"));
    }
}

fn counted(count: usize, noun: &str) -> String {
    let s = if count == 1 { "" } else { "s" };
    format!("{count} {noun}{s}")
}

fn counted_verb(count: usize) -> String {
    if count == 1 { "1 finding depends".to_owned() } else { format!("{count} findings depend") }
}

fn shown(place: Option<&Place>) -> String {
    place.map_or_else(String::new, |place| format!("  {place}"))
}
