//! Translators, what joins networks, and tables.

use terrace_proof::space::{AddressBlock, Addresses, Family, Origin, Route};
use terrace_proof::world::{
    ExternalId, Fact, NamedRoute, Nat, NatId, NetworkId, Peering, PeeringId, Site, Subnet, SubnetId, Table,
    TableId, Transit, TransitId, Via,
};

use super::{Maker, nth};

impl Maker<'_> {
    pub(super) fn nats(&mut self) {
        for _ in 0..self.tape.below(3).max(usize::from(self.is_proper)) {
            let subnets: Vec<u32> = (0..)
                .zip(&self.world.subnets)
                .filter(|(_, s)| v4_block(s).is_some())
                .map(|(n, _)| n)
                .collect();
            if subnets.is_empty() {
                return;
            }
            let subnet = SubnetId(self.tape.pick(&subnets));
            let block = v4_block(&self.world.subnets[subnet.0 as usize]).unwrap();
            let address = match self.tape.below(3) {
                0 | 1 => nth(block, 20).into(),
                _ => Addresses::between(nth(block, 20), nth(block, 30)).unwrap(),
            };
            // Half of them are instances, with an interface of their own.
            let interface = self.tape.chance(50).then(|| {
                let site = self.world.add_site(Site::default());
                let interface = self.interface(site, 20);
                let own = &mut self.world.interfaces[interface.0 as usize];
                (own.subnet, own.addresses) = (subnet, vec![address]);
                interface
            });
            let (id, public, when) = (self.rule(), !self.tape.chance(15), self.when());
            self.world.add_nat(Nat { id, subnet, address, public, interface, when });
        }
    }

    /// Peerings and transits.
    pub(super) fn joins(&mut self) {
        let networks = self.world.networks.len();
        if networks > 1 {
            for _ in 0..self.tape.below(3) {
                let first = self.tape.below(networks);
                let second = (first + 1 + self.tape.below(networks - 1)) % networks;
                let ends = [first, second].map(|n| NetworkId(u32::try_from(n).unwrap()));
                let (id, group_rules, when) = (self.rule(), self.tape.chance(50), self.when());
                self.world.add_peering(Peering { id, ends, group_rules, when });
            }
        }
        for _ in 0..self.tape.below(2) {
            let mut transit = Transit { group_rules: self.tape.chance(50), ..Transit::default() };
            for network in 0..networks {
                if self.tape.chance(75) {
                    let attached = (self.rule(), NetworkId(u32::try_from(network).unwrap()));
                    transit.attached.push(self.fact(attached));
                }
            }
            for external in 1..self.world.externals.len() {
                if self.tape.chance(40) {
                    let beyond = (self.rule(), ExternalId(u32::try_from(external).unwrap()));
                    transit.beyond.push(self.fact(beyond));
                }
            }
            for _ in 0..self.tape.below(3).saturating_sub(1) {
                let nowhere = (self.rule(), self.block());
                transit.nowhere.push(self.fact(nowhere));
            }
            self.world.add_transit(transit);
        }
    }

    /// A few tables for each network; a subnet takes one of its network's, or none.
    pub(super) fn tables(&mut self) {
        for network in 0..self.world.networks.len() {
            let mut own = Vec::new();
            if self.is_proper {
                own = self.proper_tables(network);
            }
            for _ in 0..1 + self.tape.below(2) {
                let table = self.table(network);
                own.push(self.world.add_table(table));
            }
            for subnet in 0..self.world.subnets.len() {
                let is_own = self.world.subnets[subnet].network.0 as usize == network;
                if is_own && self.tape.chance(85) {
                    let has_nat = self.world.nats.iter().any(|nat| nat.subnet.0 as usize == subnet);
                    let of = if self.is_proper && has_nat { &own[..1] } else { &own[..] };
                    self.world.subnets[subnet].table = Some(self.tape.pick(of));
                }
            }
        }
    }

    /// A table for what is public, and one for what is not; both lead to whatever joins the network with others.
    fn proper_tables(&mut self, network: usize) -> Vec<TableId> {
        let (four, six) = (super::v4([0, 0, 0, 0], 0), super::v6(0, 0));
        let nat = self.own_targets(network).into_iter().find(|via| matches!(via, Via::Nat(_)));
        let public = vec![(four, Via::Internet), (six, Via::Internet)];
        let private = nat.map(|nat| (four, nat)).into_iter().chain([(six, Via::EgressOnly)]).collect();
        let mut tables = Vec::new();
        for mut routes in [public, private] {
            for via in self.own_targets(network) {
                let others = match via {
                    Via::Peer(id) => {
                        self.world.peerings[id.0 as usize].ends.map(|end| end.0 as usize).to_vec()
                    }
                    Via::Transit(_) => (0..self.world.networks.len()).collect(),
                    _ => continue,
                };
                for other in others.into_iter().filter(|other| *other != network) {
                    let blocks = self.world.networks[other].blocks.iter();
                    routes.extend(blocks.map(|block| (*block, via)));
                }
            }
            let mut table = self.locals(network);
            for (to, target) in routes {
                let route = Route { id: self.rule(), to, origin: Origin::Static, target };
                table.routes.push(self.fact(route));
            }
            tables.push(self.world.add_table(table));
        }
        tables
    }

    fn locals(&mut self, network: usize) -> Table {
        let mut table = Table::default();
        for to in self.world.networks[network].blocks.clone() {
            let route = Route { id: self.rule(), to, origin: Origin::Local, target: Via::Local };
            table.routes.push(Fact::sure(route));
        }
        table
    }

    fn table(&mut self, network: usize) -> Table {
        let mut table = self.locals(network);
        for _ in 0..1 + self.tape.below(6) {
            let (to, target) = match self.tape.below(6) {
                0..=2 => self.usual(network),
                _ => (self.block(), self.target_of(network)),
            };
            let origins =
                [Origin::Static, Origin::Static, Origin::Static, Origin::PrefixList, Origin::Propagated];
            let route = Route { id: self.rule(), to, origin: self.tape.pick(&origins), target };
            table.routes.push(self.fact(route));
        }
        let externals = self.world.externals.len();
        if externals > 1 && self.tape.chance(25) {
            let to = ExternalId(1 + self.index(externals - 1));
            let named = NamedRoute { id: self.rule(), to };
            table.named.push(self.fact(named));
        }
        table
    }

    /// A route as people write it: everything by a gateway or a translator, a network by what joins it.
    fn usual(&mut self, network: usize) -> (AddressBlock, Via) {
        let (four, six) = (super::v4([0, 0, 0, 0], 0), super::v6(0, 0));
        let mut all = vec![(four, Via::Internet), (six, Via::Internet), (six, Via::EgressOnly)];
        for via in self.own_targets(network) {
            match via {
                Via::Nat(_) => all.push((four, via)),
                Via::Peer(_) | Via::Transit(_) => {
                    let others = self.world.networks.iter().enumerate().filter(|(n, _)| *n != network);
                    all.extend(others.flat_map(|(_, other)| other.blocks.iter().map(|block| (*block, via))));
                }
                Via::Beyond(id) => {
                    let blocks = self.blocks.iter().copied();
                    let runs = &self.world.externals[id.0 as usize].addresses;
                    all.extend(blocks.filter(|b| runs.contains(&Addresses::from(*b))).map(|b| (b, via)));
                }
                _ => {}
            }
        }
        self.tape.pick(&all)
    }

    fn target_of(&mut self, network: usize) -> Via {
        let mut all = vec![Via::Internet, Via::EgressOnly, Via::Nowhere];
        all.extend(self.own_targets(network));
        if self.unknowns {
            all.push(Via::Elsewhere);
        }
        self.tape.pick(&all)
    }

    /// What a network's routes can lead to besides its gateways.
    fn own_targets(&self, network: usize) -> Vec<Via> {
        let own = |nat: &Nat| self.world.subnets[nat.subnet.0 as usize].network.0 as usize == network;
        let nats = (0..).zip(&self.world.nats).filter(|(_, nat)| own(nat)).map(|(n, _)| Via::Nat(NatId(n)));
        let is_end = |p: &Peering| p.ends.iter().any(|end| end.0 as usize == network);
        let peers = (0..).zip(&self.world.peerings).filter(|(_, p)| is_end(p));
        let transits = (0..).zip(&self.world.transits).map(|(n, _)| Via::Transit(TransitId(n)));
        let externals = (0..).zip(&self.world.externals).skip(1).map(|(n, _)| Via::Beyond(ExternalId(n)));
        nats.chain(peers.map(|(n, _)| Via::Peer(PeeringId(n)))).chain(transits).chain(externals).collect()
    }
}

fn v4_block(subnet: &Subnet) -> Option<AddressBlock> {
    subnet.blocks.iter().copied().find(|block| block.family() == Family::V4)
}
