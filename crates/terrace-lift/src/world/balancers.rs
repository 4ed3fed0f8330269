//! Load balancers: what kind they are, and where they stand.
//!
//! Source: Elastic Load Balancing, "How Elastic Load Balancing works" (scheme, types of load balancers, subnets).

use terrace_aws::inventory::{Item, ItemId, Told, View};
use terrace_proof::world::{Balancer, BalancerId, Fact, Listener, SiteId, SubnetId, When, ZoneId};

use super::ask;
use super::lifted::SiteKind;
use super::lifting::Lifting;
use super::placing::{Given, Guarding, Placement};

pub(super) const BALANCERS: &[&str] = &["aws_lb", "aws_alb"];

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
        let is_told = matches!(kind, Told::Is(_));
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
            // Without groups nothing guards a network load balancer, and the default group any other.
            Guarding::Groups(groups) if groups.is_empty() && !is_told => {
                let name = ItemId::new("aws_security_group", format!("the groups of {}", item.id()));
                Guarding::Groups(vec![Fact::sure(self.group(&name))])
            }
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
}
