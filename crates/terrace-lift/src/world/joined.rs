//! Networks joined to others: peerings, transit gateways, and what is beyond a private gateway.
//!
//! Sources: Amazon VPC Peering Guide, "VPC peering basics"; Amazon VPC Transit Gateways, "How transit gateways work".

use terrace_aws::inventory::{Item, ItemId, Told};
use terrace_net::{Ipv4Block, Ipv6Block};
use terrace_proof::space::{Addresses, Origin, Route};
use terrace_proof::world::{External, ExternalId, Fact, Peering, PeeringId, Transit, TransitId, Via, When};

use super::ask;
use super::blocks::Block;
use super::lifted::ExternalKind;
use super::lifting::Lifting;
use super::networks::VPCS;
use super::tables::TABLES;

pub(super) const PEERINGS: &[&str] = &["aws_vpc_peering_connection"];
pub(super) const TRANSITS: &[&str] = &["aws_ec2_transit_gateway"];
const VPN_GATEWAYS: &[&str] = &["aws_vpn_gateway"];

impl Lifting<'_> {
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

    pub(super) fn by_peering(&mut self, item: &ItemId) -> Via {
        let known: Option<PeeringId> = self.peerings.get(item).copied();
        match known {
            Some(id) => Via::Peer(id),
            None => Via::Beyond(self.beyond(item)),
        }
    }

    pub(super) fn transit(&mut self, item: &ItemId) -> TransitId {
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
        for item in self.all(TABLES) {
            for gateway in self.named(item.view(), "propagating_vgws", VPN_GATEWAYS) {
                all.push((item.id().clone(), "propagating_vgws".to_owned(), gateway.is, gateway.when));
            }
        }
        for item in self.all(&["aws_vpn_gateway_route_propagation"]) {
            let gateways = self.named(item.view(), "vpn_gateway_id", VPN_GATEWAYS);
            for table in self.named(item.view(), "route_table_id", TABLES) {
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
