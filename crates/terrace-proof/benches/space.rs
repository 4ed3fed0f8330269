//! CPU time of the filters, against the number of rules.
//!
//! `cargo bench -p terrace-proof`.

#![expect(clippy::unwrap_used, reason = "a measurement may stop where it is wrong")]
#![expect(clippy::print_stdout, reason = "it prints a table")]
#![expect(clippy::disallowed_methods, reason = "it reads how much CPU time it took")]

use std::net::Ipv4Addr;

use terrace_net::Ipv4Block;
use terrace_proof::space::*;

/// Nanoseconds of CPU that this process has had (proc(5), `/proc/PID/schedstat`).
fn cpu() -> u64 {
    let text = std::fs::read_to_string("/proc/self/schedstat").unwrap();
    text.split_whitespace().next().unwrap().parse().unwrap()
}

/// Prints the mean CPU time of a turn, of as many as a tenth of a second holds, and how many boxes came of it.
fn measure(name: &str, mut work: impl FnMut() -> usize) {
    let (before, mut turns) = (cpu(), 0_u32);
    loop {
        let boxes = work();
        turns += 1;
        let taken = cpu() - before;
        if taken > 100_000_000 {
            let micros = f64::from(u32::try_from(taken / 1000).unwrap()) / f64::from(turns);
            println!("{name:48} {micros:12.1} µs {boxes:8} boxes");
            return;
        }
    }
}

/// Numbers that look like any (xorshift, Marsaglia 2003); the same in each run.
struct Numbers(u32);

impl Numbers {
    fn below(&mut self, end: u32) -> u32 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 17;
        self.0 ^= self.0 << 5;
        self.0 % end
    }

    fn traffic(&mut self) -> Traffic {
        let transport = if self.below(4) == 0 { Transport::Udp } else { Transport::Tcp };
        let first = u16::try_from(self.below(65_536)).unwrap();
        let last = first.saturating_add(u16::try_from(self.below(2000)).unwrap());
        match self.below(20) {
            0 => Traffic::All,
            1 => Traffic::Icmp { family: Family::V4, kind: None, code: None },
            2..6 => Traffic::Ports(transport, PortSpan::new(1024, u16::MAX).unwrap()),
            _ => Traffic::Ports(transport, PortSpan::new(first, last).unwrap()),
        }
    }

    fn block(&mut self) -> AddressBlock {
        let address = Ipv4Addr::from_bits(0x0a00_0000 + self.below(1 << 20));
        let prefix = u8::try_from(16 + self.below(17)).unwrap();
        Ipv4Block::around(address, prefix).into()
    }
}

fn acl(numbers: &mut Numbers, count: u32) -> Vec<AclEntry> {
    let entry = |n| AclEntry {
        id: RuleId(n),
        order: n,
        action: if numbers.below(2) == 0 { AclAction::Allow } else { AclAction::Deny },
        traffic: numbers.traffic(),
        block: numbers.block(),
    };
    (0..count).map(entry).collect()
}

fn main() {
    let mut numbers = Numbers(2_463_534_242);
    for count in [20, 40, 200] {
        let (out, back) = (acl(&mut numbers, count), acl(&mut numbers, count));
        measure(&format!("network ACL, {count} entries"), || {
            first_match(&out, Direction::Out).allowed.boxes().len()
        });
        let out = first_match(&out, Direction::Out).allowed;
        let back = first_match(&back, Direction::In).allowed;
        measure(&format!("conversation of two, {count} entries each"), || {
            conversation(&out, &back).boxes().len()
        });
    }
    for count in [60, 1000] {
        let rules: Vec<GroupRule> = (0..count)
            .map(|n| {
                let peer = Peer::Addresses(vec![numbers.block().into()]);
                GroupRule { id: RuleId(n), traffic: numbers.traffic(), peer }
            })
            .collect();
        measure(&format!("security groups, {count} rules, any that overlap"), || {
            admitted(&rules, Direction::In, &Members::new()).boxes().len()
        });
        let apart: Vec<GroupRule> = (0..count)
            .map(|n| {
                let block = Ipv4Block::around(Ipv4Addr::from_bits(0x0a00_0000 + (n << 8)), 24);
                let traffic = Traffic::Ports(Transport::Tcp, PortSpan::new(443, 443).unwrap());
                GroupRule { id: RuleId(n), traffic, peer: Peer::Addresses(vec![block.into()]) }
            })
            .collect();
        measure(&format!("security groups, {count} rules apart"), || {
            admitted(&apart, Direction::In, &Members::new()).boxes().len()
        });
        let routes: Vec<Route<u32>> = (0..count)
            .map(|n| Route { id: RuleId(n), to: numbers.block(), origin: Origin::Static, target: n % 5 })
            .collect();
        measure(&format!("route table, {count} routes"), || RouteMap::new(&routes).legs().len());
    }
}
