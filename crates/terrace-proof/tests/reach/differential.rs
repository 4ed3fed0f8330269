//! Random worlds: what the engine says of every kind of packet between every two parties, against the plain reading.
//!
//! `TERRACE_WORLDS` says how many worlds, `TERRACE_SEED` which is the first. A failure is shrunk and printed.

use std::net::IpAddr;

use terrace_proof::reach::{Reach, reach};
use terrace_proof::space::{Addresses, Packet};
use terrace_proof::world::{Bound, ExternalId, InterfaceId, Party, SiteId, World};

use crate::complete::complete;
use crate::judge::{Says, by_engine, plainly};
use crate::plain::Plain;
use crate::points::Points;
use crate::show::show;
use crate::tape::{Tape, shrink};
use crate::worlds::world;

/// Numbers on a tape: more than a world takes.
const LENGTH: usize = 3000;

fn setting(name: &str, otherwise: u64) -> u64 {
    std::env::var(name).ok().map_or(otherwise, |text| text.parse().unwrap())
}

/// Everyone, insiders first.
fn parties(world: &World) -> Vec<Party> {
    let sites = (0..).zip(&world.sites).map(|(n, _)| Party::Site(SiteId(n)));
    let externals = (0..).zip(&world.externals).map(|(n, _)| Party::External(ExternalId(n)));
    sites.chain(externals).collect()
}

/// Addresses that a party's packets may bear: its own, and one that is not. Proxies may show their clients'.
fn addresses(world: &World, points: &Points, party: Party, tape: &mut Tape) -> Vec<IpAddr> {
    let runs: Vec<Addresses> = match party {
        Party::External(id) => world.externals[id.0 as usize].addresses.clone(),
        Party::Site(id) => {
            let is_proxy = world.balancers.iter().any(|balancer| balancer.site == id)
                || world.distributions.iter().any(|distribution| distribution.site == id);
            if is_proxy {
                return points.addresses.clone();
            }
            world.interfaces.iter().filter(|i| i.site == id).flat_map(|i| i.addresses.clone()).collect()
        }
    };
    let own = |address: &&IpAddr| runs.iter().any(|run| run.contains(**address));
    let mut all: Vec<IpAddr> = points.addresses.iter().filter(own).copied().collect();
    all.push(tape.pick(&points.addresses));
    all
}

/// Both bounds of a world.
struct Bounds {
    least: Reach,
    most: Reach,
}

impl Bounds {
    fn of(world: &World) -> Self {
        Self { least: reach(world, Bound::Least), most: reach(world, Bound::Most) }
    }
}

/// How many packets were tried, and how many of them arrived.
#[derive(Debug, Default)]
struct Tried {
    packets: u64,
    arrived: u64,
    answered: u64,
}

/// What one tape's world says; an error is a disagreement.
fn compare(numbers: &[u32], unknowns: bool, tried: &mut Tried) -> Result<(), String> {
    let mut tape = Tape::new(numbers.to_vec());
    let open = world(&mut tape, unknowns);
    let bounds = Bounds::of(&open);
    let readings = if unknowns { 3 } else { 1 };
    for _ in 0..readings {
        let decided = if unknowns { complete(&open, &mut tape) } else { open.clone() };
        let points = Points::of(&open, &mut tape);
        let plain = Plain { world: &decided, points: &points };
        for from in parties(&open) {
            for to in parties(&open) {
                if matches!((from, to), (Party::External(_), Party::External(_))) {
                    continue;
                }
                let sources = addresses(&open, &points, from, &mut tape);
                let destinations = addresses(&open, &points, to, &mut tape);
                for packet in points.packets(&sources, &destinations) {
                    let says = plainly(plain, from, to, &packet);
                    tried.packets += 1;
                    tried.arrived += u64::from(says >= Says::Sends);
                    tried.answered += u64::from(says == Says::Talks);
                    let least = by_engine(&bounds.least, from, to, &packet);
                    let most = by_engine(&bounds.most, from, to, &packet);
                    let agree = if unknowns { least <= says && says <= most } else { least == says && says == most };
                    if !agree {
                        let decided = if unknowns { format!("as\n{}", show(&decided)) } else { String::new() };
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
