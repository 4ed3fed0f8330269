//! Where routes lead: gateways, translators, peerings, transit gateways, and what is not modelled.

use terrace_aws::Text;
use terrace_aws::inventory::{Item, ItemId, Told, View};
use terrace_net::{Ipv4Block, Ipv6Block};
use terrace_proof::space::{Addresses, Origin, Route};
use terrace_proof::world::{
    External, ExternalId, Fact, Interface, InterfaceId, Nat, NatId, NetworkId, Peering, PeeringId, SiteId,
    Transit, TransitId, Via, When,
};

use super::ask;
use super::blocks::{Block, usable};
use super::lifted::ExternalKind;
use super::lifting::Lifting;
use super::networks::{SUBNETS, VPCS};

/// A way, or none where the route says nothing; and its name.
type Way = (Option<Via>, String);

const PEERINGS: &[&str] = &["aws_vpc_peering_connection"];
const TRANSITS: &[&str] = &["aws_ec2_transit_gateway"];
const VPN_GATEWAYS: &[&str] = &["aws_vpn_gateway"];

/// Targets of routes that are not modelled.
const ELSEWHERE: [&str; 5] =
    ["vpc_endpoint_id", "carrier_gateway_id", "local_gateway_id", "core_network_arn", "odb_network_arn"];

impl Lifting<'_> {
    /// Where a route leads.
    pub(super) fn ways(&mut self, item: &Item, view: View<'_>, network: NetworkId) -> Vec<Fact<Way>> {
        if let Some(ways) = self.by_gateway(view, network) {
            return ways;
        }
        if let Some(named) = self.one(view, "nat_gateway_id", &["aws_nat_gateway"]) {
            let via = match self.nats.get(&named.is) {
                Some(nat) => Fact { is: Via::Nat(*nat), when: named.when.clone() },
                None => Fact::perhaps(Via::Elsewhere, self.not_told(&named.is)),
            };
            return vec![way(via, &named.is)];
        }
        if let Some(named) = self.one(view, "egress_only_gateway_id", &["aws_egress_only_internet_gateway"]) {
            return vec![way(Fact { is: Via::EgressOnly, when: named.when.clone() }, &named.is)];
        }
        if let Some(named) = self.one(view, "vpc_peering_connection_id", PEERINGS) {
            let via = self.by_peering(&named.is);
            return vec![way(Fact { is: via, when: named.when.clone() }, &named.is)];
        }
        if let Some(named) = self.one(view, "transit_gateway_id", TRANSITS) {
            let transit = self.transit(&named.is);
            return vec![way(Fact { is: Via::Transit(transit), when: named.when.clone() }, &named.is)];
        }
        for argument in ["network_interface_id", "instance_id"] {
            if let Some(named) = self.one(view, argument, &["aws_network_interface", "aws_instance"]) {
                return vec![self.by_machine(item, &named)];
            }
        }
        for argument in ELSEWHERE {
            if let Some(named) = self.one(view, argument, &["aws_vpc_endpoint"]) {
                self.unmodelled(item.id(), format!("a route through {}", named.is));
                let unknown = self.unknown(format!("what {} lets pass", named.is));
                return vec![way(Fact { is: Via::Elsewhere, when: When::on(unknown) }, &named.is)];
            }
        }
        Vec::new()
    }

    fn by_gateway(&mut self, view: View<'_>, network: NetworkId) -> Option<Vec<Fact<Way>>> {
        let text = match ask::text(view, "gateway_id") {
            Told::Nothing => return None,
            Told::Is(text) => text,
            Told::Unknown(of) => Text::opaque(of),
        };
        if text.literal() == Some("local") {
            return Some(Vec::new());
        }
        const GATEWAYS: &[&str] = &[
            "aws_internet_gateway",
            "aws_internet_gateway_attachment",
            "aws_vpn_gateway",
            "aws_vpn_gateway_attachment",
            "aws_vpc_endpoint",
            "aws_egress_only_internet_gateway",
            "aws_nat_gateway",
        ];
        let mut all = Vec::new();
        for named in self.items_of(&text, GATEWAYS) {
            let found = self.item(&named.is).is_some();
            let via = match named.is.type_name() {
                "aws_internet_gateway" | "aws_internet_gateway_attachment"
                    if found || named.is.name().starts_with("igw-") =>
                {
                    self.door_there(network, &named.is);
                    Fact { is: Via::Internet, when: named.when.clone() }
                }
                "aws_egress_only_internet_gateway" => Fact { is: Via::EgressOnly, when: named.when.clone() },
                "aws_nat_gateway" => match self.nats.get(&named.is) {
                    Some(nat) => Fact { is: Via::Nat(*nat), when: named.when.clone() },
                    None => Fact::perhaps(Via::Elsewhere, self.not_told(&named.is)),
                },
                "aws_vpn_gateway" | "aws_vpn_gateway_attachment" => {
                    let external = self.beyond(&named.is);
                    Fact { is: Via::Beyond(external), when: named.when.clone() }
                }
                _ => Fact::perhaps(Via::Elsewhere, self.not_told(&named.is)),
            };
            all.push(way(via, &named.is));
        }
        Some(all)
    }

    /// A route to a gateway that is looked up says that the network has it.
    fn door_there(&mut self, network: NetworkId, gateway: &ItemId) {
        let at = usize::try_from(network.0).unwrap_or(usize::MAX);
        let is_open = self.out.world.networks.get(at).is_some_and(|n| n.internet.is_some());
        let is_looked_up = self.item(gateway).is_none_or(|i| i.id().mode() == terrace_aws::Mode::Data);
        if !is_open && is_looked_up {
            let rule = self.rule(gateway, "", format!("internet gateway {gateway}"));
            if let Some(found) = self.network_mut(network) {
                found.internet = Some(Fact::sure(rule));
            }
        }
    }

    fn by_machine(&mut self, item: &Item, named: &Fact<ItemId>) -> Fact<Way> {
        let found = self.item(&named.is);
        let forwards = found.is_some_and(|i| ask::bool(i.view(), "source_dest_check") == Told::Is(false));
        let interface = self.sites.get(&named.is).copied().and_then(|site| self.first_interface(site));
        if let (true, Some((id, interface))) = (forwards, interface) {
            let nat = self.nat_instance(&named.is, id, &interface);
            return way(Fact { is: Via::Nat(nat), when: named.when.clone() }, &named.is);
        }
        if found.is_some_and(|i| {
            matches!(ask::bool(i.view(), "source_dest_check"), Told::Nothing | Told::Is(true))
        }) && named.is.type_name() == "aws_instance"
        {
            // AWS drops what is not for the machine itself.
            return way(Fact { is: Via::Nowhere, when: named.when.clone() }, &named.is);
        }
        self.unmodelled(item.id(), format!("a route through {}", named.is));
        let unknown = self.unknown(format!("what {} lets pass", named.is));
        way(Fact { is: Via::Elsewhere, when: When::on(unknown) }, &named.is)
    }

    fn first_interface(&self, site: SiteId) -> Option<(InterfaceId, Interface)> {
        let at = self.out.world.interfaces.iter().position(|i| i.site == site)?;
        let interface = self.out.world.interfaces.get(at)?.clone();
        Some((InterfaceId(u32::try_from(at).ok()?), interface))
    }

    fn nat_instance(&mut self, item: &ItemId, id: InterfaceId, interface: &Interface) -> NatId {
        if let Some(known) = self.nats.get(item) {
            return *known;
        }
        let rule = self.rule(item, "source_dest_check", format!("NAT instance {item}"));
        let four = interface.addresses.iter().find(|a| a.family() == terrace_proof::space::Family::V4);
        let address = four.copied().unwrap_or_else(|| Addresses::all(terrace_proof::space::Family::V4));
        let when = interface.public.clone().unwrap_or_default().and(&interface.when);
        let nat = Nat {
            id: rule,
            subnet: interface.subnet,
            address,
            public: interface.public.is_some(),
            interface: Some(id),
            when,
        };
        self.put_nat(item, nat)
    }

    fn put_nat(&mut self, item: &ItemId, nat: Nat) -> NatId {
        let id = self.out.world.add_nat(nat);
        self.out.nats.push(item.clone());
        self.nats.insert(item.clone(), id);
        id
    }

    /// NAT gateways.
    pub(super) fn translators(&mut self) {
        for item in self.all(&["aws_nat_gateway"]) {
            let view = item.view();
            let Some(named) = self.one(view, "subnet_id", SUBNETS) else {
                self.unmodelled(item.id(), "a NAT gateway that is not in one subnet");
                continue;
            };
            let subnet = self.subnet(&named.is, None);
            let at = usize::try_from(subnet.0).unwrap_or(usize::MAX);
            let blocks = self.out.world.subnets.get(at).map(|s| s.blocks.clone()).unwrap_or_default();
            let fixed = ask::word(view, "private_ip").and_then(|text| super::blocks::parse(&text));
            let address = fixed.map(Addresses::from).or_else(|| {
                let four = blocks.iter().find(|b| b.family() == terrace_proof::space::Family::V4);
                four.copied().map(usable)
            });
            let Some(address) = address else { continue };
            let rule = self.rule(item.id(), "", format!("NAT gateway {}", item.id()));
            let mut when = self.presence(item).and(&named.when);
            let public = match ask::literal(view, "connectivity_type") {
                Told::Is(word) => word != "private",
                Told::Nothing => true,
                Told::Unknown(of) => {
                    when = when.and(&When::Perhaps(self.unknowns(&of)));
                    true
                }
            };
            self.put_nat(item.id(), Nat { id: rule, subnet, address, public, interface: None, when });
        }
    }

    /// Private addresses: whoever may be at the other end of a VPN.
    fn far_away() -> Vec<Addresses> {
        let four = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10"];
        let four = four.iter().filter_map(|text| text.parse::<Ipv4Block>().ok()).map(Addresses::from);
        let six = "fc00::/7".parse::<Ipv6Block>().ok().map(Addresses::from);
        four.chain(six).collect()
    }

    /// Networks behind something private, by what leads to them.
    pub(super) fn beyond(&mut self, item: &ItemId) -> ExternalId {
        if let Some(known) = self.beyond.get(item) {
            return *known;
        }
        let external = External { addresses: Self::far_away(), on_internet: false };
        let id = self.out.world.add_external(external);
        self.out.externals.push(format!("networks beyond {item}"));
        self.out.external_kinds.push(ExternalKind::Beyond(item.clone()));
        self.beyond.insert(item.clone(), id);
        id
    }

    pub(super) fn peerings(&mut self) {
        for item in self.all(PEERINGS) {
            let view = item.view();
            let (Some(one), Some(other)) =
                (self.one(view, "vpc_id", VPCS), self.one(view, "peer_vpc_id", VPCS))
            else {
                continue;
            };
            if self.item(&other.is).is_none() {
                continue;
            }
            let ends = [self.network(&one.is), self.network(&other.is)];
            let mut when = self.presence(item).and(&one.when).and(&other.when);
            let accepts = self.all(&["aws_vpc_peering_connection_accepter"]);
            let mut accepted = ask::bool(view, "auto_accept") == Told::Is(true);
            for accepter in accepts {
                let of = self.named(accepter.view(), "vpc_peering_connection_id", PEERINGS);
                accepted |= of.iter().any(|of| of.is == *item.id());
            }
            if !accepted {
                when = when.and(&When::on(self.unknown(format!("whether {} is accepted", item.id()))));
            }
            let here = item.region.clone();
            let group_rules = match ask::literal(view, "peer_region") {
                Told::Nothing => true,
                Told::Is(there) => here.is_none_or(|here| here == there),
                Told::Unknown(_) => true,
            };
            let rule = self.rule(item.id(), "", format!("peering {}", item.id()));
            let id = self.out.world.add_peering(Peering { id: rule, ends, group_rules, when });
            self.out.peerings.push(item.id().clone());
            self.peerings.insert(item.id().clone(), id);
        }
    }

    fn by_peering(&mut self, item: &ItemId) -> Via {
        let known: Option<PeeringId> = self.peerings.get(item).copied();
        match known {
            Some(id) => Via::Peer(id),
            None => Via::Beyond(self.beyond(item)),
        }
    }

    fn transit(&mut self, item: &ItemId) -> TransitId {
        if let Some(known) = self.transits.get(item) {
            return *known;
        }
        let id = self.out.world.add_transit(Transit::default());
        self.out.transits.push(item.clone());
        self.transits.insert(item.clone(), id);
        let external = self.beyond(item);
        let (rule, when) = match self.item(item).filter(|i| i.id().mode() == terrace_aws::Mode::Managed) {
            Some(_) => return id,
            None => {
                let unknowns = self.not_told(item);
                (self.rule(item, "", format!("whoever else {item} connects")), When::Perhaps(unknowns))
            }
        };
        if let Some(transit) = self.transit_mut(id) {
            transit.beyond.push(Fact { is: (rule, external), when });
        }
        id
    }

    fn transit_mut(&mut self, id: TransitId) -> Option<&mut Transit> {
        self.out.world.transits.get_mut(usize::try_from(id.0).ok()?)
    }

    /// Transit gateways, who is attached, and what their one table sends nowhere. Several tables are not modelled: then
    /// whoever is attached may see the others, or not.
    pub(super) fn transits(&mut self) {
        for item in self.all(TRANSITS) {
            let id = self.transit(item.id());
            let groups = ask::word(item.view(), "security_group_referencing_support");
            if let Some(transit) = self.transit_mut(id) {
                transit.group_rules = groups.as_deref() == Some("enable");
            }
        }
        let mut split: Vec<ItemId> = Vec::new();
        for table in self.all(&["aws_ec2_transit_gateway_route_table"]) {
            for of in self.named(table.view(), "transit_gateway_id", TRANSITS) {
                self.unmodelled(
                    table.id(),
                    format!("a route table of {}: whoever is attached may see the others, or not", of.is),
                );
                split.push(of.is);
            }
        }
        for item in self.all(&["aws_ec2_transit_gateway_vpc_attachment"]) {
            let view = item.view();
            let Some(network) = self.network_named(item, "vpc_id") else { continue };
            for of in self.named(view, "transit_gateway_id", TRANSITS) {
                let id = self.transit(&of.is);
                let mut when = self.presence(item).and(&of.when);
                let tables: Vec<&str> = [
                    "transit_gateway_default_route_table_association",
                    "transit_gateway_default_route_table_propagation",
                ]
                .into_iter()
                .filter(|argument| ask::bool(view, argument) == Told::Is(false))
                .collect();
                if split.contains(&of.is) || !tables.is_empty() {
                    when = when.and(&When::on(self.unknown(format!("the route tables of {}", of.is))));
                }
                let rule = self.rule(item.id(), "", format!("attachment {} to {}", item.id(), of.is));
                if let Some(transit) = self.transit_mut(id) {
                    transit.attached.push(Fact { is: (rule, network), when });
                }
            }
        }
        for item in self.all(&[
            "aws_vpn_connection",
            "aws_dx_gateway_association",
            "aws_ec2_transit_gateway_peering_attachment",
        ]) {
            for of in self.named(item.view(), "transit_gateway_id", TRANSITS) {
                let id = self.transit(&of.is);
                let external = self.beyond(item.id());
                let when = self.presence(item).and(&of.when);
                let rule = self.rule(item.id(), "", format!("{} at {}", item.id(), of.is));
                if let Some(transit) = self.transit_mut(id) {
                    transit.beyond.push(Fact { is: (rule, external), when });
                }
            }
        }
        for item in self.all(&["aws_ec2_transit_gateway_route"]) {
            self.transit_route(item);
        }
    }

    fn transit_route(&mut self, item: &Item) {
        let view = item.view();
        if ask::bool(view, "blackhole") != Told::Is(true) {
            return;
        }
        let Some(text) = ask::text(view, "destination_cidr_block").known() else { return };
        let Block::Is(block) = self.block(&text) else { return };
        let all: Vec<TransitId> = self.transits.values().copied().collect();
        let [only] = all.as_slice() else {
            self.unmodelled(item.id(), "a blackhole of one of several transit gateways");
            return;
        };
        let rule = self.rule(item.id(), "", format!("{block} goes nowhere"));
        let when = self.presence(item);
        if let Some(transit) = self.transit_mut(*only) {
            transit.nowhere.push(Fact { is: (rule, block), when });
        }
    }

    /// Routes that a gateway announces to a table: to whatever private address.
    pub(super) fn announced(&mut self) {
        let mut all: Vec<(ItemId, String, ItemId, When)> = Vec::new();
        for item in self.all(&["aws_route_table", "aws_default_route_table"]) {
            for gateway in self.named(item.view(), "propagating_vgws", VPN_GATEWAYS) {
                all.push((item.id().clone(), "propagating_vgws".to_owned(), gateway.is, gateway.when));
            }
        }
        for item in self.all(&["aws_vpn_gateway_route_propagation"]) {
            let gateways = self.named(item.view(), "vpn_gateway_id", VPN_GATEWAYS);
            for table in
                self.named(item.view(), "route_table_id", &["aws_route_table", "aws_default_route_table"])
            {
                for gateway in &gateways {
                    all.push((
                        table.is.clone(),
                        String::new(),
                        gateway.is.clone(),
                        table.when.and(&gateway.when),
                    ));
                }
            }
        }
        for (table, path, gateway, when) in all {
            let Some(id) = self.tables.get(&table).copied() else { continue };
            let external = self.beyond(&gateway);
            let when = when.and(&When::on(self.unknown(format!("the routes that {gateway} announces"))));
            for text in ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"] {
                let Some(to) = super::blocks::parse(text) else { continue };
                let rule =
                    self.rule(&table, path.clone(), format!("route {to} to {gateway}, if that announces it"));
                let route = Route { id: rule, to, origin: Origin::Propagated, target: Via::Beyond(external) };
                if let Some(table) = self.table_mut(id) {
                    table.routes.push(Fact { is: route, when: when.clone() });
                }
            }
        }
    }
}

fn way(via: Fact<Via>, name: &ItemId) -> Fact<Way> {
    Fact { is: (Some(via.is), name.to_string()), when: via.when }
}
