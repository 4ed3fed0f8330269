//! Security groups and their rules, in every shape in which rules are written.
//!
//! Sources: Amazon VPC User Guide, "Security group rules", "Default security groups for your VPCs"; the provider's
//! pages of `aws_security_group`, `aws_security_group_rule`, `aws_vpc_security_group_ingress_rule`.

use terrace_aws::inventory::{Item, ItemId, Told, View};
use terrace_aws::{Mode, Text};
use terrace_proof::space::{Addresses, GroupId, GroupRule, Peer, Traffic};
use terrace_proof::world::{Fact, Group, NetworkId, Unknowns, When};

use super::ask;
use super::blocks::{Block, everywhere};
use super::lifting::{Lifting, born_with};
use super::lists::{CDN, LISTS};
use super::networks::VPCS;
use super::traffic::{About, Arguments, about, words};

pub(super) const GROUPS: &[&str] =
    &["aws_security_group", "aws_default_security_group", "aws_security_groups"];

/// The names that all shapes share, or nearly.
const INLINE: Arguments = Arguments { protocol: "protocol", from: "from_port", to: "to_port", icmp: None };
const OF_ITEM: Arguments =
    Arguments { protocol: "ip_protocol", from: "from_port", to: "to_port", icmp: None };

/// Which way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    In,
    Out,
}

impl Way {
    const fn word(self) -> &'static str {
        match self {
            Self::In => "ingress",
            Self::Out => "egress",
        }
    }

    const fn end(self) -> &'static str {
        match self {
            Self::In => "from",
            Self::Out => "to",
        }
    }
}

/// One other end of a rule.
struct End {
    path: String,
    says: String,
    peer: Peer,
    when: When,
}

impl Lifting<'_> {
    /// A number for every group.
    pub(super) fn groups(&mut self) {
        for item in self.all(&["aws_security_group", "aws_default_security_group"]) {
            let network = match self.network_named(item, "vpc_id") {
                Some(network) => network,
                None => self.default_vpc(),
            };
            let id = self.add_group(item.id(), Some(network));
            if item.type_name() == "aws_default_security_group" {
                self.default_groups.insert(network, id);
            }
        }
    }

    fn add_group(&mut self, item: &ItemId, network: Option<NetworkId>) -> GroupId {
        let id = self.out.world.add_group(Group::Security { ingress: Vec::new(), egress: Vec::new() });
        self.out.groups.push(item.clone());
        self.groups.insert(item.clone(), id);
        if let Some(network) = network {
            self.group_networks.insert(id, network);
        }
        id
    }

    /// The group that a network is born with: it lets its own members in, and everything out.
    pub(super) fn default_group(&mut self, network: NetworkId) -> GroupId {
        if let Some(known) = self.default_groups.get(&network) {
            return *known;
        }
        let at = usize::try_from(network.0).unwrap_or(usize::MAX);
        let item = self.out.networks.get(at).cloned();
        let item = item.unwrap_or_else(|| ItemId::new("aws_vpc", "a network"));
        let name = born_with(&item, "default_security_group_id");
        let name = name
            .unwrap_or_else(|| ItemId::new("aws_default_security_group", format!("default group of {item}")));
        let id = self.add_group(&name, Some(network));
        self.default_groups.insert(network, id);
        let own = self.rule(&name, "", format!("ingress all traffic from {name}, as AWS makes it"));
        self.allow(
            id,
            Way::In,
            Fact::sure(GroupRule { id: own, traffic: Traffic::All, peer: Peer::Group(id) }),
        );
        let out = self.rule(&name, "", "egress all traffic to everywhere, as AWS makes it");
        let peer = Peer::Addresses(everywhere());
        self.allow(id, Way::Out, Fact::sure(GroupRule { id: out, traffic: Traffic::All, peer }));
        id
    }

    /// The group of an item. One that is not in the inventory lets through whatever it may.
    pub(super) fn group(&mut self, item: &ItemId) -> GroupId {
        if let Some(known) = self.groups.get(item) {
            return *known;
        }
        if item.type_name() == "aws_default_security_group"
            && let Some(network) = self.network_born(item)
        {
            return self.default_group(network);
        }
        if let Some(known) = self.looked_up_group(item) {
            self.groups.insert(item.clone(), known);
            return known;
        }
        let id = self.add_group(item, None);
        let unknowns = self.not_told(item);
        // What a module or a lookup gives is a thing of its own; a variable may be anything.
        let is_value = !["module.", "data."].iter().any(|word| item.name().starts_with(word));
        if is_value && self.is_open(item) {
            self.open_groups.insert(id, unknowns.clone());
        }
        for way in [Way::In, Way::Out] {
            let rule = self.rule(item, "", format!("{} rules of {item}, which are not told", way.word()));
            let peer = Peer::Addresses(everywhere());
            let fact = Fact::perhaps(GroupRule { id: rule, traffic: Traffic::All, peer }, unknowns.clone());
            self.allow(id, way, fact);
        }
        id
    }

    fn network_born(&self, group: &ItemId) -> Option<NetworkId> {
        let is = |network: &&ItemId| born_with(network, "default_security_group_id").as_ref() == Some(group);
        self.networks.keys().find(is).and_then(|network| self.networks.get(network)).copied()
    }

    /// Lookups whose result is known without an account.
    fn looked_up_group(&mut self, id: &ItemId) -> Option<GroupId> {
        let item = self.item(id).filter(|_| id.mode() == Mode::Data)?;
        let mut name = ask::word(item.view(), "name");
        for filter in ask::blocks(item.view(), "filter") {
            if ask::word(filter, "name").as_deref() == Some("group-name")
                && let Told::Is(values) = filter.texts("values")
            {
                name = values.first().and_then(Text::literal).map(str::to_owned);
            }
        }
        match name.as_deref()? {
            "default" => {
                let network = self.one(item.view(), "vpc_id", VPCS)?;
                let network = self.network(&network.is);
                Some(self.default_group(network))
            }
            "CloudFront-VPCOrigins-Service-SG" => {
                let cdn = self.service(CDN);
                Some(self.external_group(cdn, id))
            }
            _ => None,
        }
    }

    fn allow(&mut self, group: GroupId, way: Way, fact: Fact<GroupRule>) {
        let at = usize::try_from(group.0).unwrap_or(usize::MAX);
        if let Some(Group::Security { ingress, egress }) = self.out.world.groups.get_mut(at) {
            match way {
                Way::In => ingress.push(fact),
                Way::Out => egress.push(fact),
            }
        }
    }

    /// The rules of every group.
    pub(super) fn group_rules(&mut self) {
        for item in self.all(&["aws_security_group", "aws_default_security_group"]) {
            let Some(group) = self.groups.get(item.id()).copied() else { continue };
            let of = [Fact { is: group, when: When::Always }];
            for (argument, way) in [("ingress", Way::In), ("egress", Way::Out)] {
                match item.view().blocks(argument) {
                    Told::Nothing => {}
                    Told::Is(blocks) => {
                        for (index, view) in blocks.into_iter().enumerate() {
                            let path = format!("{argument}[{index}]");
                            let ends = self.ends_inline(view, &path, way, &of);
                            self.put(item, &of, &path, way, about(view, &INLINE), ends, &When::Always);
                        }
                    }
                    Told::Unknown(untold) => {
                        let traffic = About { traffic: Traffic::All, untold };
                        let end = anyone(String::new());
                        self.put(item, &of, argument, way, traffic, vec![end], &When::Always);
                    }
                }
            }
        }
        for item in self.all(&["aws_security_group_rule"]) {
            let view = item.view();
            let of = self.groups_named(view, "security_group_id");
            self.also_inline(&of);
            let ways = match ask::literal(view, "type") {
                Told::Is(word) if word == "egress" => vec![(Way::Out, When::Always)],
                Told::Is(_) | Told::Nothing => vec![(Way::In, When::Always)],
                Told::Unknown(untold) => {
                    let when = When::Perhaps(self.unknowns(&untold));
                    vec![(Way::In, when.clone()), (Way::Out, when)]
                }
            };
            let presence = self.presence(item);
            for (way, when) in ways {
                let ends = self.ends_inline(view, "", way, &of);
                self.put(item, &of, "", way, about(view, &INLINE), ends, &presence.and(&when));
            }
        }
        for (types, way) in [
            (&["aws_vpc_security_group_ingress_rule"], Way::In),
            (&["aws_vpc_security_group_egress_rule"], Way::Out),
        ] {
            for item in self.all(types) {
                let of = self.groups_named(item.view(), "security_group_id");
                self.also_inline(&of);
                let presence = self.presence(item);
                let ends = self.ends_of_item(item.view(), way);
                self.put(item, &of, "", way, about(item.view(), &OF_ITEM), ends, &presence);
            }
        }
    }

    /// Rules inside of a group and beside it: the provider removes the one or the other, each time it runs.
    fn also_inline(&mut self, of: &[Fact<GroupId>]) {
        for group in of {
            let Some(id) = self.out.group(group.is).cloned() else { continue };
            let blocks = |argument: &str| {
                self.item(&id).is_some_and(|item| !ask::blocks(item.view(), argument).is_empty())
            };
            if blocks("ingress") || blocks("egress") {
                self.assume(format!("{id} has rules inside of it and beside it, and keeps them all"));
            }
        }
    }

    /// The groups that an argument names.
    pub(super) fn groups_named(&mut self, view: View<'_>, argument: &str) -> Vec<Fact<GroupId>> {
        let named = self.named(view, argument, GROUPS);
        named.into_iter().map(|id| Fact { is: self.group(&id.is), when: id.when }).collect()
    }

    fn ends_inline(&mut self, view: View<'_>, path: &str, way: Way, of: &[Fact<GroupId>]) -> Vec<End> {
        let mut all = Vec::new();
        for argument in ["cidr_blocks", "ipv6_cidr_blocks"] {
            self.ends_of_blocks(view, argument, path, way, &mut all);
        }
        for argument in ["security_groups", "source_security_group_id", "source_security_group_ids"] {
            self.ends_of_groups(view, argument, path, &mut all);
        }
        self.ends_of_lists(view, "prefix_list_ids", path, &mut all);
        if let Some(when) = self.truth(ask::bool(view, "self"), false) {
            for group in of {
                let name = self.out.group(group.is).map(ToString::to_string).unwrap_or_default();
                let when = when.and(&group.when);
                all.push(End { path: joined(path, "self"), says: name, peer: Peer::Group(group.is), when });
            }
        }
        all
    }

    fn ends_of_item(&mut self, view: View<'_>, way: Way) -> Vec<End> {
        let mut all = Vec::new();
        for argument in ["cidr_ipv4", "cidr_ipv6"] {
            self.ends_of_blocks(view, argument, "", way, &mut all);
        }
        self.ends_of_groups(view, "referenced_security_group_id", "", &mut all);
        self.ends_of_lists(view, "prefix_list_id", "", &mut all);
        all
    }

    fn ends_of_blocks(&mut self, view: View<'_>, argument: &str, path: &str, way: Way, all: &mut Vec<End>) {
        let texts = match view.texts(argument) {
            Told::Nothing => return,
            Told::Is(texts) => texts,
            Told::Unknown(of) => vec![Text::opaque(of)],
        };
        for (index, text) in texts.iter().enumerate().filter(|(_, text)| text.literal() != Some("")) {
            let path = joined(path, &format!("{argument}[{index}]"));
            if let Some(end) = self.end_of_machine(text, &path) {
                all.push(end);
                continue;
            }
            match self.block(text) {
                Block::Is(block) => {
                    for (block, when) in self.matching(block) {
                        let peer = Peer::Addresses(vec![Addresses::from(block)]);
                        let says = self.block_name(text, block, &when);
                        all.push(End { path: path.clone(), says, peer, when });
                    }
                }
                Block::Unknown(unknowns) => {
                    let says = format!("{} which is not told", names(text));
                    let end = End {
                        path,
                        says: if way == Way::In { says.clone() } else { says },
                        peer: Peer::Addresses(everywhere()),
                        when: When::Perhaps(unknowns),
                    };
                    all.push(end);
                }
            }
        }
    }

    fn block_name(&self, text: &Text, block: terrace_proof::space::AddressBlock, when: &When) -> String {
        match (text.literal(), when) {
            (Some(literal), When::Always) => literal.to_owned(),
            (Some(literal), When::Perhaps(_)) => format!("{literal}, which {block} stands for perhaps"),
            (None, _) => format!("{block}, {}", names(text)),
        }
    }

    /// `${aws_instance.bastion.private_ip}/32`: the machine's own address, which a group without rules stands for.
    fn end_of_machine(&mut self, text: &Text, path: &str) -> Option<End> {
        let mut references = text.references();
        let (Some(reference), None) = (references.next(), references.next()) else { return None };
        if reference.attribute() != "private_ip" {
            return None;
        }
        let machine = reference.item()?;
        let site = self.sites.get(machine).copied()?;
        let name = ItemId::new("aws_security_group", format!("the private address of {machine}"));
        let id = match self.groups.get(&name) {
            Some(id) => *id,
            None => self.add_group(&name, None),
        };
        for interface in self.out.world.interfaces.iter_mut().filter(|i| i.site == site) {
            if let terrace_proof::world::Guard::Groups(groups) = &mut interface.guard
                && !groups.iter().any(|g| g.is == id)
            {
                groups.push(Fact::sure(id));
            }
        }
        let says = format!("the private address of {machine}");
        Some(End { path: path.to_owned(), says, peer: Peer::Group(id), when: When::Always })
    }

    fn ends_of_groups(&mut self, view: View<'_>, argument: &str, path: &str, all: &mut Vec<End>) {
        for group in self.groups_named(view, argument) {
            let says = self.out.group(group.is).map(ToString::to_string).unwrap_or_default();
            let path = joined(path, argument);
            if let Some(unknowns) = self.open_groups.get(&group.is).cloned() {
                // It may be any of the groups that are known.
                let known: Vec<GroupId> = self.groups.values().copied().filter(|g| *g != group.is).collect();
                for other in known {
                    let name = self.out.group(other).map(ToString::to_string).unwrap_or_default();
                    let says = format!("{says}, which may be {name}");
                    let when = group.when.and(&When::Perhaps(unknowns.clone()));
                    all.push(End { path: path.clone(), says, peer: Peer::Group(other), when });
                }
            }
            all.push(End { path, says, peer: Peer::Group(group.is), when: group.when });
        }
    }

    fn ends_of_lists(&mut self, view: View<'_>, argument: &str, path: &str, all: &mut Vec<End>) {
        for list in self.named(view, argument, LISTS) {
            let path = joined(path, argument);
            if let Some(external) = self.kept_by_aws(&list.is) {
                let peer = Peer::Group(self.external_group(external, &list.is));
                all.push(End { path, says: list.is.to_string(), peer, when: list.when });
                continue;
            }
            match self.entries(&list.is) {
                Ok(blocks) => {
                    for (block, when) in blocks {
                        let peer = Peer::Addresses(vec![Addresses::from(block)]);
                        let says = format!("{block} of {}", list.is);
                        all.push(End { path: path.clone(), says, peer, when: when.and(&list.when) });
                    }
                }
                Err(unknowns) => {
                    let mut end = anyone(path);
                    end.says = format!("{}, which is not told", list.is);
                    end.when = list.when.and(&When::Perhaps(unknowns));
                    all.push(end);
                }
            }
        }
    }

    #[expect(clippy::too_many_arguments, reason = "what a rule is made of")]
    fn put(
        &mut self,
        item: &Item,
        of: &[Fact<GroupId>],
        path: &str,
        way: Way,
        about: About,
        ends: Vec<End>,
        presence: &When,
    ) {
        let untold = if about.untold.is_empty() { None } else { Some(self.unknowns(&about.untold)) };
        let traffic_when = untold.map_or(When::Always, |u: Unknowns| When::Perhaps(u));
        for end in ends {
            let says = format!("{} {} {} {}", way.word(), words(about.traffic), way.end(), end.says);
            let path = if end.path.is_empty() { path } else { &end.path };
            let rule = self.rule(item.id(), path, says);
            let when = presence.and(&end.when).and(&traffic_when);
            for group in of {
                let is = GroupRule { id: rule, traffic: about.traffic, peer: end.peer.clone() };
                self.allow(group.is, way, Fact { is, when: when.and(&group.when) });
            }
        }
    }
}

fn anyone(path: String) -> End {
    let peer = Peer::Addresses(everywhere());
    End { path, says: "ends that are not told".to_owned(), peer, when: When::Always }
}

fn joined(path: &str, argument: &str) -> String {
    if path.is_empty() { argument.to_owned() } else { format!("{path}.{argument}") }
}

fn names(text: &Text) -> String {
    let names: Vec<String> = text.references().map(ToString::to_string).collect();
    if names.is_empty() { text.to_string() } else { names.join(", ") }
}
