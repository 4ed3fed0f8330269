//! What the text looks like, on a design small enough to read.

#![expect(clippy::unwrap_used, reason = "a test may stop where its own fixture is wrong")]

use insta::assert_snapshot;
use terrace_aws::resource::{Listener, LoadBalancer, Role, RolePolicy, Vpc};
use terrace_aws::{
    Address, Concern, Design, Kind, Label, Lifecycle, Name, Node, Note, Notes, Output, PolicyDocument,
    Record, Ref, Reference, Resource, ResourceGraph, ResourceType, Statement, Target, Text, Value,
};
use terrace_terraform::emit;

fn label(text: &str) -> Label {
    text.parse().unwrap()
}

fn read<T: ResourceType>(fields: Vec<(&str, Value)>) -> Resource {
    let record = Record::of(fields.into_iter().map(|(name, value)| (name, Some(value))).collect());
    T::read_fields(&record).unwrap().wrap()
}

fn literal(text: &str) -> Value {
    Value::Text(Text::from(text))
}

fn name_tag(name: &str) -> Value {
    Value::Map([("Name".to_owned(), literal(name)), ("app:tier".to_owned(), literal("web"))].into())
}

fn small() -> Design {
    let mut graph = ResourceGraph::new("eu-central-1".parse().unwrap());
    graph.default_tags.insert("app".to_owned(), "items".to_owned());
    let mut notes = Notes::default();
    let mut add = |concern, why: &[&str], name: &str, node: Node| {
        let why = why.iter().map(|line| (*line).to_owned()).collect();
        notes.push(Address::new(node.resource.kind(), label(name)), Note { concern, why });
        graph.insert(label(name), node);
    };
    let vpc = read::<Vpc>(vec![
        ("cidr_block", literal("10.0.0.0/16")),
        ("enable_dns_support", Value::Bool(true)),
        ("enable_dns_hostnames", Value::Bool(true)),
        ("tags", name_tag("items")),
    ]);
    add(
        Concern::Network,
        &["One network for all tiers.", "", "Zones are told apart by their letter."],
        "main",
        Node::plain(vpc),
    );
    let role: Ref<Role, Name> = Ref::new(label("app"));
    let trust = Role {
        name: "items-app".into(),
        description: "What the app may do".into(),
        assume_role_policy: PolicyDocument::trusting("ec2.amazonaws.com"),
        tags: [].into(),
    };
    add(Concern::App, &[], "app", Node::plain(trust));
    let bucket = Reference::new(
        Target::Resource(
            "aws_s3_bucket.page".split_once('.').map(|(_, l)| Address::new(Kind::Bucket, label(l))).unwrap(),
        ),
        "arn",
    );
    let policy = RolePolicy {
        name: "read".into(),
        role,
        policy: PolicyDocument::Statements(vec![
            Statement::allow("Page", ["s3:GetObject", "s3:GetObjectVersion"])
                .on([Text::from(bucket.clone()).then("/*")])
                .when("StringEquals", "aws:ResourceAccount", [Text::from("${literal}")]),
            Statement::deny("Rest", ["*"]).on([Text::from("*")]),
        ]),
    };
    add(Concern::App, &["Nothing but the page."], "read", Node::plain(policy));
    let mut balancer = Node::plain(read::<LoadBalancer>(vec![
        ("name", literal("items")),
        ("load_balancer_type", literal("application")),
        ("internal", Value::Bool(false)),
        ("security_groups", Value::List(vec![literal("sg-1")])),
        (
            "subnets",
            Value::List(
                ["public_a", "public_b", "public_c", "public_d", "public_e"]
                    .iter()
                    .map(|name| {
                        Value::Text(
                            Reference::new(Target::Resource(Address::new(Kind::Subnet, label(name))), "id")
                                .into(),
                        )
                    })
                    .collect(),
            ),
        ),
        ("drop_invalid_header_fields", Value::Bool(true)),
        ("desync_mitigation_mode", literal("strictest")),
        ("enable_deletion_protection", Value::Bool(true)),
        ("idle_timeout", Value::Int(60)),
        (
            "access_logs",
            Value::Blocks(vec![Record::of(vec![
                ("bucket", Some(literal("logs"))),
                ("enabled", Some(Value::Bool(true))),
            ])]),
        ),
    ]));
    balancer.region = Some("us-east-1".parse().unwrap());
    balancer.depends_on.insert(Address::new(Kind::Vpc, label("main")));
    balancer.lifecycle = Lifecycle {
        create_before_destroy: true,
        prevent_destroy: false,
        ignore_changes: vec!["tags".to_owned()],
    };
    add(Concern::Edge, &[], "public", balancer);
    let answer = Record::of(vec![
        ("type", Some(literal("fixed-response"))),
        (
            "fixed_response",
            Some(Value::Blocks(vec![Record::of(vec![
                ("content_type", Some(literal("text/html"))),
                ("message_body", Some(literal("<p>\n  ${not a template}\n</p>\n"))),
                ("status_code", Some(literal("404"))),
            ])])),
        ),
    ]);
    let listener = read::<Listener>(vec![
        (
            "load_balancer_arn",
            Value::Text(
                Reference::new(Target::Resource(Address::new(Kind::LoadBalancer, label("public"))), "arn")
                    .into(),
            ),
        ),
        ("port", Value::Int(80)),
        ("protocol", literal("HTTP")),
        ("default_action", Value::Blocks(vec![answer])),
    ]);
    // Nothing is said about this one: it goes where such things usually go.
    graph.insert(label("http"), Node::plain(listener));
    graph.outputs.insert(label("url"), Output::new("Where it answers", Text::from("http://").then(bucket)));
    Design { graph, notes }
}

#[test]
fn a_small_design_as_files() {
    let files = emit(&small()).unwrap();
    let all: String = files.iter().map(|(name, text)| format!("=== {name}\n{text}")).collect();
    assert_snapshot!(all, @r#"
=== app.tf
resource "aws_iam_role" "app" {
  name        = "items-app"
  description = "What the app may do"

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect = "Allow"
      Principal = {
        Service = "ec2.amazonaws.com"
      }
      Action = "sts:AssumeRole"
    }]
  })
}

# Nothing but the page.
resource "aws_iam_role_policy" "read" {
  name = "read"
  role = aws_iam_role.app.name

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid      = "Page"
        Effect   = "Allow"
        Action   = ["s3:GetObject", "s3:GetObjectVersion"]
        Resource = "${aws_s3_bucket.page.arn}/*"
        Condition = {
          StringEquals = {
            "aws:ResourceAccount" = "$${literal}"
          }
        }
      },
      {
        Sid      = "Rest"
        Effect   = "Deny"
        Action   = "*"
        Resource = "*"
      },
    ]
  })
}
=== edge.tf
resource "aws_lb" "public" {
  provider = aws.us_east_1

  name               = "items"
  load_balancer_type = "application"
  internal           = false
  security_groups    = ["sg-1"]

  subnets = [
    aws_subnet.public_a.id,
    aws_subnet.public_b.id,
    aws_subnet.public_c.id,
    aws_subnet.public_d.id,
    aws_subnet.public_e.id,
  ]

  drop_invalid_header_fields = true
  desync_mitigation_mode     = "strictest"
  enable_deletion_protection = true
  idle_timeout               = 60

  access_logs {
    bucket  = "logs"
    enabled = true
  }

  lifecycle {
    create_before_destroy = true
    ignore_changes        = [tags]
  }

  depends_on = [aws_vpc.main]
}

resource "aws_lb_listener" "http" {
  load_balancer_arn = aws_lb.public.arn
  port              = 80
  protocol          = "HTTP"

  default_action {
    type = "fixed-response"

    fixed_response {
      content_type = "text/html"

      message_body = <<-EOT
        <p>
          $${not a template}
        </p>
      EOT

      status_code = "404"
    }
  }
}
=== network.tf
# One network for all tiers.
#
# Zones are told apart by their letter.
resource "aws_vpc" "main" {
  cidr_block           = "10.0.0.0/16"
  enable_dns_support   = true
  enable_dns_hostnames = true

  tags = {
    Name       = "items"
    "app:tier" = "web"
  }
}
=== outputs.tf
output "url" {
  description = "Where it answers"
  value       = "http://${aws_s3_bucket.page.arn}"
}
=== terraform.tf
terraform {
  required_version = ">= 1.11"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.100, < 7"
    }
  }
}

provider "aws" {
  region = "eu-central-1"

  default_tags {
    tags = {
      app = "items"
    }
  }
}

provider "aws" {
  alias  = "us_east_1"
  region = "us-east-1"

  default_tags {
    tags = {
      app = "items"
    }
  }
}
"#);
}

#[test]
fn what_a_plan_left_out_is_not_written_as_if_it_were_known() {
    let mut design = small();
    let address = Address::new(Kind::RolePolicy, label("read"));
    let forgotten = terrace_terraform::import::forget(&design.graph).unwrap();
    *design.graph.node_mut(&address).unwrap() = forgotten.node(&address).unwrap().clone();
    assert_snapshot!(emit(&design).unwrap_err(), @"`aws_iam_role_policy.read` is known by its references only; write it from the text, not from a plan or a state");
}
