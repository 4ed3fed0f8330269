//! A lifted world as text: everything by name, a line each, in the order in which it was read.

use std::fmt::Write as _;

use terrace_aws::inventory::ItemId;
use terrace_proof::space::{AclAction, AclEntry, GroupRule, Peer, PortSpan, Transport};
use terrace_proof::world::{Fact, Group, Guard, Interface, Listener, Network, SiteId, SubnetId, Via, When};

use super::lifted::{Lifted, OriginTo, SiteKind};
use super::traffic::words;

impl Lifted {
    /// Everything, for people and for tests that compare it.
    pub fn describe(&self) -> String {
        let mut all = Text(String::new());
        self.networks_told(&mut all);
        self.tables_told(&mut all);
        self.filters_told(&mut all);
        self.sites_told(&mut all);
        self.balancers_told(&mut all);
        for unmodelled in &self.unmodelled {
            all.line(0, format_args!("unmodelled {}: {}", unmodelled.item, unmodelled.what));
        }
        for assumption in &self.assumptions {
            all.line(0, format_args!("assumed: {assumption}"));
        }
        all.0
    }

    fn when(&self, when: &When) -> String {
        let names: Vec<String> =
            when.unknowns().filter_map(|id| self.unknown(id)).map(ToString::to_string).collect();
        if names.is_empty() { String::new() } else { format!(" [perhaps: {}]", names.join("; ")) }
    }

    fn named(all: &[ItemId], number: u32) -> &str {
        usize::try_from(number).ok().and_then(|at| all.get(at)).map_or("?", ItemId::name)
    }

    fn site_told(&self, id: SiteId) -> &str {
        self.site(id).map_or("?", |name| name.item.name())
    }

    fn subnet_told(&self, id: SubnetId) -> &str {
        Self::named(&self.subnets, id.0)
    }

    fn networks_told(&self, all: &mut Text) {
        for (network, name) in self.world.networks.iter().zip(&self.networks) {
            all.line(0, format_args!("network {name}: {}", list(&network.blocks)));
            self.doors_told(network, all);
        }
        for (subnet, name) in self.world.subnets.iter().zip(&self.subnets) {
            let zone = subnet.zone.and_then(|zone| self.zones.get(usize::try_from(zone.0).ok()?));
            let table = subnet.table.map(|id| format!(", {}", Self::named(&self.tables, id.0)));
            let acl = subnet.acl.map(|id| format!(", {}", Self::named(&self.acls, id.0)));
            all.line(
                0,
                format_args!(
                    "subnet {name}: {} in {}{}{}{}",
                    list(&subnet.blocks),
                    Self::named(&self.networks, subnet.network.0),
                    zone.map(|zone| format!(", zone {zone}")).unwrap_or_default(),
                    table.unwrap_or_default(),
                    acl.unwrap_or_default(),
                ),
            );
        }
        for (nat, name) in self.world.nats.iter().zip(&self.nats) {
            let kind = if nat.public { "public" } else { "private" };
            let subnet = self.subnet_told(nat.subnet);
            all.line(0, format_args!("nat {name}: {kind} in {subnet}{}", self.when(&nat.when)));
        }
        for (peering, name) in self.world.peerings.iter().zip(&self.peerings) {
            let [one, other] = peering.ends.map(|end| Self::named(&self.networks, end.0));
            let groups = if peering.group_rules { ", rules may name groups" } else { "" };
            all.line(0, format_args!("peering {name}: {one}, {other}{groups}{}", self.when(&peering.when)));
        }
        for (transit, name) in self.world.transits.iter().zip(&self.transits) {
            all.line(0, format_args!("transit {name}"));
            for fact in &transit.attached {
                let network = Self::named(&self.networks, fact.is.1.0);
                all.line(1, format_args!("{network}{}", self.when(&fact.when)));
            }
            for fact in &transit.beyond {
                let external = self.external(fact.is.1).unwrap_or("?");
                all.line(1, format_args!("{external}{}", self.when(&fact.when)));
            }
            for fact in &transit.nowhere {
                all.line(1, format_args!("{} nowhere{}", fact.is.1, self.when(&fact.when)));
            }
        }
    }

    fn doors_told(&self, network: &Network, all: &mut Text) {
        for (door, word) in
            [(&network.internet, "internet gateway"), (&network.egress_only, "egress-only gateway")]
        {
            if let Some(door) = door {
                let name = self.rule(door.is).map_or("?", |rule| rule.item.name());
                all.line(1, format_args!("{word} {name}{}", self.when(&door.when)));
            }
        }
    }

    fn via(&self, via: Via) -> String {
        match via {
            Via::Local => "local".to_owned(),
            Via::Internet => "internet".to_owned(),
            Via::EgressOnly => "internet, outward only".to_owned(),
            Via::Nat(id) => format!("nat {}", Self::named(&self.nats, id.0)),
            Via::Peer(id) => format!("peering {}", Self::named(&self.peerings, id.0)),
            Via::Transit(id) => format!("transit {}", Self::named(&self.transits, id.0)),
            Via::Beyond(id) => self.external(id).unwrap_or("?").to_owned(),
            Via::Nowhere => "nowhere".to_owned(),
            Via::Elsewhere => "elsewhere".to_owned(),
        }
    }

    fn tables_told(&self, all: &mut Text) {
        for (table, name) in self.world.tables.iter().zip(&self.tables) {
            all.line(0, format_args!("table {name}"));
            for route in &table.routes {
                let (to, via) = (route.is.to, self.via(route.is.target));
                all.line(1, format_args!("{to} {via}{}", self.when(&route.when)));
            }
            for route in &table.named {
                let to = self.external(route.is.to).unwrap_or("?");
                let by = self.rule(route.is.id).map_or("?", |rule| rule.item.name());
                all.line(1, format_args!("{to} by {by}{}", self.when(&route.when)));
            }
        }
    }

    fn filters_told(&self, all: &mut Text) {
        for (acl, name) in self.world.acls.iter().zip(&self.acls) {
            all.line(0, format_args!("acl {name}"));
            for (word, entries) in [("in", &acl.inbound), ("out", &acl.outbound)] {
                for entry in entries {
                    all.line(1, format_args!("{word} {}{}", acl_entry(&entry.is), self.when(&entry.when)));
                }
            }
        }
        for (group, name) in self.world.groups.iter().zip(&self.groups) {
            match group {
                Group::External(external) => {
                    all.line(0, format_args!("group {name}: {}", self.external(*external).unwrap_or("?")));
                }
                Group::Security { ingress, egress } => {
                    all.line(0, format_args!("group {name}"));
                    for (word, rules) in [("in", ingress), ("out", egress)] {
                        for rule in rules {
                            all.line(1, format_args!("{word} {}", self.group_rule(rule)));
                        }
                    }
                }
            }
        }
    }

    fn group_rule(&self, rule: &Fact<GroupRule>) -> String {
        let peer = match &rule.is.peer {
            Peer::Addresses(addresses) => list(addresses),
            Peer::Group(group) => self.group(*group).map_or("?", ItemId::name).to_owned(),
        };
        format!("{} {peer}{}", words(rule.is.traffic), self.when(&rule.when))
    }

    fn sites_told(&self, all: &mut Text) {
        for (at, name) in self.sites.iter().enumerate() {
            let Ok(number) = u32::try_from(at) else { return };
            let listens = self.world.sites.get(at).and_then(|site| site.listens.as_ref());
            let listens = match listens {
                None => String::new(),
                Some(none) if none.is_empty() => ", listens on nothing".to_owned(),
                Some(some) => {
                    let all: Vec<String> = some.iter().map(|traffic| words(*traffic)).collect();
                    format!(", listens on {}", all.join(", "))
                }
            };
            let also: Vec<&str> = name.also.iter().map(ItemId::name).collect();
            let also = if also.is_empty() { String::new() } else { format!(" (also {})", also.join(", ")) };
            all.line(0, format_args!("site {}{also}: {}{listens}", name.item, kind(name.kind)));
            for interface in self.world.interfaces.iter().filter(|i| i.site == SiteId(number)) {
                all.line(1, format_args!("{}", self.interface(interface)));
            }
        }
    }

    fn interface(&self, interface: &Interface) -> String {
        let guard = match &interface.guard {
            Guard::Open => "no groups".to_owned(),
            Guard::Groups(groups) => {
                let named = groups.iter().map(|group| {
                    let name = self.group(group.is).map_or("?", ItemId::name);
                    format!("{name}{}", self.when(&group.when))
                });
                named.collect::<Vec<_>>().join(", ")
            }
        };
        let public = match &interface.public {
            None => String::new(),
            Some(when) => format!(", public{}", self.when(when)),
        };
        let subnet = self.subnet_told(interface.subnet);
        format!("{subnet} {} with {guard}{public}{}", list(&interface.addresses), self.when(&interface.when))
    }

    fn balancers_told(&self, all: &mut Text) {
        for balancer in &self.world.balancers {
            let zones = if balancer.zones.is_some() { "" } else { ", zones are not told" };
            all.line(0, format_args!("balancer {}{zones}", self.site_told(balancer.site)));
            for fact in &balancer.listeners {
                self.listener_told(fact, all);
            }
        }
        for (group, name) in self.world.target_groups.iter().zip(&self.target_groups) {
            let keeps = if group.keeps_client { ": keeps the client's address" } else { "" };
            all.line(0, format_args!("targets {name}{keeps}"));
            for target in &group.targets {
                let port = ports(target.is.transport, target.is.ports);
                let site = self.site_told(target.is.site);
                all.line(1, format_args!("{site} on {port}{}", self.when(&target.when)));
            }
        }
        for distribution in &self.world.distributions {
            let site = self.site_told(distribution.site);
            all.line(0, format_args!("distribution {site}{}", self.when(&distribution.when)));
            for origin in &distribution.origins {
                let over = if origin.is.private { "inside" } else { "over the internet" };
                let secret = if origin.is.secret_header { ", with the secret header" } else { "" };
                let port = ports(Transport::Tcp, origin.is.ports);
                let to = self.site_told(origin.is.site);
                all.line(1, format_args!("{to} on {port} {over}{secret}{}", self.when(&origin.when)));
            }
            for origin in self.origins.iter().filter(|o| o.distribution == distribution.site) {
                match &origin.to {
                    OriginTo::Site(_) => {}
                    OriginTo::Item(item) => all.line(1, format_args!("{item}")),
                    OriginTo::Elsewhere(name) => all.line(1, format_args!("{name}, which is not here")),
                }
            }
        }
    }

    fn listener_told(&self, fact: &Fact<Listener>, all: &mut Text) {
        let listener = &fact.is;
        let port = ports(listener.transport, listener.ports);
        all.line(1, format_args!("{port}{}", self.when(&fact.when)));
        for forward in &listener.forwards {
            let to = Self::named(&self.target_groups, forward.is.to.0);
            let secret = if forward.is.secret_header { ", with a secret header" } else { "" };
            all.line(2, format_args!("to {to}{secret}{}", self.when(&forward.when)));
        }
    }
}

struct Text(String);

impl Text {
    fn line(&mut self, depth: usize, words: std::fmt::Arguments<'_>) {
        for _ in 0..depth {
            self.0.push_str("  ");
        }
        // Writing to a text cannot fail.
        let _ = writeln!(self.0, "{words}");
    }
}

fn list<T: ToString>(all: &[T]) -> String {
    let mut texts: Vec<String> = all.iter().map(ToString::to_string).collect();
    if texts == ["0.0.0.0/0", "::/0"] {
        texts = vec!["everywhere".to_owned()];
    }
    texts.join(", ")
}

fn ports(transport: Transport, ports: PortSpan) -> String {
    words(terrace_proof::space::Traffic::Ports(transport, ports))
}

fn acl_entry(entry: &AclEntry) -> String {
    let verb = match entry.action {
        AclAction::Allow => "allow",
        AclAction::Deny => "deny",
    };
    format!("{} {verb} {} {}", entry.order, words(entry.traffic), entry.block)
}

const fn kind(kind: SiteKind) -> &'static str {
    match kind {
        SiteKind::LoadBalancer { internal: Some(true), network: false } => "internal load balancer",
        SiteKind::LoadBalancer { internal: Some(false), network: false } => "public load balancer",
        SiteKind::LoadBalancer { internal: None, network: false } => "load balancer",
        SiteKind::LoadBalancer { internal: Some(true), network: true } => "internal network load balancer",
        SiteKind::LoadBalancer { internal: Some(false), network: true } => "public network load balancer",
        SiteKind::LoadBalancer { internal: None, network: true } => "network load balancer",
        SiteKind::Machines => "machines",
        SiteKind::Instance => "instance",
        SiteKind::Service => "service",
        SiteKind::Task => "task",
        SiteKind::Function => "function",
        SiteKind::Database => "database",
        SiteKind::Cache => "cache",
        SiteKind::Endpoint => "endpoint",
        SiteKind::DatabaseProxy => "database proxy",
        SiteKind::Interface => "interface",
        SiteKind::Distribution => "distribution",
        SiteKind::Other => "other",
    }
}
