//! Groups and ACLs.

use terrace_proof::space::*;
use terrace_proof::world::*;

use super::Maker;

impl Maker<'_> {
    /// Security groups; their rules may name each other, themselves and the prefix lists.
    pub(super) fn groups(&mut self) {
        let count = 1 + self.tape.below(4);
        let all = self.world.groups.len() + count;
        for n in 0..count {
            if n == 0 && self.is_proper {
                let (ingress, egress) = (vec![self.allow_all()], vec![self.allow_all()]);
                self.world.add_group(Group::Security { ingress, egress });
                continue;
            }
            let ingress = self.group_rules(all);
            let egress = if self.tape.chance(40) { vec![self.allow_all()] } else { self.group_rules(all) };
            self.world.add_group(Group::Security { ingress, egress });
        }
    }

    fn allow_all(&mut self) -> Fact<GroupRule> {
        let peer = Peer::Addresses(Family::BOTH.map(Addresses::all).to_vec());
        let rule = GroupRule { id: self.rule(), traffic: Traffic::All, peer };
        self.fact(rule)
    }

    fn group_rules(&mut self, groups: usize) -> Vec<Fact<GroupRule>> {
        (0..1 + self.tape.below(3))
            .map(|_| {
                let peer = if self.tape.chance(40) {
                    Peer::Group(GroupId(self.index(groups)))
                } else {
                    let count = 1 + self.tape.below(2);
                    Peer::Addresses((0..count).map(|_| self.block().into()).collect())
                };
                let rule = GroupRule { id: self.rule(), traffic: self.traffic(), peer };
                self.fact(rule)
            })
            .collect()
    }

    /// ACLs for some of the subnets; often they end by allowing all, or the ports of answers.
    pub(super) fn acls(&mut self) {
        for _ in 0..self.tape.below(3) {
            let (inbound, outbound) = (self.entries(), self.entries());
            self.world.add_acl(Acl { inbound, outbound });
        }
        for subnet in 0..self.world.subnets.len() {
            if !self.world.acls.is_empty() && self.tape.chance(60) {
                self.world.subnets[subnet].acl = Some(AclId(self.index(self.world.acls.len())));
            }
        }
    }

    fn entries(&mut self) -> Vec<Fact<AclEntry>> {
        let mut entries = Vec::new();
        for _ in 0..self.tape.below(4) {
            let entry = AclEntry {
                id: self.rule(),
                order: 100 + self.index(3),
                action: self.tape.pick(&[AclAction::Allow, AclAction::Deny]),
                traffic: self.traffic(),
                block: self.block(),
            };
            entries.push(self.fact(entry));
        }
        if self.tape.chance(75) {
            for block in [super::v4([0, 0, 0, 0], 0), super::v6(0, 0)] {
                let traffic = if self.tape.chance(70) { Traffic::All } else { self.traffic() };
                let id = self.rule();
                let entry = AclEntry { id, order: 200, action: AclAction::Allow, traffic, block };
                entries.push(self.fact(entry));
            }
        }
        entries
    }

    pub(super) fn guard(&mut self, open: usize) -> Guard {
        if self.tape.chance(open) {
            return Guard::Open;
        }
        if self.is_proper && self.tape.chance(40) {
            let first = self.world.groups.iter().position(|group| matches!(group, Group::Security { .. }));
            let first = GroupId(u32::try_from(first.unwrap_or(0)).unwrap());
            return Guard::Groups(vec![self.fact(first)]);
        }
        let count = self.world.groups.len();
        let carried = (0..1 + self.tape.below(3)).map(|_| GroupId(self.index(count))).collect::<Vec<_>>();
        // Nobody carries a prefix list.
        let carried = carried
            .into_iter()
            .filter(|id| matches!(self.world.groups.get(id.0 as usize), Some(Group::Security { .. })));
        let carried: Vec<GroupId> = carried.collect();
        Guard::Groups(carried.into_iter().map(|id| self.fact(id)).collect())
    }
}
