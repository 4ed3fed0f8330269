//! Groups that interfaces are given afterwards, by an item of their own.
//!
//! Source: the provider's page of `aws_network_interface_sg_attachment`.

use terrace_aws::inventory::{Item, ItemId};
use terrace_proof::world::{Fact, Guard, When};

use super::lifting::Lifting;

const HOLDERS: &[&str] = &["aws_network_interface", "aws_instance", "aws_vpc_endpoint"];

impl<'a> Lifting<'a> {
    /// Every such item. Sites and their interfaces are there by now.
    pub(super) fn attached_groups(&mut self) {
        for item in self.all(&["aws_network_interface_sg_attachment"]) {
            for holder in self.named(item.view(), "network_interface_id", HOLDERS) {
                self.attached_group(item, &holder);
            }
        }
    }

    fn attached_group(&mut self, item: &'a Item, holder: &Fact<ItemId>) {
        let Some(site) = self.sites.get(&holder.is).copied() else {
            self.may_open(item.id(), format!("a group for the interface {}, which is not told", holder.is));
            return;
        };
        let groups = self.groups_named(item.view(), "security_group_id");
        let given = self.presence(item).and(&holder.when);
        let mut at: Vec<usize> = (0..self.out.world.interfaces.len()).collect();
        at.retain(|at| self.out.world.interfaces.get(*at).is_some_and(|found| found.site == site));
        // Of a site with several it may be any of them.
        let any = When::on(self.unknown(format!("which interface {} is for", item.id())));
        let given = if at.len() > 1 { given.and(&any) } else { given };
        for at in at {
            let Some(interface) = self.out.world.interfaces.get_mut(at) else { continue };
            if let Guard::Groups(carried) = &mut interface.guard {
                let new = groups.iter().map(|group| Fact { is: group.is, when: group.when.and(&given) });
                carried.extend(new);
            }
        }
        for group in groups {
            if let Some(name) = self.site_name(site)
                && !name.groups.contains(&group.is)
            {
                name.groups.push(group.is);
            }
        }
    }
}
