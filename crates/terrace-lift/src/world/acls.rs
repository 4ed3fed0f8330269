//! Network ACLs, and which subnet has which.
//!
//! Source: Amazon VPC User Guide, "Network ACL basics": a subnet that is given none has its network's default one,
//! which lets everything pass unless somebody has taken it over.

use terrace_aws::Text;
use terrace_aws::inventory::{Item, ItemId, Told, View};
use terrace_proof::space::{AclAction, AclEntry, AddressBlock};
use terrace_proof::world::{Acl, AclId, Fact, NetworkId, SubnetId, When};

use super::ask;
use super::blocks::{Block, EVERYWHERE};
use super::lifting::Lifting;
use super::networks::SUBNETS;
use super::traffic::{Arguments, about, words};

const ACLS: &[&str] = &["aws_network_acl", "aws_default_network_acl"];
const TRAFFIC: Arguments = Arguments {
    protocol: "protocol",
    from: "from_port",
    to: "to_port",
    icmp: Some(("icmp_type", "icmp_code")),
};

/// The names of two arguments that differ between the shapes.
struct Named {
    order: &'static str,
    action: &'static str,
}

impl Lifting<'_> {
    pub(super) fn acls(&mut self) {
        let mut default: Vec<(NetworkId, AclId)> = Vec::new();
        for item in self.all(ACLS) {
            let id = self.out.world.add_acl(Acl::default());
            self.out.acls.push(item.id().clone());
            self.acls.insert(item.id().clone(), id);
            for (argument, inbound) in [("ingress", true), ("egress", false)] {
                match item.view().blocks(argument) {
                    Told::Nothing => {}
                    Told::Is(blocks) => {
                        for (index, view) in blocks.into_iter().enumerate() {
                            let named = Named { order: "rule_no", action: "action" };
                            let path = format!("{argument}[{index}]");
                            self.entry_of(item, &path, view, &named, id, inbound, &When::Always);
                        }
                    }
                    Told::Unknown(of) => {
                        let when = When::Perhaps(self.unknowns(&of));
                        self.unclear(item.id(), argument, id, inbound, &when);
                    }
                }
            }
            if item.type_name() == "aws_default_network_acl"
                && let Some(network) = self.network_of_default(item)
            {
                default.push((network, id));
            }
        }
        self.acl_rules();
        for (at, subnet) in self.out.world.subnets.clone().iter().enumerate() {
            let of = default.iter().find(|(network, _)| *network == subnet.network);
            if let (Some((_, acl)), Some(found)) = (of, self.out.world.subnets.get_mut(at)) {
                found.acl = Some(*acl);
            }
        }
        self.acl_subnets();
    }

    fn network_of_default(&mut self, item: &Item) -> Option<NetworkId> {
        let named = self.network_named(item, "vpc_id");
        named.or_else(|| self.network_taken_over(item.view(), "default_network_acl_id"))
    }

    fn acl_rules(&mut self) {
        for item in self.all(&["aws_network_acl_rule"]) {
            let view = item.view();
            let presence = self.presence(item);
            for of in self.named(view, "network_acl_id", ACLS) {
                let Some(id) = self.acls.get(&of.is).copied() else {
                    self.unmodelled(item.id(), format!("an entry of {}, an ACL that is not told", of.is));
                    continue;
                };
                let when = presence.and(&of.when);
                let named = Named { order: "rule_number", action: "rule_action" };
                match ask::bool(view, "egress") {
                    Told::Is(egress) => self.entry_of(item, "", view, &named, id, !egress, &when),
                    Told::Nothing => self.entry_of(item, "", view, &named, id, true, &when),
                    Told::Unknown(untold) => {
                        let when = when.and(&When::Perhaps(self.unknowns(&untold)));
                        for inbound in [true, false] {
                            self.entry_of(item, "", view, &named, id, inbound, &when);
                        }
                    }
                }
            }
        }
    }

    #[expect(clippy::too_many_arguments, reason = "what an entry is made of")]
    fn entry_of(
        &mut self,
        item: &Item,
        path: &str,
        view: View<'_>,
        named: &Named,
        acl: AclId,
        inbound: bool,
        when: &When,
    ) {
        let about = about(view, &TRAFFIC);
        let mut when = when.clone();
        if !about.untold.is_empty() {
            when = when.and(&When::Perhaps(self.unknowns(&about.untold)));
        }
        let order = match ask::int(view, named.order) {
            Told::Is(number) => u32::try_from(number).unwrap_or(u32::MAX),
            Told::Nothing => u32::MAX,
            Told::Unknown(of) => {
                // Before or behind any other: whatever it matches is unclear.
                let when = when.and(&When::Perhaps(self.unknowns(&of)));
                self.unclear(item.id(), path, acl, inbound, &when);
                return;
            }
        };
        let actions = match ask::literal(view, named.action) {
            Told::Is(word) if word.eq_ignore_ascii_case("allow") => vec![AclAction::Allow],
            Told::Is(_) | Told::Nothing => vec![AclAction::Deny],
            Told::Unknown(of) => {
                when = when.and(&When::Perhaps(self.unknowns(&of)));
                vec![AclAction::Allow, AclAction::Deny]
            }
        };
        for argument in ["cidr_block", "ipv6_cidr_block"] {
            let text = match ask::text(view, argument) {
                Told::Nothing => continue,
                Told::Is(text) => text,
                Told::Unknown(of) => Text::opaque(of),
            };
            let blocks: Vec<(AddressBlock, When)> = match self.block(&text) {
                Block::Is(block) => self.matching(block),
                Block::Unknown(unknowns) => EVERYWHERE.map(|b| (b, When::Perhaps(unknowns.clone()))).to_vec(),
            };
            for (block, whether) in blocks {
                for action in &actions {
                    let verb = if *action == AclAction::Allow { "allow" } else { "deny" };
                    let (way, end) = if inbound { ("in", "from") } else { ("out", "to") };
                    let says = format!("{way} {order} {verb} {} {end} {block}", words(about.traffic));
                    let id = self.rule(item.id(), path, says);
                    let entry = AclEntry { id, order, action: *action, traffic: about.traffic, block };
                    self.enter(acl, inbound, Fact { is: entry, when: when.and(&whether) });
                }
            }
        }
    }

    fn enter(&mut self, acl: AclId, inbound: bool, entry: Fact<AclEntry>) {
        let at = usize::try_from(acl.0).unwrap_or(usize::MAX);
        if let Some(acl) = self.out.world.acls.get_mut(at) {
            if inbound { acl.inbound.push(entry) } else { acl.outbound.push(entry) }
        }
    }

    /// Before everything else: whatever there is passes perhaps, and perhaps not.
    fn unclear(&mut self, item: &ItemId, path: &str, acl: AclId, inbound: bool, when: &When) {
        for block in EVERYWHERE {
            for action in [AclAction::Allow, AclAction::Deny] {
                let id = self.rule(item, path, "entries that are not told");
                let traffic = terrace_proof::space::Traffic::All;
                let entry = AclEntry { id, order: 0, action, traffic, block };
                self.enter(acl, inbound, Fact { is: entry, when: when.clone() });
            }
        }
    }

    /// Which subnet is given which ACL.
    fn acl_subnets(&mut self) {
        let mut given: Vec<(SubnetId, AclId, When)> = Vec::new();
        for item in self.all(ACLS) {
            let Some(acl) = self.acls.get(item.id()).copied() else { continue };
            let presence = self.presence(item);
            for subnet in self.named(item.view(), "subnet_ids", SUBNETS) {
                let id = self.subnet(&subnet.is, None);
                given.push((id, acl, presence.and(&subnet.when)));
            }
        }
        for item in self.all(&["aws_network_acl_association"]) {
            let presence = self.presence(item);
            let acls = self.named(item.view(), "network_acl_id", ACLS);
            for subnet in self.named(item.view(), "subnet_id", SUBNETS) {
                let id = self.subnet(&subnet.is, None);
                for acl in &acls {
                    let known = match self.acls.get(&acl.is).copied() {
                        Some(known) => known,
                        None => self.untold_acl(&acl.is),
                    };
                    given.push((id, known, presence.and(&subnet.when).and(&acl.when)));
                }
            }
        }
        for (subnet, acl, when) in given {
            let acl = if when == When::Always { acl } else { self.perhaps_acl(acl, &when) };
            let at = usize::try_from(subnet.0).unwrap_or(usize::MAX);
            if let Some(found) = self.out.world.subnets.get_mut(at) {
                found.acl = Some(acl);
            }
        }
    }

    /// An ACL that is not told: whatever it is asked passes perhaps.
    fn untold_acl(&mut self, name: &ItemId) -> AclId {
        let id = self.out.world.add_acl(Acl::default());
        self.out.acls.push(name.clone());
        self.acls.insert(name.clone(), id);
        let when = When::Perhaps(self.not_told(name));
        for inbound in [true, false] {
            self.unclear(name, "", id, inbound, &when);
        }
        id
    }

    /// An ACL that is perhaps the subnet's, in the place of one that lets everything pass.
    fn perhaps_acl(&mut self, acl: AclId, when: &When) -> AclId {
        let at = usize::try_from(acl.0).unwrap_or(usize::MAX);
        let item = self.out.acls.get(at).cloned().unwrap_or_else(|| ItemId::new("aws_network_acl", ""));
        let mut new = self.out.world.acls.get(at).cloned().unwrap_or_default();
        for entries in [&mut new.inbound, &mut new.outbound] {
            // An entry that allows stays: without the ACL, too, what it allows passes.
            let deny = entries.iter_mut().filter(|e| e.is.action == AclAction::Deny);
            deny.for_each(|e| e.when = e.when.and(when));
        }
        for (inbound, entries) in [(true, &mut new.inbound), (false, &mut new.outbound)] {
            for block in EVERYWHERE {
                let way = if inbound { "in" } else { "out" };
                let id = self.rule(&item, "", format!("{way} all traffic, if the subnet has another ACL"));
                let traffic = terrace_proof::space::Traffic::All;
                let order = u32::MAX;
                let entry = AclEntry { id, order, action: AclAction::Allow, traffic, block };
                entries.push(Fact { is: entry, when: when.clone() });
            }
        }
        let id = self.out.world.add_acl(new);
        self.out.acls.push(item);
        id
    }
}
