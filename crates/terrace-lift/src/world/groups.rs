//! Security groups and their rules, in every shape in which rules are written.
//!
//! Sources: Amazon VPC User Guide, "Security group rules", "Default security groups for your VPCs"; the provider's
//! pages of `aws_security_group`, `aws_security_group_rule`, `aws_vpc_security_group_ingress_rule`.

use terrace_aws::inventory::{Item, ItemId, Told, View};
use terrace_aws::{Mode, Text};
use terrace_proof::space::{GroupId, GroupRule, Peer, Traffic};
use terrace_proof::world::{Fact, Group, NetworkId, Unknowns, When};

use super::ask;
use super::blocks::everywhere;
use super::ends::{End, Way, anyone};
use super::lifting::Lifting;
use super::lists::CDN;
use super::naming::born_with;
use super::networks::VPCS;
use super::traffic::{About, Arguments, about, words};

pub(super) const GROUPS: &[&str] =
    &["aws_security_group", "aws_default_security_group", "aws_security_groups"];

/// The names that all shapes share, or nearly.
const INLINE: Arguments = Arguments { protocol: "protocol", from: "from_port", to: "to_port", icmp: None };
const OF_ITEM: Arguments =
    Arguments { protocol: "ip_protocol", from: "from_port", to: "to_port", icmp: None };

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

    pub(super) fn add_group(&mut self, item: &ItemId, network: Option<NetworkId>) -> GroupId {
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
            && let Some(network) = self.network_born_with(item, "default_security_group_id")
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
                let (blocks, untold) = item.view().blocks_and_more(argument);
                for (index, view) in blocks.into_iter().enumerate() {
                    let path = format!("{argument}[{index}]");
                    let ends = self.ends_inline(view, &path, &of);
                    // A rule that is written once, and there for each of what is not told: perhaps for none.
                    let each = view.references("for_each");
                    let is_there =
                        if each.is_empty() { When::Always } else { When::Perhaps(self.unknowns(&each)) };
                    self.put(item, &of, &path, way, about(view, &INLINE), ends, &is_there);
                }
                if !untold.is_empty() {
                    let traffic = About { traffic: Traffic::All, untold };
                    let end = anyone(String::new());
                    self.put(item, &of, argument, way, traffic, vec![end], &When::Always);
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
                let ends = self.ends_inline(view, "", &of);
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
                let ends = self.ends_of_item(item.view());
                self.put(item, &of, "", way, about(item.view(), &OF_ITEM), ends, &presence);
            }
        }
    }

    /// Rules inside of a group and beside it: the provider removes the one or the other, each time it runs.
    fn also_inline(&mut self, of: &[Fact<GroupId>]) {
        for group in of {
            let Some(id) = self.out.group(group.is).cloned() else { continue };
            let blocks = |argument: &str| {
                self.item(&id).is_some_and(|item| !item.view().blocks_and_more(argument).0.is_empty())
            };
            if blocks("ingress") || blocks("egress") {
                self.assume(format!("{id} has rules inside of it and beside it, and keeps them all"));
            }
        }
    }

    /// The groups that an argument names.
    pub(super) fn groups_named(&mut self, view: View<'_>, argument: &str) -> Vec<Fact<GroupId>> {
        let mut all: Vec<Fact<GroupId>> = Vec::new();
        for named in self.named(view, argument, GROUPS) {
            all.push(Fact { is: self.group(&named.is), when: named.when.clone() });
            for other in self.alike(&named.is) {
                if !all.iter().any(|known| known.is == other.is) {
                    all.push(Fact { is: other.is, when: other.when.and(&named.when) });
                }
            }
        }
        all
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
