//! What is decided of a design, by the names of our own: who reaches whom, what came of each rule, who reads what.

use std::collections::{BTreeMap, BTreeSet};

use terrace_audit::report::{Outcome, Source};
use terrace_audit::{Certainty, Settings, audit};
use terrace_aws::inventory::{Inventory, ItemId};
use terrace_lift::world::Lifted;
use terrace_proof::estate::{Permissions, Reader, Verdict, Who};
use terrace_proof::reach::{Bounds, Reach};
use terrace_proof::world::Party;

/// What an item of this design is called in ours.
pub(crate) type Names<'a> = &'a dyn Fn(&ItemId) -> String;

/// Something decided: for sure, or perhaps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Sure {
    Yes,
    Perhaps,
}

/// All verdicts on one design, each a line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Verdicts {
    /// `internet -> aws_lb.public tcp 80`.
    pub(crate) links: BTreeMap<String, Sure>,
    /// `aws_iam_role.app reads aws_ssm_parameter.app_port (by itself)`.
    pub(crate) readers: BTreeMap<String, Sure>,
    /// Rules, by name.
    pub(crate) properties: BTreeMap<String, Outcome>,
    /// `data-deletion aws_db_instance.main`.
    pub(crate) findings: BTreeMap<String, Sure>,
    /// `edge aws_lb.public`.
    pub(crate) tiers: BTreeSet<String>,
}

/// Decides on a design.
pub(crate) fn verdicts(inventory: &Inventory, names: Names<'_>) -> Verdicts {
    let mut all = Verdicts::default();
    let lifted = terrace_lift::world::lift(inventory);
    let bounds = Bounds::of(&lifted.world);
    for (reach, sure) in [(&bounds.most, Sure::Perhaps), (&bounds.least, Sure::Yes)] {
        all.links.extend(links(&lifted, reach, names).into_iter().map(|line| (line, sure)));
    }
    let lifted = terrace_lift::estate::lift(inventory);
    let permissions = Permissions::new(&lifted.estate);
    for holding in &lifted.estate.holdings {
        for reader in permissions.readers(&holding.id).unwrap_or_default() {
            let sure = if reader.verdict == Verdict::Allowed { Sure::Yes } else { Sure::Perhaps };
            all.readers.insert(reads(&reader, &holding.id, names), sure);
        }
    }
    let report = audit(inventory, &Settings::default(), Source::default());
    for property in &report.properties {
        all.properties.insert(property.rule.name.as_str().to_owned(), property.outcome);
    }
    for found in &report.found {
        let sure = if found.finding.certainty == Certainty::Sure { Sure::Yes } else { Sure::Perhaps };
        let line = format!("{} {}", found.rule.name, names(&found.finding.item));
        let known = all.findings.entry(line).or_insert(sure);
        *known = (*known).min(sure);
    }
    for line in &report.tiers {
        let item = inventory.named(&line.site).map_or_else(|| line.site.clone(), |item| names(item.id()));
        all.tiers.insert(format!("{} {item}", line.tier));
    }
    all
}

/// Each pair that converses, and each protocol with its ports.
fn links(lifted: &Lifted, reach: &Reach<'_>, names: Names<'_>) -> Vec<String> {
    let party = |party: Party| match party {
        Party::Site(site) => lifted.site(site).map_or_else(|| "?".to_owned(), |site| names(&site.item)),
        Party::External(external) => lifted.external(external).unwrap_or("?").to_owned(),
    };
    let mut all = Vec::new();
    for link in reach.links().filter(terrace_proof::reach::Link::converses) {
        for ((first, last), ports) in link.services() {
            let (from, to) = (party(link.from), party(link.to));
            all.push(format!(
                "{from} -> {to} protocol {first}-{last} port {}-{}",
                ports.first(),
                ports.last()
            ));
        }
    }
    all
}

fn reads(reader: &Reader, holding: &ItemId, names: Names<'_>) -> String {
    let who = match &reader.who {
        Who::Item(id) => names(id),
        Who::Service { name, .. } => name.literal().unwrap_or("?").to_owned(),
        other => other.to_string(),
    };
    let how = if reader.is_direct() { "by itself" } else { "by way of others" };
    format!("{who} reads {} ({how})", names(holding))
}

/// What is contrary in two lists: what is sure of one and surely not of the other.
fn contrary(ours: &BTreeMap<String, Sure>, theirs: &BTreeMap<String, Sure>) -> Vec<String> {
    let missing = |one: &BTreeMap<String, Sure>, other: &BTreeMap<String, Sure>, said: &str| {
        let sure = one.iter().filter(|(line, sure)| **sure == Sure::Yes && !other.contains_key(*line));
        sure.map(|(line, _)| format!("{said} {line}")).collect::<Vec<_>>()
    };
    let mut all = missing(ours, theirs, "-");
    all.extend(missing(theirs, ours, "+"));
    all
}

impl Verdicts {
    /// What this says otherwise than ours does, each a line: `-` only ours, `+` only this, `?` weaker here.
    pub(crate) fn differences(&self, ours: &Self) -> BTreeSet<String> {
        let mut all = BTreeSet::new();
        let lists =
            [(&ours.links, &self.links), (&ours.readers, &self.readers), (&ours.findings, &self.findings)];
        for (ours, theirs) in lists {
            let lines: BTreeSet<&String> = ours.keys().chain(theirs.keys()).collect();
            all.extend(lines.into_iter().filter_map(|line| match (ours.get(line), theirs.get(line)) {
                (Some(one), Some(other)) if one == other => None,
                (Some(_), Some(Sure::Perhaps)) => Some(format!("? {line}")),
                (Some(_), Some(Sure::Yes)) => Some(format!("! {line}")),
                (Some(_), None) => Some(format!("- {line}")),
                (None, Some(Sure::Perhaps)) => Some(format!("+? {line}")),
                (None, Some(Sure::Yes)) => Some(format!("+ {line}")),
                (None, None) => None,
            }));
        }
        for (rule, ours) in &ours.properties {
            let theirs = self.properties.get(rule).copied().unwrap_or(Outcome::Nothing);
            if theirs != *ours {
                all.insert(format!("{rule} is {}, not {}", theirs.word(), ours.word()));
            }
        }
        all.extend(ours.tiers.difference(&self.tiers).map(|line| format!("- {line}")));
        all.extend(self.tiers.difference(&ours.tiers).map(|line| format!("+ {line}")));
        all
    }

    /// What this says that cannot be so if ours is: to depend is no contradiction.
    pub(crate) fn contradictions(&self, ours: &Self) -> Vec<String> {
        let mut all = contrary(&ours.links, &self.links);
        all.extend(contrary(&ours.readers, &self.readers));
        all.extend(contrary(&ours.findings, &self.findings));
        for (rule, ours) in &ours.properties {
            let theirs = self.properties.get(rule).copied().unwrap_or(Outcome::Nothing);
            let proved = |outcome: Outcome| matches!(outcome, Outcome::Proved | Outcome::Nothing);
            let contrary = |one: Outcome, other: Outcome| one == Outcome::Violated && proved(other);
            if contrary(theirs, *ours) || contrary(*ours, theirs) {
                all.push(format!("{rule} is {}, not {}", theirs.word(), ours.word()));
            }
        }
        all
    }
}
