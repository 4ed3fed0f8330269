//! Random worlds: what the engine says of every kind of packet between every two parties, against the plain reading.
//!
//! `TERRACE_WORLDS` says how many worlds, `TERRACE_SEED` which is the first. A failure is shrunk and printed.

use std::collections::BTreeMap;
use std::net::IpAddr;

use terrace_proof::reach::{Link, Step, WayKind, reach};
use terrace_proof::space::Addresses;
use terrace_proof::world::{Bound, Party, World};

use crate::complete::complete;
use crate::judge::{Says, by_engine, parties, plainly};
use crate::plain::{Clients, Plain};
use crate::points::Points;
use crate::show::show;
use crate::tape::{Tape, shrink};
use crate::worlds::world;

/// Numbers on a tape: more than a world takes.
const LENGTH: usize = 3000;

pub(crate) fn setting(name: &str, otherwise: u64) -> u64 {
    std::env::var(name).ok().map_or(otherwise, |text| text.parse().unwrap())
}

/// Addresses that a party's packets may bear: its own, and one that is not. Proxies may show their clients'.
fn addresses(world: &World, points: &Points, party: Party, sends: bool, tape: &mut Tape) -> Vec<IpAddr> {
    let runs: Vec<Addresses> = match party {
        Party::External(id) => world.externals[id.0 as usize].addresses.clone(),
        Party::Site(id) => {
            let shows_clients = world.target_groups.iter().any(|group| group.keeps_client)
                && world.balancers.iter().any(|balancer| balancer.site == id);
            if sends && (shows_clients || world.distributions.iter().any(|d| d.site == id)) {
                return points.addresses.clone();
            }
            world.interfaces.iter().filter(|i| i.site == id).flat_map(|i| i.addresses.clone()).collect()
        }
    };
    let own = |address: &&IpAddr| runs.iter().any(|run| run.contains(**address));
    let mut all: Vec<IpAddr> = points.addresses.iter().filter(own).copied().collect();
    // And one of each family that need not be.
    let six = points.addresses.iter().position(IpAddr::is_ipv6).unwrap_or(0);
    let (four, six) = points.addresses.split_at(six);
    all.extend([four, six].into_iter().filter(|all| !all.is_empty()).map(|all| tape.pick(all)));
    all.sort_unstable();
    all.dedup();
    all
}

/// How much was tried, and what came of it.
#[derive(Debug, Default)]
struct Tried {
    packets: u64,
    arrived: u64,
    answered: u64,
    /// Links that converse by each kind of way.
    ways: BTreeMap<&'static str, u64>,
}

impl Tried {
    fn link(&mut self, link: Option<&Link>) {
        for way in link.iter().flat_map(|link| &link.ways).filter(|way| !way.conversation.is_empty()) {
            let name = match way.kind {
                WayKind::Local => "local",
                WayKind::Peering(_) => "peering",
                WayKind::Transit(_) => "transit",
                WayKind::Internet => "internet",
                WayKind::Nat(_) => "nat",
                WayKind::EgressOnly => "egress-only",
                WayKind::Beyond => "beyond",
                WayKind::Endpoint => "endpoint",
                WayKind::Forward(Step { keeps_client: true, .. }) => "forward, client kept",
                WayKind::Forward(_) => "forward",
                WayKind::Cdn => "cdn",
                WayKind::CdnOrigin { .. } => "origin on the internet",
                WayKind::VpcOrigin { .. } => "origin in a network",
            };
            *self.ways.entry(name).or_default() += 1;
        }
    }
}

/// What one tape's world says; an error is a disagreement.
fn compare(numbers: &[u32], unknowns: bool, tried: &mut Tried) -> Result<(), String> {
    let mut tape = Tape::new(numbers.to_vec());
    let open = world(&mut tape, unknowns);
    let (least, most) = (reach(&open, Bound::Least), reach(&open, Bound::Most));
    for _ in 0..if unknowns { 2 } else { 1 } {
        let decided = if unknowns { complete(&open, &mut tape) } else { open.clone() };
        let points = Points::of(&open, &mut tape);
        let clients = Clients::of(&decided, &points);
        let plain = Plain { world: &decided, points: &points, clients: &clients };
        for from in parties(&open) {
            for to in parties(&open) {
                if matches!((from, to), (Party::External(_), Party::External(_))) {
                    continue;
                }
                let (least, most) = (least.link(from, to), most.link(from, to));
                tried.link(most.as_ref());
                let sources = addresses(&open, &points, from, true, &mut tape);
                let destinations = addresses(&open, &points, to, false, &mut tape);
                for packet in points.packets(&sources, &destinations) {
                    let says = plainly(plain, from, to, &packet);
                    tried.packets += 1;
                    tried.arrived += u64::from(says >= Says::Sends);
                    tried.answered += u64::from(says == Says::Talks);
                    let least = by_engine(least.as_ref(), &packet);
                    let most = by_engine(most.as_ref(), &packet);
                    let agree =
                        if unknowns { least <= says && says <= most } else { least == says && says == most };
                    if !agree {
                        let decided =
                            if unknowns { format!("as\n{}", show(&decided)) } else { String::new() };
                        return Err(format!(
                            "{}{decided}\n{from:?} to {to:?}: {packet}\nplain {says:?}, engine {least:?} to {most:?}",
                            show(&open)
                        ));
                    }
                }
            }
        }
    }
    Ok(())
}

fn run(worlds: u64, unknowns: bool) {
    let first = setting("TERRACE_SEED", 0);
    let mut tried = Tried::default();
    for seed in first..first + setting("TERRACE_WORLDS", worlds) {
        let numbers = Tape::seeded(seed, LENGTH).numbers();
        if let Err(found) = compare(&numbers, unknowns, &mut tried) {
            let fails = |numbers: &[u32]| compare(numbers, unknowns, &mut Tried::default()).is_err();
            let small = shrink(numbers, fails);
            let text = compare(&small, unknowns, &mut Tried::default()).err().unwrap_or(found);
            panic!("world {seed} of {worlds}, tape {small:?}:\n{text}");
        }
    }
    println!("{tried:?}");
    if setting("TERRACE_WORLDS", worlds) < worlds {
        return;
    }
    assert!(tried.answered * 100 > tried.packets, "too little arrives to say much: {tried:?}");
    assert_eq!(tried.ways.len(), 13, "a kind of way that no world has: {tried:?}");
}

#[test]
fn both_bounds_are_the_plain_reading_where_all_is_told() {
    run(2000, false);
}

#[test]
fn bounds_hold_whatever_is_not_told() {
    run(600, true);
}
