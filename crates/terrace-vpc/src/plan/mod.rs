//! A world as namespaces, links, routes and filters, before anything is raised.

mod filters;
mod ground;
mod routes;

use std::collections::BTreeMap;
use std::net::IpAddr;

use serde::{Deserialize, Serialize};
use terrace_proof::space::{Addresses, Family};
use terrace_proof::world::{
    External, ExternalId, InterfaceId, Network, NetworkId, SiteId, Subnet, SubnetId, When, World,
};

/// Why a world cannot be raised.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}; leave it out of the world that is to be raised")]
pub struct Unraised(pub String);

/// A device in a namespace, with its addresses (`10.0.0.5/32`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Device {
    /// In which namespace.
    pub namespace: String,
    /// Its name there.
    pub name: String,
    /// Its addresses.
    pub addresses: Vec<String>,
}

/// A pair of devices.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link(pub Device, pub Device);

/// A namespace.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Namespace {
    /// Its name.
    pub name: String,
    /// Whether it sends on what is not for it.
    pub forwards: bool,
    /// Addresses besides those of its devices.
    pub addresses: Vec<String>,
    /// Lines for `ip -4 -batch`, after the devices are there.
    pub four: Vec<String>,
    /// The same for `ip -6`.
    pub six: Vec<String>,
    /// Text for `nft -f`.
    pub nft: String,
}

impl Namespace {
    /// Has `ip` told a line.
    fn line(&mut self, family: Family, line: String) {
        match family {
            Family::V4 => self.four.push(line),
            Family::V6 => self.six.push(line),
        }
    }
}

/// What is to be raised.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// Namespaces.
    pub namespaces: Vec<Namespace>,
    /// What joins them.
    pub links: Vec<Link>,
    /// Where each external is, and as whom.
    pub(crate) outside: BTreeMap<u32, (String, Vec<IpAddr>)>,
    /// The public address of each interface that has one, by number.
    pub(crate) public: BTreeMap<u32, IpAddr>,
}

/// The two ends of a link, of each family; the first is the router's.
pub(crate) type Ends = [[String; 2]; 2];

/// The ends of links of a kind: `kind` tells apart links of which one namespace may have several, as a next hop cannot be an
/// address that the namespace has itself.
fn ends(kind: u32) -> Ends {
    let four = |n: u32| format!("169.254.{kind}.{n}");
    let six = |n: u32| format!("fe80::{kind:x}:{n:x}");
    [[four(1), six(1)], [four(2), six(2)]]
}

/// Who stands before a router, and the internet.
const STANDS: u32 = 0;
/// Someone behind a transit.
const BEHIND: u32 = 1;
/// The first of the peerings.
const PEERS: u32 = 2;

/// Of two addresses the one of a family.
fn of(family: Family, [four, six]: &[String; 2]) -> &str {
    if family == Family::V4 { four } else { six }
}

/// Where the internet is.
const INTERNET: &str = "www";

struct Planner<'w> {
    world: &'w World,
    spaces: BTreeMap<String, Namespace>,
    links: Vec<Link>,
    outside: BTreeMap<u32, (String, Vec<IpAddr>)>,
    public: BTreeMap<u32, IpAddr>,
}

/// Plans a world in which everything is told and every interface has one address of a family at most.
pub fn plan(world: &World) -> Result<Plan, Unraised> {
    let mut planner = Planner {
        world,
        spaces: BTreeMap::new(),
        links: Vec::new(),
        outside: BTreeMap::new(),
        public: BTreeMap::new(),
    };
    planner.outsiders()?;
    planner.routers()?;
    planner.interfaces()?;
    planner.nats()?;
    planner.joins()?;
    planner.tables()?;
    planner.filters()?;
    let Planner { spaces, links, outside, public, .. } = planner;
    Ok(Plan { namespaces: spaces.into_values().collect(), links, outside, public })
}

/// A number that stands at the end of a name.
fn numbered<T>(all: &[T]) -> impl Iterator<Item = (u32, &T)> {
    (0..).zip(all)
}

fn unraised<T>(what: impl Into<String>) -> Result<T, Unraised> {
    Err(Unraised(what.into()))
}

fn sure(when: &When, what: &str) -> Result<(), Unraised> {
    if *when == When::Always { Ok(()) } else { unraised(format!("{what} that might be there")) }
}

/// The one address of each family.
fn singles(addresses: &[Addresses], whose: &str) -> Result<Vec<IpAddr>, Unraised> {
    let mut singles: Vec<IpAddr> = Vec::new();
    for run in addresses {
        let first = run.first();
        if run.count() != 1 || singles.iter().any(|other| other.is_ipv4() == first.is_ipv4()) {
            return unraised(format!("{whose} has more than one address of a family"));
        }
        singles.push(first);
    }
    Ok(singles)
}

fn host(address: IpAddr) -> String {
    format!("{address}/{}", if address.is_ipv4() { 32 } else { 128 })
}

fn router(network: NetworkId) -> String {
    format!("net{}", network.0)
}

impl<'w> Planner<'w> {
    fn space(&mut self, name: &str) -> &mut Namespace {
        self.spaces.entry(name.to_owned()).or_insert_with(|| Namespace {
            name: name.to_owned(),
            forwards: name.starts_with("net") || name.starts_with("nat") || name.starts_with("tgw"),
            ..Namespace::default()
        })
    }

    /// Joins a router's device with another's; both get the addresses of a link beside their own.
    fn join(&mut self, kind: u32, one: (&str, &str), other: (&str, &str), own: &[IpAddr]) {
        self.space(one.0);
        self.space(other.0);
        let device = |(namespace, name): (&str, &str), [four, six]: [String; 2], own: &[IpAddr]| {
            let mut addresses: Vec<String> = own.iter().map(|address| host(*address)).collect();
            addresses.extend([format!("{four}/32"), format!("{six}/64")]);
            Device { namespace: namespace.to_owned(), name: name.to_owned(), addresses }
        };
        let [near, far] = ends(kind);
        self.links.push(Link(device(one, near, &[]), device(other, far, own)));
    }

    fn subnet(&self, id: SubnetId) -> Result<&'w Subnet, Unraised> {
        self.world.subnets.get(id.0 as usize).map_or_else(|| unraised("a subnet that is not there"), Ok)
    }

    fn network(&self, id: NetworkId) -> Result<&'w Network, Unraised> {
        self.world.networks.get(id.0 as usize).map_or_else(|| unraised("a network that is not there"), Ok)
    }

    fn external(&self, id: ExternalId) -> Result<&'w External, Unraised> {
        self.world.externals.get(id.0 as usize).map_or_else(|| unraised("an external that is not there"), Ok)
    }
}

fn too_many() -> Unraised {
    Unraised("more than 254 interfaces or networks".to_owned())
}

impl Plan {
    /// The namespace of an external that has an address.
    pub(crate) fn outsider(&self, id: ExternalId, address: IpAddr) -> Option<String> {
        let (name, own) = self.outside.get(&id.0)?;
        own.contains(&address).then(|| name.clone())
    }

    /// The namespace of a site's interface that has an address, and the interface's number.
    pub(crate) fn insider(world: &World, site: SiteId, address: IpAddr) -> Option<(String, u32)> {
        let mut own = numbered(&world.interfaces).filter(|(_, interface)| interface.site == site);
        let (n, _) = own.find(|(_, i)| i.addresses.iter().any(|run| run.contains(address)))?;
        let nat = numbered(&world.nats).find(|(_, nat)| nat.interface == Some(InterfaceId(n)));
        Some((nat.map_or_else(|| format!("host{n}"), |(nat, _)| format!("nat{nat}")), n))
    }

    /// Whether an external is on the internet.
    pub(crate) fn is_on_internet(&self, id: ExternalId) -> bool {
        self.outside.get(&id.0).is_some_and(|(name, _)| name == INTERNET)
    }

    /// An address of an external that nobody else has, for packets that are to be sent.
    pub fn address_of(&self, id: ExternalId, four: bool) -> Option<IpAddr> {
        self.outside.get(&id.0)?.1.iter().copied().find(|address| address.is_ipv4() == four)
    }
}
