//! A world as namespaces, links, routes and filters, before anything is raised.

mod filters;
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

    /// Externals: those on the internet share a namespace, and each of them has addresses that the others do not.
    fn outsiders(&mut self) -> Result<(), Unraised> {
        for (n, external) in numbered(&self.world.externals) {
            let mut own = Vec::new();
            for family in [true, false] {
                let runs = external.addresses.iter().filter(|run| run.first().is_ipv4() == family);
                let others =
                    || numbered(&self.world.externals).filter(|(other, _)| *other != n && *other != 0);
                let is_own = |address: &IpAddr| {
                    n != 0
                        || !others()
                            .any(|(_, other)| other.addresses.iter().any(|run| run.contains(*address)))
                };
                own.extend(runs.flat_map(|run| [run.last(), run.first()]).find(is_own));
            }
            if external.on_internet {
                self.outside.insert(n, (INTERNET.to_owned(), own));
            } else {
                let name = format!("far{n}");
                self.space(&name);
                self.outside.insert(n, (name, own));
            }
        }
        // The internet's addresses lie on its loopback.
        let all: Vec<(String, Vec<IpAddr>)> = self.outside.values().cloned().collect();
        for (name, own) in all {
            let space = self.space(&name);
            space.addresses.extend(own.iter().map(|address| host(*address)));
        }
        Ok(())
    }

    /// A router for each network, with a gateway to the internet and one for egress alone.
    fn routers(&mut self) -> Result<(), Unraised> {
        for (n, network) in numbered(&self.world.networks) {
            let name = router(NetworkId(n));
            self.space(&name);
            for gateway in [&network.internet, &network.egress_only].into_iter().flatten() {
                sure(&gateway.when, "a gateway")?;
            }
            if network.internet.is_some() {
                self.join(STANDS, (&name, "www"), (INTERNET, &format!("igw{n}")), &[]);
                let [[near, _], _] = ends(STANDS);
                let line = format!("route add 198.18.{n}.0/24 via {near} dev igw{n} onlink");
                self.space(INTERNET).line(Family::V4, line);
            }
            if network.egress_only.is_some() {
                self.join(STANDS, (&name, "out"), (INTERNET, &format!("eig{n}")), &[]);
            }
            let back = if network.internet.is_some() { "igw" } else { "eig" };
            if network.internet.is_some() || network.egress_only.is_some() {
                for block in network.blocks.iter().filter(|block| block.family() == Family::V6) {
                    let [[_, near], _] = ends(STANDS);
                    let line = format!("route add {block} via {near} dev {back}{n}");
                    self.space(INTERNET).line(Family::V6, line);
                }
            }
        }
        Ok(())
    }

    fn interfaces(&mut self) -> Result<(), Unraised> {
        for (n, interface) in numbered(&self.world.interfaces) {
            sure(&interface.when, "an interface")?;
            if self.world.nats.iter().any(|nat| nat.interface == Some(InterfaceId(n))) {
                continue;
            }
            let own = singles(&interface.addresses, &format!("interface {n}"))?;
            let network = self.subnet(interface.subnet)?.network;
            self.stand(&format!("host{n}"), &router(network), &format!("if{n}"), &own);
            if let Some(when) = &interface.public {
                sure(when, "a public address")?;
                self.public
                    .insert(n, format!("198.18.{}.{}", network.0, n + 1).parse().map_err(|_| too_many())?);
            }
        }
        Ok(())
    }

    /// Puts someone with addresses before a router.
    fn stand(&mut self, name: &str, router: &str, device: &str, own: &[IpAddr]) {
        self.join(STANDS, (router, device), (name, "eth0"), own);
        let [near, far] = ends(STANDS);
        for address in own {
            let family = Family::of(*address);
            let (near, far) = (of(family, &near), of(family, &far));
            let space = self.space(name);
            space.line(family, format!("route add default via {near} dev eth0 onlink src {address}"));
            // The router's table of local routes.
            let line = format!("route add {} via {far} dev {device} onlink table 50", host(*address));
            self.space(router).line(family, line);
        }
    }

    fn nats(&mut self) -> Result<(), Unraised> {
        for (n, nat) in numbered(&self.world.nats) {
            sure(&nat.when, "a translator")?;
            let own = singles(&[nat.address], &format!("translator {n}"))?;
            let network = self.subnet(nat.subnet)?.network;
            self.stand(&format!("nat{n}"), &router(network), &format!("nat{n}"), &own);
            if let Some(interface) = nat.interface.filter(|_| nat.public) {
                let public = format!("198.18.{}.{}", network.0, 200 + n).parse();
                self.public.insert(interface.0, public.map_err(|_| too_many())?);
            }
        }
        Ok(())
    }

    /// Peerings, transits and private ways.
    fn joins(&mut self) -> Result<(), Unraised> {
        for (n, peering) in numbered(&self.world.peerings) {
            sure(&peering.when, "a peering")?;
            let [one, other] = peering.ends.map(router);
            self.join(PEERS + n, (&one, &format!("peer{n}")), (&other, &format!("peer{n}")), &[]);
        }
        for (n, transit) in numbered(&self.world.transits) {
            let name = format!("tgw{n}");
            for fact in &transit.attached {
                sure(&fact.when, "an attachment")?;
                let network = fact.is.1;
                self.join(STANDS, (&router(network), &name), (&name, &format!("net{}", network.0)), &[]);
            }
            for fact in &transit.beyond {
                sure(&fact.when, "an attachment")?;
                let Some((far, _)) = self.outside.get(&fact.is.1.0).cloned() else { continue };
                self.join(BEHIND, (&name, &format!("far{}", fact.is.1.0)), (&far, &name), &[]);
            }
        }
        Ok(())
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
