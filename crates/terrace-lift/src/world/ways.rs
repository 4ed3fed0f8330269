//! Where routes lead: gateways, translators, peerings, transit gateways, and what is not modelled.

use terrace_aws::Text;
use terrace_aws::inventory::{Item, ItemId, Told, View};
use terrace_proof::space::Addresses;
use terrace_proof::world::{Fact, Interface, InterfaceId, Nat, NatId, NetworkId, SiteId, Via, When};

use super::ask;
use super::blocks::usable;
use super::joined::{PEERINGS, TRANSITS};
use super::lifting::Lifting;
use super::networks::SUBNETS;

/// A way, or none where the route says nothing; and its name.
type Way = (Option<Via>, String);

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
                _ => {
                    self.door_perhaps(network, &named.is);
                    Fact::perhaps(Via::Elsewhere, self.not_told(&named.is))
                }
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

    /// A route to a gateway that is not told says that the network has one, perhaps.
    fn door_perhaps(&mut self, network: NetworkId, gateway: &ItemId) {
        let unknowns = self.not_told(gateway);
        let rule = self.rule(gateway, "", format!("internet gateway that {gateway} may be"));
        if let Some(found) = self.network_mut(network)
            && found.internet.is_none()
            && !gateway.name().starts_with("vgw-")
        {
            found.internet = Some(Fact::perhaps(rule, unknowns));
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
}

fn way(via: Fact<Via>, name: &ItemId) -> Fact<Way> {
    Fact { is: (Some(via.is), name.to_string()), when: via.when }
}
