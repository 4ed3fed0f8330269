//! Ways out of the data tier.

use terrace_lift::world::ExternalKind;
use terrace_proof::world::{Fact, Party, Via};

use super::finding;
use crate::passage::evidence;
use crate::tiers::Tier;
use crate::{Finding, Findings, Rule, RuleName, Severity, Subject};

/// The rule.
pub(crate) const RULE: Rule = Rule {
    name: RuleName::new("data-way-out"),
    property: "the data tier has no way out",
    severity: Severity::Medium,
    what: "Looks at everything that keeps data. Finds those that can send packets to the internet or to networks that are not told \
           (groups, routes, ACLs, gateways and translators taken together), and, at lower weight, those in a subnet whose table has a route \
           outward that only the groups hold back.",
    why: "Data that has been reached has to get out to be stolen. A database needs no way to the internet; one without a route cannot \
          be made to call out, whatever is changed in a group.",
    example: r#"resource "aws_route" "data" {
  route_table_id         = aws_route_table.data.id
  destination_cidr_block = "0.0.0.0/0"
  nat_gateway_id         = aws_nat_gateway.main.id
}"#,
    fix: "Give the data tier subnets and a route table of its own, with no route but the network's; take `0.0.0.0/0` out of its groups' egress.",
    sources: &[
        "AWS Well-Architected Framework, SEC05-BP02 \"Control traffic flow within your network layers\"",
    ],
    check,
};

/// Whether somebody is outside and takes what is sent: a delivery network's addresses only ask.
fn outward(subject: &Subject<'_>, to: Party) -> bool {
    let Party::External(external) = to else { return false };
    let kind = usize::try_from(external.0).ok().and_then(|at| subject.lifted.external_kinds.get(at));
    !matches!(kind, Some(ExternalKind::Cdn))
}

fn check(subject: &Subject<'_>, findings: &mut Findings) {
    for (site, tier) in subject.sites() {
        if tier != Tier::Data {
            continue;
        }
        let Some(item) = subject.item_of(site) else { continue };
        findings.examine();
        let from = Party::Site(site);
        let out = subject.links.range((from, Party::External(terrace_proof::world::ExternalId(0)))..);
        let out = out.take_while(|((opener, _), _)| *opener == from);
        let mut leaves = false;
        for ((_, to), _) in out.filter(|((_, to), _)| outward(subject, *to)) {
            if let Some(passage) = subject.leaves(from, *to) {
                let message = format!("`{}` can send to {}", item.id(), subject.shown(*to));
                findings.push(finding(subject, item, passage, Severity::Medium, message));
                leaves = true;
                break;
            }
        }
        if !leaves {
            routes(subject, site, item, findings);
        }
    }
}

/// Routes outward from the subnets that a site may be in.
fn routes(
    subject: &Subject<'_>,
    site: terrace_proof::world::SiteId,
    item: &terrace_aws::inventory::Item,
    findings: &mut Findings,
) {
    let world = &subject.lifted.world;
    let at = |number: u32| usize::try_from(number).unwrap_or(usize::MAX);
    let subnets = world.interfaces.iter().filter(|interface| interface.site == site).map(|i| i.subnet);
    for subnet in subnets.filter_map(|subnet| world.subnets.get(at(subnet.0))) {
        let Some(table) = subnet.table.and_then(|table| world.tables.get(at(table.0))) else { continue };
        let outward = |route: &&Fact<_>| {
            let route: &terrace_proof::space::Route<Via> = &route.is;
            matches!(route.target, Via::Internet | Via::EgressOnly | Via::Nat(_))
        };
        let Some(route) = table.routes.iter().find(outward) else { continue };
        let Some(evidence) = evidence(subject.lifted, route.is.id) else { continue };
        let message =
            format!("`{}` lies in a subnet with a route outward, which only its groups hold back", item.id());
        let fix =
            format!("take the route out of the data tier's table: `{}` {}", evidence.item, evidence.says);
        let unknowns = route.when.unknowns().filter_map(|unknown| subject.lifted.unknown(unknown)).cloned();
        findings.push(
            Finding::about(item, "", message, fix)
                .weighing(Severity::Low)
                .depending(unknowns)
                .because(evidence),
        );
        return;
    }
}
