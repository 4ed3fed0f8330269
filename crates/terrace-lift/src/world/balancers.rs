//! Load balancers: where they stand, what they listen on, where they send requests.
//!
//! Sources: Elastic Load Balancing, "Listeners for your Application Load Balancers" (rules in the order of priority, the
//! default action last; redirects and fixed answers send nobody on).

use terrace_aws::Text;
use terrace_aws::inventory::{Item, ItemId, Told, View};
use terrace_proof::space::{PortSpan, Transport};
use terrace_proof::world::{
    Balancer, BalancerId, Fact, Forward, Listener, SiteId, SubnetId, Target, TargetGroup, Unknowns, When,
    ZoneId,
};

use super::ask;
use super::lifted::SiteKind;
use super::lifting::Lifting;
use super::placing::{Given, Guarding, Placement};
use super::targets::TARGET_GROUPS;

pub(super) const BALANCERS: &[&str] = &["aws_lb", "aws_alb"];
const LISTENERS: &[&str] = &["aws_lb_listener", "aws_alb_listener"];
const RULES: &[&str] = &["aws_lb_listener_rule", "aws_alb_listener_rule"];

/// A header that a listener's rule asks for, whose value only some know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct SecretHeader {
    pub(super) balancer: SiteId,
    pub(super) name: String,
    pub(super) values: Vec<Text>,
}

/// Where an action leads.
struct Onward {
    to: Fact<ItemId>,
    path: String,
}

impl<'a> Lifting<'a> {
    /// Their sites.
    pub(super) fn balancer_sites(&mut self) {
        for item in self.all(BALANCERS) {
            self.balancer_site(item);
        }
        for item in self.all(&["aws_elb"]) {
            let view = item.view();
            let internal = self.internal(view);
            let site = self.add_site(
                item.id(),
                SiteKind::LoadBalancer { internal: internal.0, network: false },
                None,
            );
            let guarding = self.guarding(view, &["security_groups"]);
            let mut subnets = self.subnets_named(view, "subnets", &guarding);
            if subnets.is_empty() {
                subnets = self.anywhere_default();
            }
            let when = self.presence(item);
            self.place(site, &Placement::new(subnets, guarding, when).public(internal.1));
        }
    }

    fn internal(&mut self, view: View<'a>) -> (Option<bool>, Given) {
        match ask::bool(view, "internal") {
            Told::Is(true) => (Some(true), Given::No),
            Told::Is(false) | Told::Nothing => (Some(false), Given::Yes(When::Always)),
            Told::Unknown(of) => (None, Given::Yes(When::Perhaps(self.unknowns(&of)))),
        }
    }

    fn balancer_site(&mut self, item: &'a Item) {
        let view = item.view();
        let kind = ask::literal(view, "load_balancer_type").or_default("application".to_owned());
        let kind = match kind {
            Told::Is(kind) => kind,
            Told::Nothing | Told::Unknown(_) => {
                self.assume(format!(
                    "{}: of which type it is is not told, taken as an application load balancer",
                    item.id()
                ));
                "application".to_owned()
            }
        };
        if kind == "gateway" {
            self.unmodelled(item.id(), "a gateway load balancer");
            return;
        }
        let network = kind == "network";
        let (internal, public) = self.internal(view);
        let site = self.add_site(item.id(), SiteKind::LoadBalancer { internal, network }, None);
        let given = self.guarding(view, &["security_groups"]);
        let guarding = match &given {
            Guarding::Groups(groups) if groups.is_empty() && network => Guarding::Open,
            _ => given,
        };
        let mut subnets = self.subnets_named(view, "subnets", &guarding);
        for mapping in ask::blocks(view, "subnet_mapping") {
            subnets.extend(self.subnets_named(mapping, "subnet_id", &guarding));
        }
        if subnets.is_empty() {
            subnets = self.anywhere_default();
        }
        let dual = ask::word(view, "ip_address_type").is_some_and(|word| word.starts_with("dualstack"));
        let six = if dual && internal != Some(true) { Given::Yes(When::Always) } else { Given::No };
        if dual && internal == Some(true) {
            self.assume(format!(
                "{}: an internal load balancer's IPv6 addresses are left out, because AWS denies them the internet gateway",
                item.id()
            ));
        }
        let when = self.presence(item);
        self.place(site, &Placement::new(subnets, guarding, when).public(public).six(six));
    }

    /// The zones of a site's subnets, if all are told.
    pub(super) fn zones_of(&self, site: SiteId) -> Option<Vec<ZoneId>> {
        let at = usize::try_from(site.0).ok()?;
        let mut zones = Vec::new();
        for SubnetId(subnet) in &self.out.sites.get(at)?.subnets {
            let subnet = self.out.world.subnets.get(usize::try_from(*subnet).ok()?)?;
            let zone = subnet.zone?;
            if !zones.contains(&zone) {
                zones.push(zone);
            }
        }
        Some(zones)
    }

    pub(super) fn put_balancer(&mut self, site: SiteId) -> BalancerId {
        let zones = self.zones_of(site);
        self.out.world.add_balancer(Balancer { site, listeners: Vec::new(), zones })
    }

    pub(super) fn listen(&mut self, balancer: BalancerId, listener: Fact<Listener>) {
        let at = usize::try_from(balancer.0).unwrap_or(usize::MAX);
        if let Some(balancer) = self.out.world.balancers.get_mut(at) {
            balancer.listeners.push(listener);
        }
    }

    /// Their listeners. Returns the headers that they ask for.
    pub(super) fn balancers(&mut self) -> Vec<SecretHeader> {
        let mut secrets = Vec::new();
        for item in self.all(BALANCERS) {
            let Some(site) = self.sites.get(item.id()).copied() else { continue };
            let balancer = self.put_balancer(site);
            for listener in self.all(LISTENERS) {
                let of = self.named(listener.view(), "load_balancer_arn", BALANCERS);
                if let Some(of) = of.iter().find(|of| of.is == *item.id()) {
                    self.listener(balancer, site, listener, &of.when, &mut secrets);
                }
            }
        }
        for item in self.all(&["aws_elb"]) {
            self.classic(item);
        }
        for listener in self.all(LISTENERS) {
            for of in self.named(listener.view(), "load_balancer_arn", BALANCERS) {
                if !self.sites.contains_key(&of.is) {
                    self.unmodelled(listener.id(), format!("a listener of {}, which is not told", of.is));
                }
            }
        }
        secrets
    }

    fn transports(protocol: Option<&str>) -> Vec<Transport> {
        match protocol {
            Some("UDP" | "QUIC") => vec![Transport::Udp],
            Some("TCP_UDP" | "TCP_QUIC") => vec![Transport::Tcp, Transport::Udp],
            _ => vec![Transport::Tcp],
        }
    }

    fn listener(
        &mut self,
        balancer: BalancerId,
        site: SiteId,
        item: &'a Item,
        when: &When,
        secrets: &mut Vec<SecretHeader>,
    ) {
        let view = item.view();
        let mut when = self.presence(item).and(when);
        let ports = match ask::int(view, "port") {
            Told::Is(port) => u16::try_from(port).ok().and_then(|p| PortSpan::new(p, p)),
            Told::Nothing => None,
            Told::Unknown(of) => {
                when = when.and(&When::Perhaps(self.unknowns(&of)));
                None
            }
        };
        let ports = ports.unwrap_or(PortSpan::ALL);
        let mut forwards = Vec::new();
        let shadowed = self.rules_of(item, site, &mut forwards, secrets);
        if !shadowed {
            for onward in self.onward(view, "default_action") {
                self.forward(item, &onward, false, &When::Always, &mut forwards);
            }
        }
        for transport in Self::transports(ask::word(view, "protocol").as_deref()) {
            let word = if transport == Transport::Tcp { "tcp" } else { "udp" };
            let port = if ports == PortSpan::ALL { "any port".to_owned() } else { ports.first().to_string() };
            let id = self.rule(item.id(), "", format!("listens on {word} {port}"));
            let is = Listener { id, transport, ports, forwards: forwards.clone() };
            self.listen(balancer, Fact { is, when: when.clone() });
        }
    }

    /// The forwards of a listener's rules; whether one of them takes every request, so that none comes to the default action.
    fn rules_of(
        &mut self,
        listener: &'a Item,
        site: SiteId,
        forwards: &mut Vec<Fact<Forward>>,
        secrets: &mut Vec<SecretHeader>,
    ) -> bool {
        let mut rules: Vec<(i64, &'a Item, When)> = Vec::new();
        for rule in self.all(RULES) {
            let of = self.named(rule.view(), "listener_arn", LISTENERS);
            if let Some(of) = of.iter().find(|of| of.is == *listener.id()) {
                let priority = ask::int(rule.view(), "priority").known().unwrap_or(i64::MAX);
                let when = self.presence(rule).and(&of.when);
                rules.push((priority, rule, when));
            }
        }
        rules.sort_by_key(|(priority, ..)| *priority);
        for (priority, rule, when) in rules {
            let header = secret_header(rule.view(), site);
            let is_secret = header.is_some();
            secrets.extend(header);
            for onward in self.onward(rule.view(), "action") {
                self.forward(rule, &onward, is_secret, &when, forwards);
            }
            if when == When::Always && priority != i64::MAX && takes_all(rule.view()) {
                return true;
            }
        }
        false
    }

    fn forward(
        &mut self,
        item: &Item,
        onward: &Onward,
        secret_header: bool,
        when: &When,
        forwards: &mut Vec<Fact<Forward>>,
    ) {
        let Some(to) = self.target_groups.get(&onward.to.is).copied() else {
            self.unmodelled(item.id(), format!("requests sent to {}, which is not told", onward.to.is));
            return;
        };
        let with = if secret_header { " with a secret header" } else { "" };
        let id = self.rule(
            item.id(),
            onward.path.clone(),
            format!("requests{with} forwarded to {}", onward.to.is),
        );
        let when = when.and(&onward.to.when);
        forwards.push(Fact { is: Forward { id, to, secret_header }, when });
    }

    /// The target groups that actions send to.
    fn onward(&mut self, view: View<'a>, argument: &str) -> Vec<Onward> {
        let mut all = Vec::new();
        let blocks = match view.blocks(argument) {
            Told::Nothing => Vec::new(),
            Told::Is(blocks) => blocks,
            Told::Unknown(of) => {
                for to in self.items_of(&Text::opaque(of.clone()), TARGET_GROUPS) {
                    let when = When::Perhaps(self.unknowns(&of));
                    all.push(Onward { to: Fact { is: to.is, when }, path: argument.to_owned() });
                }
                Vec::new()
            }
        };
        for (index, block) in blocks.into_iter().enumerate() {
            let path = format!("{argument}[{index}]");
            let when = match ask::literal(block, "type") {
                Told::Is(kind) if kind == "forward" => When::Always,
                Told::Is(_) => continue,
                Told::Nothing => When::Always,
                Told::Unknown(of) => When::Perhaps(self.unknowns(&of)),
            };
            let mut found = self.named(block, "target_group_arn", TARGET_GROUPS);
            for forward in ask::blocks(block, "forward") {
                for group in ask::blocks(forward, "target_group") {
                    if ask::int(group, "weight") != Told::Is(0) {
                        found.extend(self.named(group, "arn", TARGET_GROUPS));
                    }
                }
            }
            for to in found {
                let when = when.and(&to.when);
                all.push(Onward { to: Fact { is: to.is, when }, path: path.clone() });
            }
        }
        all
    }

    /// A classic load balancer: each listener has its own target group, of all its machines.
    fn classic(&mut self, item: &'a Item) {
        let Some(site) = self.sites.get(item.id()).copied() else { return };
        let balancer = self.put_balancer(site);
        let machines = self.classic_targets(item);
        for (index, block) in ask::blocks(item.view(), "listener").into_iter().enumerate() {
            let path = format!("listener[{index}]");
            let mut when = When::Always;
            let mut port = |lifting: &mut Self, argument: &str| match ask::int(block, argument) {
                Told::Is(port) => u16::try_from(port).ok().and_then(|p| PortSpan::new(p, p)),
                Told::Nothing => None,
                Told::Unknown(of) => {
                    let unknowns: Unknowns = lifting.unknowns(&of);
                    when = when.and(&When::Perhaps(unknowns));
                    Some(PortSpan::ALL)
                }
            };
            let (Some(outside), Some(inside)) = (port(self, "lb_port"), port(self, "instance_port")) else {
                continue;
            };
            let mut targets = Vec::new();
            for machine in &machines {
                let id = self.rule(
                    item.id(),
                    path.clone(),
                    format!("sends to machines on tcp {}", inside.first()),
                );
                let is = Target { id, site: machine.is, transport: Transport::Tcp, ports: inside };
                targets.push(Fact { is, when: machine.when.clone() });
            }
            let to = self.out.world.add_target_group(TargetGroup { targets, keeps_client: false });
            self.out.target_groups.push(item.id().clone());
            let id = self.rule(item.id(), path.clone(), "requests sent to its machines");
            let forwards = vec![Fact::sure(Forward { id, to, secret_header: false })];
            let id = self.rule(item.id(), path.clone(), format!("listens on tcp {}", outside.first()));
            let is = Listener { id, transport: Transport::Tcp, ports: outside, forwards };
            self.listen(balancer, Fact { is, when });
        }
    }

    fn classic_targets(&mut self, item: &'a Item) -> Vec<Fact<SiteId>> {
        const MACHINES: &[&str] = &["aws_instance", "aws_autoscaling_group"];
        let mut named = self.named(item.view(), "instances", MACHINES);
        for other in self.all(&["aws_elb_attachment"]) {
            if self.named(other.view(), "elb", &["aws_elb"]).iter().any(|of| of.is == *item.id()) {
                named.extend(self.named(other.view(), "instance", MACHINES));
            }
        }
        for group in self.all(&["aws_autoscaling_group"]) {
            let of = self.named(group.view(), "load_balancers", &["aws_elb"]);
            if let Some(of) = of.iter().find(|of| of.is == *item.id()) {
                named.push(Fact { is: group.id().clone(), when: of.when.clone() });
            }
        }
        for other in self.all(&["aws_autoscaling_attachment"]) {
            if self.named(other.view(), "elb", &["aws_elb"]).iter().any(|of| of.is == *item.id()) {
                named.extend(self.named(other.view(), "autoscaling_group_name", MACHINES));
            }
        }
        for service in self.all(&["aws_ecs_service"]) {
            for block in ask::blocks(service.view(), "load_balancer") {
                if self.named(block, "elb_name", &["aws_elb"]).iter().any(|of| of.is == *item.id()) {
                    named.push(Fact::sure(service.id().clone()));
                }
            }
        }
        let sites = named.into_iter().filter_map(|named| {
            self.sites.get(&named.is).map(|site| Fact { is: *site, when: named.when.clone() })
        });
        sites.collect()
    }
}

/// A header condition whose value is not a plain word that anyone would send.
fn secret_header(rule: View<'_>, balancer: SiteId) -> Option<SecretHeader> {
    const PUBLIC: [&str; 7] =
        ["host", "user-agent", "accept", "accept-language", "content-type", "referer", "origin"];
    for condition in ask::blocks(rule, "condition") {
        for header in ask::blocks(condition, "http_header") {
            let name = ask::word(header, "http_header_name")?.to_ascii_lowercase();
            let values = header.texts("values").known().unwrap_or_default();
            let is_guessed = values.iter().any(|value| {
                value.literal().is_some_and(|literal| literal.contains(['*', '?']) || literal.len() < 8)
            });
            if !PUBLIC.contains(&name.as_str()) && !is_guessed {
                return Some(SecretHeader { balancer, name, values });
            }
        }
    }
    None
}

/// Whether a rule takes every request: its only conditions are paths or hosts of which one is all.
fn takes_all(rule: View<'_>) -> bool {
    let conditions = ask::blocks(rule, "condition");
    let all = |condition: &View<'_>| {
        let of = |name: &str, words: &[&str]| {
            ask::blocks(*condition, name).iter().any(|block| {
                let values = block.texts("values").known().unwrap_or_default();
                values.iter().any(|v| v.literal().is_some_and(|l| words.contains(&l)))
            })
        };
        of("path_pattern", &["*", "/*"]) || of("host_header", &["*"])
    };
    !conditions.is_empty() && conditions.iter().all(all)
}
