//! Interfaces: where a site stands, what guards it, which addresses it has.

use terrace_aws::inventory::{ItemId, Told, View};
use terrace_aws::{Mode, Text};
use terrace_proof::space::{Addresses, Family, GroupId};
use terrace_proof::world::{Fact, Guard, Interface, NetworkId, SiteId, SubnetId, When};

use super::ask;
use super::blocks::{parse, usable};
use super::lifting::Lifting;
use super::networks::SUBNETS;

/// What stands before interfaces.
#[derive(Clone, Debug)]
pub(super) enum Guarding {
    /// These groups; with none the network's default one.
    Groups(Vec<Fact<GroupId>>),
    /// Nothing.
    Open,
}

/// Whether they get something.
#[derive(Clone, Debug)]
pub(super) enum Given {
    /// They do not.
    No,
    /// They do, or may.
    Yes(When),
    /// As the subnet says.
    BySubnet,
}

/// How interfaces are placed.
#[derive(Clone, Debug)]
pub(super) struct Placement {
    pub(super) subnets: Vec<Fact<SubnetId>>,
    pub(super) guarding: Guarding,
    /// A public address of IPv4.
    pub(super) public: Given,
    /// Addresses of IPv6.
    pub(super) six: Given,
    /// Its addresses, where they are told.
    pub(super) fixed: Vec<Addresses>,
    pub(super) when: When,
}

impl Placement {
    pub(super) const fn new(subnets: Vec<Fact<SubnetId>>, guarding: Guarding, when: When) -> Self {
        Self { subnets, guarding, public: Given::No, six: Given::No, fixed: Vec::new(), when }
    }

    #[must_use]
    pub(super) fn public(self, public: Given) -> Self {
        Self { public, ..self }
    }

    #[must_use]
    pub(super) fn six(self, six: Given) -> Self {
        Self { six, ..self }
    }
}

impl From<Option<When>> for Given {
    fn from(when: Option<When>) -> Self {
        when.map_or(Self::No, Self::Yes)
    }
}

impl Lifting<'_> {
    /// A truth that AWS takes from the subnet where none is given.
    pub(super) fn given_or_subnet(&mut self, told: Told<bool>) -> Given {
        match told {
            Told::Nothing => Given::BySubnet,
            told => self.truth(told, false).into(),
        }
    }

    /// The groups that the first of these arguments with any names.
    pub(super) fn guarding(&mut self, view: View<'_>, arguments: &[&str]) -> Guarding {
        for argument in arguments {
            let groups = self.groups_named(view, argument);
            if !groups.is_empty() {
                return Guarding::Groups(groups);
            }
        }
        Guarding::Groups(Vec::new())
    }

    /// The subnets that an argument names. Those that are not told are in the network of the groups.
    pub(super) fn subnets_named(
        &mut self,
        view: View<'_>,
        argument: &str,
        guarding: &Guarding,
    ) -> Vec<Fact<SubnetId>> {
        let hint = self.network_guarded(guarding);
        let mut all: Vec<Fact<SubnetId>> = Vec::new();
        for named in self.named(view, argument, SUBNETS) {
            for subnet in self.subnets_of(&named, hint) {
                if !all.iter().any(|known| known.is == subnet.is) {
                    all.push(subnet);
                }
            }
        }
        all
    }

    /// The network that groups are in.
    pub(super) fn network_guarded(&self, guarding: &Guarding) -> Option<NetworkId> {
        match guarding {
            Guarding::Groups(groups) => groups.iter().find_map(|g| self.group_networks.get(&g.is)).copied(),
            Guarding::Open => None,
        }
    }

    /// One name may stand for several subnets of the inventory, when it is a lookup in a network that is built there.
    fn subnets_of(&mut self, named: &Fact<ItemId>, hint: Option<NetworkId>) -> Vec<Fact<SubnetId>> {
        let found = self.item(&named.is).filter(|item| item.id().mode() == Mode::Data);
        if let Some(item) = found
            && let Some(network) = self.network_of_lookup(item)
        {
            let built: Vec<(ItemId, SubnetId)> = self
                .subnets
                .iter()
                .filter(|(id, subnet)| {
                    id.mode() == Mode::Managed && self.network_of(**subnet) == Some(network)
                })
                .map(|(id, subnet)| (id.clone(), *subnet))
                .collect();
            let mut all = Vec::new();
            for (id, subnet) in built {
                if let Some(when) = self.matches(item.view(), &id) {
                    all.push(Fact { is: subnet, when: named.when.and(&when) });
                }
            }
            if !all.is_empty() {
                return all;
            }
        }
        vec![Fact { is: self.subnet(&named.is, hint), when: named.when.clone() }]
    }

    /// Whether a lookup finds a subnet: by its tags; by anything else perhaps.
    fn matches(&mut self, lookup: View<'_>, subnet: &ItemId) -> Option<When> {
        let item = self.item(subnet)?;
        let tags = item.view().map("tags").known().unwrap_or_default();
        let mut wanted: Vec<(String, Vec<Text>)> = Vec::new();
        let mut when = When::Always;
        for (key, value) in lookup.map("tags").known().unwrap_or_default() {
            wanted.push((key, vec![value]));
        }
        for filter in ask::blocks(lookup, "filter") {
            let name = ask::word(filter, "name").unwrap_or_default();
            match name.strip_prefix("tag:") {
                Some(key) => {
                    wanted.push((key.to_owned(), filter.texts("values").known().unwrap_or_default()));
                }
                None if name == "vpc-id" => {}
                None => when = when.and(&When::on(self.unknown(format!("what the filter {name} finds")))),
            }
        }
        for (key, values) in wanted {
            let own = tags.get(&key)?;
            let is_equal = values.iter().any(|value| value == own);
            let is_literal = own.literal().is_some() && values.iter().all(|v| v.literal().is_some());
            let has_stars = values.iter().any(|v| v.literal().is_some_and(|l| l.contains(['*', '?'])));
            if !is_equal {
                if is_literal && !has_stars {
                    return None;
                }
                when = when.and(&When::on(self.unknown(format!("what the filter tag:{key} finds"))));
            }
        }
        Some(when)
    }

    /// Interfaces of a site. Returns whether there are any.
    pub(super) fn place(&mut self, site: SiteId, placement: &Placement) -> bool {
        for (at, subnet) in placement.subnets.iter().enumerate() {
            // A state tells a balancer's subnets twice, as subnets and as mappings.
            if placement.subnets.iter().take(at).any(|before| before.is == subnet.is) {
                continue;
            }
            let when = placement.when.and(&subnet.when);
            let guard = match &placement.guarding {
                Guarding::Open => Guard::Open,
                Guarding::Groups(groups) if groups.is_empty() => match self.network_of(subnet.is) {
                    Some(network) => Guard::Groups(vec![Fact::sure(self.default_group(network))]),
                    None => Guard::Groups(Vec::new()),
                },
                Guarding::Groups(groups) => Guard::Groups(groups.clone()),
            };
            self.note(site, subnet.is, &guard);
            let at = usize::try_from(subnet.is.0).unwrap_or(usize::MAX);
            let launch = self.at_launch.get(at).cloned().unwrap_or_default();
            let settle = |given: &Given, by_subnet: Option<When>| match given {
                Given::No => None,
                Given::Yes(when) => Some(when.clone()),
                Given::BySubnet => by_subnet,
            };
            let public = settle(&placement.public, launch.public);
            let six = settle(&placement.six, launch.six);
            let blocks = self.out.world.subnets.get(at).map(|s| s.blocks.clone()).unwrap_or_default();
            let of = |family: Family| -> Vec<Addresses> {
                let fixed: Vec<Addresses> =
                    placement.fixed.iter().copied().filter(|a| a.family() == family).collect();
                if fixed.is_empty() {
                    blocks.iter().filter(|b| b.family() == family).map(|b| usable(*b)).collect()
                } else {
                    fixed
                }
            };
            let mut addresses = of(Family::V4);
            let interface = |addresses, public, when| Interface {
                site,
                subnet: subnet.is,
                guard: guard.clone(),
                addresses,
                public,
                when,
            };
            let mut extra = None;
            match six {
                None => {}
                Some(When::Always) => addresses.extend(of(Family::V6)),
                Some(perhaps) => extra = Some(interface(of(Family::V6), None, when.and(&perhaps))),
            }
            let main = interface(addresses, public, when.clone());
            self.out.world.add_interface(main);
            if let Some(extra) = extra.filter(|e| !e.addresses.is_empty()) {
                self.out.world.add_interface(extra);
            }
        }
        !placement.subnets.is_empty()
    }

    fn note(&mut self, site: SiteId, subnet: SubnetId, guard: &Guard) {
        let Some(name) = self.site_name(site) else { return };
        if !name.subnets.contains(&subnet) {
            name.subnets.push(subnet);
        }
        if let Guard::Groups(groups) = guard {
            for group in groups {
                if !name.groups.contains(&group.is) {
                    name.groups.push(group.is);
                }
            }
        }
    }

    /// The subnets of the default VPC, for what is given no subnet.
    pub(super) fn anywhere_default(&mut self) -> Vec<Fact<SubnetId>> {
        let network = self.default_vpc();
        let own: Vec<Fact<SubnetId>> = self
            .subnets
            .values()
            .filter(|subnet| self.network_of(**subnet) == Some(network))
            .map(|subnet| Fact::sure(*subnet))
            .collect();
        if own.is_empty() {
            let id = ItemId::new("aws_default_subnet", "the subnets of the default VPC");
            return vec![Fact::sure(self.default_subnet(&id, network))];
        }
        own
    }

    /// Addresses that an argument gives.
    pub(super) fn fixed(view: View<'_>, arguments: &[&str]) -> Vec<Addresses> {
        let mut all = Vec::new();
        for argument in arguments {
            for text in view.texts(argument).known().unwrap_or_default() {
                all.extend(text.literal().and_then(parse).map(Addresses::from));
            }
        }
        all
    }
}
