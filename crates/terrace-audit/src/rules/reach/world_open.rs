//! Group rules that are open to the world and that nothing from the internet comes by: no finding, but told as cleared,
//! with what keeps the internet away.

use std::collections::BTreeSet;

use terrace_proof::reach::speaking_of;
use terrace_proof::space::{Addresses, Family, GroupId, GroupRule, Peer, RuleId};
use terrace_proof::world::{ExternalId, Group, Guard, Party, SiteId};

use super::public;
use crate::{Evidence, Findings, Subject, blocked};

/// As many carriers of a group as a person would read of.
const MOST: usize = 3;

/// Clears each such rule of a group that somebody carries; `dead` are those that are found to have no effect at all.
/// While a part of the design is not here, nobody knows who comes by what.
pub(super) fn clear(subject: &Subject<'_>, dead: &BTreeSet<RuleId>, findings: &mut Findings) {
    if !crate::audit::missing(subject).is_empty() {
        return;
    }
    for (group, facts) in (0..).map(GroupId).zip(&subject.lifted.world.groups) {
        let Group::Security { ingress, .. } = facts else { continue };
        let open =
            ingress.iter().map(|fact| &fact.is).filter(|rule| is_open(rule) && !dead.contains(&rule.id));
        for rule in open {
            let carriers = carriers(subject, group);
            if carriers.is_empty() || carriers.iter().any(|site| comes(subject, rule, *site)) {
                continue;
            }
            let Some(from) = subject.lifted.rule(rule.id) else { continue };
            let what = Evidence {
                item: from.item.clone(),
                path: from.path.clone(),
                says: from.says.clone(),
                place: from.place.clone(),
            };
            findings.clear(what, reason(subject, rule, &carriers));
        }
    }
}

fn is_open(rule: &GroupRule) -> bool {
    let Peer::Addresses(all) = &rule.peer else { return false };
    [Family::V4, Family::V6].into_iter().any(|family| all.contains(&Addresses::all(family)))
}

fn carriers(subject: &Subject<'_>, group: GroupId) -> BTreeSet<SiteId> {
    let interfaces = subject.lifted.world.interfaces.iter();
    let carries =
        |guard: &Guard| matches!(guard, Guard::Groups(all) if all.iter().any(|fact| fact.is == group));
    interfaces.filter(|interface| carries(&interface.guard)).map(|interface| interface.site).collect()
}

/// Whether a packet with an address of the internet may come to a site on a rule's ports: directly, or by a load balancer
/// that keeps its clients' addresses.
fn comes(subject: &Subject<'_>, rule: &GroupRule, site: SiteId) -> bool {
    let externals = (0..).map(ExternalId).take(subject.lifted.externals.len()).map(Party::External);
    let mut froms = externals.chain(subject.tiers.doors(site).map(Party::Site));
    let wanted = speaking_of(&[rule.traffic]);
    froms.any(|from| {
        let ways = subject.links.get(&(from, Party::Site(site))).into_iter().flat_map(|link| &link.ways);
        let sources = ways.map(|way| way.conversation.of(&wanted).sources());
        sources.flat_map(|all| all.as_slice().to_vec()).any(public)
    })
}

fn reason(subject: &Subject<'_>, rule: &GroupRule, carriers: &BTreeSet<SiteId>) -> String {
    let internet = [Party::External(ExternalId::INTERNET)];
    let whom = carriers.iter().take(MOST).map(|site| {
        let site = Party::Site(*site);
        let why = blocked::reasons(subject, &internet, &[site], &[rule.traffic], None).into_iter().next();
        let why = why.map_or_else(String::new, |why| format!(" ({why})"));
        format!("`{}`{why}", subject.shown(site))
    });
    let whom = whom.collect::<Vec<_>>().join(", ");
    match carriers.len().saturating_sub(MOST) {
        0 => format!("nothing from the internet comes by it to {whom}"),
        more => format!("nothing from the internet comes by it to {whom} and {more} more"),
    }
}
