//! Target groups, and who is in them.
//!
//! Source: Elastic Load Balancing, "Target groups for your Network Load Balancers" (client addresses are kept by default for
//! machines and for UDP, not for addresses over TCP and TLS).

use terrace_aws::inventory::{Item, ItemId, Told, View};
use terrace_proof::space::{Addresses, PortSpan, Transport};
use terrace_proof::world::{
    Balancer, Fact, Forward, Listener, SiteId, Target, TargetGroup, TargetGroupId, Unknowns, When,
};

use super::ask;
use super::blocks::parse;
use super::lifting::Lifting;
use super::stores::engine_port;
use super::traffic::transports;

pub(super) const TARGET_GROUPS: &[&str] = &["aws_lb_target_group", "aws_alb_target_group"];
const TARGETS: &[&str] = &[
    "aws_instance",
    "aws_network_interface",
    "aws_lambda_function",
    "aws_lb",
    "aws_alb",
    "aws_autoscaling_group",
    "aws_spot_instance_request",
    "aws_vpc_endpoint",
];

/// Ports of a target, and whether they are those.
struct Ports {
    span: PortSpan,
    when: When,
}

impl<'a> Lifting<'a> {
    /// Every target group with its targets. Sites are there by now.
    pub(super) fn targets(&mut self) {
        for item in self.all(TARGET_GROUPS) {
            let keeps_client = self.keeps_client(item.view(), item.id());
            let id = self.out.world.add_target_group(TargetGroup { targets: Vec::new(), keeps_client });
            self.out.target_groups.push(item.id().clone());
            self.target_groups.insert(item.id().clone(), id);
        }
        for item in self.all(&["aws_lb_target_group_attachment", "aws_alb_target_group_attachment"]) {
            self.attachment(item);
        }
        for item in self.all(&["aws_autoscaling_group"]) {
            for to in self.named(item.view(), "target_group_arns", TARGET_GROUPS) {
                self.machines_in(item.id(), "target_group_arns", item.id(), &to);
            }
            for block in ask::blocks(item.view(), "traffic_source") {
                for to in self.named(block, "identifier", TARGET_GROUPS) {
                    self.machines_in(item.id(), "traffic_source", item.id(), &to);
                }
            }
        }
        for item in self.all(&["aws_autoscaling_attachment", "aws_autoscaling_traffic_source_attachment"]) {
            let machines = self.named(item.view(), "autoscaling_group_name", &["aws_autoscaling_group"]);
            let mut groups = self.named(item.view(), "lb_target_group_arn", TARGET_GROUPS);
            groups.extend(self.named(item.view(), "alb_target_group_arn", TARGET_GROUPS));
            for block in ask::blocks(item.view(), "traffic_source") {
                groups.extend(self.named(block, "identifier", TARGET_GROUPS));
            }
            for to in groups {
                for machines in &machines {
                    let to = Fact { is: to.is.clone(), when: to.when.and(&machines.when) };
                    self.machines_in(item.id(), "", &machines.is, &to);
                }
            }
        }
        for item in self.all(&["aws_ecs_service"]) {
            self.containers_in(item);
        }
    }

    fn keeps_client(&mut self, view: View<'_>, item: &ItemId) -> bool {
        let protocol = ask::word(view, "protocol").unwrap_or_default();
        if !matches!(protocol.as_str(), "TCP" | "TLS" | "UDP" | "TCP_UDP" | "QUIC" | "TCP_QUIC") {
            return false;
        }
        let kind = ask::word(view, "target_type").unwrap_or_else(|| "instance".to_owned());
        let default =
            kind == "instance" || matches!(protocol.as_str(), "UDP" | "TCP_UDP" | "QUIC" | "TCP_QUIC");
        match ask::bool(view, "preserve_client_ip") {
            Told::Is(keeps) => keeps,
            Told::Nothing => default || kind == "alb",
            Told::Unknown(_) => {
                self.assume(format!(
                    "{item}: whether targets see the client's address is not told, taken as they do"
                ));
                true
            }
        }
    }

    fn ports_of_group(&mut self, group: &ItemId) -> Ports {
        let told = self.item(group).map_or(Told::Nothing, |item| ask::int(item.view(), "port"));
        self.ports(told)
    }

    fn ports(&mut self, told: Told<i64>) -> Ports {
        let one = |port: i64| u16::try_from(port).ok().and_then(|p| PortSpan::new(p, p));
        match told {
            Told::Is(port) => Ports { span: one(port).unwrap_or(PortSpan::ALL), when: When::Always },
            Told::Nothing => {
                Ports { span: PortSpan::ALL, when: When::on(self.unknown("the port of a target group")) }
            }
            Told::Unknown(of) => Ports { span: PortSpan::ALL, when: When::Perhaps(self.unknowns(&of)) },
        }
    }

    fn transports_of(&self, group: &ItemId) -> &'static [Transport] {
        self.item(group).map_or(&[Transport::Tcp], |item| transports(item.view()))
    }

    fn add_target(
        &mut self,
        by: &ItemId,
        path: &str,
        group: &Fact<ItemId>,
        site: SiteId,
        ports: &Ports,
        when: &When,
    ) {
        let Some(id) = self.target_groups.get(&group.is).copied() else { return };
        for transport in self.transports_of(&group.is).iter().copied() {
            let word = if transport == Transport::Tcp { "tcp" } else { "udp" };
            let name = self.site_name(site).map(|name| name.item.to_string()).unwrap_or_default();
            let span = ports.span;
            let port = match (span.first(), span.last()) {
                _ if span == PortSpan::ALL => "any port".to_owned(),
                (first, last) if first == last => first.to_string(),
                (first, last) => format!("{first}-{last}"),
            };
            let rule = self.rule(by, path, format!("{name} is a target of {} on {word} {port}", group.is));
            let when = when.and(&group.when).and(&ports.when);
            let target = Target { id: rule, site, transport, ports: span };
            self.put_target(id, Fact { is: target, when });
        }
    }

    fn put_target(&mut self, group: TargetGroupId, target: Fact<Target>) {
        let at = usize::try_from(group.0).unwrap_or(usize::MAX);
        if let Some(group) = self.out.world.target_groups.get_mut(at) {
            group.targets.push(target);
        }
    }

    fn attachment(&mut self, item: &'a Item) {
        let view = item.view();
        let presence = self.presence(item);
        let groups = self.named(view, "target_group_arn", TARGET_GROUPS);
        for target in self.named(view, "target_id", TARGETS) {
            if target.is.type_name() == "aws_lambda_function" {
                continue;
            }
            for group in &groups {
                let sites = match self.sites.get(&target.is).copied() {
                    Some(site) => vec![Fact::sure(site)],
                    None => self.addressed(&target.is, &group.is),
                };
                if sites.is_empty() {
                    self.may_open(item.id(), format!("the target {}, which is not told", target.is));
                }
                for site in sites {
                    let ports = match ask::int(view, "port") {
                        Told::Nothing => self.ports_of_group(&group.is),
                        told => self.ports(told),
                    };
                    let when = presence.and(&target.when).and(&site.when);
                    self.add_target(item.id(), "", group, site.is, &ports, &when);
                }
            }
        }
    }

    /// Who may have the address that a target is written as; where the address is not told, whoever is in the group's network.
    fn addressed(&mut self, target: &ItemId, group: &ItemId) -> Vec<Fact<SiteId>> {
        let network = self.item(group).and_then(|item| self.network_named(item, "vpc_id"));
        let address = parse(target.name()).map(Addresses::from);
        if address.is_none() && !self.is_open(target) {
            return Vec::new();
        }
        let unknowns = match address {
            Some(_) => Unknowns::from([self.unknown(format!("who has the address {}", target.name()))]),
            None => self.not_told(target),
        };
        let mut found: Vec<Fact<SiteId>> = Vec::new();
        for interface in &self.out.world.interfaces {
            let holds = |own: &Addresses| address.is_none_or(|one| own.contains(one.first()));
            let within = network.is_none() || self.network_of(interface.subnet) == network;
            if !within || !interface.addresses.iter().any(holds) {
                continue;
            }
            // One that is fixed is known.
            let is_fixed = address.is_some_and(|one| interface.addresses.contains(&one));
            let when = if is_fixed { When::Always } else { When::Perhaps(unknowns.clone()) };
            if !found.iter().any(|known| known.is == interface.site) {
                found.push(Fact { is: interface.site, when });
            }
        }
        if found.iter().any(|site| site.when == When::Always) {
            found.retain(|site| site.when == When::Always);
        }
        found
    }

    fn machines_in(&mut self, by: &ItemId, path: &str, machines: &ItemId, group: &Fact<ItemId>) {
        let Some(site) = self.sites.get(machines).copied() else { return };
        let ports = self.ports_of_group(&group.is);
        let presence = self.item(by).map_or(When::Always, |item| self.presence(item));
        self.add_target(by, path, group, site, &ports, &presence);
    }

    fn containers_in(&mut self, item: &'a Item) {
        let presence = self.presence(item);
        for (index, block) in ask::blocks(item.view(), "load_balancer").into_iter().enumerate() {
            let path = format!("load_balancer[{index}]");
            let Some(site) = self.sites.get(item.id()).copied() else { continue };
            let ports = match ask::int(block, "container_port") {
                Told::Is(port) => {
                    let span = self.container_ports(item, u16::try_from(port).ok());
                    Ports { span: span.unwrap_or(PortSpan::ALL), when: When::Always }
                }
                told => self.ports(told),
            };
            for group in self.named(block, "target_group_arn", TARGET_GROUPS) {
                self.add_target(item.id(), &path, &group, site, &ports, &presence);
            }
        }
    }

    /// Proxies of databases: a listener on the engine's port, and the database behind it.
    pub(super) fn proxies(&mut self) {
        for item in self.all(&["aws_db_proxy"]) {
            let Some(site) = self.sites.get(item.id()).copied() else { continue };
            let family = ask::word(item.view(), "engine_family").unwrap_or_default().to_ascii_lowercase();
            let span = engine_port(&family).and_then(|p| PortSpan::new(p, p)).unwrap_or(PortSpan::ALL);
            let to = self.out.world.add_target_group(TargetGroup::default());
            self.out.target_groups.push(item.id().clone());
            for target in self.all(&["aws_db_proxy_target"]) {
                let of = self.named(target.view(), "db_proxy_name", &["aws_db_proxy"]);
                let Some(of) = of.iter().find(|of| of.is == *item.id()) else { continue };
                self.proxied(target, to, span, &of.when);
            }
            let id = self.rule(item.id(), "", "connections passed on to its database");
            let forwards = vec![Fact::sure(Forward { id, to, secret_header: false })];
            let id = self.rule(item.id(), "", format!("listens on tcp {}", span.first()));
            let listener = Listener { id, transport: Transport::Tcp, ports: span, forwards };
            // It answers in all its subnets and reaches its database wherever that is.
            self.out.world.add_balancer(Balancer {
                site,
                listeners: vec![Fact::sure(listener)],
                zones: None,
            });
        }
    }

    fn proxied(&mut self, target: &'a Item, to: TargetGroupId, span: PortSpan, when: &When) {
        const DATABASES: &[&str] = &["aws_db_instance", "aws_rds_cluster"];
        for argument in ["db_instance_identifier", "db_cluster_identifier"] {
            for database in self.named(target.view(), argument, DATABASES) {
                let Some(site) = self.sites.get(&database.is).copied() else { continue };
                let listens = usize::try_from(site.0).ok().and_then(|at| self.out.world.sites.get(at));
                let ports = match listens.and_then(|s| s.listens.as_deref()) {
                    Some([terrace_proof::space::Traffic::Ports(_, ports)]) => *ports,
                    _ => span,
                };
                let name = database.is.to_string();
                let rule = self.rule(target.id(), argument, format!("passes connections on to {name}"));
                let is = Target { id: rule, site, transport: Transport::Tcp, ports };
                let when = when.and(&database.when);
                self.put_target(to, Fact { is, when });
            }
        }
    }
}
