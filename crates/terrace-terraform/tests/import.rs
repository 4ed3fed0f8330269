//! What is refused, and what is named because there is no place for it.

#![expect(clippy::unwrap_used, reason = "a test may stop where its own fixture is wrong")]

use insta::assert_snapshot;
use proptest::prelude::*;
use terrace_terraform::import::{self, Imported};
use terrace_terraform::{Files, emit};

fn refused(text: &str) -> String {
    let provider = "provider \"aws\" {\n  region = \"eu-central-1\"\n}\n";
    let files: Files = [("main.tf".parse().unwrap(), format!("{provider}{text}"))].into();
    match import::text(&files) {
        Ok(_) => "read".to_owned(),
        Err(found) => found.iter().map(|one| format!("{}: {}\n", one.code(), one.message())).collect(),
    }
}

#[test]
fn text_that_says_more_than_a_graph_is_refused_with_its_place() {
    let all = [
        "resource \"aws_vpc\" \"a\" {\n  cidr_block = \"10.0.0.0/16\"\n",
        "module \"a\" {\n  source = \"./a\"\n}",
        "locals {\n  a = 1\n}",
        "resource \"aws_instance\" \"a\" {}",
        "resource \"aws_eip\" \"a\" {\n  count  = 2\n  domain = \"vpc\"\n}",
        "resource \"aws_eip\" \"a\" {\n  domain = \"classic\"\n}",
        "resource \"aws_eip\" \"a\" {}",
        "resource \"aws_eip\" \"a\" {\n  domain   = \"vpc\"\n  instance = \"i-1\"\n}",
        "resource \"aws_eip\" \"a\" {\n  domain = var.a ? \"vpc\" : \"vpc\"\n}",
        "resource \"aws_eip\" \"a\" {\n  domain = upper(\"vpc\")\n}",
        "resource \"aws_eip\" \"a\" {\n  provider = aws.b\n  domain   = \"vpc\"\n}",
        "resource \"aws_eip\" \"a\" {\n  domain = \"vpc\"\n}\nresource \"aws_eip\" \"a\" {\n  domain = \"vpc\"\n}",
        "resource \"aws_internet_gateway\" \"a\" {\n  vpc_id = aws_eip.a.id\n}",
        "resource \"aws_internet_gateway\" \"a\" {\n  vpc_id = aws_vpc.a.arn\n}",
        "a = 1",
    ];
    let told: String = all.iter().map(|text| refused(text)).collect();
    assert_snapshot!(told, @r#"
terraform::syntax: main.tf:5:30: invalid block body; expected `}`, newline or identifier
terraform::not-read: main.tf:4: `module` blocks are not read
terraform::not-read: main.tf:4: `locals` blocks are not read
terraform::not-read: main.tf:4: `aws_instance` is not modelled
terraform::not-read: main.tf:5: this is not read: every block has to stand for one resource
terraform::not-read: main.tf:4: `aws_eip.a`: `domain` is not one of vpc
terraform::not-read: main.tf:4: `aws_eip.a`: `domain` is missing
terraform::not-read: main.tf:4: `aws_eip.a`: has `instance`, which is not modelled
terraform::not-read: main.tf:5: text, a number, a list, an object or a reference was expected
terraform::not-read: main.tf:5: the function `upper` is not known; `jsonencode` and `base64encode` are
terraform::not-read: main.tf:5: there is no provider `aws.b`
terraform::not-read: main.tf:7: `aws_eip.a` is there twice
terraform::not-read: main.tf:4: `aws_internet_gateway.a`: `vpc_id` is not the id of a `aws_vpc`
terraform::not-read: main.tf:4: `aws_internet_gateway.a`: `vpc_id` is not the id of a `aws_vpc`
terraform::not-read: main.tf:4: an argument may not stand outside of a block
"#);
}

#[test]
fn a_folder_without_a_provider_has_no_region() {
    assert_snapshot!(import::text(&Files::new()).unwrap_err().iter().next().unwrap().message(), @r#"no `provider "aws"` block says in which region things are built"#);
}

/// The part of a plan's JSON that is read, by hand: what foreign folders have and ours have not.
const PLAN: &str = r#"{
  "format_version": "1.2",
  "planned_values": {
    "outputs": { "names": { "value": ["a", "b"] } },
    "root_module": { "resources": [
      { "address": "aws_internet_gateway.out", "values": { "vpc_id": "vpc-1", "tags": { "Name": "x" } } },
      { "address": "aws_acm_certificate_validation.main", "values": { "validation_record_fqdns": ["a.example.com", "b.example.com"] } },
      { "address": "aws_lb_listener_rule.app", "values": { "priority": 7, "condition": [
        { "path_pattern": [{ "values": ["/b"] }] }, { "path_pattern": [{ "values": ["/a"] }] }
      ] } }
    ] }
  },
  "configuration": {
    "provider_config": {
      "aws": { "expressions": { "region": { "constant_value": "eu-central-1" } } },
      "aws.far": { "expressions": { "region": { "references": ["var.far"] } } }
    },
    "root_module": {
      "outputs": { "names": { "expression": { "references": ["local.names"] } } },
      "module_calls": { "network": { "source": "./network" } },
      "resources": [
        { "address": "aws_instance.old", "mode": "managed", "type": "aws_instance", "name": "old" },
        { "address": "aws_eip.many", "mode": "managed", "type": "aws_eip", "name": "many", "count_expression": {} },
        { "address": "aws_eip.one", "mode": "managed", "type": "aws_eip", "name": "one", "provider_config_key": "aws.far",
          "expressions": { "domain": { "constant_value": "vpc" }, "instance": { "references": ["aws_instance.old.id", "aws_instance.old"] } },
          "depends_on": ["aws_instance.old"] },
        { "address": "aws_acm_certificate_validation.main", "mode": "managed", "type": "aws_acm_certificate_validation", "name": "main", "provider_config_key": "aws",
          "expressions": { "certificate_arn": { "references": ["aws_acm_certificate.a.arn", "aws_acm_certificate.a"] },
            "validation_record_fqdns": { "references": ["aws_route53_record.a.fqdn", "aws_route53_record.a"] } } },
        { "address": "aws_eip.none", "mode": "managed", "type": "aws_eip", "name": "none", "provider_config_key": "aws" },
        { "address": "aws_internet_gateway.out", "mode": "managed", "type": "aws_internet_gateway", "name": "out", "provider_config_key": "aws",
          "expressions": { "vpc_id": { "references": ["local.vpc"] }, "tags": { "references": ["each.value"] } } },
        { "address": "aws_lb_listener_rule.app", "mode": "managed", "type": "aws_lb_listener_rule", "name": "app", "provider_config_key": "aws",
          "expressions": {
            "listener_arn": { "references": ["aws_lb_listener.main.arn", "aws_lb_listener.main"] },
            "priority": { "references": ["var.priority"] },
            "condition": [
              { "path_pattern": [{ "values": { "constant_value": ["/a"] } }] },
              { "source_ip": [{ "values": { "constant_value": ["10.0.0.0/8"] } }] }
            ],
            "action": [{ "type": { "constant_value": "forward" }, "order": { "constant_value": 1 },
              "target_group_arn": { "references": ["aws_lb_target_group.app.arn", "aws_lb_target_group.app"] } }]
          } }
      ]
    }
  }
}"#;

fn told(imported: &Imported) -> String {
    let unmodelled: String = imported.unmodelled.iter().map(|one| format!("{one}\n")).collect();
    let nodes: String = imported
        .graph
        .nodes()
        .map(|(address, node)| format!("{address}: {:?}\n", node.resource.fields()))
        .collect();
    format!("{unmodelled}---\n{nodes}{:?}", imported.graph.outputs)
}

#[test]
fn a_plan_that_says_more_than_a_graph_has_it_named() {
    assert_snapshot!(told(&import::plan(PLAN).unwrap()), @r#"
`aws_instance.old` is of a type that is not modelled
`aws_eip.many` has `count` or `for_each`; only single resources are read
`aws_eip.one`: `instance` is made of `aws_instance.old.id`, which is not modelled
`aws_eip.one`: `provider` has no region that the plan tells
`aws_eip.one`: `depends_on` names "aws_instance.old", which is not modelled
`aws_acm_certificate_validation.main`: `validation_record_fqdns` has 2 items, of which the plan tells 1 as references and no others
`aws_eip.none` is not modelled as it is: `domain` is missing
`aws_lb_listener_rule.app`: `condition[1].source_ip` is not modelled
`aws_lb_listener_rule.app`: `action[0].order` is not modelled
`module.network` is a module; only the root is read
---
aws_internet_gateway.out: Record([("vpc_id", Text(Text([Literal("vpc-1")]))), ("tags", Map({"Name": Text(Text([Literal("x")]))}))])
aws_eip.one: Record([("domain", Text(Text([Literal("vpc")])))])
aws_lb_listener_rule.app: Record([("listener_arn", Text(Text([Reference(Reference { target: Resource(Address { kind: Listener, label: Label("main") }), attribute: "arn", member: None })]))), ("priority", Int(7)), ("condition", Blocks([Record([("path_pattern", Blocks([Record([("values", List([Text(Text([Literal("/a")]))]))])]))]), Record([])])), ("action", Blocks([Record([("type", Text(Text([Literal("forward")]))), ("target_group_arn", Text(Text([Reference(Reference { target: Resource(Address { kind: TargetGroup, label: Label("app") }), attribute: "arn", member: None })])))])]))])
aws_acm_certificate_validation.main: Record([("certificate_arn", Text(Text([Reference(Reference { target: Resource(Address { kind: Certificate, label: Label("a") }), attribute: "arn", member: None })]))), ("validation_record_fqdns", List([Text(Text([Reference(Reference { target: Resource(Address { kind: DnsRecord, label: Label("a") }), attribute: "fqdn", member: None })]))]))])
{Label("names"): Output { description: "", value: List([Text(Text([Literal("a")])), Text(Text([Literal("b")]))]) }}
"#);
}

#[test]
fn what_is_no_plan_is_refused() {
    let all = [
        "",
        "{}",
        r#"{"format_version": "2.0"}"#,
        r#"{"format_version": "1.2"}"#,
        r#"{"format_version": "1.2", "configuration": {"root_module": {}}}"#,
    ];
    let told: String = all.iter().map(|text| format!("{}\n", import::plan(text).unwrap_err())).collect();
    assert_snapshot!(told, @"
this is no JSON (EOF while parsing a value at line 1 column 0); it should be what `terraform show -json` prints
`format_version` is missing; it should be what `terraform show -json` prints
the format is 2.0; versions 1.x are known
`configuration` is missing; it should be what `terraform show -json` prints
the plan does not say in which region things are built; write the provider's `region` as a literal
");
}

/// The part of a state's JSON that is read, by hand.
const STATE: &str = r#"{
  "format_version": "1.0",
  "values": {
    "outputs": { "vpc": { "value": "vpc-1" } },
    "root_module": {
      "resources": [
        { "address": "aws_vpc.main", "mode": "managed", "type": "aws_vpc", "name": "main",
          "values": { "id": "vpc-1", "arn": "arn:aws:ec2:eu-central-1:1:vpc/vpc-1", "cidr_block": "10.0.0.0/16", "enable_dns_support": true,
            "enable_dns_hostnames": false, "tags": {}, "tags_all": {}, "instance_tenancy": "default", "ipv6_cidr_block": "" } },
        { "address": "aws_subnet.a", "mode": "managed", "type": "aws_subnet", "name": "a",
          "values": { "id": "subnet-1", "vpc_id": "vpc-1", "availability_zone": "eu-central-1a", "cidr_block": "10.0.1.0/24",
            "map_public_ip_on_launch": false, "tags": { "Name": "a" }, "timeouts": null } },
        { "address": "aws_subnet.b", "mode": "managed", "type": "aws_subnet", "name": "b",
          "values": { "id": "subnet-2", "vpc_id": "vpc-other", "availability_zone": "eu-central-1b", "cidr_block": "10.0.2.0/24",
            "map_public_ip_on_launch": false, "tags": null } },
        { "address": "aws_lb.main", "mode": "managed", "type": "aws_lb", "name": "main",
          "values": { "id": "arn:lb", "arn": "arn:lb", "name": "main", "load_balancer_type": "application", "internal": false,
            "security_groups": ["sg-9"], "subnets": ["subnet-1", "subnet-2"], "drop_invalid_header_fields": true,
            "desync_mitigation_mode": "defensive", "enable_deletion_protection": false, "idle_timeout": 60,
            "access_logs": [{ "bucket": "logs", "enabled": true, "prefix": "" }], "subnet_mapping": [{ "subnet_id": "subnet-1" }] } },
        { "address": "aws_eip.a[0]", "mode": "managed", "type": "aws_eip", "name": "a", "index": 0, "values": { "domain": "vpc" } },
        { "address": "aws_instance.old", "mode": "managed", "type": "aws_instance", "name": "old", "values": {} }
      ],
      "child_modules": [{ "address": "module.network", "resources": [] }]
    }
  }
}"#;

#[test]
fn a_state_gives_references_where_ids_are_those_of_others() {
    let imported = import::state(STATE, "eu-central-1".parse().unwrap()).unwrap();
    assert_snapshot!(told(&imported), @r#"
`module.network` is a module; only the root is read
`aws_eip.a[0]` is one of several made by `count` or `for_each`; only single resources are read
`aws_instance.old` is of a type that is not modelled
---
aws_vpc.main: Record([("cidr_block", Text(Text([Literal("10.0.0.0/16")]))), ("enable_dns_support", Bool(true)), ("enable_dns_hostnames", Bool(false))])
aws_subnet.a: Record([("vpc_id", Text(Text([Reference(Reference { target: Resource(Address { kind: Vpc, label: Label("main") }), attribute: "id", member: None })]))), ("availability_zone", Text(Text([Literal("eu-central-1a")]))), ("cidr_block", Text(Text([Literal("10.0.1.0/24")]))), ("map_public_ip_on_launch", Bool(false)), ("tags", Map({"Name": Text(Text([Literal("a")]))}))])
aws_subnet.b: Record([("vpc_id", Text(Text([Literal("vpc-other")]))), ("availability_zone", Text(Text([Literal("eu-central-1b")]))), ("cidr_block", Text(Text([Literal("10.0.2.0/24")]))), ("map_public_ip_on_launch", Bool(false))])
aws_lb.main: Record([("name", Text(Text([Literal("main")]))), ("load_balancer_type", Text(Text([Literal("application")]))), ("internal", Bool(false)), ("security_groups", List([Text(Text([Literal("sg-9")]))])), ("subnets", List([Text(Text([Reference(Reference { target: Resource(Address { kind: Subnet, label: Label("a") }), attribute: "id", member: None })])), Text(Text([Reference(Reference { target: Resource(Address { kind: Subnet, label: Label("b") }), attribute: "id", member: None })]))])), ("drop_invalid_header_fields", Bool(true)), ("desync_mitigation_mode", Text(Text([Literal("defensive")]))), ("enable_deletion_protection", Bool(false)), ("idle_timeout", Int(60)), ("access_logs", Blocks([Record([("bucket", Text(Text([Literal("logs")]))), ("enabled", Bool(true))])]))])
{Label("vpc"): Output { description: "", value: Text(Text([Literal("vpc-1")])) }}
"#);
    // It is whole: it can be written, and reads back.
    let design = terrace_aws::Design { graph: imported.graph, notes: terrace_aws::Notes::default() };
    assert_eq!(import::text(&emit(&design).unwrap()).unwrap(), design.graph);
}

/// The document with one value somewhere replaced.
fn disturbed(mut document: serde_json::Value, way: &[usize], new: serde_json::Value) -> serde_json::Value {
    let mut at = &mut document;
    for step in way {
        let count = match &*at {
            serde_json::Value::Array(items) => items.len(),
            serde_json::Value::Object(fields) => fields.len(),
            _ => 0,
        };
        if count == 0 {
            break;
        }
        at = match at {
            serde_json::Value::Array(items) => items.get_mut(step % count).unwrap(),
            serde_json::Value::Object(fields) => fields.values_mut().nth(step % count).unwrap(),
            _ => break,
        };
    }
    *at = new;
    document
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_json_makes_an_import_stumble(way in prop::collection::vec(0..40_usize, 1..12), new in 0..6_usize) {
        let values = [
            serde_json::json!(null), serde_json::json!([]), serde_json::json!({}), serde_json::json!("x"),
            serde_json::json!([{"constant_value": 1.5e300}]), serde_json::json!({"references": ["aws_vpc.a[0].id", "..", ""]}),
        ];
        let new = values.get(new).cloned().unwrap_or_default();
        let plan = disturbed(serde_json::from_str(PLAN).unwrap(), &way, new.clone());
        drop(import::plan(&plan.to_string()));
        let state = disturbed(serde_json::from_str(STATE).unwrap(), &way, new);
        drop(import::state(&state.to_string(), "eu-central-1".parse().unwrap()));
    }
}
