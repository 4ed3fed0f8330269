//! Random worlds: of every two parties the checker finds a packet just where the engine says that one might pass.
//!
//! `TERRACE_WORLDS` says how many worlds, `TERRACE_SEED` which is the first.

use terrace_audit::certificate::facts;
use terrace_certificate::format::{self as plain, Certificate, Claim, Kind, NotClaimed, Tier, VERSION};
use terrace_certificate::{Wrong, check};
use terrace_lift::world::Lifted;
use terrace_proof::reach::{self, Bounds, Must, Through};
use terrace_proof::world::{ExternalId, Party, SiteId, World};

use crate::reach::tape::Tape;
use crate::reach::worlds::world;

fn setting(name: &str, otherwise: u64) -> u64 {
    std::env::var(name).ok().map_or(otherwise, |text| text.parse().unwrap())
}

fn parties(world: &World) -> Vec<Party> {
    let sites = (0..).map(SiteId).take(world.sites.len()).map(Party::Site);
    sites.chain((0..).map(ExternalId).take(world.externals.len()).map(Party::External)).collect()
}

fn plainly(party: Party) -> plain::Party {
    match party {
        Party::Site(id) => plain::Party::Site(id.0 as usize),
        Party::External(id) => plain::Party::External(id.0 as usize),
    }
}

/// A certificate that claims nothing about anybody.
fn empty(world: &World) -> Certificate {
    let lifted = Lifted { world: world.clone(), ..Lifted::default() };
    let all: Vec<plain::Party> = parties(world).into_iter().map(plainly).collect();
    let claims = (0..world.sites.len()).map(|site| Claim::OnlyOpenedBy { site, openers: all.clone() });
    Certificate {
        version: VERSION,
        design: String::new(),
        facts: facts(&lifted, |_| Tier::Support),
        claims: claims.collect(),
        not_claimed: Vec::new(),
        unknowns: Vec::new(),
    }
}

/// A certificate that claims one thing: that nothing passes from one to another.
fn with(mut of: Certificate, from: Party, to: Party, kind: Kind) -> Certificate {
    match (from, to) {
        (_, Party::Site(to)) if kind == Kind::OnlyOpenedBy => {
            let site = to.0 as usize;
            of.claims.retain(|claim| claim.about() != (site, kind));
            let others = parties_of(&of).into_iter().filter(|party| *party != plainly(from));
            of.claims.push(Claim::OnlyOpenedBy { site, openers: others.collect() });
        }
        (Party::Site(from), Party::External(to)) => {
            let (site, to) = (from.0 as usize, to.0 as usize);
            let others = (0..of.facts.externals.len()).filter(|other| *other != to);
            let others = others.map(|other| NotClaimed {
                site,
                what: kind,
                party: plain::Party::External(other),
                why: String::new(),
            });
            of.not_claimed.extend(others);
            of.claims.push(Claim::SendsNothingTo { site, externals: vec![to] });
        }
        _ => panic!("nothing is claimed of these"),
    }
    of
}

fn parties_of(of: &Certificate) -> Vec<plain::Party> {
    let sites = (0..of.facts.sites.len()).map(plain::Party::Site);
    sites.chain((0..of.facts.externals.len()).map(plain::Party::External)).collect()
}

/// What the engine says might be.
fn may(bounds: &Bounds<'_>, from: Party, to: Party, kind: Kind) -> bool {
    let Some(link) = bounds.most.link(from, to) else { return false };
    let claim =
        reach::Claim { from, to, traffic: Vec::new(), through: Through::Nobody, must: Must::NotReach };
    let wanted = bounds.wanted(&claim);
    match kind {
        Kind::OnlyOpenedBy => link.ways.iter().any(|way| !way.conversation.of(&wanted).is_empty()),
        Kind::SendsNothingTo => link.ways.iter().any(|way| !way.sends.is_empty()),
    }
}

fn run(worlds: u64, unknowns: bool) {
    let first = setting("TERRACE_SEED", 0);
    let (mut refuted, mut held) = (0_u64, 0_u64);
    for seed in first..first + setting("TERRACE_WORLDS", worlds) {
        let world = world(&mut Tape::seeded(seed, 3000), unknowns);
        let (bounds, empty) = (Bounds::of(&world), empty(&world));
        for from in parties(&world) {
            for to in parties(&world) {
                let kind = match (from, to) {
                    (Party::External(_), Party::External(_)) => continue,
                    (_, Party::Site(_)) => Kind::OnlyOpenedBy,
                    (_, Party::External(_)) => Kind::SendsNothingTo,
                };
                let may = may(&bounds, from, to, kind);
                let found = match check(&with(empty.clone(), from, to, kind)) {
                    Ok(_) => false,
                    Err(Wrong::Refuted(_)) => true,
                    Err(other) => panic!("world {seed}: {other}"),
                };
                assert_eq!(found, may, "world {seed} (unknowns {unknowns}): {from:?} to {to:?}");
                *if may { &mut refuted } else { &mut held } += 1;
            }
        }
    }
    println!("{held} claims held, {refuted} did not");
    assert!(refuted * 10 > held && held > refuted, "one-sided worlds: {held} held, {refuted} did not");
}

#[test]
fn the_checker_finds_a_packet_just_where_the_engine_does() {
    run(40, false);
}

#[test]
fn and_where_not_everything_is_told() {
    run(40, true);
}
