//! The change for people: first what is replaced or lost, then the rest; each part alone if something differs in it.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use terrace_audit::report::{Paint, Role};

use crate::money::signed;
use crate::permissions::Identity;
use crate::resources::{Resource, Verb};
use crate::{Change, Outcome};

use super::lines::{by_resource, finding, grant, head, passages, readers};
use super::words::{clean, counted, shown};

/// So many lines of one kind are shown where not all are asked for.
const MOST: usize = 12;
/// And so many of what is there on one side only.
const FEW: usize = 3;

/// The change as text. `all`: with every line, not only their number.
pub fn text(change: &Change, paint: &dyn Paint, all: bool) -> String {
    let mut sheet = Sheet { text: String::new(), paint, most: if all { usize::MAX } else { MOST } };
    sheet.resources(change);
    sheet.exposure(change);
    sheet.permissions(change);
    sheet.money(change);
    sheet.untold(change);
    sheet.end(change);
    sheet.text
}

struct Sheet<'a> {
    text: String,
    paint: &'a dyn Paint,
    most: usize,
}

impl Sheet<'_> {
    // Writing to a String cannot fail.
    fn line(&mut self, line: &str) {
        let _ = writeln!(self.text, "{}", line.trim_end());
    }

    fn heading(&mut self, words: &str) {
        let words = self.paint.paint(Role::Heading, &clean(words));
        if !self.text.is_empty() {
            self.line("");
        }
        self.line(&words);
    }

    /// As many lines as are shown, and the number of the others.
    fn lines(&mut self, indent: &str, role: Role, lines: Vec<String>) {
        self.first(self.most, indent, role, lines);
    }

    /// What is new or gone as a whole is told in fewer lines.
    fn most(&self, new: bool) -> usize {
        if new && self.most == MOST { FEW } else { self.most }
    }

    fn first(&mut self, most: usize, indent: &str, role: Role, lines: Vec<String>) {
        let count = lines.len();
        for line in lines.into_iter().take(most) {
            let line = self.paint.paint(role, &clean(&line));
            self.line(&format!("{indent}{line}"));
        }
        if count > most {
            let more = format!("… and {} more: `terrace plan --all` shows them", count - most);
            let more = self.paint.paint(Role::Quiet, &more);
            self.line(&format!("{indent}{more}"));
        }
    }

    fn resources(&mut self, change: &Change) {
        for group in &change.groups {
            self.heading(&group.name);
            // What is lost is never left out; the rest is cut where it is long.
            let (heavy, light): (Vec<_>, Vec<_>) = group.resources.iter().partition(|one| {
                !matches!(one.verb, Verb::Add | Verb::Import | Verb::Move) || !one.losses.is_empty()
            });
            heavy.into_iter().for_each(|one| self.resource(one));
            self.lines("  ", Role::Good, light.into_iter().map(head).collect());
        }
        if !change.outputs.is_empty() {
            self.heading("outputs");
            let lines = change.outputs.iter();
            let lines = lines.map(|one| format!("{}: {} → {}", one.name, shown(&one.from), shown(&one.to)));
            self.lines("  ", Role::Quiet, lines.collect());
        }
    }

    fn resource(&mut self, resource: &Resource) {
        let role = match resource.verb {
            Verb::Destroy | Verb::Replace { .. } | Verb::Other(_) => Role::Wrong,
            _ => Role::Unsure,
        };
        let head = self.paint.paint(role, &clean(&head(resource)));
        self.line(&format!("  {head}"));
        let arguments = resource.arguments.iter().map(|one| {
            let forces = if one.forces { "   ← replaced for this" } else { "" };
            format!("{}: {} → {}{forces}", one.path, shown(&one.from), shown(&one.to))
        });
        self.lines("      ", Role::Quiet, arguments.collect());
        let visible = resource.arguments.iter().any(|one| one.forces);
        if !visible && !resource.forced_by.is_empty() {
            self.line(&clean(&format!("      replaced for {}", resource.forced_by.join(", "))));
        }
        for loss in &resource.losses {
            let what = self.paint.paint(Role::Wrong, &format!("loses {}", loss.what));
            let kept = loss.kept.as_ref().map(|kept| format!("; {kept}")).unwrap_or_default();
            self.line(&format!("      {what}{}", clean(&kept)));
        }
    }

    fn exposure(&mut self, change: &Change) {
        let exposure = &change.exposure;
        if !(exposure.opened.is_empty() && exposure.closed.is_empty() && exposure.undecided.is_empty()) {
            self.heading("Who reaches whom");
            self.lines("  ", Role::Wrong, passages("+", &exposure.opened));
            self.lines("  ", Role::Good, passages("-", &exposure.closed));
            let undecided =
                exposure.undecided.iter().map(|what| format!("? {what} is not modelled")).collect();
            self.lines("  ", Role::Unsure, undecided);
        }
        if !(exposure.appeared.is_empty() && exposure.gone.is_empty()) {
            self.heading("Findings of the audit");
            self.lines("  ", Role::Wrong, exposure.appeared.iter().map(|one| finding("+", one)).collect());
            self.lines("  ", Role::Good, exposure.gone.iter().map(|one| finding("-", one)).collect());
        }
    }

    fn permissions(&mut self, change: &Change) {
        let permissions = &change.permissions;
        if permissions.is_empty() {
            return;
        }
        self.heading("Who may do what");
        for identity in &permissions.identities {
            self.identity(identity);
        }
        for paper in &permissions.papers {
            self.line(&clean(&format!("  {}, {}", paper.of, paper.what)));
            let most = self.most(paper.new);
            let signed = |sign: &str, all: &[String]| all.iter().map(|one| format!("{sign} {one}")).collect();
            self.first(most, "    ", Role::Wrong, signed("+", &paper.gained));
            self.first(most, "    ", Role::Good, signed("-", &paper.lost));
        }
        let (gained, waiting) = readers("+", "can", &permissions.readers, self.most == MOST);
        let (lost, also) = readers("-", "could", &permissions.former, self.most == MOST);
        self.lines("  ", Role::Wrong, gained);
        self.lines("  ", Role::Good, lost);
        self.lines("  ", Role::Unsure, waiting.into_iter().chain(also).collect());
        let undecided = permissions.undecided.iter();
        let undecided = undecided.map(|what| format!("? {what}")).collect();
        self.lines("  ", Role::Unsure, undecided);
    }

    fn identity(&mut self, identity: &Identity) {
        let new = match (identity.new, identity.gained.is_empty()) {
            (false, _) => "",
            (true, false) => " (new)",
            (true, true) => " (gone)",
        };
        self.line(&clean(&format!("  {}{new}", identity.who)));
        let most = self.most(identity.new);
        self.first(most, "    ", Role::Wrong, identity.gained.iter().map(|one| grant("+", one)).collect());
        self.first(most, "    ", Role::Good, identity.lost.iter().map(|one| grant("-", one)).collect());
        let altered = identity.altered.iter().map(|one| {
            let [from, to] = one.when.as_slice() else { return grant("~", one) };
            format!("~ {} on {}: if {from} → if {to}", one.actions.join(", "), one.resources.join(", "))
        });
        self.lines("    ", Role::Unsure, altered.collect());
    }

    fn money(&mut self, change: &Change) {
        let money = &change.money;
        if money.is_empty() {
            return;
        }
        match (money.before, money.after) {
            (Some(before), Some(after)) if before == after => {
                self.heading(&format!("Money a month: {after:.2}, as before, of what has a price"));
            }
            (Some(before), Some(after)) => {
                self.heading(&format!("Money a month: {} ({before:.2} → {after:.2})", signed(before, after)));
            }
            _ => self.heading("Money a month"),
        }
        let (lines, less) = by_resource(&money.lines);
        self.lines("  ", Role::Quiet, lines);
        if less > 0 {
            let words = format!("{} by less than a cent each", counted(less, "resource"));
            self.lines("  ", Role::Quiet, vec![words]);
        }
        let unpriced = money.unpriced.iter().map(|(what, why)| format!("? {what} {why}")).collect();
        self.lines("  ", Role::Unsure, unpriced);
        self.lines("  ", Role::Unsure, money.untold.iter().map(|why| format!("? {why}")).collect());
    }

    fn untold(&mut self, change: &Change) {
        if !change.untold.is_empty() {
            self.heading("Not told");
            self.lines("  ", Role::Unsure, change.untold.clone());
        }
    }

    fn end(&mut self, change: &Change) {
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        for resource in change.groups.iter().flat_map(|group| &group.resources) {
            *counts.entry(resource.verb.word()).or_default() += 1;
        }
        let words: Vec<String> = Verb::WORDS
            .iter()
            .filter_map(|word| counts.get(word).map(|count| format!("{count} to {word}")))
            .collect();
        if !self.text.is_empty() {
            self.line("");
        }
        match &change.outcome {
            Outcome::Nothing => {
                let words = self.paint.paint(Role::Good, "NOTHING CHANGES");
                self.line(&words);
            }
            Outcome::Changes if words.is_empty() => {
                let words = self.paint.paint(Role::Heading, "CHANGES");
                self.line(&format!("{words}: no resource; {}", counted(change.outputs.len(), "output")));
            }
            Outcome::Changes => {
                let head = self.paint.paint(Role::Heading, "CHANGES");
                self.line(&format!("{head}: {}", words.join(", ")));
            }
            Outcome::Refused(why) => {
                let head = self.paint.paint(Role::Wrong, "REFUSED");
                self.line(&head);
                why.iter().for_each(|why| self.line(&clean(&format!("  {why}"))));
            }
        }
    }
}
