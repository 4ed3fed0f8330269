//! The other ends that the rules of groups name: blocks, groups, lists, machines.

use terrace_aws::inventory::{ItemId, Told, View};
use terrace_aws::{Part, Text};
use terrace_proof::space::{Addresses, GroupId, Peer};
use terrace_proof::world::{Fact, When};

use super::ask;
use super::blocks::{Block, everywhere};
use super::lifting::Lifting;
use super::lists::LISTS;

/// Which way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    In,
    Out,
}

impl Way {
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::In => "ingress",
            Self::Out => "egress",
        }
    }

    pub(super) const fn end(self) -> &'static str {
        match self {
            Self::In => "from",
            Self::Out => "to",
        }
    }
}

/// One other end of a rule.
pub(super) struct End {
    pub(super) path: String,
    pub(super) says: String,
    pub(super) peer: Peer,
    pub(super) when: When,
}

impl Lifting<'_> {
    pub(super) fn ends_inline(&mut self, view: View<'_>, path: &str, of: &[Fact<GroupId>]) -> Vec<End> {
        let mut all = Vec::new();
        for argument in ["cidr_blocks", "ipv6_cidr_blocks"] {
            self.ends_of_blocks(view, argument, path, &mut all);
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

    pub(super) fn ends_of_item(&mut self, view: View<'_>) -> Vec<End> {
        let mut all = Vec::new();
        for argument in ["cidr_ipv4", "cidr_ipv6"] {
            self.ends_of_blocks(view, argument, "", &mut all);
        }
        self.ends_of_groups(view, "referenced_security_group_id", "", &mut all);
        self.ends_of_lists(view, "prefix_list_id", "", &mut all);
        all
    }

    fn ends_of_blocks(&mut self, view: View<'_>, argument: &str, path: &str, all: &mut Vec<End>) {
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
                    let peer = Peer::Addresses(everywhere());
                    all.push(End { path, says, peer, when: When::Perhaps(unknowns) });
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

    /// `${aws_instance.bastion.private_ip}/32`: the machine's own address, which a group without rules stands for. A block
    /// around it (`/16`) is none of that, nor is what a plan does not tell how it is made.
    fn end_of_machine(&mut self, text: &Text, path: &str) -> Option<End> {
        let reference = match text.parts() {
            [Part::Reference(reference)] => reference,
            [Part::Reference(reference), Part::Literal(rest)] if rest == "/32" => reference,
            _ => return None,
        };
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
}

pub(super) fn anyone(path: String) -> End {
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
