//! Machines: instances, network interfaces, Auto Scaling groups with their templates.
//!
//! Sources: Amazon EC2 User Guide, "Amazon EC2 instance IP addressing" (a public address is given by what the launch says, else
//! as the subnet says); Amazon EC2 API, `RunInstances` (network interfaces and groups of the instance are not given
//! both).

use terrace_aws::Mode;
use terrace_aws::inventory::{Item, ItemId, Told, View};
use terrace_proof::world::{Fact, SiteId, When};

use super::ask;
use super::lifted::SiteKind;
use super::lifting::Lifting;
use super::placing::{Given, Guarding, Placement};

const TEMPLATES: &[&str] = &["aws_launch_template"];
const INTERFACES: &[&str] = &["aws_network_interface"];
const OWN_GROUPS: &[&str] = &["vpc_security_group_ids", "security_groups", "security_group_names"];

impl<'a> Lifting<'a> {
    /// Which machine or interface has an elastic address.
    pub(super) fn elastic_addresses(&mut self) {
        for item in self.all(&["aws_eip", "aws_eip_association"]) {
            let presence = self.presence(item);
            for argument in ["instance", "instance_id", "network_interface", "network_interface_id"] {
                for named in self.named(item.view(), argument, &["aws_instance", "aws_network_interface"]) {
                    let when = presence.and(&named.when);
                    let known = self.elastic.entry(named.is).or_insert_with(|| when.clone());
                    if when == When::Always {
                        *known = when;
                    }
                }
            }
        }
    }

    /// Which interfaces are attached to which machine by an item of their own, or by themselves.
    fn attachments(&mut self) {
        for item in self.all(&["aws_network_interface_attachment"]) {
            let interfaces = self.named(item.view(), "network_interface_id", INTERFACES);
            for machine in self.named(item.view(), "instance_id", &["aws_instance"]) {
                self.attached.entry(machine.is).or_default().extend(interfaces.iter().cloned());
            }
        }
        for interface in self.all(INTERFACES) {
            for block in ask::blocks(interface.view(), "attachment") {
                for machine in self.named(block, "instance", &["aws_instance"]) {
                    let interface = Fact { is: interface.id().clone(), when: machine.when };
                    self.attached.entry(machine.is).or_default().push(interface);
                }
            }
        }
    }

    fn with_elastic(&self, item: &ItemId, public: Given) -> Given {
        match self.elastic.get(item) {
            Some(When::Always) => Given::Yes(When::Always),
            Some(when) if matches!(public, Given::No) => Given::Yes(when.clone()),
            _ => public,
        }
    }

    pub(super) fn machines(&mut self) {
        self.elastic_addresses();
        self.attachments();
        for item in self.all(&["aws_instance", "aws_spot_instance_request"]) {
            self.instance(item);
        }
        for item in self.all(INTERFACES) {
            self.lone_interface(item);
        }
        for item in self.all(&["aws_autoscaling_group"]) {
            self.machines_of(item);
        }
    }

    fn instance(&mut self, item: &'a Item) {
        let view = item.view();
        let site = self.add_site(item.id(), SiteKind::Instance, None);
        let when = self.presence(item);
        let mut placed = false;
        for argument in ["network_interface", "primary_network_interface"] {
            for block in ask::blocks(view, argument) {
                for named in self.named(block, "network_interface_id", INTERFACES) {
                    placed |= self.interface_of(site, item.id(), &named, &when)
                        || self.interface_untold(site, &named, &when);
                }
            }
        }
        for interface in self.attached.get(item.id()).cloned().unwrap_or_default() {
            self.interface_of(site, item.id(), &interface, &when);
        }
        if placed {
            return;
        }
        let template = self.template(view);
        let guarding = self.guarding(view, OWN_GROUPS);
        let has_own = matches!(&guarding, Guarding::Groups(groups) if !groups.is_empty());
        let launches = self.launches(template.as_ref());
        let template_guarding = launches.first().map(|launch| launch.guarding.clone());
        let guarding = if has_own { guarding } else { template_guarding.unwrap_or(guarding) };
        let mut subnets = self.subnets_named(view, "subnet_id", &guarding);
        if subnets.is_empty() {
            subnets = launches.first().map(|launch| launch.subnets.clone()).unwrap_or_default();
        }
        if subnets.is_empty() {
            subnets = self.anywhere_default();
        }
        let told = ask::bool(view, "associate_public_ip_address");
        let public = match (&told, launches.first()) {
            (Told::Nothing, Some(launch)) => launch.public.clone(),
            _ => self.given_or_subnet(told),
        };
        let public = self.with_elastic(item.id(), public);
        let six = self.six_of(view);
        let mut placement = Placement::new(subnets, guarding, when).public(public).six(six);
        placement.fixed = Self::fixed(view, &["private_ip", "secondary_private_ips"]);
        self.place(site, &placement);
    }

    /// Whether a launch asks for addresses of IPv6, else the subnet says so.
    fn six_of(&mut self, view: View<'_>) -> Given {
        if !Self::fixed(view, &["ipv6_addresses"]).is_empty() {
            return Given::Yes(When::Always);
        }
        match ask::int(view, "ipv6_address_count") {
            Told::Is(0) => Given::No,
            Told::Is(_) => Given::Yes(When::Always),
            Told::Nothing => Given::BySubnet,
            Told::Unknown(of) => Given::Yes(When::Perhaps(self.unknowns(&of))),
        }
    }

    fn interface_of(&mut self, site: SiteId, machine: &ItemId, named: &Fact<ItemId>, when: &When) -> bool {
        let Some(item) = self.item(&named.is).filter(|item| item.id().mode() == Mode::Managed) else {
            self.unmodelled(machine, format!("the interface {}, which is not told", named.is));
            return false;
        };
        if self.sites.get(item.id()) == Some(&site) {
            return true;
        }
        self.also(site, item.id());
        let view = item.view();
        let guarding = self.guarding(view, &["security_groups", "security_group_ids"]);
        let subnets = self.subnets_named(view, "subnet_id", &guarding);
        let public = self.with_elastic(item.id(), Given::BySubnet);
        // AWS gives an interface that is made beforehand no address by itself.
        let public = match public {
            Given::BySubnet => self.with_elastic(machine, Given::No),
            given => given,
        };
        let six = self.six_of(view);
        let when = when.and(&named.when).and(&self.presence(item));
        let mut placement = Placement::new(subnets, guarding, when).public(public).six(six);
        placement.fixed = Self::fixed(view, &["private_ips", "private_ip", "ipv6_addresses"]);
        self.place(site, &placement)
    }

    /// A machine whose interface is not told: somewhere, with groups that are not told either.
    fn interface_untold(&mut self, site: SiteId, named: &Fact<ItemId>, when: &When) -> bool {
        let interface = &named.is;
        let unknowns = self.not_told(interface);
        let group = self.group(&ItemId::new("aws_security_group", format!("the groups of {interface}")));
        let subnet = self.subnet(&ItemId::new("aws_subnet", format!("the subnet of {interface}")), None);
        let guarding = Guarding::Groups(vec![Fact::sure(group)]);
        let when = when.and(&named.when);
        let public = Given::Yes(When::Perhaps(unknowns));
        self.place(site, &Placement::new(vec![Fact::sure(subnet)], guarding, when).public(public))
    }

    fn lone_interface(&mut self, item: &'a Item) {
        if self.sites.contains_key(item.id()) {
            return;
        }
        let site = self.add_site(item.id(), SiteKind::Interface, None);
        self.sites.remove(item.id());
        let when = self.presence(item);
        self.interface_of(site, item.id(), &Fact::sure(item.id().clone()), &when);
    }

    /// The template that a block of an instance or a group names, or a configuration.
    fn template(&mut self, view: View<'_>) -> Option<Fact<ItemId>> {
        for block in ask::blocks(view, "launch_template") {
            for argument in ["id", "launch_template_id", "name", "launch_template_name"] {
                if let Some(named) = self.one(block, argument, TEMPLATES) {
                    return Some(named);
                }
            }
        }
        None
    }

    /// Every template or configuration that a group's machines may be started from.
    fn templates(&mut self, view: View<'_>) -> Vec<Fact<ItemId>> {
        let mut all: Vec<Fact<ItemId>> = self.template(view).into_iter().collect();
        for policy in ask::blocks(view, "mixed_instances_policy") {
            for template in ask::blocks(policy, "launch_template") {
                let named = |inner: &mut Self, block: View<'_>, argument: &'static str| {
                    ask::blocks(block, argument).into_iter().find_map(|specification| {
                        ["launch_template_id", "launch_template_name"]
                            .iter()
                            .find_map(|name| inner.one(specification, name, TEMPLATES))
                    })
                };
                all.extend(named(self, template, "launch_template_specification"));
                for block in ask::blocks(template, "override") {
                    all.extend(named(self, block, "launch_template_specification"));
                }
            }
        }
        all.extend(self.one(view, "launch_configuration", &["aws_launch_configuration"]));
        all.dedup();
        all
    }

    /// The interfaces that a template asks for. Subnets are empty where the group says them.
    fn launches(&mut self, template: Option<&Fact<ItemId>>) -> Vec<Placement> {
        let Some(template) = template else { return Vec::new() };
        let Some(item) = self.item(&template.is) else {
            let unknown = ItemId::new("aws_security_group", format!("the groups of {}", template.is));
            let unknowns = self.not_told(&template.is);
            let group = self.group(&unknown);
            let guarding = Guarding::Groups(vec![Fact::sure(group)]);
            let public = Given::Yes(When::Perhaps(unknowns));
            return vec![Placement::new(Vec::new(), guarding, template.when.clone()).public(public)];
        };
        let view = item.view();
        let blocks = ask::blocks(view, "network_interfaces");
        if blocks.is_empty() {
            let guarding = self.guarding(view, OWN_GROUPS);
            let public = self.given_or_subnet(ask::bool(view, "associate_public_ip_address"));
            let placement = Placement::new(Vec::new(), guarding, template.when.clone()).public(public);
            return vec![placement.six(Given::BySubnet)];
        }
        let mut all = Vec::new();
        for block in blocks {
            let mut guarding = self.guarding(block, &["security_groups"]);
            if matches!(&guarding, Guarding::Groups(groups) if groups.is_empty()) {
                guarding = self.guarding(view, OWN_GROUPS);
                if matches!(&guarding, Guarding::Groups(groups) if !groups.is_empty()) {
                    self.assume(format!(
                        "{}: groups are given beside network_interfaces, which AWS refuses; they are taken as those of the interfaces",
                        item.id()
                    ));
                }
            }
            let subnets = self.subnets_named(block, "subnet_id", &guarding);
            let public = self.given_or_subnet(ask::bool(block, "associate_public_ip_address"));
            let six = self.six_of(block);
            all.push(Placement::new(subnets, guarding, template.when.clone()).public(public).six(six));
        }
        all
    }

    fn machines_of(&mut self, item: &'a Item) {
        let view = item.view();
        let site = self.add_site(item.id(), SiteKind::Machines, None);
        let when = self.presence(item);
        let templates = self.templates(view);
        for template in &templates {
            if self.item(&template.is).is_some() {
                let is_first = !self.sites.contains_key(&template.is);
                if is_first {
                    self.also(site, &template.is);
                }
            }
            for launch in self.launches(Some(template)) {
                let mut subnets = self.subnets_named(view, "vpc_zone_identifier", &launch.guarding);
                if subnets.is_empty() {
                    subnets.clone_from(&launch.subnets);
                }
                if subnets.is_empty() {
                    subnets = self.anywhere_default();
                }
                let when = when.and(&launch.when);
                self.place(site, &Placement { subnets, when, ..launch });
            }
        }
        if templates.is_empty() {
            self.may_open(item.id(), "machines without a launch template");
        }
    }
}
