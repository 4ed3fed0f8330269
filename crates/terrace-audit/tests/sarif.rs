//! SARIF as another reader of the standard takes it: `serde-sarif` is made from OASIS's own schema.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use serde_sarif::sarif::Sarif;
use terrace_audit::report::{Accepted, Source, sarif};
use terrace_audit::{Settings, audit};
use terrace_aws::inventory::Tree;
use terrace_terraform::found;

const DESIGN: &str = r#"
variable "office" {}

resource "aws_vpc" "main" {
  cidr_block = "10.0.0.0/16"
}

resource "aws_internet_gateway" "main" {
  vpc_id = aws_vpc.main.id
}

resource "aws_default_route_table" "main" {
  default_route_table_id = aws_vpc.main.default_route_table_id
  route {
    cidr_block = "0.0.0.0/0"
    gateway_id = aws_internet_gateway.main.id
  }
}

resource "aws_subnet" "main" {
  vpc_id                  = aws_vpc.main.id
  cidr_block              = "10.0.0.0/24"
  map_public_ip_on_launch = true
}

resource "aws_security_group" "api" {
  vpc_id = aws_vpc.main.id
  ingress {
    from_port   = 8000
    to_port     = 8000
    protocol    = "tcp"
    cidr_blocks = ["0.0.0.0/0"]
  }
  ingress {
    from_port   = 22
    to_port     = 22
    protocol    = "tcp"
    cidr_blocks = [var.office]
  }
}

resource "aws_instance" "api" {
  ami                    = "ami-0123456789abcdef0"
  instance_type          = "t3.small"
  subnet_id              = aws_subnet.main.id
  vpc_security_group_ids = [aws_security_group.api.id]
}
"#;

fn report() -> serde_json::Value {
    let mut tree = Tree::new();
    tree.insert("in fra/main.tf", DESIGN);
    let inventory = found::folder(&tree, "in fra", &found::Given::default()).unwrap();
    let mut accepted = Accepted::default();
    accepted.add("logs-missing", None, "a trial");
    let settings = Settings { accepted, ..Settings::default() };
    sarif(&audit(&inventory, &settings, Source::default()), "1.2.3")
}

#[test]
fn another_reader_finds_rules_places_and_paths_in_it() {
    let read: Sarif = serde_json::from_value(report()).unwrap();
    let run = read.runs.first().unwrap();
    let rules: Vec<&str> =
        run.tool.driver.rules.as_ref().unwrap().iter().map(|rule| rule.id.as_str()).collect();
    assert!(rules.contains(&"exposed"), "{rules:?}");
    let results = run.results.as_ref().unwrap();
    let of = |rule: &str| results.iter().find(|one| one.rule_id.as_deref() == Some(rule)).unwrap();
    let place =
        of("exposed").locations.as_ref().unwrap().first().unwrap().physical_location.as_ref().unwrap();
    assert_eq!(place.artifact_location.as_ref().unwrap().uri.as_deref(), Some("in%20fra/main.tf"));
    assert_eq!(place.region.as_ref().unwrap().start_line, Some(32));
    assert!(of("exposed").code_flows.is_some(), "the path is told hop by hop");
    assert_eq!(serde_json::to_value(&of("admin-ports").kind).unwrap(), "review");
    assert!(of("logs-missing").suppressions.is_some(), "what is accepted is there, suppressed");
}

#[test]
fn the_same_design_gives_the_same_bytes() {
    assert_eq!(report().to_string(), report().to_string());
}
