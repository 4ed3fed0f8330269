//! Networks, their subnets and doors.
//!
//! Sources: Amazon VPC User Guide, "Default VPCs", "VPC CIDR blocks", "Subnet CIDR blocks".

use terrace_aws::inventory::{Item, ItemId, Told};
use terrace_aws::{Mode, Part, Reference, Text};
use terrace_proof::space::{AddressBlock, Family};
use terrace_proof::world::{Fact, Network, NetworkId, Subnet, SubnetId, Unknowns, When, ZoneId};

use super::ask;
use super::blocks::{Block, parse};
use super::lifting::{AtLaunch, Lifting};

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
        match ask::bool(view, "assign_generated_ipv6_cidr_block") {
            Told::Is(true) => self.generated_six(id, item.id()),
            Told::Unknown(_) | Told::Is(false) | Told::Nothing => {}
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

    fn subnet_of_item(&mut self, item: &Item) {
        let view = item.view();
        let is_default = item.type_name() == "aws_default_subnet";
        let network = match self.network_named(item, "vpc_id") {
            Some(network) if !is_default => network,
            _ => self.default_vpc(),
        };
        let mut blocks = Vec::new();
        for (argument, family) in [("cidr_block", Family::V4), ("ipv6_cidr_block", Family::V6)] {
            let told = match ask::text(view, argument) {
                Told::Nothing if is_default && family == Family::V4 => {
                    Told::Unknown([Reference::to_item(item.id().clone(), argument)].into_iter().collect())
                }
                told => told,
            };
            blocks.extend(self.subnet_block(told, network, family));
        }
        let zone = ["availability_zone", "availability_zone_id"].iter().find_map(|argument| {
            let text = ask::text(view, argument).known()?;
            self.zone(&text)
        });
        let public = self.truth(ask::bool(view, "map_public_ip_on_launch"), is_default);
        let six = self.truth(ask::bool(view, "assign_ipv6_address_on_creation"), false);
        self.add_subnet(
            item.id(),
            Subnet { network, blocks, zone, table: None, acl: None },
            AtLaunch { public, six },
        );
    }

    fn subnet_block(&mut self, told: Told<Text>, network: NetworkId, family: Family) -> Option<AddressBlock> {
        let text = match told {
            Told::Nothing => return None,
            Told::Is(text) => text,
            Told::Unknown(of) => Text::opaque(of),
        };
        // The same words may come to another block for each subnet (`cidrsubnet(…, count.index)`), so that they stand for none.
        match text.literal().map(parse) {
            Some(Some(block)) => Some(block),
            Some(None) | None => {
                let unknowns = match self.block(&text) {
                    Block::Is(block) if text.reference().is_some() => return Some(block),
                    Block::Is(_) => {
                        let references: Vec<Reference> = text.references().cloned().collect();
                        self.unknowns(&references)
                    }
                    Block::Unknown(unknowns) => unknowns,
                };
                let within = |s: &&Subnet| s.network == network;
                let taken: Vec<AddressBlock> =
                    self.out.world.subnets.iter().filter(within).flat_map(|s| s.blocks.clone()).collect();
                self.carve(&self.blocks_of(network), family, &taken, unknowns)
            }
        }
    }

    fn zone(&mut self, text: &Text) -> Option<ZoneId> {
        // A document that tells only of what a text is made gives every zone the same words.
        if text.parts().iter().any(|part| matches!(part, Part::Opaque(_))) {
            return None;
        }
        let name = text.to_string();
        let known = self.out.zones.iter().position(|zone| *zone == name);
        let at = known.unwrap_or_else(|| {
            self.out.zones.push(name);
            self.out.zones.len() - 1
        });
        Some(ZoneId(u32::try_from(at).ok()?))
    }

    fn add_subnet(&mut self, item: &ItemId, subnet: Subnet, at_launch: AtLaunch) -> SubnetId {
        let id = self.out.world.add_subnet(subnet);
        self.out.subnets.push(item.clone());
        self.at_launch.push(at_launch);
        self.subnets.insert(item.clone(), id);
        id
    }

    pub(super) fn network_of(&self, subnet: SubnetId) -> Option<NetworkId> {
        Some(self.out.world.subnets.get(usize::try_from(subnet.0).ok()?)?.network)
    }

    /// The subnet of an item; one that is not in the inventory is in the network that is looked up with it, else in
    /// `hint`, else in one of its own. Such a subnet stands for all that its name may name.
    pub(super) fn subnet(&mut self, id: &ItemId, hint: Option<NetworkId>) -> SubnetId {
        if let Some(known) = self.subnets.get(id) {
            return *known;
        }
        let found = self.item(id);
        let looked_up = found.and_then(|item| self.network_of_lookup(item));
        if let Some(other) = found.and_then(|item| self.one(item.view(), "id", SUBNETS))
            && other.is != *id
        {
            let subnet = self.subnet(&other.is, looked_up.or(hint));
            self.subnets.insert(id.clone(), subnet);
            return subnet;
        }
        let network = looked_up.or(hint).unwrap_or_else(|| self.network_for(id));
        if self.default_network == Some(network) {
            return self.default_subnet(id, network);
        }
        let unknowns = self.not_told(id);
        let taken: Vec<AddressBlock> = self
            .out
            .world
            .subnets
            .iter()
            .filter(|s| s.network == network)
            .flat_map(|s| s.blocks.clone())
            .collect();
        let blocks = self.carve(&self.blocks_of(network), Family::V4, &taken, unknowns.clone());
        let subnet =
            Subnet { network, blocks: blocks.into_iter().collect(), zone: None, table: None, acl: None };
        let at_launch = AtLaunch { public: Some(When::Perhaps(unknowns)), six: None };
        self.assume(format!("the network ACL of {id} lets everything pass, as AWS makes it"));
        self.add_subnet(id, subnet, at_launch)
    }

    /// The network that a subnet is taken to be in of which nothing is told: the only one, the one of its module, else one
    /// of its own.
    fn network_for(&mut self, subnet: &ItemId) -> NetworkId {
        let chosen = self.beside(subnet.name());
        if chosen.is_none() && !self.out.networks.is_empty() {
            self.unmodelled(subnet, "a subnet of which is not told in which network it is");
        }
        chosen.unwrap_or_else(|| self.network(&ItemId::new("aws_vpc", format!("{OF_SUBNET}{subnet}"))))
    }

    fn beside(&mut self, subnet: &str) -> Option<NetworkId> {
        let own = ItemId::new("aws_vpc", format!("{OF_SUBNET}{subnet}"));
        if let Some(known) = self.networks.get(&own) {
            return Some(*known);
        }
        let module = |name: &str| name.rsplit_once('.').map(|(module, _)| module.to_owned());
        let all: Vec<&ItemId> = self.out.networks.iter().collect();
        let beside: Vec<&ItemId> =
            all.iter().copied().filter(|id| module(id.name()) == module(subnet)).collect();
        let chosen = match (all.as_slice(), beside.as_slice()) {
            ([only], _) | (_, [only]) => (*only).clone(),
            _ => return None,
        };
        self.assume(format!("{subnet} is in {chosen}"));
        self.networks.get(&chosen).copied()
    }

    /// All subnets of the default VPC as one.
    pub(super) fn default_subnet(&mut self, id: &ItemId, network: NetworkId) -> SubnetId {
        let blocks = self.blocks_of(network);
        let subnet = Subnet { network, blocks, zone: None, table: None, acl: None };
        self.add_subnet(id, subnet, AtLaunch { public: Some(When::Always), six: None })
    }

    /// The network that a lookup of subnets is in.
    pub(super) fn network_of_lookup(&mut self, item: &Item) -> Option<NetworkId> {
        if let Some(network) = self.network_named(item, "vpc_id") {
            return Some(network);
        }
        for filter in ask::blocks(item.view(), "filter") {
            match ask::word(filter, "name").as_deref() {
                Some("vpc-id") => {
                    let named = self.one(filter, "values", VPCS)?;
                    return Some(self.network(&named.is));
                }
                Some("default-for-az" | "defaultForAz") => return Some(self.default_vpc()),
                _ => {}
            }
        }
        (ask::bool(item.view(), "default_for_az") == Told::Is(true)).then(|| self.default_vpc())
    }
}
