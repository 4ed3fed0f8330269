//! Plans and states, as the real Terraform prints them, as inventories.

#![expect(clippy::disallowed_methods, reason = "cases are folders of Terraform")]
#![expect(clippy::unwrap_used, reason = "a test may stop where it is wrong")]

mod designs;
#[expect(dead_code, reason = "not every test runs Terraform without a provider")]
mod engine;
#[path = "found_json/shown.rs"]
mod shown;

use std::path::Path;

use engine::{Engine, emulator};
use insta::assert_snapshot;
use proptest::prelude::*;
use terrace_aws::inventory::Inventory;
use terrace_aws::{Json, Mode, Part, Record, Reference, Text, Value};
use terrace_terraform::{emit, found};

/// Where a plan can tell an argument, it is the one of the design.
fn compare(own: &Inventory, told: &Inventory, name: &str) -> (usize, Vec<String>) {
    let (mut compared, mut wrong) = (0, Vec::new());
    for item in own.items() {
        let Some(found) = told.get(item.id()) else {
            wrong.push(format!("{name}: {} is missing", item.id()));
            continue;
        };
        if item.region != found.region && item.id().mode() == Mode::Managed {
            wrong.push(format!("{name}: {} is in {:?}", item.id(), found.region));
        }
        // A plan does not list what is ephemeral; only who takes something of it.
        if item.id().mode() == Mode::Ephemeral {
            continue;
        }
        compared += record(&item.record, &found.record, told, item.id().name(), &mut wrong);
    }
    let of_ours = told.items().filter(|item| item.type_name().starts_with("aws_"));
    for item in of_ours.filter(|item| own.get(item.id()).is_none()) {
        wrong.push(format!("{name}: {} is no resource of the design", item.id()));
    }
    (compared, wrong)
}

fn record(own: &Record, told: &Record, all: &Inventory, path: &str, wrong: &mut Vec<String>) -> usize {
    let mut compared = 0;
    for (name, value) in own.iter() {
        let path = format!("{path}.{name}");
        match (value, told.get(name)) {
            (Value::Blocks(own), Some(Value::Blocks(told))) if own.len() == told.len() => {
                // Sets stand in another order: each block has to be one of theirs.
                for (at, block) in own.iter().enumerate() {
                    let mut least: Option<Vec<String>> = None;
                    for other in told {
                        let mut why = Vec::new();
                        compared += record(block, other, all, &format!("{path}[{at}]"), &mut why);
                        if least.as_ref().is_none_or(|known| why.len() < known.len()) {
                            least = Some(why);
                        }
                    }
                    wrong.extend(least.unwrap_or_default());
                }
            }
            (value, told) => {
                compared += 1;
                let untold = UNTOLD.iter().any(|one| path.ends_with(one));
                let known = untold && told.is_some_and(|told| references(told) == references(value));
                if !known && !same(value, told) && !same(&settled(value, all), told) {
                    let told = told.map(shown::value);
                    wrong.push(format!("{path} = {}\n    told: {told:?}", shown::value(value)));
                }
            }
        }
    }
    compared
}

fn references(value: &Value) -> Vec<Reference> {
    let mut all = Vec::new();
    value.references(&mut all);
    let mut all: Vec<Reference> = all.iter().map(Reference::forgotten).collect();
    all.sort();
    all.dedup();
    all
}

/// Names that the plan knows by now, in place of references to them.
fn settled(own: &Value, all: &Inventory) -> Value {
    let text = |text: &Text| {
        text.parts().iter().fold(Text::new(), |so_far, part| match part {
            Part::Literal(literal) => so_far.then(literal.as_str()),
            Part::Reference(reference) => {
                let known = all.target(reference).and_then(|item| item.record.get(reference.attribute()));
                match known {
                    Some(Value::Text(known)) if known.literal().is_some() => so_far.then(known.clone()),
                    _ => so_far.then(reference.clone()),
                }
            }
            Part::Opaque(of) => so_far.then(Text::opaque(of.clone())),
        })
    };
    fn json(one: &Json, text: &dyn Fn(&Text) -> Text) -> Json {
        match one {
            Json::Text(inner) => Json::Text(text(inner)),
            Json::List(items) => Json::List(items.iter().map(|item| json(item, text)).collect()),
            Json::Object(fields) => {
                Json::Object(fields.iter().map(|(key, value)| (key.clone(), json(value, text))).collect())
            }
            other => other.clone(),
        }
    }
    match own {
        Value::Text(inner) => Value::Text(text(inner)),
        Value::Base64(inner) => Value::Base64(text(inner)),
        Value::Json(inner) => Value::Json(json(inner, &text)),
        Value::List(items) => Value::List(items.iter().map(|item| settled(item, all)).collect()),
        Value::Map(items) => {
            Value::Map(items.iter().map(|(key, item)| (key.clone(), settled(item, all))).collect())
        }
        other => other.clone(),
    }
}

/// Arguments that are as often a template as a reference, so that a plan's reader may not tell which.
const UNTOLD: &[&str] = &["aws_ssm_parameter.api_host.value", "s3_bucket_name"];

/// Whether the plan says the same, or, of what is made of references, at least of which.
fn same(own: &Value, told: Option<&Value>) -> bool {
    let Some(told) = told else { return empty(own) };
    let plain = |value: &Value| match value {
        Value::Text(text) => text.literal().map(str::to_owned),
        Value::Bool(truth) => Some(truth.to_string()),
        Value::Int(number) => Some(number.to_string()),
        _ => None,
    };
    if own == told || plain(own).is_some_and(|own| Some(own) == plain(told)) {
        return true;
    }
    match (own, told) {
        (Value::Json(one), Value::Json(other)) => sorted(one) == sorted(other),
        (Value::List(one), Value::List(other)) if one.len() == other.len() => {
            one.iter().all(|one| other.iter().any(|other| same(one, Some(other))))
        }
        (Value::Map(one), Value::Map(other)) => one.iter().all(|(key, value)| same(value, other.get(key))),
        // Which function, which template: nobody tells.
        (Value::Json(_) | Value::Base64(_) | Value::Map(_) | Value::List(_), Value::Opaque(_)) => {
            references(own) == references(told)
        }
        (Value::Text(text), told) if text.reference().is_none_or(|one| one.member().is_some()) => {
            let opaque = match told {
                Value::Opaque(_) => true,
                Value::Text(text) => matches!(text.parts(), [Part::Opaque(_) | Part::Reference(_)]),
                _ => false,
            };
            opaque && references(own) == references(told)
        }
        _ => false,
    }
}

fn empty(value: &Value) -> bool {
    match value {
        Value::Text(text) => text.literal() == Some(""),
        Value::List(items) => items.is_empty(),
        Value::Map(items) => items.is_empty(),
        _ => false,
    }
}

fn sorted(json: &Json) -> Json {
    match json {
        Json::List(items) => Json::List(items.iter().map(sorted).collect()),
        Json::Object(fields) => {
            let mut fields: Vec<_> = fields.iter().map(|(key, value)| (key.clone(), sorted(value))).collect();
            fields.sort_by(|(one, _), (other, _)| one.cmp(other));
            Json::Object(fields)
        }
        other => other.clone(),
    }
}

#[test]
fn the_plan_of_our_own_design_is_the_design() {
    let what = "inventories of real plans";
    let (Some(engine), Some(aws)) = (Engine::find(what), emulator()) else { return };
    for case in [
        designs::one("ec2", "postgres", "alb", "nat"),
        designs::one("fargate", "mysql", "cloudfront", "none"),
    ] {
        engine.write(&emit(&case.design).unwrap());
        let told = found::plan(&engine.plan(&aws), "plan.json").unwrap();
        assert_eq!(told.unread(), [], "{}", case.name);
        let (compared, wrong) = compare(&Inventory::of(&case.design.graph), &told, &case.name);
        assert!(wrong.is_empty(), "{} of {compared}:\n{}", wrong.len(), wrong.join("\n"));
        assert!(compared > 300, "only {compared} arguments");
    }
}

/// The arguments that are made of others, and the rules.
fn made(inventory: &Inventory) -> String {
    let mut lines = String::new();
    let shown = shown::all(inventory);
    let mut item = "";
    for line in shown.lines() {
        if !line.starts_with(' ') {
            item = line;
            continue;
        }
        let rule = ["  ingress =", "  egress =", "  route =", "  policy =", "  value =", "  sensitive ="];
        if line.contains('<') || line.contains("?(") || rule.iter().any(|rule| line.starts_with(rule)) {
            let item = item.strip_suffix(" (eu-west-1)").unwrap_or(item);
            lines.push_str(&format!("{item}.{}\n", line.trim_start()));
        }
    }
    lines
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let to = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &to)
        } else {
            std::fs::copy(entry.path(), to).unwrap();
        }
    }
}

/// `tests/found_json/plans/NAME` is Terraform as others write it, `NAME.txt` what its plan tells; dropping in both adds a
/// case, and `TERRACE_UPDATE=1` writes the latter anew.
#[test]
fn plans_of_what_others_write_tell_what_refers_to_what() {
    let what = "inventories of foreign plans";
    let (Some(engine), Some(aws)) = (Engine::find(what), emulator()) else { return };
    let mut cases = 0;
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/found_json/plans");
    for entry in std::fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        if !path.is_dir() {
            continue;
        }
        cases += 1;
        engine.write(&terrace_terraform::Files::new());
        copy(&path, engine.path());
        let told = made(&found::json(&engine.plan(&aws), "plan.json").unwrap());
        let expected = path.with_extension("txt");
        if std::env::var_os("TERRACE_UPDATE").is_some() {
            std::fs::write(&expected, &told).unwrap();
        }
        let expected = std::fs::read_to_string(&expected).unwrap();
        assert!(told == expected, "{}:\n{}", path.display(), difference(&expected, &told));
    }
    assert!(cases > 0);
}

fn difference(expected: &str, told: &str) -> String {
    let lacking = expected.lines().filter(|line| !told.lines().any(|other| other == *line));
    let more = told.lines().filter(|line| !expected.lines().any(|other| other == *line));
    let lacking: String = lacking.map(|line| format!("- {line}\n")).collect();
    lacking + &more.map(|line| format!("+ {line}\n")).collect::<String>()
}

fn file(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/found_json").join(name);
    std::fs::read_to_string(path).unwrap()
}

#[test]
fn what_a_plan_does_not_tell_is_an_unknown_with_a_name() {
    let told = found::json(&file("traps.plan.json"), "traps.plan.json").unwrap();
    assert_snapshot!(shown::all(&told), @r#"
    aws_db_instance.main (eu-central-1)
      id = db-1
      password = ?(var.password)
      tags = {a: b}
      username = admin
    aws_instance.many (eu-central-1)
      subnet_id = ?(aws_subnet.a["x"].id, aws_subnet.a["y.z"].id)
      user_data = ?(local.script)
      vpc_security_group_ids = ?(aws_security_group.two.id, aws_security_group.unset.id)
    module.app["x"].aws_instance.this (eu-central-1)
      subnet_id = <aws_subnet.a["x"].id>
      vpc_security_group_ids = ?(aws_security_group.two.id, var.extra)
    module.app["y.z"].aws_instance.this (eu-central-1)
      subnet_id = <aws_subnet.a["y.z"].id>
      vpc_security_group_ids = ?(aws_security_group.two.id, var.extra)
    aws_lb.main (eu-central-1)
      arn = arn:aws:elasticloadbalancing:eu-central-1:1:loadbalancer/app/main/1
      security_groups = [sg-1]
    aws_lb_listener.main (eu-central-1)
      default_action = { order=1 type=redirect }, { order=2 target_group_arn=<aws_lb_target_group.main.arn> type=forward }
      load_balancer_arn = <aws_lb.main.arn>
    aws_lb_target_group.main (eu-central-1)
      port = 80
      vpc_id = <aws_vpc.main.id>
    aws_s3_bucket.b (eu-central-1)
    aws_s3_bucket_policy.b (eu-central-1)
      bucket = <aws_s3_bucket.b.id>
      policy = {Version: "2012-10-17", Statement: [{Sid: "One", Effect: "Allow", Action: ["s3:*"], Resource: ["?(aws_s3_bucket.b.arn)"]}, {Sid: "Two", Effect: "Deny", NotAction: ["iam:*"], Resource: ["arn:aws:s3:::${aws:username}"], Principal: "*"}]}
    aws_security_group.two (eu-central-1)
      ingress = { from_port=80 protocol=tcp security_groups=[<aws_security_group.unset.id>] self=false to_port=80 }, { from_port=81 protocol=tcp security_groups=[<aws_security_group.unset.id>] self=false to_port=81 }
    aws_security_group.unset (eu-central-1)
      name = unset
      vpc_id = <aws_vpc.main.id>
    aws_subnet.a["x"] (eu-central-1)
      vpc_id = <aws_vpc.main.id>
    aws_subnet.a["y.z"] (eu-central-1)
      vpc_id = <aws_vpc.main.id>
    aws_vpc.main (eu-central-1)
      cidr_block = 10.0.0.0/16
    output.key
      value = ?(var.key)
      sensitive = true
    output.vpc
      value = ?(aws_vpc.main.id)
      sensitive = false
    data.aws_iam_policy_document.base (eu-central-1)
      statement = { actions=[s3:*] resources=[?(aws_s3_bucket.b.arn)] sid=One }
      json = {Version: "2012-10-17", Statement: [{Sid: "One", Effect: "Allow", Action: ["s3:*"], Resource: ["?(aws_s3_bucket.b.arn)"]}]}
    data.aws_iam_policy_document.more (eu-central-1)
      source_policy_documents = [?(data.aws_iam_policy_document.base.json)]
      statement = { effect=Deny not_actions=[iam:*] principals={ identifiers=[*] type=* } resources=[arn:aws:s3:::&{aws:username}] sid=Two }
      json = {Version: "2012-10-17", Statement: [{Sid: "One", Effect: "Allow", Action: ["s3:*"], Resource: ["?(aws_s3_bucket.b.arn)"]}, {Sid: "Two", Effect: "Deny", NotAction: ["iam:*"], Resource: ["arn:aws:s3:::${aws:username}"], Principal: "*"}]}
    unread: aws_eip.later is deferred: this plan does not say what becomes of it
    "#);
}

#[test]
fn a_state_file_tells_what_the_printed_state_tells() {
    let printed = found::json(&file("small.state.json"), "a").unwrap();
    let kept = found::json(&file("small.tfstate"), "a").unwrap();
    assert_snapshot!(shown::all(&printed), @r#"
    aws_db_instance.main (eu-west-1)
      engine = postgres
      id = db-ABC
      identifier = app
      password = ?(aws_db_instance.main.password)
      port = 5432
    aws_iam_instance_profile.app (eu-west-1)
      arn = arn:aws:iam::123456789012:instance-profile/app
      id = app
      name = app
      role = <aws_iam_role.app.name>
    aws_iam_role.app (eu-west-1)
      arn = arn:aws:iam::123456789012:role/app
      assume_role_policy = {Statement: []}
      id = app
      name = app
    aws_instance.app[0] (eu-west-1)
      ami = ami-12345678
      availability_zone = eu-west-1a
      iam_instance_profile = <aws_iam_instance_profile.app.name>
      id = i-0123456789abcdef0
      root_block_device = { encrypted=false volume_size=8 }
      subnet_id = <module.net["a"].aws_subnet.a["x"].id>
      tags = {Name: app}
      vpc_security_group_ids = [sg-12345678]
    aws_lb.main (eu-west-1)
      arn = arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/app/app/1
      dns_name = public-1.eu-west-1.elb.amazonaws.com
      id = arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/app/app/1
      name = app
    module.net["a"].aws_subnet.a["x"] (eu-west-1)
      cidr_block = 10.0.0.0/24
      id = subnet-0a1b2c3d
    output.key
      value = ?(output.key)
      sensitive = true
    output.lb
      value = <aws_lb.main.dns_name>
      sensitive = false
    "#);
    assert_eq!(shown::all(&printed), shown::all(&kept));
}

#[test]
fn what_is_neither_is_refused_with_the_fix() {
    let all = [
        "",
        "PK\u{3}\u{4}",
        "{}",
        "[]",
        r#"{"format_version": "2.0"}"#,
        r#"{"format_version": 1}"#,
        r#"{"version": 3, "serial": 1, "modules": []}"#,
        r#"{"version": 4, "name": "x", "lockfileVersion": 3}"#,
    ];
    let told: String = all.iter().map(|text| format!("{}\n", found::json(text, "x").unwrap_err())).collect();
    assert_snapshot!(told, @r#"
    this is no JSON (EOF while parsing a value at line 1 column 0); `terraform show -json PLAN > plan.json` makes what is expected, the binary plan file is not read
    this is no JSON (expected value at line 1 column 1); `terraform show -json PLAN > plan.json` makes what is expected, the binary plan file is not read
    this is neither a plan nor a state: `format_version` is missing; make one with `terraform show -json PLAN` or `terraform show -json`
    this is neither a plan nor a state: `format_version` is missing; make one with `terraform show -json PLAN` or `terraform show -json`
    the format is "2.0"; versions 1.x of `terraform show -json` are known
    the format is 1; versions 1.x of `terraform show -json` are known
    this state file has version 3, and 4 is known; `terraform show -json`, run where the state is, prints one that is read
    this is neither a plan nor a state: `format_version` is missing; make one with `terraform show -json PLAN` or `terraform show -json`
    "#);
    let (plan, state) =
        (r#"{"format_version": "1.2", "planned_values": {}}"#, r#"{"format_version": "1.0"}"#);
    assert_snapshot!(found::state(plan, "x").unwrap_err(), @"this is a plan, and a state was expected");
    assert_snapshot!(found::plan(state, "x").unwrap_err(), @"this is a state, and a plan was expected");
    assert!(found::plan(plan, "x").unwrap().is_empty());
    assert!(found::state(state, "x").unwrap().is_empty());
}

/// Values that stand somewhere else than they should.
fn strange() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        Just(serde_json::Value::Bool(true)),
        any::<i64>().prop_map(serde_json::Value::from),
        "[a-z.\\[\\]\"0-9]{0,12}".prop_map(serde_json::Value::from),
        Just(serde_json::json!({"references": ["module.a.b", "each.value[0]", "var.x", "local.y"]})),
    ];
    leaf.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(serde_json::Value::from),
            prop::collection::btree_map("[a-z_]{1,8}", inner, 0..3)
                .prop_map(|map| serde_json::Value::Object(map.into_iter().collect())),
        ]
    })
}

/// Puts a value in the place of the one that is reached by these turns.
fn put(document: &mut serde_json::Value, turns: &[usize], value: serde_json::Value) {
    let mut at = document;
    for turn in turns {
        let next = match at {
            serde_json::Value::Array(items) if !items.is_empty() => turn % items.len(),
            serde_json::Value::Object(fields) if !fields.is_empty() => turn % fields.len(),
            _ => break,
        };
        at = match at {
            serde_json::Value::Array(items) => items.get_mut(next).unwrap(),
            serde_json::Value::Object(fields) => fields.values_mut().nth(next).unwrap(),
            _ => return,
        };
    }
    *at = value;
}

proptest! {
    #[test]
    fn any_document_is_read_or_refused(
        which in 0..3_usize,
        changes in prop::collection::vec((prop::collection::vec(0..20_usize, 1..9), strange()), 1..5),
        cut in prop::option::of(0..20_000_usize),
    ) {
        let name = ["traps.plan.json", "small.state.json", "small.tfstate"][which];
        let mut document = serde_json::from_str(&file(name)).unwrap();
        for (turns, value) in changes {
            put(&mut document, &turns, value);
        }
        let mut text = document.to_string();
        if let Some(cut) = cut {
            text = text.chars().take(cut).collect();
        }
        // What it is does not matter, only that it comes back, the same each time.
        prop_assert_eq!(found::json(&text, "x"), found::json(&text, "x"));
    }
}
