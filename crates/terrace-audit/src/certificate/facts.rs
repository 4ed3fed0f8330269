//! A lifted network as the plain facts of a certificate, taken so that as much passes as might.

use terrace_aws::inventory::ItemId;
use terrace_certificate::Run;
use terrace_certificate::format as plain;
use terrace_lift::world::Lifted;
use terrace_proof::space::{
    AclAction, AclEntry, AddressBlock, Addresses, Family, GroupRule, Origin, Peer, PortSpan, Route, RuleId,
    Traffic, Transport,
};
use terrace_proof::world::{Acl, Bound, Fact, Group, Guard, SiteId, Table, Via, When, World};

const fn at(number: u32) -> usize {
    number as usize
}

/// Whether something might be there.
fn may(when: &When) -> bool {
    when.holds(Bound::Most)
}

/// Everything that might be there.
fn all<T>(facts: &[Fact<T>]) -> impl Iterator<Item = &T> {
    facts.iter().filter_map(|fact| fact.under(Bound::Most))
}

/// The facts of a network; what has no name in it is called by its number.
pub fn facts(lifted: &Lifted, tier: impl Fn(SiteId) -> plain::Tier) -> plain::Facts {
    let of = Words { lifted };
    let world = &lifted.world;
    plain::Facts {
        networks: of.networks(world),
        subnets: of.subnets(world),
        tables: (0..)
            .zip(&world.tables)
            .map(|(n, t)| of.table(name(&lifted.tables, n, "table"), t))
            .collect(),
        acls: (0..).zip(&world.acls).map(|(n, acl)| of.acl(name(&lifted.acls, n, "ACL"), acl)).collect(),
        groups: (0..).zip(&world.groups).map(|(n, group)| of.group(n, group)).collect(),
        nats: of.nats(world),
        peerings: of.peerings(world),
        transits: of.transits(world),
        externals: of.externals(world),
        sites: of.sites(world, tier),
        interfaces: interfaces(world),
        balancers: balancers(world),
        target_groups: of.target_groups(world),
        distributions: distributions(world),
    }
}

/// What things are called.
#[derive(Clone, Copy)]
struct Words<'a> {
    lifted: &'a Lifted,
}

fn name(all: &[ItemId], number: usize, kind: &str) -> String {
    all.get(number).map_or_else(|| format!("{kind} {number}"), ToString::to_string)
}

impl Words<'_> {
    /// What a rule says and where, for people.
    fn says(self, rule: RuleId) -> String {
        let Some(from) = self.lifted.rule(rule) else { return String::new() };
        let path = if from.path.is_empty() { String::new() } else { format!(".{}", from.path) };
        let place = from.place.as_ref().map(|place| format!(" ({place})")).unwrap_or_default();
        format!("{}{path}: {}{place}", from.item, from.says)
    }

    fn networks(self, world: &World) -> Vec<plain::Network> {
        let there =
            |gateway: &Option<Fact<RuleId>>| gateway.as_ref().is_some_and(|gateway| may(&gateway.when));
        let networks = world.networks.iter().enumerate();
        let made = networks.map(|(n, network)| plain::Network {
            name: name(&self.lifted.networks, n, "network"),
            blocks: network.blocks.iter().map(|one| block(*one)).collect(),
            internet: there(&network.internet),
            egress_only: there(&network.egress_only),
        });
        made.collect()
    }

    fn subnets(self, world: &World) -> Vec<plain::Subnet> {
        let made = world.subnets.iter().enumerate().map(|(n, subnet)| plain::Subnet {
            name: name(&self.lifted.subnets, n, "subnet"),
            network: at(subnet.network.0),
            zone: subnet.zone.map(|zone| at(zone.0)),
            table: subnet.table.map(|table| at(table.0)),
            acl: subnet.acl.map(|acl| at(acl.0)),
        });
        made.collect()
    }

    fn table(self, name: String, table: &Table) -> plain::Table {
        let route = |Fact { is, when }: &Fact<Route<Via>>| plain::Route {
            to: block(is.to),
            origin: match is.origin {
                Origin::Local => plain::Origin::Local,
                Origin::Static => plain::Origin::Static,
                Origin::PrefixList => plain::Origin::PrefixList,
                Origin::Propagated => plain::Origin::Propagated,
            },
            via: via(is.target),
            perhaps: *when != When::Always,
            says: self.says(is.id),
        };
        let endpoint = |fact: &Fact<terrace_proof::world::NamedRoute>| plain::Endpoint {
            to: at(fact.is.to.0),
            perhaps: fact.when != When::Always,
        };
        plain::Table {
            name,
            routes: table.routes.iter().filter(|fact| may(&fact.when)).map(route).collect(),
            endpoints: table.named.iter().filter(|fact| may(&fact.when)).map(endpoint).collect(),
        }
    }

    fn acl(self, name: String, acl: &Acl) -> plain::Acl {
        // What lets pass is there if it might be, what denies only if it surely is.
        let there = |fact: &&Fact<AclEntry>| match fact.is.action {
            AclAction::Allow => may(&fact.when),
            AclAction::Deny => fact.when.holds(Bound::Most.turned()),
        };
        let entry = |fact: &Fact<AclEntry>| plain::Entry {
            order: fact.is.order,
            allow: fact.is.action == AclAction::Allow,
            traffic: traffic(fact.is.traffic),
            block: block(fact.is.block),
            says: self.says(fact.is.id),
        };
        let entries = |facts: &[Fact<AclEntry>]| facts.iter().filter(there).map(entry).collect();
        plain::Acl { name, inbound: entries(&acl.inbound), outbound: entries(&acl.outbound) }
    }

    fn group(self, number: usize, group: &Group) -> plain::Group {
        let name = name(&self.lifted.groups, number, "group");
        let rule = |rule: &GroupRule| plain::Rule {
            traffic: traffic(rule.traffic),
            addresses: match &rule.peer {
                Peer::Addresses(addresses) => runs(addresses),
                Peer::Group(_) => Vec::new(),
            },
            group: match rule.peer {
                Peer::Addresses(_) => None,
                Peer::Group(group) => Some(at(group.0)),
            },
            says: self.says(rule.id),
        };
        match group {
            Group::Security { ingress, egress } => plain::Group {
                name,
                external: None,
                ingress: all(ingress).map(rule).collect(),
                egress: all(egress).map(rule).collect(),
            },
            Group::External(external) => {
                plain::Group { name, external: Some(at(external.0)), ingress: Vec::new(), egress: Vec::new() }
            }
        }
    }

    fn nats(self, world: &World) -> Vec<plain::Nat> {
        let made = world.nats.iter().enumerate().map(|(n, nat)| plain::Nat {
            name: name(&self.lifted.nats, n, "translator"),
            subnet: at(nat.subnet.0),
            public: nat.public && may(&nat.when),
            interface: nat.interface.map(|interface| at(interface.0)),
        });
        made.collect()
    }

    fn peerings(self, world: &World) -> Vec<plain::Peering> {
        let made = world.peerings.iter().enumerate().map(|(n, peering)| plain::Peering {
            name: name(&self.lifted.peerings, n, "peering"),
            ends: peering.ends.map(|end| at(end.0)),
            group_rules: peering.group_rules,
        });
        made.collect()
    }

    fn transits(self, world: &World) -> Vec<plain::Transit> {
        let made = world.transits.iter().enumerate().map(|(n, transit)| {
            let networks = transit.attached.iter().map(|f| (plain::End::Network(at(f.is.1.0)), &f.when));
            let beyond = transit.beyond.iter().map(|f| (plain::End::External(at(f.is.1.0)), &f.when));
            let hub = |(to, when): (plain::End, &When)| plain::Hub { to, perhaps: *when != When::Always };
            let surely = |fact: &&Fact<_>| fact.when.holds(Bound::Most.turned());
            plain::Transit {
                name: name(&self.lifted.transits, n, "transit gateway"),
                hubs: networks.chain(beyond).map(hub).collect(),
                nowhere: transit.nowhere.iter().filter(surely).map(|fact| block(fact.is.1)).collect(),
                group_rules: transit.group_rules,
            }
        });
        made.collect()
    }

    fn externals(self, world: &World) -> Vec<plain::External> {
        let made = world.externals.iter().enumerate().map(|(n, external)| plain::External {
            name: self.lifted.externals.get(n).cloned().unwrap_or_else(|| format!("external {n}")),
            addresses: runs(&external.addresses),
            on_internet: external.on_internet,
        });
        made.collect()
    }

    fn sites(self, world: &World, tier: impl Fn(SiteId) -> plain::Tier) -> Vec<plain::Site> {
        let made = (0..).map(SiteId).zip(&world.sites).map(|(id, site)| plain::Site {
            name: self.lifted.site(id).map_or_else(|| format!("site {}", id.0), |site| site.item.to_string()),
            tier: tier(id),
            listens: site.listens.as_ref().map(|all| all.iter().map(|one| traffic(*one)).collect()),
        });
        made.collect()
    }

    fn target_groups(self, world: &World) -> Vec<plain::TargetGroup> {
        let made = world.target_groups.iter().enumerate().map(|(n, group)| plain::TargetGroup {
            name: name(&self.lifted.target_groups, n, "target group"),
            targets: all(&group.targets)
                .map(|target| plain::Target {
                    site: at(target.site.0),
                    on: ports(target.transport, target.ports),
                })
                .collect(),
            keeps_client: group.keeps_client,
        });
        made.collect()
    }
}

fn interfaces(world: &World) -> Vec<plain::Interface> {
    let made = world.interfaces.iter().map(|interface| plain::Interface {
        site: at(interface.site.0),
        subnet: at(interface.subnet.0),
        groups: match &interface.guard {
            Guard::Open => None,
            Guard::Groups(groups) => Some(all(groups).map(|group| at(group.0)).collect()),
        },
        addresses: runs(&interface.addresses),
        public: interface.public.as_ref().is_some_and(may),
    });
    made.collect()
}

fn balancers(world: &World) -> Vec<plain::Balancer> {
    let made = world.balancers.iter().map(|balancer| plain::Balancer {
        site: at(balancer.site.0),
        listeners: all(&balancer.listeners)
            .map(|listener| plain::Listener {
                on: ports(listener.transport, listener.ports),
                forwards: all(&listener.forwards).map(|forward| at(forward.to.0)).collect(),
            })
            .collect(),
        zones: balancer.zones.as_ref().map(|zones| zones.iter().map(|zone| at(zone.0)).collect()),
    });
    made.collect()
}

fn distributions(world: &World) -> Vec<plain::Distribution> {
    let there = world.distributions.iter().filter(|distribution| may(&distribution.when));
    let made = there.map(|distribution| plain::Distribution {
        site: at(distribution.site.0),
        cdn: at(distribution.cdn.0),
        origins: all(&distribution.origins)
            .map(|origin| plain::Source {
                site: at(origin.site.0),
                ports: span(origin.ports),
                private: origin.private,
            })
            .collect(),
    });
    made.collect()
}

fn runs(all: &[Addresses]) -> Vec<Run> {
    all.iter().filter_map(|run| Run::new(run.first(), run.last())).collect()
}

fn block(block: AddressBlock) -> Run {
    let run = Addresses::from(block);
    // First and last of one block are of one family and in order.
    Run::new(run.first(), run.last()).unwrap_or_else(|| Run::one(run.first()))
}

const fn span(ports: PortSpan) -> [u16; 2] {
    [ports.first(), ports.last()]
}

const fn ports(transport: Transport, ports: PortSpan) -> plain::Ports {
    match transport {
        Transport::Tcp => plain::Ports::Tcp(span(ports)),
        Transport::Udp => plain::Ports::Udp(span(ports)),
    }
}

const fn traffic(of: Traffic) -> plain::Traffic {
    match of {
        Traffic::All => plain::Traffic::All,
        Traffic::Protocol(number) => plain::Traffic::Protocol(number),
        Traffic::Ports(Transport::Tcp, ports) => plain::Traffic::Tcp(span(ports)),
        Traffic::Ports(Transport::Udp, ports) => plain::Traffic::Udp(span(ports)),
        Traffic::Icmp { family: Family::V4, kind, code } => plain::Traffic::Icmp(kind, code),
        Traffic::Icmp { family: Family::V6, kind, code } => plain::Traffic::Icmpv6(kind, code),
    }
}

const fn via(of: Via) -> plain::Via {
    match of {
        Via::Local => plain::Via::Local,
        Via::Internet => plain::Via::Internet,
        Via::EgressOnly => plain::Via::EgressOnly,
        Via::Nat(id) => plain::Via::Nat(at(id.0)),
        Via::Peer(id) => plain::Via::Peering(at(id.0)),
        Via::Transit(id) => plain::Via::Transit(at(id.0)),
        Via::Beyond(id) => plain::Via::Beyond(at(id.0)),
        Via::Nowhere => plain::Via::Nowhere,
        Via::Elsewhere => plain::Via::Elsewhere,
    }
}
