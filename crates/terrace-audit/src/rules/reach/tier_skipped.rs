//! Paths that leave a tier out.

use terrace_aws::inventory::{Item, UnknownName};
use terrace_lift::world::{ExternalKind, SiteKind};
use terrace_proof::world::{ExternalId, Party, SiteId};

use super::{finding, services};
use crate::tiers::Tier;
use crate::{Findings, Rule, RuleName, Severity, Subject};

/// The rule.
pub(crate) const RULE: Rule = Rule {
    name: RuleName::new("tier-skipped"),
    property: "each tier is reached only by the one before it",
    severity: Severity::High,
    what: "Looks at every pair of sites with interfaces. Finds those where one can open a connection to the other that the order of the \
           tiers does not mean: web to data, a load balancer's targets by another way than through it, anything without a tier to data. \
           Meant are: edge to web or app, web to app (through its load balancer, if it has one), app to data, app to app, people's way in \
           to all. A load balancer that the public meets and that sends straight to what keeps data skips every tier.",
    why: "Tiers are worth something if taking over one gives no more than what the next one offers to it. A machine of the page's tier \
          that reaches the database makes the API's checks pointless.",
    example: r#"resource "aws_security_group_rule" "db" {
  type              = "ingress"
  from_port         = 5432
  to_port           = 5432
  protocol          = "tcp"
  cidr_blocks       = ["10.0.0.0/16"] # everyone in the network
  security_group_id = aws_security_group.db.id
}"#,
    fix: r#"resource "aws_security_group_rule" "db" {
  type                     = "ingress"
  from_port                = 5432
  to_port                  = 5432
  protocol                 = "tcp"
  source_security_group_id = aws_security_group.app.id
  security_group_id        = aws_security_group.db.id
}"#,
    sources: &["AWS Well-Architected Framework, SEC05-BP01 \"Create network layers\""],
    check,
};

/// Whether somebody opens no connections of its own: what AWS runs to keep data only answers.
fn answers_only(subject: &Subject<'_>, site: SiteId) -> bool {
    let kind = subject.lifted.site(site).map(|site| site.kind);
    matches!(kind, Some(SiteKind::Database | SiteKind::Cache | SiteKind::Endpoint))
}

/// Networks behind something private that come to data: who is there is not told.
fn beyond(subject: &Subject<'_>, to: SiteId, item: &Item, tier: Tier, findings: &mut Findings) {
    for (at, kind) in subject.lifted.external_kinds.iter().enumerate() {
        let (Tier::Data, ExternalKind::Beyond(way), Ok(at)) = (tier, kind, u32::try_from(at)) else {
            continue;
        };
        let (from, to) = (Party::External(ExternalId(at)), Party::Site(to));
        let Some(link) = subject.links.get(&(from, to)) else { continue };
        let Some(passage) = subject.passes(from, to, &[]) else { continue };
        let whom = subject.shown(from);
        let message =
            format!("`{}` ({tier}) can be reached from {whom}: {}", item.id(), services(subject, link));
        let on = UnknownName::new(format!("who is beyond {way}"));
        findings.push(finding(subject, item, passage, Severity::Medium, message).depending([on]));
    }
}

fn check(subject: &Subject<'_>, findings: &mut Findings) {
    for (to, tier) in subject.sites() {
        let behind = subject.tiers.behind(to).next().is_some();
        let inner = behind && !subject.tiers.is_public(to) && tier == Tier::Support;
        if !inner && !matches!(tier, Tier::Web | Tier::App | Tier::Data) {
            continue;
        }
        let Some(item) = subject.item_of(to) else { continue };
        findings.examine();
        beyond(subject, to, item, tier, findings);
        for (from, opener) in subject.sites() {
            if from == to || subject.tiers.meant(from, to) || answers_only(subject, from) {
                continue;
            }
            let (from, to) = (Party::Site(from), Party::Site(to));
            let Some(link) = subject.links.get(&(from, to)) else { continue };
            let Some(passage) = subject.passes(from, to, &[]) else { continue };
            let (severity, how) = match (opener, tier) {
                (Tier::Web | Tier::Edge, Tier::Data) => (Severity::High, "past the tier between"),
                (_, Tier::Data) => (Severity::Medium, "though it is no tier that needs data"),
                (Tier::App | Tier::Data, Tier::Web) | (Tier::Data, Tier::App) => {
                    (Severity::Low, "back towards the public, which no tier needs")
                }
                (Tier::Web, Tier::App) => (Severity::Medium, "past its load balancer"),
                _ if opener == tier => (Severity::Low, "beside it, past their load balancer"),
                _ => (Severity::Medium, "though it is no tier before that"),
            };
            let message = format!(
                "`{}` ({opener}) reaches `{}` ({tier}) {how}: {}",
                subject.shown(from),
                item.id(),
                services(subject, link)
            );
            findings.push(finding(subject, item, passage, severity, message));
        }
    }
}
