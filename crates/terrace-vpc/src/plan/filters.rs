//! Groups as a stateful filter before each interface, ACLs as a stateless one in each router, and what gateways do.

use std::fmt::Write as _;
use std::net::IpAddr;

use terrace_proof::space::{
    AclAction, AclEntry, Addresses, Direction, Family, GroupId, GroupRule, Peer, Traffic, Transport,
};
use terrace_proof::world::{Fact, Group, Guard, Interface, InterfaceId, NetworkId, SubnetId, World};

use super::{Planner, Unraised, numbered, router, sure};

/// What the kernel needs of IPv6, and no filter of a network is asked about.
const NEIGHBOURS: &str =
    "icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert, nd-router-solicit, nd-router-advert } accept\n";

fn traffic(of: Traffic) -> String {
    match of {
        Traffic::All => String::new(),
        Traffic::Protocol(number) => format!("meta l4proto {number}"),
        Traffic::Ports(transport, ports) => {
            let name = if transport == Transport::Tcp { "tcp" } else { "udp" };
            format!("{name} dport {}-{}", ports.first(), ports.last())
        }
        Traffic::Icmp { family, kind, code } => {
            let name = if family == Family::V4 { "icmp" } else { "icmpv6" };
            let protocol = if family == Family::V4 { 1 } else { 58 };
            let mut text = format!("meta l4proto {protocol}");
            if let Some(kind) = kind {
                let _ = write!(text, " {name} type {kind}");
                if let Some(code) = code {
                    let _ = write!(text, " {name} code {code}");
                }
            }
            text
        }
    }
}

fn range(run: Addresses, side: &str) -> String {
    let name = if run.family() == Family::V4 { "ip" } else { "ip6" };
    if run == Addresses::all(run.family()) {
        // As nftables counts: everything of a family is no condition on addresses.
        return format!("meta nfproto {}", if run.family() == Family::V4 { "ipv4" } else { "ipv6" });
    }
    if run.count() == 1 {
        format!("{name} {side} {}", run.first())
    } else {
        format!("{name} {side} {}-{}", run.first(), run.last())
    }
}

impl Planner<'_> {
    pub(super) fn filters(&mut self) -> Result<(), Unraised> {
        for (n, interface) in numbered(&self.world.interfaces) {
            let nat = numbered(&self.world.nats).find(|(_, nat)| nat.interface == Some(InterfaceId(n)));
            let name = nat.map_or_else(|| format!("host{n}"), |(nat, _)| format!("nat{nat}"));
            if let Guard::Groups(groups) = &interface.guard {
                let text = self.guard(interface, groups)?;
                self.space(&name).nft.push_str(&text);
            }
        }
        for (n, nat) in numbered(&self.world.nats) {
            let address = nat.address.first();
            let text = format!(
                "table ip translate {{\n chain post {{\n  type nat hook postrouting priority srcnat;\n  \
                 ip saddr != {address} meta l4proto {{ tcp, udp }} snat to {address}:1024-65535\n  \
                 ip saddr != {address} snat to {address}\n }}\n}}\n"
            );
            self.space(&format!("nat{n}")).nft.push_str(&text);
        }
        for (n, _) in numbered(&self.world.networks) {
            let text = self.router_filter(NetworkId(n))?;
            self.space(&router(NetworkId(n))).nft.push_str(&text);
        }
        Ok(())
    }

    /// A guard asks the first packet of a conversation, whether it is the interface's own or goes through it.
    fn guard(&self, interface: &Interface, groups: &[Fact<GroupId>]) -> Result<String, Unraised> {
        let mut text = "table inet guard {\n".to_owned();
        for (way, hook, priority) in [(Direction::In, "prerouting", 0), (Direction::Out, "postrouting", 300)]
        {
            let device = if way == Direction::In { "iifname" } else { "oifname" };
            let _ = write!(
                text,
                " chain {hook} {{\n  type filter hook {hook} priority {priority}; policy drop;\n  \
                 {device} lo accept\n  {NEIGHBOURS}  ct state established,related accept\n"
            );
            for id in groups {
                sure(&id.when, "a group that is carried")?;
                let Some(Group::Security { ingress, egress }) = self.world.groups.get(id.is.0 as usize)
                else {
                    continue;
                };
                for rule in if way == Direction::In { ingress } else { egress } {
                    sure(&rule.when, "a rule")?;
                    for line in self.rule(interface, &rule.is, way)? {
                        let _ = writeln!(text, "  {line} accept");
                    }
                }
            }
            text.push_str(" }\n");
        }
        text.push_str("}\n");
        Ok(text)
    }

    /// A rule as conditions, any of which is enough.
    fn rule(&self, of: &Interface, rule: &GroupRule, way: Direction) -> Result<Vec<String>, Unraised> {
        let side = if way == Direction::In { "saddr" } else { "daddr" };
        let runs: Vec<Addresses> = match &rule.peer {
            Peer::Addresses(runs) => runs.clone(),
            Peer::Group(id) => match self.world.groups.get(id.0 as usize) {
                Some(Group::External(external)) => self.external(*external)?.addresses.clone(),
                Some(Group::Security { .. }) => self.members(of, *id)?,
                None => Vec::new(),
            },
        };
        let traffic = traffic(rule.traffic);
        Ok(runs.into_iter().map(|run| format!("{} {traffic}", range(run, side))).collect())
    }

    /// The addresses of those who carry a group, as far as an interface's rules see them.
    fn members(&self, of: &Interface, group: GroupId) -> Result<Vec<Addresses>, Unraised> {
        let here = self.subnet(of.subnet)?.network;
        let mut members = Vec::new();
        for interface in &self.world.interfaces {
            let there = self.subnet(interface.subnet)?.network;
            let carries =
                matches!(&interface.guard, Guard::Groups(all) if all.iter().any(|fact| fact.is == group));
            if carries && (here == there || sees_groups(self.world, here, there)) {
                members.extend_from_slice(&interface.addresses);
            }
        }
        Ok(members)
    }

    /// ACLs between subnets, and the gateways.
    fn router_filter(&self, network: NetworkId) -> Result<String, Unraised> {
        let mut chains = String::new();
        let mut forward = String::new();
        let subnets = numbered(&self.world.subnets).filter(|(_, subnet)| subnet.network == network);
        for (n, subnet) in subnets {
            let devices = self.devices(SubnetId(n)).join(", ");
            if devices.is_empty() {
                continue;
            }
            let (out, into) = (format!("iifname {{ {devices} }}"), format!("oifname {{ {devices} }}"));
            let _ = writeln!(forward, "  {out} {into} accept");
            let Some(acl) = subnet.acl.and_then(|id| self.world.acls.get(id.0 as usize)) else { continue };
            let _ = writeln!(forward, "  {out} jump out{n}\n  {into} jump in{n}");
            chains.push_str(&entries(&format!("out{n}"), &acl.outbound, "daddr")?);
            chains.push_str(&entries(&format!("in{n}"), &acl.inbound, "saddr")?);
        }
        let mut own: Vec<(IpAddr, IpAddr)> = Vec::new();
        let is_nat = |n: u32| self.world.nats.iter().any(|nat| nat.interface == Some(InterfaceId(n)));
        for (n, interface) in numbered(&self.world.interfaces).filter(|(n, _)| !is_nat(*n)) {
            let four = interface.addresses.iter().map(|run| run.first()).find(IpAddr::is_ipv4);
            let public = self
                .public
                .get(&n)
                .filter(|_| self.subnet(interface.subnet).is_ok_and(|s| s.network == network));
            own.extend(public.copied().zip(four));
        }
        for (n, nat) in numbered(&self.world.nats).filter(|(_, nat)| nat.public) {
            if self.subnet(nat.subnet)?.network == network {
                let public = format!("198.18.{}.{}", network.0, 200 + n).parse();
                own.push((public.map_err(|_| super::too_many())?, nat.address.first()));
            }
        }
        let pairs = |turned: bool| {
            let pair = |(public, own): &(IpAddr, IpAddr)| {
                if turned { format!("{own} : {public}") } else { format!("{public} : {own}") }
            };
            own.iter().map(pair).collect::<Vec<_>>().join(", ")
        };
        let mut nat = String::new();
        let mut public = "  oifname www meta nfproto ipv4 drop\n".to_owned();
        if !own.is_empty() {
            let _ = write!(
                nat,
                "table ip gateway {{\n chain pre {{\n  type nat hook prerouting priority dstnat;\n  \
                 iifname www dnat to ip daddr map {{ {} }}\n }}\n chain post {{\n  \
                 type nat hook postrouting priority srcnat;\n  oifname www snat to ip saddr map {{ {} }}\n }}\n}}\n",
                pairs(false),
                pairs(true)
            );
            let all = own.iter().map(|(_, own)| own.to_string()).collect::<Vec<_>>().join(", ");
            public = format!(
                "  oifname www ip saddr != {{ {all} }} drop\n  iifname www ip daddr != {{ {all} }} drop\n"
            );
        }
        Ok(format!(
            "table inet acl {{\n{chains} chain gateways {{\n  type filter hook forward priority -1; policy accept;\n{public}  \
             oifname {{ www, out }} ip6 saddr != 2000::/3 drop\n  iifname {{ www, out }} ip6 daddr != 2000::/3 drop\n  \
             iifname out ct direction original drop\n  oifname out ct direction reply drop\n }}\n \
             chain subnets {{\n  type filter hook forward priority 0; policy accept;\n{forward} }}\n}}\n{nat}"
        ))
    }
}

/// Whether groups are seen across from one network in another.
fn sees_groups(world: &World, here: NetworkId, there: NetworkId) -> bool {
    let by_peering =
        world.peerings.iter().any(|p| p.group_rules && p.ends.contains(&here) && p.ends.contains(&there));
    by_peering
        || world.transits.iter().any(|transit| {
            let has = |network| transit.attached.iter().any(|fact| fact.is.1 == network);
            transit.group_rules && has(here) && has(there)
        })
}

/// A chain of an ACL's entries: who is allowed goes on, everyone else is gone.
fn entries(name: &str, all: &[Fact<AclEntry>], side: &str) -> Result<String, Unraised> {
    let mut ordered: Vec<&AclEntry> = Vec::new();
    for fact in all {
        sure(&fact.when, "an entry of an ACL")?;
        ordered.push(&fact.is);
    }
    ordered.sort_by_key(|entry| entry.order);
    let mut text = format!(" chain {name} {{\n");
    for entry in ordered {
        let verdict = if entry.action == AclAction::Allow { "return" } else { "drop" };
        let _ = writeln!(text, "  {} {} {verdict}", range(entry.block.into(), side), traffic(entry.traffic));
    }
    text.push_str("  drop\n }\n");
    Ok(text)
}
