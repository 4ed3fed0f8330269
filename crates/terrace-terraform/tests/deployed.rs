//! What the real Terraform makes of a deployment's text: its plan, and that it sees in a release no change of its own.
//!
//! Each test says loudly that it was skipped where this machine has no Terraform, no provider or no emulator.

#![expect(clippy::unwrap_used, reason = "a test may stop where it is wrong")]
#![expect(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "these tests run Terraform, and ask an emulator"
)]

mod designs;
#[expect(dead_code, reason = "other tests take what is left")]
mod engine;

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use serde_json::{Value as Printed, json};
use terrace_aws::resource::{LaunchTemplate, Role, TaskDefinition};
use terrace_aws::{Address, Design, Kind, Notes, ResourceGraph, ResourceType, Text};
use terrace_stand_in::Emulator;
use terrace_terraform::{emit, import};

use self::engine::{Engine, emulator};

const FIRST: &str = "1111111111111111111111111111111111111111111111111111111111111111";
const PROFILE: &str = "arn:aws:iam::123456789012:instance-profile/web";
const ACCOUNT: &str = "${data.aws_caller_identity.current.account_id}";
const SECOND: &str = "2222222222222222222222222222222222222222222222222222222222222222";

/// The plain settings of a release, as a task finds them.
fn settings(digest: &str) -> String {
    json!({ "RELEASE": digest, "TEMPLATE": "${name} and %{if}" }).to_string()
}

/// Tells Terraform what is in force, as a deployment does.
fn in_force(engine: &Engine, digest: &str) {
    let told = json!({
        "image_app": format!("sha256:{digest}"), "settings_app": settings(digest),
        "release_app": digest, "release_web": digest,
    });
    std::fs::write(engine.path().join("terraform.tfvars.json"), told.to_string()).unwrap();
}

#[test]
fn a_plan_tells_what_is_deployed() {
    let (Some(engine), Some(aws)) = (Engine::find("plans of deployments"), emulator()) else { return };
    in_force(&engine, FIRST);
    for (shape, engine_of) in [("ec2", "postgres"), ("fargate", "mysql")] {
        let design = designs::apart(&designs::manifest(shape, engine_of, "cloudfront", "none", 2, false));
        engine.write(&emit(&design).unwrap());
        let imported = import::plan(&engine.plan(&aws)).unwrap();
        assert_eq!(imported.unmodelled, [], "{shape}");
        let told = import::forget(&design.graph).unwrap();
        for (address, node) in told.nodes() {
            assert_eq!(imported.graph.node(address), Some(node), "{shape}: {address}");
        }
    }
}

/// A call of an API, as whoever releases makes it; the answer.
fn call(aws: &Emulator, service: &str, head: &str, body: &str) -> String {
    let address = aws.address().trim_start_matches("http://");
    let mut stream = TcpStream::connect(address).unwrap();
    write!(
        stream,
        "POST / HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\nauthorization: AWS4-HMAC-SHA256 \
         Credential=test/20260101/eu-central-1/{service}/aws4_request, SignedHeaders=host, Signature=0\r\n{head}\r\n\
         content-length: {}\r\n\r\n{body}",
        body.len()
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    answer.split_once("\r\n\r\n").unwrap().1.to_owned()
}

fn ecs(aws: &Emulator, action: &str, fields: &Printed) -> Printed {
    let head = format!(
        "content-type: application/x-amz-json-1.1\r\nx-amz-target: AmazonEC2ContainerServiceV20141113.{action}"
    );
    serde_json::from_str(&call(aws, "ecs", &head, &fields.to_string())).unwrap()
}

fn ec2(aws: &Emulator, query: &str) -> String {
    call(
        aws,
        "ec2",
        "content-type: application/x-www-form-urlencoded",
        &format!("{query}&Version=2016-11-15"),
    )
}

/// What a plan would do to each resource that it would not leave alone, and to which of its arguments.
fn changes(engine: &Engine, aws: &Emulator) -> Vec<String> {
    let plan: Printed = serde_json::from_str(&engine.plan(aws)).unwrap();
    let all = plan.get("resource_changes").and_then(Printed::as_array).unwrap();
    let told = all.iter().filter_map(|one| {
        let change = one.get("change")?;
        let actions = change.get("actions")?;
        let left = *actions == json!(["no-op"]) || *actions == json!(["read"]);
        let side = |name: &str| change.get(name).and_then(Printed::as_object).cloned().unwrap_or_default();
        let (before, after) = (side("before"), side("after"));
        let other = after.iter().filter(|(name, value)| before.get(*name) != Some(*value));
        let other: Vec<&str> = other.map(|(name, _)| name.as_str()).collect();
        (!left).then(|| {
            format!("{}: {actions} {}", one.get("address").unwrap().as_str().unwrap(), other.join(" "))
        })
    });
    told.collect()
}

/// The resources of these kinds and labels, with what they refer to elsewhere said outright.
fn alone(design: &Design, wanted: &[(Kind, &str)]) -> Design {
    let graph = &design.graph;
    let others: Vec<Address> = graph.nodes().map(|(address, _)| address.clone()).collect();
    let kept =
        |address: &Address| wanted.iter().any(|one| *one == (address.kind(), address.label().as_str()));
    let mut left = ResourceGraph::new(graph.region.clone());
    left.default_tags = graph.default_tags.clone();
    left.variables = graph.variables.clone();
    for address in others.iter().filter(|address| kept(address)) {
        let mut node = graph.node(address).unwrap().clone();
        node.depends_on.clear();
        left.insert(address.label().clone(), node);
    }
    Design { graph: left, notes: Notes::default() }
}

#[test]
fn a_release_of_containers_is_no_change_of_terraform() {
    let (Some(engine), Some(aws)) = (Engine::find("releases beside Terraform"), emulator()) else { return };
    let whole = designs::apart(&designs::manifest("fargate", "mysql", "cloudfront", "none", 2, false));
    let label = |text: &str| -> terrace_aws::Label { text.parse().unwrap() };
    let mut design = alone(
        &whole,
        &[
            (TaskDefinition::KIND, "app"),
            (Role::KIND, "app_execution"),
            (Role::KIND, "app_task"),
            (Kind::CallerIdentity, "current"),
        ],
    );
    // Of the container, what a release changes.
    let image =
        Text::from("registry.test/items-app@").then(terrace_aws::Reference::variable(label("image_app")));
    let plain = Text::from(terrace_aws::Reference::variable(label("settings_app")));
    let address = Address::new(TaskDefinition::KIND, label("app"));
    let node = design.graph.node_mut(&address).unwrap();
    let mut definition = TaskDefinition::of(&node.resource).unwrap().clone();
    definition.container_definitions = terrace_aws::Json::List(vec![terrace_aws::Json::object([
        ("name", terrace_aws::Json::text("app")),
        ("image", terrace_aws::Json::text(image)),
        ("essential", terrace_aws::Json::Bool(true)),
        (
            "environment",
            terrace_aws::Json::List(vec![terrace_aws::Json::object([
                ("name", terrace_aws::Json::text("TERRACE_SETTINGS")),
                ("value", terrace_aws::Json::text(plain)),
            ])]),
        ),
    ])]);
    node.resource = definition.wrap();
    engine.write(&emit(&design).unwrap());
    in_force(&engine, FIRST);
    engine.run(&["init", "-input=false"], Some(&aws));
    engine.run(&["apply", "-auto-approve", "-input=false"], Some(&aws));

    let newest = ecs(&aws, "DescribeTaskDefinition", &json!({ "taskDefinition": "items-app" }));
    let mut fields = newest.get("taskDefinition").unwrap().clone();
    let own = fields.as_object_mut().unwrap();
    own.retain(|name, _| {
        [
            "family",
            "taskRoleArn",
            "executionRoleArn",
            "networkMode",
            "cpu",
            "memory",
            "runtimePlatform",
            "requiresCompatibilities",
            "containerDefinitions",
            "volumes",
        ]
        .contains(&name.as_str())
    });
    *fields.pointer_mut("/containerDefinitions/0/image").unwrap() =
        json!(format!("registry.test/items-app@sha256:{SECOND}"));
    let told = fields.pointer_mut("/containerDefinitions/0/environment/0/value").unwrap();
    assert_eq!(told.as_str(), Some(settings(FIRST).as_str()));
    *told = json!(settings(SECOND));
    let tags = json!([{ "key": "Name", "value": "items-app" }, { "key": "terrace:party", "value": "app" }, { "key": "terrace:system", "value": "items" }]);
    fields.as_object_mut().unwrap().insert("tags".to_owned(), tags);
    ecs(&aws, "RegisterTaskDefinition", &fields);

    in_force(&engine, SECOND);
    assert_eq!(changes(&engine, &aws), Vec::<String>::new(), "what is in force is no change");
    // What a release that failed left behind is led back to what is in force, and is not taken away.
    in_force(&engine, FIRST);
    let back = changes(&engine, &aws).join("\n");
    assert!(
        back.starts_with("aws_ecs_task_definition.app: [\"delete\",\"create\"] container_definitions"),
        "{back}"
    );
    assert_eq!(back.lines().count(), 1, "{back}");
    engine.run(&["apply", "-auto-approve", "-input=false"], Some(&aws));
    let all = ecs(&aws, "ListTaskDefinitions", &json!({ "familyPrefix": "items-app", "status": "ACTIVE" }));
    assert_eq!(all.get("taskDefinitionArns").and_then(Printed::as_array).unwrap().len(), 3, "{all}");
}

#[test]
fn a_release_of_machines_is_no_change_of_terraform() {
    let (Some(engine), Some(aws)) = (Engine::find("releases beside Terraform"), emulator()) else { return };
    let whole = designs::apart(&designs::manifest("ec2", "postgres", "alb", "none", 2, false));
    let mut design = alone(&whole, &[(LaunchTemplate::KIND, "web"), (Kind::CallerIdentity, "current")]);
    let label: terrace_aws::Label = "web".parse().unwrap();
    let node = design.graph.node_mut(&Address::new(LaunchTemplate::KIND, label)).unwrap();
    let mut template = LaunchTemplate::of(&node.resource).unwrap().clone();
    template.image_id = Text::from("ami-12345678");
    template.vpc_security_group_ids = Vec::new();
    template.iam_instance_profile.0.arn = Some(terrace_aws::Ref::literal(PROFILE.to_owned()));
    node.resource = template.clone().wrap();
    engine.write(&emit(&design).unwrap());
    in_force(&engine, FIRST);
    engine.run(&["init", "-input=false"], Some(&aws));
    engine.run(&["apply", "-auto-approve", "-input=false"], Some(&aws));
    let found = ec2(&aws, "Action=DescribeLaunchTemplates");
    let id = found.split_once("<launchTemplateId>").unwrap().1.split_once('<').unwrap().0.to_owned();

    // As `terrace_cloud::release::machines` makes a version: all tags again, with the other release.
    // AWS takes the rest from the version that is told as the source; moto does not, so it is said again.
    let data = template.user_data.0;
    let data = terrace_aws::base64(&data.to_string().replace(ACCOUNT, "123456789012"));
    let data = data.replace('+', "%2B").replace('/', "%2F").replace('=', "%3D");
    let mut query = format!("Action=CreateLaunchTemplateVersion&LaunchTemplateId={id}&SourceVersion=1");
    for (name, value) in [
        ("ImageId", "ami-12345678"),
        ("InstanceType", "t3.micro"),
        ("UserData", &data),
        ("IamInstanceProfile.Arn", PROFILE),
        ("MetadataOptions.HttpEndpoint", "enabled"),
        ("MetadataOptions.HttpTokens", "required"),
        ("MetadataOptions.HttpPutResponseHopLimit", "1"),
        ("MetadataOptions.InstanceMetadataTags", "enabled"),
        ("Monitoring.Enabled", "true"),
        ("CreditSpecification.CpuCredits", "standard"),
        ("BlockDeviceMapping.1.DeviceName", "%2Fdev%2Fxvda"),
        ("BlockDeviceMapping.1.Ebs.VolumeType", "gp3"),
        ("BlockDeviceMapping.1.Ebs.VolumeSize", "10"),
        ("BlockDeviceMapping.1.Ebs.Encrypted", "true"),
        ("BlockDeviceMapping.1.Ebs.DeleteOnTermination", "true"),
    ] {
        query += &format!("&LaunchTemplateData.{name}={value}");
    }
    for (nth, kind) in ["instance", "volume"].iter().enumerate() {
        let name = format!("LaunchTemplateData.TagSpecification.{}", nth + 1);
        query += &format!("&{name}.ResourceType={kind}");
        let tags = [
            ("Name", "items-web"),
            ("terrace%3Aparty", "web"),
            ("terrace%3Asystem", "items"),
            ("terrace%3Arelease", SECOND),
        ];
        for (nth, (key, value)) in tags.iter().enumerate() {
            query += &format!("&{name}.Tag.{0}.Key={key}&{name}.Tag.{0}.Value={value}", nth + 1);
        }
    }
    ec2(&aws, &query);

    in_force(&engine, SECOND);
    assert_eq!(changes(&engine, &aws), Vec::<String>::new(), "what is in force is no change");
    in_force(&engine, FIRST);
    assert_eq!(changes(&engine, &aws), ["aws_launch_template.web: [\"update\"] tag_specifications"]);
}
