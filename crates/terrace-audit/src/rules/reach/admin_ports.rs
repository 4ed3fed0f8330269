//! SSH and RDP from the internet.

use terrace_proof::reach::{speaking_of, tcp};
use terrace_proof::world::{ExternalId, Party};

use super::{finding, from_few};
use crate::{Certainty, Findings, Passage, Rule, RuleName, Severity, Subject};

/// The rule.
pub(crate) const RULE: Rule = Rule {
    name: RuleName::new("admin-ports"),
    property: "no machine can be administered from the internet (SSH, RDP, WinRM)",
    severity: Severity::High,
    what: "Looks at everything that has a network interface. Finds what a host on the internet can open a connection to on tcp 22, \
           3389, 5985 or 5986. A rule that opens these ports and that no path leads to is no finding.",
    why: "These ports give a machine away to whoever has a key, a password or the next bug of the server behind them. Sessions of \
          Systems Manager need no open port, leave a record, and ask IAM.",
    example: r#"resource "aws_security_group" "bastion" {
  vpc_id = aws_vpc.main.id
  ingress {
    from_port   = 22
    to_port     = 22
    protocol    = "tcp"
    cidr_blocks = ["0.0.0.0/0"] # on a machine with a public address and a route to the internet gateway
  }
}"#,
    fix: "Remove the rule and use `aws ssm start-session`; if SSH has to stay, name the addresses of your office and not the world.",
    sources: &["CIS AWS Foundations Benchmark 5.2", "AWS Systems Manager User Guide, \"Session Manager\""],
    check,
};

/// What machines are administered by.
pub(super) const PORTS: [(u16, &str); 4] = [(22, "SSH"), (3389, "RDP"), (5985, "WinRM"), (5986, "WinRM")];

fn check(subject: &Subject<'_>, findings: &mut Findings) {
    let internet = Party::External(ExternalId::INTERNET);
    for (site, _) in subject.sites() {
        // A load balancer's port is its listener's, whatever its number.
        if subject.tiers.is_door(site) {
            continue;
        }
        let Some(item) = subject.item_of(site) else { continue };
        findings.examine();
        let Some(link) = subject.links.get(&(internet, Party::Site(site))) else { continue };
        let site = Party::Site(site);
        let open = PORTS.into_iter().filter_map(|(port, name)| {
            let passage = subject.passes(internet, site, &[tcp(port)])?;
            Some((format!("{name} (tcp {port})"), passage))
        });
        let (names, mut passages): (Vec<String>, Vec<Passage>) = open.unzip();
        // What is sure says more than what depends.
        passages.sort_by_key(|passage| passage.certainty != Certainty::Sure);
        let Some(passage) = passages.into_iter().next() else { continue };
        let (severity, whom) = if from_few(link, &speaking_of(&PORTS.map(|(port, _)| tcp(port)))) {
            (Severity::Medium, "some addresses on the internet")
        } else {
            (Severity::High, "the whole internet")
        };
        let message = format!("{} of `{}` is open to {whom}", names.join(", "), item.id());
        findings.push(finding(subject, item, passage, severity, message));
    }
}
