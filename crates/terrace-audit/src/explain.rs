//! Whether one can reach another, and why or why not.
//!
//! Directly first; where nothing direct passes, over balancers and distributions that pass it on; and last, over whatever
//! could be taken over on the way. Where nothing leads there, what blocks it.

use std::collections::{BTreeMap, VecDeque};
use std::net::IpAddr;

use serde_json::{Value, json as object};
use terrace_aws::inventory::{Inventory, UnknownName};
use terrace_proof::reach::{WayKind, speaking_of, tcp};
use terrace_proof::space::{Addresses, PacketSet};
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
    /// By these hops; empty if nothing leads there.
    way: Vec<Passage>,
    /// Whether every hop is passed on by what stands there, and nothing has to be taken over.
    passed_on: bool,
    /// Why not.
    blocked: Vec<String>,
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
        let (sources, only) = parties(subject, from)?;
        let (targets, _) = parties(subject, to)?;
        let wanted = port.map(|port| speaking_of(&[tcp(port)]));
        let on = port.map(|port| format!(" on tcp {port}")).unwrap_or_default();
        let question = format!("can {from} reach {to}{on}?");
        Ok(answer(subject, question, &Asked { sources, targets, wanted, only }))
    })
}

struct Asked {
    sources: Vec<Party>,
    targets: Vec<Party>,
    /// On the last hop.
    wanted: Option<PacketSet>,
    /// On the first hop: from one address.
    only: Option<IpAddr>,
}

/// Whom a name means; and which address alone, if it is one on the internet.
fn parties(subject: &Subject<'_>, name: &str) -> Result<(Vec<Party>, Option<IpAddr>), Stranger> {
    let word = name.to_ascii_lowercase();
    if word == "internet" || word == "the internet" {
        return Ok((vec![Party::External(ExternalId::INTERNET)], None));
    }
    if let Ok(tier) = word.parse::<Tier>() {
        let all: Vec<Party> = subject.tiers.all(tier).map(Party::Site).collect();
        if !all.is_empty() {
            return Ok((all, None));
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
            return Ok((found, None));
        }
    }
    let externals: Vec<Party> = (0..subject.lifted.externals.len())
        .filter_map(|at| Some(ExternalId(u32::try_from(at).ok()?)))
        .filter(|id| subject.lifted.external(*id).is_some_and(|known| known.to_ascii_lowercase() == word))
        .map(Party::External)
        .collect();
    if externals.is_empty() { Err(stranger(subject, name)) } else { Ok((externals, None)) }
}

/// Who has an address: sites whose interfaces may have it, else the internet.
fn addressed(subject: &Subject<'_>, address: IpAddr) -> (Vec<Party>, Option<IpAddr>) {
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
    if sites.is_empty() {
        (vec![Party::External(ExternalId::INTERNET)], Some(address))
    } else {
        (sites, None)
    }
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
    for passed_on in [true, false] {
        if let Some(way) = shortest(subject, asked, passed_on) {
            return Answer { question, way, passed_on, blocked: Vec::new() };
        }
    }
    Answer {
        question,
        way: Vec::new(),
        passed_on: false,
        blocked: crate::blocked::reasons(subject, &asked.sources, &asked.targets, asked.wanted.as_ref()),
    }
}

/// The shortest chain of hops; `passed_on`: only over what passes connections on by itself.
fn shortest(subject: &Subject<'_>, asked: &Asked, passed_on: bool) -> Option<Vec<Passage>> {
    let mut before: BTreeMap<Party, Party> = BTreeMap::new();
    let mut open: VecDeque<Party> = asked.sources.iter().copied().collect();
    while let Some(at) = open.pop_front() {
        let source = asked.sources.contains(&at);
        // Who is outside passes nothing on; a machine does only if it is taken over.
        let goes_on = match at {
            _ if source => true,
            Party::External(_) => false,
            Party::Site(site) => !passed_on || subject.tiers.is_door(site),
        };
        if !goes_on {
            continue;
        }
        for ((_, to), link) in
            subject.links.range((at, Party::External(ExternalId(0)))..).take_while(|((f, _), _)| *f == at)
        {
            // A door is entered to be passed through: what it opens by itself is what it forwards.
            let forwarded = link.ways.iter().any(|way| {
                matches!(
                    way.kind,
                    WayKind::Forward(_) | WayKind::CdnOrigin { .. } | WayKind::VpcOrigin { .. }
                )
            });
            let door = matches!(at, Party::Site(site) if subject.tiers.is_door(site));
            if asked.sources.contains(to) || before.contains_key(to) || (passed_on && door && !forwarded) {
                continue;
            }
            let last = asked.targets.contains(to);
            let wanted = wanted(asked, source, last);
            if subject.passes(at, *to, wanted.as_ref()).is_none() {
                continue;
            }
            before.insert(*to, at);
            if last {
                return Some(hops(subject, asked, &before, *to));
            }
            open.push_back(*to);
        }
    }
    None
}

fn wanted(asked: &Asked, first: bool, last: bool) -> Option<PacketSet> {
    let from = asked.only.filter(|_| first).and_then(|only| {
        let one = Addresses::between(only, only)?;
        Some(PacketSet::between(&[one], &[Addresses::all(one.family())]))
    });
    let wanted = asked.wanted.as_ref().filter(|_| last);
    match (from, wanted) {
        (Some(from), Some(wanted)) => Some(from.intersection(wanted)),
        (from, wanted) => from.or_else(|| wanted.cloned()),
    }
}

fn hops(subject: &Subject<'_>, asked: &Asked, before: &BTreeMap<Party, Party>, to: Party) -> Vec<Passage> {
    let mut way = Vec::new();
    let mut at = to;
    while let Some(from) = before.get(&at) {
        let wanted = wanted(asked, asked.sources.contains(from), at == to);
        way.extend(subject.passes(*from, at, wanted.as_ref()));
        at = *from;
    }
    way.reverse();
    way
}

impl Answer {
    /// Violated here means "no": the exit code of a script that asks.
    pub fn outcome(&self) -> Outcome {
        if self.way.is_empty() {
            return Outcome::Violated;
        }
        let unsure = self.way.iter().any(|hop| matches!(hop.certainty, Certainty::Depends(_)));
        if unsure { Outcome::Depends } else { Outcome::Proved }
    }

    fn on(&self) -> Vec<&UnknownName> {
        let on = self.way.iter().filter_map(|hop| match &hop.certainty {
            Certainty::Depends(on) => Some(on),
            Certainty::Sure => None,
        });
        let mut all: Vec<&UnknownName> = on.flatten().collect();
        all.sort();
        all.dedup();
        all
    }

    /// The answer for people.
    pub fn text(&self, paint: &dyn Paint) -> String {
        let mut lines = vec![paint.paint(Role::Heading, &self.question)];
        match self.outcome() {
            Outcome::Violated => lines.push(paint.paint(Role::Good, "no")),
            Outcome::Depends => {
                let on: Vec<&str> = self.on().into_iter().map(UnknownName::as_str).collect();
                lines.push(format!("{} on {}", paint.paint(Role::Unsure, "depends"), on.join(", ")));
            }
            _ if self.passed_on => lines.push(paint.paint(Role::Wrong, "yes")),
            _ => lines.push(
                paint.paint(Role::Unsure, "not by itself; yes, for whoever takes over what stands between"),
            ),
        }
        for (number, hop) in self.way.iter().enumerate() {
            let packet = paint.paint(Role::Quiet, &hop.hop.packet);
            lines.push(format!("  {}. {} → {}   {packet}", number + 1, hop.hop.from, hop.hop.to));
            for by in &hop.hop.by {
                let place = by.place.as_ref().map(|place| format!("  {place}")).unwrap_or_default();
                let path = if by.path.is_empty() { String::new() } else { format!(" {}", by.path) };
                lines.push(format!(
                    "       {}{path}: {}{}",
                    by.item,
                    by.says,
                    paint.paint(Role::Quiet, &place)
                ));
            }
        }
        if !self.blocked.is_empty() {
            lines.push("  because".to_owned());
            lines.extend(self.blocked.iter().map(|why| format!("    {why}")));
        }
        lines.join("\n") + "\n"
    }

    /// The answer for programs.
    pub fn json(&self) -> Value {
        let answer = match self.outcome() {
            Outcome::Violated => "no",
            Outcome::Depends => "depends",
            _ => "yes",
        };
        object!({
            "schema": 1,
            "question": self.question,
            "answer": answer,
            "only_if_taken_over": !self.way.is_empty() && !self.passed_on,
            "depends_on": self.on().into_iter().map(UnknownName::as_str).collect::<Vec<_>>(),
            "hops": self.way.iter().map(|hop| object!({
                "from": hop.hop.from,
                "to": hop.hop.to,
                "packet": hop.hop.packet,
                "by": hop.hop.by.iter().map(|by| object!({
                    "resource": by.item.name(),
                    "argument": by.path,
                    "says": by.says,
                    "file": by.place.as_ref().map(|place| place.file.clone()),
                    "line": by.place.as_ref().and_then(|place| place.line),
                })).collect::<Vec<_>>(),
            })).collect::<Vec<_>>(),
            "blocked_by": self.blocked,
        })
    }
}
