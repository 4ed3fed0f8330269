//! Subnets: those that are built, those that are looked up, and those of which only a name is known.
//!
//! Source: Amazon VPC User Guide, "Subnet CIDR blocks", "Default subnets".

use terrace_aws::inventory::{Item, ItemId, Told};
use terrace_aws::{Part, Reference, Text};
use terrace_proof::space::{AddressBlock, Family};
use terrace_proof::world::{NetworkId, Subnet, SubnetId, When, ZoneId};

use super::ask;
use super::blocks::{Block, parse};
use super::lifting::{AtLaunch, Lifting};
use super::networks::{OF_SUBNET, SUBNETS, VPCS};

impl Lifting<'_> {
    pub(super) fn subnet_of_item(&mut self, item: &Item) {
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

    pub(super) fn beside(&mut self, subnet: &str) -> Option<NetworkId> {
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
