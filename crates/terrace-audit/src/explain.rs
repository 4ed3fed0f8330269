//! Whether one can reach another, and why or why not.
//!
//! Directly first; where nothing direct passes, over balancers and distributions that pass it on; and last, over whatever
//! could be taken over on the way. Where nothing leads there, what blocks it.

use std::net::IpAddr;

use serde_json::{Value, json as object};
use terrace_aws::inventory::{Inventory, UnknownName};
use terrace_proof::reach::{Link, Through, tcp};
use terrace_proof::space::{Addresses, Traffic};
use terrace_proof::world::{ExternalId, Party};

use crate::passage::Passage;
use crate::report::{Outcome, Paint, Role};
use crate::tiers::Tier;
use crate::{Certainty, Settings, Subject};

/// A name that means nothing in the design.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("nothing in the design is called `{name}`")]
pub struct Stranger {
    name: String,
    near: Vec<String>,
}

impl Stranger {
    /// Names that are meant, perhaps.
    pub fn near(&self) -> &[String] {
        &self.near
    }
}

/// The answer.
#[derive(Clone, Debug)]
pub struct Answer {
    question: String,
    /// How it reaches, if it does.
    way: Option<Passage>,
    /// How it would, for whoever takes over what stands between.
    taken_over: Option<Passage>,
    /// What stands in the way of a direct connection; each line is enough.
    blocked: Vec<String>,
    /// Parts of the design that are not here or not modelled: "no" is not sure of what is in them.
    missing: Vec<String>,
}

/// Whether `from` can reach `to`, on a port of TCP if one is given. Names are tiers, resources, `internet`, addresses.
///
/// # Errors
/// A name that means nothing in the design.
pub fn explain(
    inventory: &Inventory,
    settings: &Settings,
    from: &str,
    to: &str,
    port: Option<u16>,
) -> Result<Answer, Stranger> {
    crate::audit::with_subject(inventory, settings, |subject| {
        let asked = Asked {
            from: parties(subject, from)?,
            to: parties(subject, to)?,
            traffic: port.map(tcp).into_iter().collect(),
            only: from.parse().ok(),
        };
        let on = port.map(|port| format!(" on tcp {port}")).unwrap_or_default();
        Ok(answer(subject, format!("can {from} reach {to}{on}?"), &asked))
    })
}

struct Asked {
    from: Vec<Party>,
    to: Vec<Party>,
    /// On the last hop; none: any.
    traffic: Vec<Traffic>,
    /// The one address that it comes from, if one was asked for.
    only: Option<IpAddr>,
}

/// Whom a name means.
fn parties(subject: &Subject<'_>, name: &str) -> Result<Vec<Party>, Stranger> {
    let word = name.to_ascii_lowercase();
    if word == "internet" || word == "the internet" {
        return Ok(vec![Party::External(ExternalId::INTERNET)]);
    }
    if let Ok(tier) = word.parse::<Tier>() {
        let all: Vec<Party> = subject.tiers.all(tier).map(Party::Site).collect();
        if !all.is_empty() {
            return Ok(all);
        }
    }
    if let Ok(address) = name.parse::<IpAddr>() {
        return Ok(addressed(subject, address));
    }
    let matching = |exact: bool| -> Vec<Party> {
        let sites = subject.sites().filter_map(|(site, _)| Some((site, subject.lifted.site(site)?)));
        let found = sites.filter(|(_, site)| {
            let mut names =
                std::iter::once(&site.item).chain(&site.also).map(|item| item.name().to_ascii_lowercase());
            names.any(|known| if exact { known == word } else { known.ends_with(&format!(".{word}")) })
                || site.name_tag.as_ref().is_some_and(|tag| tag.to_ascii_lowercase() == word)
        });
        found.map(|(site, _)| Party::Site(site)).collect()
    };
    for exact in [true, false] {
        let found = matching(exact);
        if !found.is_empty() {
            return Ok(found);
        }
    }
    let externals: Vec<Party> = (0..subject.lifted.externals.len())
        .filter_map(|at| Some(ExternalId(u32::try_from(at).ok()?)))
        .filter(|id| subject.lifted.external(*id).is_some_and(|known| known.to_ascii_lowercase() == word))
        .map(Party::External)
        .collect();
    if externals.is_empty() { Err(stranger(subject, name)) } else { Ok(externals) }
}

/// Who has an address: sites whose interfaces may have it, else the internet.
fn addressed(subject: &Subject<'_>, address: IpAddr) -> Vec<Party> {
    let has = |addresses: &[Addresses]| addresses.iter().any(|run| run.contains(address));
    let mut sites: Vec<Party> = subject
        .lifted
        .world
        .interfaces
        .iter()
        .filter(|interface| has(&interface.addresses))
        .map(|interface| Party::Site(interface.site))
        .collect();
    sites.sort();
    sites.dedup();
    if sites.is_empty() { vec![Party::External(ExternalId::INTERNET)] } else { sites }
}

fn stranger(subject: &Subject<'_>, name: &str) -> Stranger {
    let names = subject.sites().map(|(site, _)| subject.shown(Party::Site(site)));
    let mut near: Vec<(f64, String)> =
        names.map(|known| (-strsim::jaro_winkler(&known, name), known)).collect();
    near.sort_by(|one, two| one.0.total_cmp(&two.0).then_with(|| one.1.cmp(&two.1)));
    near.dedup_by(|one, two| one.1 == two.1);
    Stranger { name: name.to_owned(), near: near.into_iter().take(3).map(|(_, name)| name).collect() }
}

fn answer(subject: &Subject<'_>, question: String, asked: &Asked) -> Answer {
    let best = |through| {
        let pairs = asked.from.iter().flat_map(|from| asked.to.iter().map(move |to| (*from, *to)));
        let ways = pairs.filter(|(from, to)| from != to);
        let ways = ways.filter_map(|(from, to)| {
            let way = subject.leads(from, to, &asked.traffic, through)?;
            subject.begins_at(&way, from, asked.only).then_some(way)
        });
        ways.min_by_key(|way| (way.certainty != Certainty::Sure, way.hops.len()))
    };
    let way = best(Through::Proxies);
    if way.as_ref().is_some_and(|way| way.certainty == Certainty::Sure) {
        return Answer { question, way, taken_over: None, blocked: Vec::new(), missing: Vec::new() };
    }
    let taken_over = if way.is_none() { best(Through::Hosts) } else { None };
    let blocked = crate::blocked::reasons(subject, &asked.from, &asked.to, &asked.traffic, None);
    let missing = if way.is_none() { crate::audit::missing(subject) } else { Vec::new() };
    Answer { question, way, taken_over, blocked, missing }
}

impl Subject<'_> {
    /// Whether the first hop of a way is open to this address, too. Whoever is inside has any address that it may have.
    fn begins_at(&self, way: &Passage, from: Party, only: Option<IpAddr>) -> bool {
        let (Party::External(_), Some(only)) = (from, only) else { return true };
        let Some(first) = way.hops.first() else { return false };
        let comes = |link: &Link| {
            let mut ways = link.ways.iter().filter(|way| !way.conversation.is_empty());
            ways.any(|way| way.conversation.sources().contains(only))
        };
        self.links
            .iter()
            .any(|((opener, to), link)| *opener == from && self.shown(*to) == first.to && comes(link))
    }
}

impl Answer {
    /// Proved means "yes", violated "no".
    pub fn outcome(&self) -> Outcome {
        match self.way.as_ref().map(|way| &way.certainty) {
            None if !self.missing.is_empty() => Outcome::Depends,
            None => Outcome::Violated,
            Some(Certainty::Sure) => Outcome::Proved,
            Some(Certainty::Depends(_)) => Outcome::Depends,
        }
    }

    fn on(&self) -> Vec<&str> {
        match self.way.as_ref().map(|way| &way.certainty) {
            Some(Certainty::Depends(on)) => on.iter().map(UnknownName::as_str).collect(),
            _ => self.missing.iter().map(String::as_str).collect(),
        }
    }

    /// The answer for people.
    pub fn text(&self, paint: &dyn Paint) -> String {
        let mut lines = vec![paint.paint(Role::Heading, &self.question)];
        lines.push(match self.outcome() {
            Outcome::Depends if self.way.is_none() => {
                let on = self.on().join(", ");
                format!(
                    "{} of what was read; it depends on {on}, which is not",
                    paint.paint(Role::Unsure, "no")
                )
            }
            Outcome::Depends => {
                format!("{} on {}", paint.paint(Role::Unsure, "depends"), self.on().join(", "))
            }
            Outcome::Proved => paint.paint(Role::Wrong, "yes"),
            _ => paint.paint(Role::Good, "no"),
        });
        if let Some(way) = &self.way {
            hops(way, paint, &mut lines);
        }
        if !self.blocked.is_empty() {
            lines.push("directly it is kept from it by any of these:".to_owned());
            lines.extend(self.blocked.iter().map(|why| format!("  - {why}")));
        }
        if let Some(way) = &self.taken_over {
            lines.push("whoever takes over what stands between can get there:".to_owned());
            hops(way, paint, &mut lines);
        }
        lines.join("\n") + "\n"
    }

    /// The answer for programs.
    pub fn json(&self) -> Value {
        let answer = match self.outcome() {
            Outcome::Depends => "depends",
            Outcome::Proved => "yes",
            _ => "no",
        };
        let hops = |way: &Option<Passage>| -> Vec<Value> {
            way.iter().flat_map(|way| &way.hops).map(crate::report::hop).collect()
        };
        object!({
            "schema": 1,
            "question": self.question,
            "answer": answer,
            "depends_on": self.on(),
            "hops": hops(&self.way),
            "blocked_by": self.blocked,
            "hops_if_taken_over": hops(&self.taken_over),
        })
    }
}

fn hops(way: &Passage, paint: &dyn Paint, lines: &mut Vec<String>) {
    for (number, hop) in way.hops.iter().enumerate() {
        let packet = paint.paint(Role::Quiet, &hop.packet);
        lines.push(format!("  {}. {} → {}   {packet}", number + 1, hop.from, hop.to));
        for by in &hop.by {
            let place = by.place.as_ref().map(|place| format!("  {place}")).unwrap_or_default();
            let path = if by.path.is_empty() { String::new() } else { format!(" {}", by.path) };
            lines.push(format!("       {}{path}: {}{}", by.item, by.says, paint.paint(Role::Quiet, &place)));
        }
    }
}
