//! What the internet reaches and is not meant to.

use terrace_proof::reach::{Link, speaking_of, tcp};
use terrace_proof::world::{ExternalId, Party};

use super::{finding, from_few, services};
use crate::tiers::Tier;
use crate::{Findings, Rule, RuleName, Severity, Subject};

/// The rule.
pub(crate) const RULE: Rule = Rule {
    name: RuleName::new("exposed"),
    property: "nothing but the edge is reachable from the internet",
    severity: Severity::Critical,
    what: "Looks at everything that has a network interface. Finds what a host on the internet can open a connection to and that is \
           not the edge: a distribution, or an internet-facing load balancer that no distribution stands before. A public \
           address, a route to the internet gateway both ways, the network ACL both ways and the security groups all have to let \
           the packet and its answer pass; a rule that is open to the world and that no path leads to is no finding.",
    why: "Whatever can be reached is scanned within minutes. A database or an API that the internet reaches has no other \
          protection than its own passwords and its own bugs.",
    example: r#"resource "aws_vpc" "main" {
  cidr_block = "10.0.0.0/16"
}

resource "aws_internet_gateway" "main" {
  vpc_id = aws_vpc.main.id
}

resource "aws_subnet" "main" {
  vpc_id                  = aws_vpc.main.id
  cidr_block              = "10.0.1.0/24"
  map_public_ip_on_launch = true
}

resource "aws_route_table" "main" {
  vpc_id = aws_vpc.main.id
  route {
    cidr_block = "0.0.0.0/0"
    gateway_id = aws_internet_gateway.main.id
  }
}

resource "aws_route_table_association" "main" {
  subnet_id      = aws_subnet.main.id
  route_table_id = aws_route_table.main.id
}

resource "aws_security_group" "db" {
  vpc_id = aws_vpc.main.id
  ingress {
    from_port   = 5432
    to_port     = 5432
    protocol    = "tcp"
    cidr_blocks = ["0.0.0.0/0"]
  }
}

resource "aws_instance" "database" {
  ami                    = "ami-0abc"
  instance_type          = "t3.micro"
  subnet_id              = aws_subnet.main.id
  vpc_security_group_ids = [aws_security_group.db.id]
}"#,
    fix: "Take the way away: no public address, a subnet without a route to the internet gateway, and an ingress rule that names the \
          security group of who is meant to connect, instead of 0.0.0.0/0.",
    sources: &[
        "Amazon VPC User Guide, \"Control traffic to your AWS resources using security groups\"",
        "CIS AWS Foundations Benchmark 5.2, 5.3",
    ],
    check,
};

/// Whether nothing but ports is open that machines are administered by, which a rule of its own is about.
fn administered(subject: &Subject<'_>, link: &Link) -> bool {
    let ports = super::admin_ports::PORTS.map(|(port, _)| tcp(port));
    let heard = super::heard(subject, link);
    !heard.is_empty() && heard.is_subset(&speaking_of(&ports))
}

fn check(subject: &Subject<'_>, findings: &mut Findings) {
    let internet = Party::External(ExternalId::INTERNET);
    for (site, tier) in subject.sites() {
        let Some(item) = subject.item_of(site) else { continue };
        findings.examine();
        let Some(link) = subject.links.get(&(internet, Party::Site(site))) else { continue };
        // What a distribution stands before has a rule of its own; the edge is meant.
        let fetched = tier == Tier::Edge && subject.tiers.doors(site).next().is_some();
        if subject.tiers.is_public(site) || fetched {
            continue;
        }
        if administered(subject, link) {
            continue;
        }
        let Some(passage) = subject.passes(internet, Party::Site(site), &[]) else { continue };
        let few = from_few(link, &super::heard(subject, link));
        let severity = match tier {
            _ if few => Severity::Medium,
            Tier::Data => Severity::Critical,
            Tier::Admin => Severity::High,
            _ => Severity::High,
        };
        let whom = if few { "some addresses on the internet" } else { "the internet" };
        let message =
            format!("`{}` ({tier}) can be reached from {whom}: {}", item.id(), services(subject, link));
        findings.push(finding(subject, item, passage, severity, message));
    }
}
