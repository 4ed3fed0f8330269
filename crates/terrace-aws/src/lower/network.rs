//! The network: one block, a subnet per tier and zone, and only the routes that a flow needs.
//!
//! GUARANTEE: nothing but the public subnets has a route to the internet gateway; the data tier has no route but
//! the one within the network.

use std::collections::BTreeMap;

use terrace_net::{Ipv4Block, Port};
use terrace_topology::{Carries, Egress, Service, Tier};

use super::{Draft, facts};
use crate::resource::{
    AddressDomain, DefaultSecurityGroup, ElasticIp, InternetGateway, NatGateway, Route, RouteTable,
    RouteTableAssociation, Subnet, Vpc,
};
use crate::{Address, Concern, Ref, Text};

/// What other parts stand in.
pub(crate) struct Network {
    pub(crate) vpc: Ref<Vpc>,
    /// A subnet per zone, in the zones' order.
    pub(crate) subnets: BTreeMap<Tier, Vec<Ref<Subnet>>>,
    /// The tables of a tier: one, or one per zone.
    pub(crate) tables: BTreeMap<Tier, Vec<Ref<RouteTable>>>,
    /// The door to the internet: what needs it has to wait for it, since nothing else says so.
    pub(crate) gateway: Ref<InternetGateway>,
    /// The routes out of the app tier.
    pub(crate) exits: Vec<Address>,
}

impl Network {
    pub(crate) fn subnets(&self, tier: Tier) -> Vec<Ref<Subnet>> {
        self.subnets.get(&tier).cloned().unwrap_or_default()
    }

    pub(crate) fn tables(&self, tier: Tier) -> Vec<Ref<RouteTable>> {
        self.tables.get(&tier).cloned().unwrap_or_default()
    }
}

pub(crate) fn lower(draft: &mut Draft<'_>) -> Network {
    let topology = draft.topology;
    let tags = draft.name_tag("");
    let vpc = draft.place(Concern::Network, &["main"]).put(Vpc {
        cidr_block: topology.network.block,
        enable_dns_support: true,
        enable_dns_hostnames: true,
        tags,
    });
    let tags = draft.name_tag("default-unused");
    draft
        .place(Concern::Network, &["main"])
        .why("Every VPC comes with a group whose members may reach each other. Taken over without rules,")
        .why("so that whatever is put into it by mistake reaches nothing.")
        .put(DefaultSecurityGroup { vpc_id: vpc.clone(), tags });
    let tags = draft.name_tag("");
    let gateway = draft
        .place(Concern::Network, &["main"])
        .why("Only the public subnets have a route to it.")
        .put(InternetGateway { vpc_id: vpc.clone(), tags });

    let subnets = subnets(draft, &vpc);
    let per_zone = draft.topology.zones.count();
    let nats = nats(draft, &subnets, &gateway, per_zone);
    let mut tables = BTreeMap::new();
    let mut exits = Vec::new();
    for tier in Tier::ALL {
        let nats = if tier == Tier::App { nats.clone() } else { Vec::new() };
        let (own, routes) = tier_tables(draft, tier, &vpc, &gateway, &nats);
        if tier == Tier::App {
            exits = routes;
        }
        for (zone, subnet) in subnets.get(&tier).into_iter().flatten().enumerate() {
            if let Some(table) = own.get(zone).or_else(|| own.first()) {
                let label = [tier.name(), &facts::letter(draft.topology, zone)];
                draft
                    .place(Concern::Network, &label)
                    .put(RouteTableAssociation { subnet_id: subnet.clone(), route_table_id: table.clone() });
            }
        }
        tables.insert(tier, own);
    }
    draft.output("vpc_id", "The network.", &vpc);
    Network { vpc, subnets, tables, gateway, exits }
}

fn subnets(draft: &mut Draft<'_>, vpc: &Ref<Vpc>) -> BTreeMap<Tier, Vec<Ref<Subnet>>> {
    let topology = draft.topology;
    let mut all = BTreeMap::new();
    for tier in Tier::ALL {
        let mut own = Vec::new();
        for (zone, block) in topology.network.blocks(tier, topology.zones).into_iter().enumerate() {
            let letter = facts::letter(topology, zone);
            let tags = draft.name_tag(&format!("{}-{letter}", tier.name()));
            own.push(draft.place(Concern::Network, &[tier.name(), &letter]).put(Subnet {
                vpc_id: vpc.clone(),
                availability_zone: Text::from(format!("{}{letter}", topology.region)),
                cidr_block: block,
                map_public_ip_on_launch: false,
                tags,
            }));
        }
        all.insert(tier, own);
    }
    all
}

/// Whether a flow leads from a service to the internet.
pub(crate) fn goes_out(draft: &Draft<'_>) -> bool {
    draft.topology.services.values().any(|service| service.egress == Egress::Translated)
        && draft.topology.flows().iter().any(|flow| matches!(flow.carries(), Carries::Outward))
}

/// Whether every service may reach AWS's own services through the internet: then the flow to the platform opens
/// nothing that its way out does not open already.
pub(crate) fn platform_goes_out(draft: &Draft<'_>) -> bool {
    let may = |service: &Service| {
        service.egress == Egress::Translated && service.egress_ports.contains(&Port::HTTPS)
    };
    draft.topology.services.values().all(may)
}

/// Address translation: one per zone in production, so that a zone's failure stays in the zone; else one.
fn nats(
    draft: &mut Draft<'_>,
    subnets: &BTreeMap<Tier, Vec<Ref<Subnet>>>,
    gateway: &Ref<InternetGateway>,
    zones: u8,
) -> Vec<Ref<NatGateway>> {
    if !goes_out(draft) {
        return Vec::new();
    }
    let wanted = if draft.topology.production { usize::from(zones) } else { 1 };
    let mut all = Vec::new();
    for (zone, subnet) in subnets.get(&Tier::Public).into_iter().flatten().take(wanted).enumerate() {
        let letter = facts::letter(draft.topology, zone);
        let tags = draft.name_tag(&format!("nat-{letter}"));
        let address = draft
            .place(Concern::Network, &["nat", &letter])
            .after(gateway.address())
            .put(ElasticIp { domain: AddressDomain::Vpc, tags: tags.clone() });
        let place = draft.place(Concern::Network, &[&letter]).after(gateway.address());
        let place = match (wanted, zone) {
            (1, _) => place.why("One for all zones; in production there is one per zone."),
            (_, 0) => place.why("One per zone: the failure of a zone does not cut the others off."),
            _ => place,
        };
        all.push(place.put(NatGateway { allocation_id: address, subnet_id: subnet.clone(), tags }));
    }
    all
}

fn tier_tables(
    draft: &mut Draft<'_>,
    tier: Tier,
    vpc: &Ref<Vpc>,
    gateway: &Ref<InternetGateway>,
    nats: &[Ref<NatGateway>],
) -> (Vec<Ref<RouteTable>>, Vec<Address>) {
    let (mut tables, mut routes) = (Vec::new(), Vec::new());
    for zone in 0..nats.len().max(1) {
        let letter = (nats.len() > 1).then(|| facts::letter(draft.topology, zone));
        let label: Vec<&str> = std::iter::once(tier.name()).chain(letter.as_deref()).collect();
        let tags = draft.name_tag(&label.join("-"));
        let place = draft.place(Concern::Network, &label);
        let place = match tier {
            Tier::Data => place.why("No route but the one within the network: the data tier has no way out."),
            _ => place,
        };
        let table = place.put(RouteTable { vpc_id: vpc.clone(), tags });
        let route = Route {
            route_table_id: table.clone(),
            destination_cidr_block: Ipv4Block::ALL,
            gateway_id: (tier == Tier::Public).then(|| gateway.clone()),
            nat_gateway_id: nats.get(zone).cloned(),
        };
        if route.gateway_id.is_some() || route.nat_gateway_id.is_some() {
            let made = draft.place(Concern::Network, &[&label.join("_"), "default"]).put(route);
            routes.extend(made.address());
        }
        tables.push(table);
    }
    (tables, routes)
}
