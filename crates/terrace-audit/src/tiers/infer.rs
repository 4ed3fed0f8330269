//! Tiers from structure, and from names where that is not enough.

use std::collections::{BTreeMap, BTreeSet};

use terrace_lift::world::{Lifted, OriginTo, SiteKind};
use terrace_proof::reach::{Reach, speaking_of, tcp};
use terrace_proof::world::{ExternalId, Party, SiteId};

use super::{Assigned, Corrections, Tier, Tiers, words};

const GIVEN: &str = "as you said";

/// The tiers of a design. `most` is what might pass.
pub fn infer(lifted: &Lifted, most: &Reach<'_>, corrections: &Corrections) -> Tiers {
    let mut tiers = Tiers { doors: doors(lifted), ..Tiers::default() };
    corrected(lifted, corrections, &mut tiers);
    kinds(lifted, &mut tiers);
    public(lifted, most, &mut tiers);
    computing(lifted, most, &mut tiers);
    tiers
}

fn sites(lifted: &Lifted) -> impl Iterator<Item = SiteId> {
    (0..lifted.sites.len()).filter_map(|at| u32::try_from(at).ok().map(SiteId))
}

/// Whom balancers and distributions send to.
fn doors(lifted: &Lifted) -> BTreeMap<SiteId, BTreeSet<SiteId>> {
    let world = &lifted.world;
    let mut doors: BTreeMap<SiteId, BTreeSet<SiteId>> = BTreeMap::new();
    for balancer in &world.balancers {
        let behind = doors.entry(balancer.site).or_default();
        let forwards = balancer.listeners.iter().flat_map(|listener| &listener.is.forwards);
        let groups =
            forwards.filter_map(|forward| world.target_groups.get(usize::try_from(forward.is.to.0).ok()?));
        behind.extend(groups.flat_map(|group| &group.targets).map(|target| target.is.site));
    }
    for distribution in &world.distributions {
        doors.entry(distribution.site).or_default().extend(distribution.origins.iter().map(|o| o.is.site));
    }
    doors
}

fn corrected(lifted: &Lifted, corrections: &Corrections, tiers: &mut Tiers) {
    for (name, tier) in corrections {
        let mut known = false;
        for site in sites(lifted) {
            let Some(found) = lifted.site(site) else { continue };
            let named = |item: &terrace_aws::inventory::ItemId| item.name() == name;
            if named(&found.item) || found.also.iter().any(named) {
                tiers.assigned.insert(site, Assigned { tier: *tier, why: GIVEN.to_owned() });
                known = true;
            }
        }
        if !known {
            tiers.strangers.push(name.clone());
        }
    }
}

fn assign(tiers: &mut Tiers, site: SiteId, tier: Tier, why: impl Into<String>) {
    tiers.assigned.entry(site).or_insert_with(|| Assigned { tier, why: why.into() });
}

/// What needs no second look.
fn kinds(lifted: &Lifted, tiers: &mut Tiers) {
    for site in sites(lifted) {
        let Some(name) = lifted.site(site) else { continue };
        match name.kind {
            SiteKind::Database => assign(tiers, site, Tier::Data, "keeps data"),
            SiteKind::Cache => assign(tiers, site, Tier::Data, "keeps data for a while"),
            SiteKind::DatabaseProxy => assign(tiers, site, Tier::Data, "stands before a database"),
            SiteKind::Distribution => assign(tiers, site, Tier::Edge, "a distribution"),
            SiteKind::LoadBalancer { internal: Some(true), .. } => {
                assign(tiers, site, Tier::Support, "a load balancer inside");
            }
            SiteKind::LoadBalancer { .. } => {
                assign(tiers, site, Tier::Edge, "an internet-facing load balancer")
            }
            SiteKind::Endpoint => assign(tiers, site, Tier::Support, "an endpoint of an AWS service"),
            _ => {}
        }
    }
}

/// Whom the public is meant to reach: distributions; load balancers that no distribution stands before; where there is
/// neither, machines that take web traffic from the internet.
fn public(lifted: &Lifted, most: &Reach<'_>, tiers: &mut Tiers) {
    let fetched: BTreeSet<SiteId> = lifted
        .origins
        .iter()
        .filter_map(|origin| match origin.to {
            OriginTo::Site(site) => Some(site),
            OriginTo::Item(_) | OriginTo::Elsewhere(_) => None,
        })
        .collect();
    let edges: Vec<SiteId> = tiers.all(Tier::Edge).filter(|site| !fetched.contains(site)).collect();
    tiers.public.extend(edges);
    if !tiers.public.is_empty() {
        return;
    }
    let internet = Party::External(ExternalId::INTERNET);
    let wanted = speaking_of(&[tcp(80), tcp(443), tcp(8080)]);
    for site in sites(lifted) {
        let data = tiers.why(site).is_some_and(|assigned| matches!(assigned.tier, Tier::Data | Tier::Admin));
        let web = || {
            most.link(internet, Party::Site(site))
                .is_some_and(|link| link.ways.iter().any(|way| !way.conversation.of(&wanted).is_empty()))
        };
        if !data && web() {
            tiers.public.insert(site);
        }
    }
}

fn computing(lifted: &Lifted, most: &Reach<'_>, tiers: &mut Tiers) {
    // First by names that leave no doubt, then by what stands before and behind.
    let open: Vec<SiteId> = sites(lifted).filter(|site| tiers.why(*site).is_none()).collect();
    let suggested = |site: SiteId| {
        let name = lifted.site(site)?;
        let by_tag = name.name_tag.as_deref().and_then(words::suggested);
        let by_label = || words::suggested(label(name.item.name()));
        by_tag.or_else(by_label).or_else(|| words::suggested(name.item.name()))
    };
    for site in &open {
        if let Some((tier @ (Tier::Admin | Tier::Data), word)) = suggested(*site) {
            assign(tiers, *site, tier, format!("is called `{word}`"));
        }
    }
    let data: Vec<SiteId> = tiers.all(Tier::Data).collect();
    let opens_data = |site: SiteId| {
        data.iter()
            .any(|data| most.link(Party::Site(site), Party::Site(*data)).is_some_and(|link| link.converses()))
    };
    let fronted = |tiers: &Tiers, site: SiteId| {
        tiers.is_public(site)
            || tiers.doors(site).any(|door| {
                tiers.is_public(door)
                    || tiers.of(door) == Tier::Edge
                    || tiers.doors(door).any(|d| tiers.is_public(d))
            })
    };
    let behind_inner =
        |tiers: &Tiers, site: SiteId| tiers.doors(site).next().is_some() && !fronted(tiers, site);
    let inner = open.iter().any(|site| behind_inner(tiers, *site));
    for site in open {
        let (front, hint) = (fronted(tiers, site), suggested(site));
        let (tier, why) = match (front, behind_inner(tiers, site), hint) {
            (_, true, _) => (Tier::App, "behind a load balancer inside".to_owned()),
            (true, _, Some((tier, word))) if !inner || tier == Tier::Web => {
                (tier, format!("meets the public, is called `{word}`"))
            }
            (true, _, _) if inner && !opens_data(site) => {
                (Tier::Web, "meets the public, opens no connection to data".to_owned())
            }
            (true, _, _) if opens_data(site) => {
                (Tier::App, "meets the public, opens connections to data".to_owned())
            }
            (true, _, _) => (Tier::Web, "meets the public".to_owned()),
            (false, _, Some((tier, word))) => (tier, format!("is called `{word}`")),
            (false, _, None) if opens_data(site) => (Tier::App, "opens connections to data".to_owned()),
            (false, _, None) => (Tier::Support, "nothing tells its tier".to_owned()),
        };
        assign(tiers, site, tier, why);
    }
    undivided(tiers, opens_data);
}

/// Page and application in one, however it is called: where nothing else is the application, what the public meets and
/// what opens connections to data is meant to do so.
fn undivided(tiers: &mut Tiers, opens_data: impl Fn(SiteId) -> bool) {
    if tiers.all(Tier::App).next().is_some() {
        return;
    }
    for assigned in tiers.assigned.iter_mut().filter(|(site, of)| of.tier == Tier::Web && opens_data(**site))
    {
        if assigned.1.why != GIVEN {
            assigned.1.tier = Tier::App;
            assigned.1.why = "page and application in one: no other opens connections to data".to_owned();
        }
    }
}

/// The part of an address that people chose: `web` of `module.x.aws_instance.web[0]`, without types and modules.
fn label(name: &str) -> &str {
    match name.rsplit_once("aws_") {
        Some((_, rest)) => rest.split_once('.').map_or(rest, |(_, label)| label),
        None => name,
    }
}
