//! Worlds written by hand, in few words.

use terrace_net::{Ipv4Block, Ipv6Block};
use terrace_proof::space::{
    AclAction, AclEntry, AddressBlock, Addresses, Family, GroupId, GroupRule, Packet, Peer, PortSpan, Route,
    RuleId, Traffic, Transport,
};
use terrace_proof::world::{
    Acl, AclId, Balancer, External, ExternalId, Fact, Forward, Group, Guard, Interface, InterfaceId,
    Listener, NamedRoute, Nat, NatId, Network, NetworkId, Party, Peering, PeeringId, Site, SiteId, Subnet,
    SubnetId, Table, Target, TargetGroup, Via, When, World,
};

/// A world in the making.
pub(crate) struct Lab {
    pub(crate) world: World,
    rules: u32,
}

pub(crate) const INTERNET: Party = Party::External(ExternalId::INTERNET);

pub(crate) fn block(text: &str) -> AddressBlock {
    let four = text.parse::<Ipv4Block>().map(AddressBlock::from);
    four.unwrap_or_else(|_| text.parse::<Ipv6Block>().unwrap().into())
}

pub(crate) fn tcp(first: u16, last: u16) -> Traffic {
    Traffic::Ports(Transport::Tcp, PortSpan::new(first, last).unwrap())
}

/// From an address and a block, a rule's peer.
pub(crate) fn from(text: &str) -> Peer {
    Peer::Addresses(vec![block(text).into()])
}

pub(crate) fn anyone() -> Peer {
    Peer::Addresses(Family::BOTH.map(Addresses::all).to_vec())
}

/// A packet of TCP from port 40000.
pub(crate) fn packet(source: &str, destination: &str, port: u16) -> Packet {
    Packet {
        protocol: 6,
        source_port: 40_000,
        destination_port: port,
        source: source.parse().unwrap(),
        destination: destination.parse().unwrap(),
    }
}

impl Lab {
    pub(crate) fn new() -> Self {
        Self { world: World::new(), rules: 0 }
    }

    pub(crate) fn rule(&mut self) -> RuleId {
        self.rules += 1;
        RuleId(self.rules)
    }

    /// A network with both gateways.
    pub(crate) fn network(&mut self, blocks: &[&str]) -> NetworkId {
        let (internet, egress_only) = (Some(Fact::sure(self.rule())), Some(Fact::sure(self.rule())));
        let blocks = blocks.iter().map(|text| block(text)).collect();
        self.world.add_network(Network { blocks, internet, egress_only })
    }

    /// A subnet whose table has the local routes and these.
    pub(crate) fn subnet(&mut self, network: NetworkId, blocks: &[&str], routes: &[(&str, Via)]) -> SubnetId {
        use terrace_proof::space::Origin::{Local, Static};
        let locals = self.world.networks[network.0 as usize].blocks.clone();
        let locals = locals.into_iter().map(|to| (to, Local, Via::Local));
        let others = routes.iter().map(|(to, via)| (block(to), Static, *via));
        let all: Vec<_> = locals.chain(others).collect();
        let mut table = Table::default();
        for (to, origin, target) in all {
            table.routes.push(Fact::sure(Route { id: self.rule(), to, origin, target }));
        }
        let table = Some(self.world.add_table(table));
        let blocks = blocks.iter().map(|text| block(text)).collect();
        self.world.add_subnet(Subnet { network, blocks, zone: None, table, acl: None })
    }

    pub(crate) fn group(&mut self, ingress: &[(Traffic, Peer)], egress: &[(Traffic, Peer)]) -> GroupId {
        let mut rules = |all: &[(Traffic, Peer)]| {
            let rule = |(traffic, peer): &(Traffic, Peer)| {
                Fact::sure(GroupRule { id: self.rule(), traffic: *traffic, peer: peer.clone() })
            };
            all.iter().map(rule).collect()
        };
        let (ingress, egress) = (rules(ingress), rules(egress));
        self.world.add_group(Group::Security { ingress, egress })
    }

    /// A group that lets everything out.
    pub(crate) fn takes(&mut self, ingress: &[(Traffic, Peer)]) -> GroupId {
        self.group(ingress, &[(Traffic::All, anyone())])
    }

    /// An interface of a new site.
    pub(crate) fn host(&mut self, subnet: SubnetId, addresses: &[&str], groups: &[GroupId]) -> Party {
        let site = self.world.add_site(Site::default());
        self.interface(
            site,
            subnet,
            addresses,
            Guard::Groups(groups.iter().copied().map(Fact::sure).collect()),
        );
        Party::Site(site)
    }

    pub(crate) fn interface(
        &mut self,
        site: SiteId,
        subnet: SubnetId,
        addresses: &[&str],
        guard: Guard,
    ) -> InterfaceId {
        let addresses = addresses.iter().map(|text| block(text).into()).collect();
        self.world.add_interface(Interface {
            site,
            subnet,
            guard,
            addresses,
            public: None,
            when: When::Always,
        })
    }

    /// Gives the interfaces of a site public addresses of IPv4.
    pub(crate) fn publish(&mut self, party: Party) {
        let Party::Site(site) = party else { return };
        for interface in self.world.interfaces.iter_mut().filter(|interface| interface.site == site) {
            interface.public = Some(When::Always);
        }
    }

    pub(crate) fn external(&mut self, addresses: &[&str], on_internet: bool) -> ExternalId {
        let addresses = addresses.iter().map(|text| block(text).into()).collect();
        self.world.add_external(External { addresses, on_internet })
    }

    /// A prefix list that stands for an external.
    pub(crate) fn prefix_list(&mut self, external: ExternalId) -> Peer {
        Peer::Group(self.world.add_group(Group::External(external)))
    }

    /// Gives a subnet an ACL; both lists by number, action, traffic and block.
    pub(crate) fn acl(&mut self, subnet: SubnetId, inbound: &[Entry<'_>], outbound: &[Entry<'_>]) -> AclId {
        let mut entries = |all: &[Entry<'_>]| {
            let entry = |(order, action, traffic, to): &Entry<'_>| {
                let (order, action, traffic, block) = (*order, *action, *traffic, block(to));
                Fact::sure(AclEntry { id: self.rule(), order, action, traffic, block })
            };
            all.iter().map(entry).collect()
        };
        let (inbound, outbound) = (entries(inbound), entries(outbound));
        let acl = self.world.add_acl(Acl { inbound, outbound });
        self.world.subnets[subnet.0 as usize].acl = Some(acl);
        acl
    }

    /// A public NAT gateway.
    pub(crate) fn nat(&mut self, subnet: SubnetId, address: &str) -> NatId {
        let (id, address) = (self.rule(), address.parse::<std::net::IpAddr>().unwrap().into());
        self.world.add_nat(Nat { id, subnet, address, public: true, interface: None, when: When::Always })
    }

    pub(crate) fn peering(&mut self, ends: [NetworkId; 2], group_rules: bool) -> PeeringId {
        let id = self.rule();
        self.world.add_peering(Peering { id, ends, group_rules, when: When::Always })
    }

    /// A gateway endpoint in a subnet's table.
    pub(crate) fn endpoint(&mut self, subnet: SubnetId, to: ExternalId) {
        let id = self.rule();
        let table = self.world.subnets[subnet.0 as usize].table.unwrap();
        self.world.tables[table.0 as usize].named.push(Fact::sure(NamedRoute { id, to }));
    }

    /// A balancer whose one listener sends to one site.
    pub(crate) fn balancer(
        &mut self,
        site: Party,
        listens: u16,
        target: Party,
        port: u16,
        keeps_client: bool,
    ) {
        let (Party::Site(site), Party::Site(to)) = (site, target) else { return };
        let (transport, one) = (Transport::Tcp, |port| PortSpan::new(port, port).unwrap());
        let target = Fact::sure(Target { id: self.rule(), site: to, transport, ports: one(port) });
        let to = self.world.add_target_group(TargetGroup { targets: vec![target], keeps_client });
        let forward = Fact::sure(Forward { id: self.rule(), to, secret_header: false });
        let listener = Listener { id: self.rule(), transport, ports: one(listens), forwards: vec![forward] };
        self.world.add_balancer(Balancer { site, listeners: vec![Fact::sure(listener)], zones: None });
    }
}

/// Number, action, traffic, block.
pub(crate) type Entry<'a> = (u32, AclAction, Traffic, &'a str);
