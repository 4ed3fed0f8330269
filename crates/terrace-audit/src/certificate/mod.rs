//! A certificate of what is proved of a design's network, for a checker that shares nothing with the engine.
//!
//! For every site of a tier, every balancer and every edge: who may open a conversation to it. For every site that keeps
//! data: whom it sends nothing to. Where somebody might who is not meant to, the claim leaves them out and says why.

mod facts;

use terrace_aws::inventory::Inventory;
use terrace_certificate::Certificate;
use terrace_certificate::format::{self as plain, Claim, Kind, NotClaimed};
use terrace_lift::world::{ExternalKind, OriginTo, SiteKind};
use terrace_proof::reach::{self, Must, Through, unknowns};
use terrace_proof::world::{ExternalId, Party, SiteId};

pub use facts::facts;

use crate::audit::with_subject;
use crate::report::Source;
use crate::tiers::Tier;
use crate::{Certainty, Settings, Subject};

/// What is proved of a design's network, with the facts that it rests on.
pub fn certificate(inventory: &Inventory, settings: &Settings, source: &Source) -> Certificate {
    with_subject(inventory, settings, |subject| {
        let mut out = Certificate {
            version: plain::VERSION,
            design: source.name.clone(),
            facts: facts(subject.lifted, |site| tier(subject.tiers.of(site))),
            claims: Vec::new(),
            not_claimed: Vec::new(),
            unknowns: taken(subject),
        };
        for (site, tier) in subject.sites() {
            if tier != Tier::Support && tier != Tier::Admin || subject.tiers.is_door(site) {
                opened(subject, site, &mut out);
            }
            if tier == Tier::Data {
                sends(subject, site, &mut out);
            }
        }
        out
    })
}

/// Who may open conversations to a site.
fn opened(subject: &Subject<'_>, site: SiteId, out: &mut Certificate) {
    let to = Party::Site(site);
    let mut openers = Vec::new();
    for from in subject.bounds.most.parties() {
        let Some(link) = subject.links.get(&(from, to)) else { continue };
        let claim =
            reach::Claim { from, to, traffic: Vec::new(), through: Through::Nobody, must: Must::NotReach };
        let wanted = subject.bounds.wanted(&claim);
        if link.ways.iter().all(|way| way.conversation.of(&wanted).is_empty()) {
            continue;
        }
        if is_meant(subject, from, site) {
            openers.push(party(from));
            continue;
        }
        let certainty = subject.passes(from, to, &[]).map(|passage| passage.certainty);
        out.not_claimed.push(NotClaimed {
            site: number(site.0),
            what: Kind::OnlyOpenedBy,
            party: party(from),
            why: reason(certainty),
        });
    }
    out.claims.push(Claim::OnlyOpenedBy { site: number(site.0), openers });
}

/// Whom a site sends nothing to.
fn sends(subject: &Subject<'_>, site: SiteId, out: &mut Certificate) {
    let from = Party::Site(site);
    let mut externals = Vec::new();
    for id in (0..).map(ExternalId).take(subject.lifted.world.externals.len()) {
        let to = Party::External(id);
        let passage = subject.leaves(from, to);
        if subject.links.contains_key(&(from, to)) {
            out.not_claimed.push(NotClaimed {
                site: number(site.0),
                what: Kind::SendsNothingTo,
                party: party(to),
                why: reason(passage.map(|passage| passage.certainty)),
            });
        } else {
            externals.push(number(id.0));
        }
    }
    out.claims.push(Claim::SendsNothingTo { site: number(site.0), externals });
}

fn reason(certainty: Option<Certainty>) -> String {
    match certainty {
        Some(Certainty::Sure) | None => "violated: it is not meant to, and can".to_owned(),
        Some(Certainty::Depends(on)) => {
            let on: Vec<&str> = on.iter().map(|name| name.as_str()).collect();
            format!("depends on {}", on.join(", "))
        }
    }
}

/// Whether somebody is meant to open connections to a site, as the rules `exposed`, `cdn-bypassed` and `tier-skipped` ask.
fn is_meant(subject: &Subject<'_>, from: Party, to: SiteId) -> bool {
    match from {
        Party::External(id) => {
            let kind = subject.lifted.external_kinds.get(number(id.0));
            match kind {
                // The former answers and does not ask; the latter are people's ways in, and other networks of theirs.
                Some(ExternalKind::Service | ExternalKind::Beyond(_)) => true,
                Some(ExternalKind::Cdn) => {
                    subject.tiers.is_public(to)
                        || subject.lifted.origins.iter().any(|origin| origin.to == OriginTo::Site(to))
                }
                Some(ExternalKind::Internet) | None => subject.tiers.is_public(to),
            }
        }
        Party::Site(from) => {
            let kind = subject.lifted.site(from).map(|site| site.kind);
            from == to
                || subject.tiers.of(to) == Tier::Edge
                || matches!(kind, Some(SiteKind::Database | SiteKind::Cache | SiteKind::Endpoint))
                || subject.tiers.meant(from, to)
        }
    }
}

/// What is not told, and is taken so that as much passes as might.
fn taken(subject: &Subject<'_>) -> Vec<String> {
    let all = unknowns(&subject.lifted.world);
    let mut names: Vec<String> =
        all.into_iter().filter_map(|id| Some(subject.lifted.unknown(id)?.to_string())).collect();
    names.sort();
    names.dedup();
    names
}

const fn number(id: u32) -> usize {
    id as usize
}

const fn party(of: Party) -> plain::Party {
    match of {
        Party::Site(SiteId(id)) => plain::Party::Site(number(id)),
        Party::External(ExternalId(id)) => plain::Party::External(number(id)),
    }
}

const fn tier(of: Tier) -> plain::Tier {
    match of {
        Tier::Edge => plain::Tier::Edge,
        Tier::Web => plain::Tier::Web,
        Tier::App => plain::Tier::App,
        Tier::Data => plain::Tier::Data,
        Tier::Admin => plain::Tier::Admin,
        Tier::Support => plain::Tier::Support,
    }
}
