//! Ways out of the data tier.

use terrace_aws::inventory::UnknownName;
use terrace_lift::world::ExternalKind;
use terrace_proof::world::{Fact, Party, Via};

use super::{finding, public};
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
    let mut all: Vec<Way> = Vec::new();
    for (site, tier) in subject.sites() {
        if tier != Tier::Data {
            continue;
        }
        let Some(item) = subject.item_of(site) else { continue };
        findings.examine();
        let from = Party::Site(site);
        let out = subject.links.range((from, Party::External(terrace_proof::world::ExternalId(0)))..);
        let mut out = out.take_while(|((opener, _), _)| *opener == from);
        let sent = out.find_map(|((_, to), _)| {
            let passage = outward(subject, *to).then(|| subject.leaves(from, *to)).flatten()?;
            let says = format!("can send to {}", subject.shown(*to));
            let message = format!("`{}` {says}", item.id());
            Some((finding(subject, item, passage, Severity::Medium, message), says))
        });
        let found = sent.or_else(|| routes(subject, site, item));
        let Some((finding, says)) = found else { continue };
        // What one rule or one route does to several is one finding.
        let same = |way: &&mut Way| {
            (&way.finding.fix, &way.finding.place, &way.finding.certainty, &way.says)
                == (&finding.fix, &finding.place, &finding.certainty, &says)
        };
        match all.iter_mut().find(same) {
            Some(way) => way.whose.push(item.id().name().to_owned()),
            None => all.push(Way { finding, whose: vec![item.id().name().to_owned()], says }),
        }
    }
    for Way { mut finding, whose, says } in all {
        if let [first, rest @ ..] = whose.as_slice()
            && !rest.is_empty()
        {
            let perhaps = if finding.message.starts_with("it may be that ") { "it may be that " } else { "" };
            let more: Vec<String> = rest.iter().map(|name| format!("`{name}`")).collect();
            finding.message = format!("{perhaps}`{first}` {says}; so it is with {}", more.join(", "));
        }
        findings.push(finding);
    }
}

/// A way out, and whose it is.
struct Way {
    finding: Finding,
    whose: Vec<String>,
    says: String,
}

/// Routes outward from the subnets that a site may be in.
fn routes(
    subject: &Subject<'_>,
    site: terrace_proof::world::SiteId,
    item: &terrace_aws::inventory::Item,
) -> Option<(Finding, String)> {
    let world = &subject.lifted.world;
    let at = |number: u32| usize::try_from(number).unwrap_or(usize::MAX);
    let subnets = world.interfaces.iter().filter(|interface| interface.site == site).map(|i| i.subnet);
    for subnet in subnets.filter_map(|subnet| world.subnets.get(at(subnet.0))) {
        let Some(table) = subnet.table.and_then(|table| world.tables.get(at(table.0))) else { continue };
        let outward = |route: &&Fact<_>| {
            let route: &terrace_proof::space::Route<Via> = &route.is;
            match route.target {
                Via::Internet | Via::EgressOnly | Via::Nat(_) => true,
                Via::Elsewhere => public(route.to.into()),
                _ => false,
            }
        };
        let Some(route) = table.routes.iter().find(outward) else { continue };
        let Some(evidence) = evidence(subject.lifted, route.is.id) else { continue };
        // An appliance, a firewall's endpoint, a core network may have a way to the internet of its own.
        let elsewhere = route.is.target == Via::Elsewhere;
        let says = if elsewhere {
            "lies in a subnet with a route to something that is not modelled, which may lead outward"
        } else {
            "lies in a subnet with a route outward, which only its groups hold back"
        };
        let message = format!("`{}` {says}", item.id());
        let fix =
            format!("take the route out of the data tier's table: `{}` {}", evidence.item, evidence.says);
        let unknowns = route.when.unknowns().filter_map(|unknown| subject.lifted.unknown(unknown)).cloned();
        let unknowns =
            unknowns.chain(elsewhere.then(|| UnknownName::new(format!("where {} leads", evidence.says))));
        let finding = Finding::about(item, "", message, fix).weighing(Severity::Low).depending(unknowns);
        // Where the route stands: that is one place, however many lie behind it.
        let finding = Finding { place: evidence.place.clone().or(finding.place.clone()), ..finding };
        return Some((finding.because(evidence), says.to_owned()));
    }
    None
}
