//! Origins that can be reached past their distribution.

use terrace_lift::world::OriginTo;
use terrace_proof::reach::WayKind;
use terrace_proof::world::{ExternalId, Party};

use super::finding;
use crate::{Findings, Rule, RuleName, Severity, Subject};

/// The rule.
pub(crate) const RULE: Rule = Rule {
    name: RuleName::new("cdn-bypassed"),
    property: "what stands behind a distribution is reached only through it",
    severity: Severity::High,
    what: "Looks at load balancers that are a distribution's origin. Finds those that a host on the internet reaches directly, and those that \
           any distribution of anyone reaches: open to CloudFront's addresses, without a secret header that a listener's rule asks for and \
           without being a VPC origin.",
    why: "Whatever the distribution guarantees (HTTPS, a firewall, rate limits, signed URLs) holds for those who come through it. CloudFront's \
          addresses are the same for everyone's distributions: an attacker makes one that points at your load balancer.",
    example: "An internet-facing `aws_lb` whose group lets 0.0.0.0/0 in, as a `custom_origin_config` of an `aws_cloudfront_distribution`.",
    fix: "Make the load balancer internal and a VPC origin (`vpc_origin_config`). If it has to stay public, let in the prefix list \
          com.amazonaws.global.cloudfront.origin-facing only, and let the listener ask for a secret header that the distribution adds.",
    sources: &[
        "Amazon CloudFront Developer Guide, \"Restrict access with VPC origins\"",
        "Amazon CloudFront Developer Guide, \"Restrict access to Application Load Balancers\"",
    ],
    check,
};

fn check(subject: &Subject<'_>, findings: &mut Findings) {
    let internet = Party::External(ExternalId::INTERNET);
    for origin in &subject.lifted.origins {
        let OriginTo::Site(site) = origin.to else { continue };
        let Some(item) = subject.item_of(site) else { continue };
        findings.examine();
        let door = subject.shown(Party::Site(origin.distribution));
        if let Some(passage) = subject.passes(internet, Party::Site(site), &[]) {
            let message = format!("`{}` can be reached from the internet past `{door}`", item.id());
            findings.push(finding(subject, item, passage, Severity::High, message));
            continue;
        }
        // Not by addresses of its own, so by CloudFront's: are they told apart from other people's distributions?
        let (from, to) = (Party::Site(origin.distribution), Party::Site(site));
        let Some(link) = subject.links.get(&(from, to)) else { continue };
        let open = link.ways.iter().any(|way| matches!(way.kind, WayKind::CdnOrigin { .. }));
        let asked = subject.asks_for_secret(site);
        if open
            && !asked
            && let Some(passage) = subject.passes(from, to, &[])
        {
            let message = format!("any distribution of anyone reaches `{}` as `{door}` does", item.id());
            findings.push(finding(subject, item, passage, Severity::Medium, message));
        }
    }
}

impl Subject<'_> {
    /// Whether every forward of a balancer asks for a header that is a secret.
    fn asks_for_secret(&self, site: terrace_proof::world::SiteId) -> bool {
        let balancers = self.lifted.world.balancers.iter().filter(|balancer| balancer.site == site);
        let mut forwards = balancers.flat_map(|b| &b.listeners).flat_map(|l| &l.is.forwards).peekable();
        forwards.peek().is_some() && forwards.all(|forward| forward.is.secret_header)
    }
}
