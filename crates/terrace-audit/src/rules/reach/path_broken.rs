//! Intended paths that cannot work.

use terrace_aws::inventory::Item;
use terrace_proof::reach::{Claim, Must, Through, speaking_of};
use terrace_proof::space::{PacketSet, PortSpan, Traffic, Transport};
use terrace_proof::world::{ExternalId, Party, SiteId};

use crate::tiers::Tier;
use crate::{Finding, Findings, Rule, RuleName, Severity, Subject, blocked};

/// The rule.
pub(crate) const RULE: Rule = Rule {
    name: RuleName::new("path-broken"),
    property: "every path that is meant works",
    severity: Severity::Medium,
    what: "Looks at the paths that the tiers mean: from the internet to the edge, from a load balancer or a distribution to each that it \
           sends to, from the page's tier to the application's load balancer, from the application to each database. Finds those on which no \
           packet and its answer can pass, and says the smallest sets of things that stand in the way.",
    why: "It does not work, or worse: it will be made to work in a hurry, by a rule that opens everything.",
    example: r#"resource "aws_vpc_security_group_ingress_rule" "db" {
  security_group_id            = aws_security_group.db.id
  referenced_security_group_id = aws_security_group.app.id
  ip_protocol                  = "tcp"
  from_port                    = 3306
  to_port                      = 3306 # the database is PostgreSQL, and listens on 5432
}"#,
    fix: "Change what the finding names: the port of a rule, the group it names, a route, the way back through a network ACL.",
    sources: &["Amazon VPC Reachability Analyzer, \"Explanation codes\""],
    check,
};

fn check(subject: &Subject<'_>, findings: &mut Findings) {
    let internet = Party::External(ExternalId::INTERNET);
    for (site, tier) in subject.sites() {
        let Some(item) = subject.item_of(site) else { continue };
        if subject.tiers.is_public(site) {
            findings.examine();
            needs(subject, item, &[internet], Party::Site(site), findings);
        }
        for behind in subject.tiers.behind(site) {
            findings.examine();
            needs(subject, item, &[Party::Site(site)], Party::Site(behind), findings);
        }
        let openers: Vec<SiteId> = match tier {
            // Any one of the application's sites is enough: not each has to use each database.
            Tier::Data if subject.tiers.doors(site).next().is_none() => {
                subject.tiers.all(Tier::App).collect()
            }
            Tier::Support if subject.tiers.is_door(site) => {
                let apps = subject.tiers.behind(site).any(|inner| subject.tiers.of(inner) == Tier::App);
                let fronted = subject.tiers.doors(site).next().is_some();
                if apps && !fronted { subject.tiers.all(Tier::Web).collect() } else { Vec::new() }
            }
            _ => Vec::new(),
        };
        if !openers.is_empty() {
            findings.examine();
            let openers: Vec<Party> = openers.into_iter().map(Party::Site).collect();
            needs(subject, item, &openers, Party::Site(site), findings);
        }
    }
}

/// The ports that clients open connections from, on Linux and by IANA's word (RFC 6335): 49152 to 60999.
fn ordinary() -> PacketSet {
    let answers = PortSpan::new(49_152, 60_999).map(|ports| Traffic::Ports(Transport::Tcp, ports));
    speaking_of(answers.as_slice()).replies()
}

/// That one of some reaches another, directly or through a proxy, from a port that clients use.
fn needs(subject: &Subject<'_>, item: &Item, from: &[Party], to: Party, findings: &mut Findings) {
    let open = |opener: &Party| {
        let (from, through, must) = (*opener, Through::Proxies, Must::Reach);
        let wanted = subject.bounds.wanted(&Claim { from, to, traffic: Vec::new(), through, must });
        subject.bounds.most.path(from, to, &wanted.intersection(&ordinary()), through).is_some()
    };
    if from.iter().any(open) {
        return;
    }
    let reasons = blocked::reasons(subject, from, &[to], &[], Some(&ordinary()));
    let names: Vec<String> = from.iter().map(|party| format!("`{}`", subject.shown(*party))).collect();
    let message = format!("{} cannot reach `{}`, as is meant", names.join(" or "), subject.shown(to));
    let fix = match reasons.as_slice() {
        [] => "nothing leads there at all".to_owned(),
        [one] => format!("change this: {one}"),
        several => format!("change one of these:\n- {}", several.join("\n- ")),
    };
    findings.push(Finding::about(item, "", message, fix).weighing(Severity::Medium));
}
