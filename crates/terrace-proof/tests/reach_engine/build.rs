//! Small worlds in few words.

use std::net::IpAddr;

use terrace_proof::reach::*;
use terrace_proof::space::{Origin, *};
use terrace_proof::world::*;

pub(crate) fn block(text: &str) -> AddressBlock {
    if text.contains(':') {
        text.parse::<terrace_net::Ipv6Block>().unwrap().into()
    } else {
        text.parse::<terrace_net::Ipv4Block>().unwrap().into()
    }
}

pub(crate) fn run(text: &str) -> Addresses {
    if text.contains('/') { block(text).into() } else { text.parse::<IpAddr>().unwrap().into() }
}

pub(crate) fn port(port: u16) -> Traffic {
    tcp(port)
}

pub(crate) fn tcp_packet(from: &str, source_port: u16, to: &str, port: u16) -> Packet {
    Packet {
        protocol: 6,
        source_port,
        destination_port: port,
        source: from.parse().unwrap(),
        destination: to.parse().unwrap(),
    }
}

/// A world that is being built; gives each rule a number.
pub(crate) struct Build {
    pub(crate) world: World,
    rules: u32,
}

impl Build {
    pub(crate) fn new() -> Self {
        Self { world: World::new(), rules: 0 }
    }

    pub(crate) fn rule(&mut self) -> RuleId {
        self.rules += 1;
        RuleId(self.rules)
    }

    /// A network with an internet gateway, if `public`.
    pub(crate) fn network(&mut self, blocks: &[&str], public: bool) -> NetworkId {
        let internet = public.then(|| Fact::sure(self.rule()));
        let blocks = blocks.iter().map(|b| block(b)).collect();
        self.world.add_network(Network { blocks, internet, egress_only: None })
    }

    /// A table with the network's local routes and some others.
    pub(crate) fn table(&mut self, network: NetworkId, routes: &[(&str, Via)]) -> TableId {
        let mut table = Table::default();
        for local in self.world.networks[network.0 as usize].blocks.clone() {
            let id = self.rule();
            table.routes.push(Fact::sure(Route { id, to: local, origin: Origin::Local, target: Via::Local }));
        }
        for (to, target) in routes {
            let id = self.rule();
            let route = Route { id, to: block(to), origin: Origin::Static, target: *target };
            table.routes.push(Fact::sure(route));
        }
        self.world.add_table(table)
    }

    pub(crate) fn subnet(&mut self, network: NetworkId, blocks: &[&str], table: Option<TableId>) -> SubnetId {
        let blocks = blocks.iter().map(|b| block(b)).collect();
        self.world.add_subnet(Subnet { network, blocks, zone: None, table, acl: None })
    }

    pub(crate) fn acl(&mut self, inbound: &[Entry<'_>], outbound: &[Entry<'_>]) -> AclId {
        let mut made = |entries: &[Entry<'_>]| {
            let all = entries.iter().map(|(order, action, traffic, to)| {
                self.rules += 1;
                let id = RuleId(self.rules);
                Fact::sure(AclEntry {
                    id,
                    order: *order,
                    action: *action,
                    traffic: *traffic,
                    block: block(to),
                })
            });
            all.collect()
        };
        let acl = Acl { inbound: made(inbound), outbound: made(outbound) };
        self.world.add_acl(acl)
    }

    pub(crate) fn group(&mut self) -> GroupId {
        self.world.add_group(Group::Security { ingress: Vec::new(), egress: Vec::new() })
    }

    pub(crate) fn add(&mut self, group: GroupId, way: Direction, traffic: Traffic, peer: Peer) -> RuleId {
        self.add_fact(group, way, traffic, peer, When::Always)
    }

    pub(crate) fn add_fact(
        &mut self,
        group: GroupId,
        way: Direction,
        traffic: Traffic,
        peer: Peer,
        when: When,
    ) -> RuleId {
        let id = self.rule();
        let Group::Security { ingress, egress } = &mut self.world.groups[group.0 as usize] else {
            panic!("not a security group")
        };
        let rules = if way == Direction::In { ingress } else { egress };
        rules.push(Fact { is: GroupRule { id, traffic, peer }, when });
        id
    }

    /// A group that lets everything out, and in what is given.
    pub(crate) fn open_out(&mut self, ingress: &[(Traffic, Peer)]) -> GroupId {
        let group = self.group();
        self.add(group, Direction::Out, Traffic::All, everywhere());
        for (traffic, peer) in ingress {
            self.add(group, Direction::In, *traffic, peer.clone());
        }
        group
    }

    pub(crate) fn site(&mut self) -> SiteId {
        self.world.add_site(Site::default())
    }

    pub(crate) fn interface(
        &mut self,
        site: SiteId,
        subnet: SubnetId,
        groups: &[GroupId],
        at: &[&str],
    ) -> InterfaceId {
        let guard = Guard::Groups(groups.iter().map(|g| Fact::sure(*g)).collect());
        let addresses = at.iter().map(|a| run(a)).collect();
        let public = None;
        self.world.add_interface(Interface { site, subnet, guard, addresses, public, when: When::Always })
    }

    /// A site of one interface.
    pub(crate) fn host(&mut self, subnet: SubnetId, groups: &[GroupId], at: &[&str]) -> SiteId {
        let site = self.site();
        self.interface(site, subnet, groups, at);
        site
    }

    pub(crate) fn publish(&mut self, site: SiteId) {
        for interface in self.world.interfaces.iter_mut().filter(|i| i.site == site) {
            interface.public = Some(When::Always);
        }
    }

    pub(crate) fn external(&mut self, at: &[&str], on_internet: bool) -> ExternalId {
        let addresses = at.iter().map(|a| run(a)).collect();
        self.world.add_external(External { addresses, on_internet })
    }

    /// A balancer with a listener on a port that forwards to a target on another.
    pub(crate) fn balancer(&mut self, site: SiteId, listen: u16, target: SiteId, on: u16) -> BalancerId {
        let (id, forward, listener) = (self.rule(), self.rule(), self.rule());
        let target = Target { id, site: target, transport: Transport::Tcp, ports: ports(on) };
        let group = TargetGroup { targets: vec![Fact::sure(target)], keeps_client: false };
        let to = self.world.add_target_group(group);
        let forwards = vec![Fact::sure(Forward { id: forward, to, secret_header: false })];
        let listener = Listener { id: listener, transport: Transport::Tcp, ports: ports(listen), forwards };
        self.world.add_balancer(Balancer { site, listeners: vec![Fact::sure(listener)], zones: None })
    }
}

pub(crate) type Entry<'a> = (u32, AclAction, Traffic, &'a str);

pub(crate) fn ports(one: u16) -> PortSpan {
    PortSpan::new(one, one).unwrap()
}

pub(crate) fn everywhere() -> Peer {
    Peer::Addresses(vec![run("0.0.0.0/0"), run("::/0")])
}

pub(crate) fn from(text: &str) -> Peer {
    Peer::Addresses(vec![run(text)])
}

pub(crate) const INTERNET: Party = Party::External(ExternalId::INTERNET);

pub(crate) fn site(id: SiteId) -> Party {
    Party::Site(id)
}

/// What can be conversed on, in both bounds alike.
pub(crate) fn services(world: &World, from: Party, to: Party) -> String {
    let [least, most] = [Bound::Least, Bound::Most].map(|bound| under(world, bound, from, to));
    if least == most { least } else { format!("{least} to {most}") }
}

pub(crate) fn under(world: &World, bound: Bound, from: Party, to: Party) -> String {
    let Some(link) = reach(world, bound).link(from, to) else { return "nothing".to_owned() };
    let of = |((first, last), ports): ((u8, u8), PortSpan)| {
        let protocol = match (first, last) {
            (6, 6) => "tcp".to_owned(),
            (17, 17) => "udp".to_owned(),
            (one, other) if one == other => one.to_string(),
            (one, other) => format!("{one}-{other}"),
        };
        if ports == PortSpan::ALL {
            protocol
        } else if ports.first() == ports.last() {
            format!("{protocol}/{}", ports.first())
        } else {
            format!("{protocol}/{}-{}", ports.first(), ports.last())
        }
    };
    let all: Vec<String> = link.services().into_iter().map(of).collect();
    if all.is_empty() { "only sends".to_owned() } else { all.join(" ") }
}
