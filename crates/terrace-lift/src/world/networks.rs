//! Networks, their subnets and doors.
//!
//! Sources: Amazon VPC User Guide, "Default VPCs", "VPC CIDR blocks", "Subnet CIDR blocks".

use terrace_aws::inventory::{Item, ItemId, Told, View};
use terrace_aws::{Mode, Reference, Text};
use terrace_proof::space::{AddressBlock, Family};
use terrace_proof::world::{Fact, Network, NetworkId, Unknowns};

use super::ask;
use super::blocks::parse;
use super::lifting::Lifting;
use super::naming::born_with;

pub(super) const VPCS: &[&str] = &["aws_vpc", "aws_default_vpc"];
pub(super) const SUBNETS: &[&str] = &["aws_subnet", "aws_default_subnet", "aws_subnets", "aws_subnet_ids"];
/// How the network is called of a subnet of which nothing else is told.
pub(super) const OF_SUBNET: &str = "the network of ";
const DEFAULT_BLOCK: &str = "172.31.0.0/16";

impl Lifting<'_> {
    /// Every network and subnet that the inventory has, looks up or only names.
    pub(super) fn networks(&mut self) {
        for item in self.all(VPCS) {
            self.network_of_item(item);
        }
        for item in self.lookups("aws_vpc") {
            self.network(item.id());
        }
        let mut by_subnet = Vec::new();
        for item in self.all(&[
            "aws_security_group",
            "aws_lb_target_group",
            "aws_alb_target_group",
            "aws_vpc_endpoint",
            "aws_subnet",
            "aws_route_table",
        ]) {
            let of = item.view().references("vpc_id");
            if of.iter().filter_map(|r| r.item()).any(|id| id.type_name() == "aws_subnet") {
                by_subnet.push(item);
            } else {
                self.network_named(item, "vpc_id");
            }
        }
        for item in by_subnet {
            self.network_named(item, "vpc_id");
        }
        for item in self.all(&["aws_vpc_ipv4_cidr_block_association", "aws_vpc_ipv6_cidr_block_association"])
        {
            let Some(network) = self.network_named(item, "vpc_id") else { continue };
            for (argument, family) in [("cidr_block", Family::V4), ("ipv6_cidr_block", Family::V6)] {
                if let Some(block) = self.network_block(ask::text(item.view(), argument), family) {
                    self.add_block(network, block);
                }
            }
            if ask::bool(item.view(), "assign_generated_ipv6_cidr_block") == Told::Is(true) {
                self.generated_six(network, item.id());
            }
        }
        for item in self.all(&["aws_subnet", "aws_default_subnet"]) {
            if self.has_literal_block(item) {
                self.subnet_of_item(item);
            }
        }
        // Those whose block is not told get what the others leave.
        for item in self.all(&["aws_subnet", "aws_default_subnet"]) {
            if !self.subnets.contains_key(item.id()) {
                self.subnet_of_item(item);
            }
        }
        self.doors();
    }

    fn has_literal_block(&self, item: &Item) -> bool {
        ask::word(item.view(), "cidr_block").is_some_and(|text| parse(&text).is_some())
    }

    fn network_of_item(&mut self, item: &Item) {
        let view = item.view();
        let mut blocks: Vec<AddressBlock> = Vec::new();
        let is_default = item.type_name() == "aws_default_vpc";
        let told = match ask::text(view, "cidr_block") {
            Told::Nothing if is_default => Told::Is(Text::from(DEFAULT_BLOCK)),
            Told::Nothing => {
                Told::Unknown([Reference::to_item(item.id().clone(), "cidr_block")].into_iter().collect())
            }
            told => told,
        };
        blocks.extend(self.network_block(told, Family::V4));
        blocks.extend(self.network_block(ask::text(view, "ipv6_cidr_block"), Family::V6));
        let id = self.add_network(item.id(), blocks);
        if is_default {
            self.default_network = Some(id);
            self.default_door(id, item.id());
        }
        if ask::bool(view, "assign_generated_ipv6_cidr_block") == Told::Is(true) {
            self.generated_six(id, item.id());
        }
    }

    fn add_network(&mut self, item: &ItemId, blocks: Vec<AddressBlock>) -> NetworkId {
        let id = self.out.world.add_network(Network { blocks, internet: None, egress_only: None });
        self.out.networks.push(item.clone());
        self.networks.insert(item.clone(), id);
        id
    }

    fn add_block(&mut self, network: NetworkId, block: AddressBlock) {
        if let Some(found) = self.network_mut(network)
            && !found.blocks.contains(&block)
        {
            found.blocks.push(block);
        }
    }

    fn generated_six(&mut self, network: NetworkId, item: &ItemId) {
        if self.blocks_of(network).iter().any(|b| b.family() == Family::V6) {
            return;
        }
        let unknown = self.unknown(format!("{item}.ipv6_cidr_block"));
        let block = self.stand_in(Family::V6, Unknowns::from([unknown]));
        self.add_block(network, block);
    }

    pub(super) fn network_mut(&mut self, id: NetworkId) -> Option<&mut Network> {
        self.out.world.networks.get_mut(usize::try_from(id.0).ok()?)
    }

    pub(super) fn blocks_of(&self, id: NetworkId) -> Vec<AddressBlock> {
        let at = usize::try_from(id.0).ok();
        at.and_then(|at| self.out.world.networks.get(at)).map(|n| n.blocks.clone()).unwrap_or_default()
    }

    /// The network of an item, which may be one that is looked up or not told.
    pub(super) fn network(&mut self, id: &ItemId) -> NetworkId {
        if let Some(known) = self.networks.get(id) {
            return *known;
        }
        if let Some(subnet) = id.name().strip_prefix(OF_SUBNET)
            && let Some(beside) = self.beside(subnet)
        {
            self.networks.insert(id.clone(), beside);
            return beside;
        }
        let found = self.item(id);
        let is_default = found.is_some_and(|item| {
            id.mode() == Mode::Data && ask::bool(item.view(), "default") == Told::Is(true)
        });
        if is_default {
            let network = self.default_vpc();
            self.networks.insert(id.clone(), network);
            return network;
        }
        let unknowns = self.not_told(id);
        let told = found.map_or(Told::Nothing, |item| ask::text(item.view(), "cidr_block"));
        let block = match told {
            Told::Nothing => None,
            told => self.network_block(told, Family::V4),
        };
        let block = block.unwrap_or_else(|| {
            let block = self.stand_in(Family::V4, unknowns.clone());
            let text = Text::from(Reference::to_item(id.clone(), "cidr_block"));
            self.symbols.insert(text, block);
            block
        });
        let network = self.add_network(id, vec![block]);
        let rule = self.rule(id, "", format!("an internet gateway that {id} may have"));
        if let Some(found) = self.network_mut(network) {
            found.internet = Some(Fact::perhaps(rule, unknowns));
        }
        network
    }

    /// The network that AWS makes in every region of an account.
    pub(super) fn default_vpc(&mut self) -> NetworkId {
        if let Some(known) = self.default_network {
            return known;
        }
        let item = ItemId::new("aws_default_vpc", "the default VPC");
        let id = self.add_network(&item, parse(DEFAULT_BLOCK).into_iter().collect());
        self.default_network = Some(id);
        self.default_door(id, &item);
        self.assume("the default VPC is as AWS makes it: 172.31.0.0/16, with an internet gateway and a main table that leads to it");
        id
    }

    fn default_door(&mut self, network: NetworkId, item: &ItemId) {
        let rule = self.rule(item, "", "the internet gateway of the default VPC");
        if let Some(found) = self.network_mut(network) {
            found.internet = Some(Fact::sure(rule));
        }
    }

    /// The network that an item's argument names.
    pub(super) fn network_named(&mut self, item: &Item, argument: &str) -> Option<NetworkId> {
        let named = self.one(item.view(), argument, VPCS)?;
        Some(self.network(&named.is))
    }

    /// The network that is born with an item, which `attribute` of the network names.
    pub(super) fn network_born_with(&self, item: &ItemId, attribute: &str) -> Option<NetworkId> {
        let mut all = self.networks.iter();
        let found = all.find(|(network, _)| born_with(network, attribute).as_ref() == Some(item));
        found.map(|(_, network)| *network)
    }

    /// The network whose own an item takes over, by the argument that says so (`default_route_table_id`).
    pub(super) fn network_taken_over(&mut self, view: View<'_>, argument: &str) -> Option<NetworkId> {
        let of = view.references(argument);
        let network = of.iter().filter_map(|r| r.item()).find(|id| VPCS.contains(&id.type_name()))?;
        Some(self.network(network))
    }

    /// Internet gateways, and egress-only ones.
    fn doors(&mut self) {
        for item in self.all(&["aws_internet_gateway", "aws_internet_gateway_attachment"]) {
            let view = item.view();
            let Some(named) = self.one(view, "vpc_id", VPCS) else { continue };
            let network = self.network(&named.is);
            let when = self.presence(item).and(&named.when);
            let door = self.one(view, "internet_gateway_id", &["aws_internet_gateway"]);
            let door = door.map_or_else(|| item.id().clone(), |door| door.is);
            let rule = self.rule(&door, "", format!("internet gateway {door}"));
            if let Some(found) = self.network_mut(network) {
                found.internet = Some(Fact { is: rule, when });
            }
        }
        for item in self.all(&["aws_egress_only_internet_gateway"]) {
            let Some(network) = self.network_named(item, "vpc_id") else { continue };
            let when = self.presence(item);
            let rule = self.rule(item.id(), "", format!("egress-only internet gateway {}", item.id()));
            if let Some(found) = self.network_mut(network) {
                found.egress_only = Some(Fact { is: rule, when });
            }
        }
    }
}
