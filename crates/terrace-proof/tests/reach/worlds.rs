//! Small worlds that mix every feature. Numbers come from few values, so that blocks, ports and groups often meet.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use terrace_net::{Ipv4Block, Ipv6Block};
use terrace_proof::space::*;
use terrace_proof::world::*;

use crate::tape::Tape;

mod filters;
mod people;
mod ways;

/// What a world is made with.
pub(crate) struct Maker<'a> {
    tape: &'a mut Tape,
    world: World,
    /// Whether facts may be unknown.
    unknowns: bool,
    /// Whether most of it is as people build it, so that much arrives.
    is_proper: bool,
    rules: u32,
    /// What filters speak of.
    traffics: Vec<Traffic>,
    /// Whom filters and routes name.
    blocks: Vec<AddressBlock>,
}

/// A world from a tape; without unknowns everything in it is decided.
pub(crate) fn world(tape: &mut Tape, unknowns: bool) -> World {
    let is_proper = tape.chance(50);
    let mut maker = Maker {
        tape,
        world: World::new(),
        unknowns,
        is_proper,
        rules: 0,
        traffics: Vec::new(),
        blocks: vec![v4([0, 0, 0, 0], 0), v6(0, 0)],
    };
    maker.networks();
    maker.subnets();
    maker.externals();
    maker.traffics();
    maker.groups();
    maker.acls();
    maker.interfaces();
    maker.nats();
    maker.joins();
    maker.tables();
    maker.balancers();
    maker.distributions();
    maker.world
}

pub(crate) fn v4(network: [u8; 4], prefix: u8) -> AddressBlock {
    Ipv4Block::new(Ipv4Addr::from(network), prefix).unwrap().into()
}

/// With the address's upper 64 bits.
pub(crate) fn v6(upper: u64, prefix: u8) -> AddressBlock {
    Ipv6Block::new(Ipv6Addr::from_bits(u128::from(upper) << 64), prefix).unwrap().into()
}

/// The address of a block's start and a number.
pub(crate) fn nth(block: AddressBlock, number: u8) -> IpAddr {
    match block {
        AddressBlock::V4(b) => Ipv4Addr::from_bits(b.first().to_bits() + u32::from(number)).into(),
        AddressBlock::V6(b) => Ipv6Addr::from_bits(b.first().to_bits() + u128::from(number)).into(),
    }
}

fn single(address: IpAddr) -> AddressBlock {
    match address {
        IpAddr::V4(a) => Ipv4Block::new(a, 32).unwrap().into(),
        IpAddr::V6(a) => Ipv6Block::new(a, 128).unwrap().into(),
    }
}

impl Maker<'_> {
    fn rule(&mut self) -> RuleId {
        self.rules += 1;
        RuleId(self.rules)
    }

    fn when(&mut self) -> When {
        if self.unknowns && self.tape.chance(25) {
            When::on(UnknownId(u32::try_from(self.tape.below(3)).unwrap()))
        } else {
            When::Always
        }
    }

    fn fact<T>(&mut self, is: T) -> Fact<T> {
        Fact { is, when: self.when() }
    }

    /// The number of one of a list's members.
    fn index(&mut self, length: usize) -> u32 {
        u32::try_from(self.tape.below(length)).unwrap()
    }

    /// Networks that do not overlap; of IPv6 a public block, a private one, or none.
    fn networks(&mut self) {
        for n in 0..=self.tape.below(3) {
            let n = u8::try_from(n).unwrap();
            let mut blocks = vec![v4([10, 0, n, 0], 24)];
            match self.tape.below(4) {
                1 | 2 => blocks.push(v6(0x2001_0db8_0000_0000 + (u64::from(n) << 8), 56)),
                3 => blocks.push(v6(0xfd00_0000_0000_0000 + (u64::from(n) << 8), 56)),
                _ => {}
            }
            self.blocks.extend(&blocks);
            let mut gateway = |percent| {
                let id = self.rule();
                self.tape.chance(percent).then(|| self.fact(id))
            };
            let (internet, egress_only) = (gateway(75), gateway(40));
            self.world.add_network(Network { blocks, internet, egress_only });
        }
        self.blocks.push(v4([10, 0, 0, 0], 8));
    }

    fn subnets(&mut self) {
        for network in 0..self.world.networks.len() {
            for n in 0..=self.tape.below(3) {
                let blocks = self.world.networks[network].blocks.iter().map(|block| match block {
                    AddressBlock::V4(b) => b.subnet(26, u32::try_from(n).unwrap()).unwrap().into(),
                    AddressBlock::V6(b) => b.subnet(64, n as u64).unwrap().into(),
                });
                let mut blocks: Vec<AddressBlock> = blocks.collect();
                if blocks.len() == 2 && self.tape.chance(20) {
                    blocks.remove(0);
                }
                self.blocks.extend(&blocks);
                // Rules name single addresses, too.
                if self.tape.chance(20) {
                    self.blocks.extend(blocks.iter().map(|block| single(nth(*block, 5))));
                }
                let network = NetworkId(u32::try_from(network).unwrap());
                let zone = (!self.tape.chance(15)).then(|| ZoneId(self.index(2)));
                self.world.add_subnet(Subnet { network, blocks, zone, table: None, acl: None });
            }
        }
    }

    /// The internet, and up to three others that filters and routes name: some of its part, some private, some both.
    fn externals(&mut self) {
        let choices = [
            (v4([198, 51, 100, 0], 24), true),
            (v4([172, 16, 0, 0], 24), false),
            (v6(0x2001_0db8_ffff_0000, 48), true),
            (v4([203, 0, 113, 0], 28), true),
            (v4([192, 168, 0, 0], 16), false),
            (v6(0xfd11_0000_0000_0000, 48), false),
        ];
        for _ in 0..self.tape.below(4) {
            let (block, on_internet) = self.tape.pick(&choices);
            let mut addresses = vec![Addresses::from(block)];
            self.blocks.push(block);
            if self.tape.chance(20) {
                let (other, _) = self.tape.pick(&choices);
                addresses.push(other.into());
            }
            let external = self.world.add_external(External { addresses, on_internet });
            if self.tape.chance(70) {
                self.world.add_group(Group::External(external));
            }
        }
        if self.tape.chance(15) {
            self.world.add_group(Group::External(ExternalId::INTERNET));
        }
    }

    /// A few kinds of traffic, of which all filters are made.
    fn traffics(&mut self) {
        let spans =
            [(443, 443), (0, 65535), (1024, 65535), (80, 443), (5432, 5432), (0, 1023), (32768, 60999)];
        self.traffics.push(Traffic::All);
        for _ in 0..2 + self.tape.below(3) {
            let (first, last) = self.tape.pick(&spans);
            let span = PortSpan::new(first, last).unwrap();
            let family = self.tape.pick(&Family::BOTH);
            let kind = self.tape.pick(&[None, Some(8), Some(0), Some(128), Some(129), Some(3)]);
            let traffic = match self.tape.below(8) {
                0..=3 => Traffic::Ports(Transport::Tcp, span),
                4 | 5 => Traffic::Ports(Transport::Udp, span),
                6 => Traffic::Icmp { family, kind, code: self.tape.chance(30).then_some(0) },
                _ => Traffic::Protocol(self.tape.pick(&[6, 17, 1, 50])),
            };
            self.traffics.push(traffic);
        }
    }

    fn traffic(&mut self) -> Traffic {
        if self.tape.chance(20) {
            return Traffic::All;
        }
        let all = self.traffics.clone();
        self.tape.pick(&all)
    }

    fn block(&mut self) -> AddressBlock {
        if self.tape.chance(50) {
            return self.tape.pick(&[v4([0, 0, 0, 0], 0), v4([0, 0, 0, 0], 0), v6(0, 0)]);
        }
        let all = self.blocks.clone();
        self.tape.pick(&all)
    }
}
