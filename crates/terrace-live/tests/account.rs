//! An account in moto, made by another hand, read back.
//!
//! Whoever reads finds its credentials in the environment, and no test may set its own: so the test starts itself anew,
//! for the tests in `reads`, with an environment in which nothing but loopback can be reached.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may stop where it is wrong")]

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, Command, Stdio};

use terrace_live::{Settings, account};

/// Says loudly that a test did not run.
fn skipped(why: &str) {
    drop(std::io::stderr().write_all(format!("\nSKIPPED: a live account: {why}\n").as_bytes()));
}

/// moto on a port of its own; it ends with the value.
struct Emulator {
    child: Child,
    address: String,
}

impl Emulator {
    fn start() -> Option<Self> {
        let mut command = Command::new("moto_server");
        command.args(["-H", "127.0.0.1", "-p", "0"]).env("MOTO_IAM_LOAD_MANAGED_POLICIES", "true");
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
        let Ok(mut child) = command.spawn() else {
            skipped("there is no `moto_server` on the PATH");
            return None;
        };
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let address = lines.by_ref().map_while(Result::ok).find_map(|line| {
            let (_, address) = line.split_once("Running on ")?;
            Some(address.trim().to_owned())
        });
        std::thread::spawn(move || lines.for_each(drop));
        let emulator = Self { child, address: address.unwrap_or_default() };
        if emulator.address.is_empty() {
            skipped("`moto_server` does not start");
            return None;
        }
        Some(emulator)
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// A command that can reach an emulator, and nothing else.
fn confined(program: &str, address: &str) -> Command {
    let mut command = Command::new(program);
    for (name, value) in [
        ("AWS_ENDPOINT_URL", address),
        ("AWS_ACCESS_KEY_ID", "test"),
        ("AWS_SECRET_ACCESS_KEY", "test"),
        ("AWS_REGION", "eu-west-1"),
        ("AWS_DEFAULT_REGION", "eu-west-1"),
        ("AWS_EC2_METADATA_DISABLED", "true"),
        ("AWS_CONFIG_FILE", "/dev/null"),
        ("AWS_SHARED_CREDENTIALS_FILE", "/dev/null"),
        ("NO_PROXY", "127.0.0.1"),
    ] {
        command.env(name, value);
    }
    command.env_remove("AWS_PROFILE").stdin(Stdio::null());
    command
}

/// Runs a test of this file in an environment of its own, without some of its settings.
fn again(test: &str, without: &[&str], address: &str) {
    let own = std::env::current_exe().unwrap();
    let mut command = confined(own.to_str().unwrap(), address);
    command.args(["--exact", test, "--ignored", "--nocapture"]);
    without.iter().for_each(|name| {
        command.env_remove(name);
    });
    let output = command.output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    let ran = output.status.success() && text.contains("1 passed");
    assert!(ran, "{test}: {text}{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn an_account_is_read_as_it_was_made() {
    let Some(emulator) = Emulator::start() else { return };
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/account.py");
    let made = confined("python3", &emulator.address).arg(script).output();
    match made {
        Ok(made) if made.status.success() => {}
        Ok(made) => {
            let text = String::from_utf8_lossy(&made.stderr).into_owned();
            if text.contains("No module named 'boto3'") {
                return skipped("there is no boto3");
            }
            panic!("{text}");
        }
        Err(error) => return skipped(&format!("there is no python3: {error}")),
    }
    again("reads::what_was_made", &[], &emulator.address);
    again("reads::one_vpc", &[], &emulator.address);
}

#[test]
fn what_cannot_be_asked_is_a_clear_error() {
    // A port that was free a moment ago, and that nobody listens on.
    let socket = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", socket.local_addr().unwrap());
    drop(socket);
    again("reads::nobody", &[], &address);
    again("reads::no_region", &["AWS_REGION", "AWS_DEFAULT_REGION"], &address);
    again("reads::no_keys", &["AWS_ACCESS_KEY_ID"], &address);
}

#[test]
fn every_call_is_in_the_policy() {
    let policy: serde_json::Value = serde_json::from_str(&terrace_live::policy()).unwrap();
    let actions: Vec<&str> = policy["Statement"][0]["Action"]
        .as_array()
        .unwrap()
        .iter()
        .map(|action| action.as_str().unwrap())
        .collect();
    assert_eq!(actions, terrace_live::PERMISSIONS);
    let mut sorted = actions.clone();
    sorted.sort_unstable();
    assert_eq!(actions, sorted, "in order");
    let reading = ["Describe", "Get", "List"];
    for action in actions {
        let (_, verb) = action.split_once(':').unwrap();
        assert!(reading.iter().any(|begin| verb.starts_with(begin)), "{action} does not only read");
    }
}

/// Run by the others, each in a process of its own.
mod reads {
    use super::{Settings, account};
    use insta::assert_snapshot;
    use terrace_aws::inventory::{Inventory, Item};
    use terrace_aws::{Json, Part, Text, Value};

    async fn read(vpcs: Vec<String>) -> Inventory {
        let all = account(&Settings { vpcs, ..Settings::default() }).await.unwrap();
        // Nothing was refused but what moto does not know.
        for unread in all.unread() {
            assert!(unread.what.starts_with("cloudfront:"), "{} {}", unread.what, unread.why);
        }
        all
    }

    /// What people call an item: its `Name` tag, its name, or its id.
    fn called(all: &Inventory, item: &Item) -> String {
        let word = |name: &str| item.view().literal(name).known();
        let tag =
            item.view().map("tags").known().and_then(|tags| Some(tags.get("Name")?.literal()?.to_owned()));
        if let Some(name) = tag.or_else(|| word("name")) {
            return name;
        }
        let of = item.view().references("vpc_id").iter().find_map(|vpc| all.target(vpc));
        match of {
            Some(vpc) => format!("that of {}", called(all, vpc)),
            None => item.id().name().to_owned(),
        }
    }

    fn text(all: &Inventory, text: &Text) -> String {
        let parts = text.parts().iter().map(|part| match part {
            Part::Literal(literal) => literal.clone(),
            Part::Reference(reference) => match all.target(reference) {
                Some(item) => {
                    format!("<{} {}.{}>", item.type_name(), called(all, item), reference.attribute())
                }
                None => format!("<nothing at {reference}>"),
            },
            Part::Opaque(_) => "?".to_owned(),
        });
        parts.collect()
    }

    fn shown(all: &Inventory, value: &Value) -> String {
        let list = |items: Vec<String>| items.join(", ");
        match value {
            Value::Text(inner) => text(all, inner),
            Value::Base64(inner) => format!("base64({})", text(all, inner)),
            Value::Bool(truth) => truth.to_string(),
            Value::Int(number) | Value::Milli(number) => number.to_string(),
            Value::List(items) => format!("[{}]", list(items.iter().map(|item| shown(all, item)).collect())),
            Value::Map(items) => {
                list(items.iter().map(|(key, item)| format!("{key}: {}", shown(all, item))).collect())
            }
            Value::Blocks(blocks) => {
                let block = |block: &terrace_aws::Record| {
                    let arguments = block.iter().map(|(name, value)| format!("{name}={}", shown(all, value)));
                    format!("{{ {} }}", arguments.collect::<Vec<_>>().join(" "))
                };
                list(blocks.iter().map(block).collect())
            }
            Value::Json(inner) => json(all, inner),
            Value::Opaque(of) => format!("?({})", list(of.iter().map(ToString::to_string).collect())),
        }
    }

    fn json(all: &Inventory, one: &Json) -> String {
        match one {
            Json::Text(inner) => text(all, inner),
            Json::List(items) => {
                format!("[{}]", items.iter().map(|item| json(all, item)).collect::<Vec<_>>().join(", "))
            }
            Json::Object(fields) => {
                let fields = fields.iter().map(|(key, field)| format!("{key}: {}", json(all, field)));
                format!("{{{}}}", fields.collect::<Vec<_>>().join(", "))
            }
            other => format!("{other:?}"),
        }
    }

    /// What AWS made up for itself, and differs each time.
    const MADE_UP: &[&str] = &[
        "id",
        "arn",
        "dns_name",
        "private_ip",
        "public_ip",
        "private_ips",
        "volume_id",
        "default_network_acl_id",
        "network_interface_id",
        "attachment_id",
        "unique_id",
        "resource_id",
        "address",
        "endpoint",
        "key_id",
        "grant_id",
    ];

    /// Items of some types, in the order of what people call them, with their arguments.
    fn lines(all: &Inventory, types: &[&str]) -> String {
        let mut lines = Vec::new();
        for item in all.items().filter(|item| types.contains(&item.type_name())) {
            let mut line = format!("{} {}", item.type_name(), called(all, item));
            for (name, value) in
                item.record.iter().filter(|(name, _)| !MADE_UP.contains(name) && *name != "tags")
            {
                line.push_str(&format!("\n  {name} = {}", shown(all, value)));
            }
            lines.push(line);
        }
        lines.sort();
        lines.join("\n")
    }

    #[tokio::test]
    #[ignore = "run by another test, with an environment of its own"]
    async fn what_was_made() {
        let all = read(Vec::new()).await;
        let own = |types: &[&str]| {
            let text = lines(&all, types);
            let other = |block: &&str| block.contains("shop") || !block.contains("that of vpc-");
            text.split("\naws_")
                .enumerate()
                .map(|(at, block)| if at == 0 { block.to_owned() } else { format!("aws_{block}") })
                .filter(|block| other(&block.as_str()))
                .collect::<Vec<_>>()
                .join("\n")
        };
        assert_snapshot!(
            "network",
            own(&[
                "aws_route_table",
                "aws_route_table_association",
                "aws_internet_gateway",
                "aws_nat_gateway",
                "aws_vpc_endpoint",
                "aws_eip",
                "aws_network_acl"
            ])
        );
        assert_snapshot!("rules", own(&["aws_security_group"]));
        assert_snapshot!(
            "machines",
            own(&[
                "aws_instance",
                "aws_launch_template",
                "aws_autoscaling_group",
                "aws_lb",
                "aws_lb_listener",
                "aws_lb_listener_rule",
                "aws_lb_target_group"
            ])
        );
        assert_snapshot!(
            "identity",
            own(&[
                "aws_iam_role",
                "aws_iam_role_policy",
                "aws_iam_role_policy_attachment",
                "aws_iam_instance_profile",
                "aws_iam_user",
                "aws_iam_user_policy_attachment",
                "aws_iam_group",
                "aws_iam_user_group_membership",
                "aws_iam_group_policy"
            ])
        );
        assert_snapshot!(
            "data",
            own(&[
                "aws_db_instance",
                "aws_db_subnet_group",
                "aws_s3_bucket",
                "aws_s3_bucket_policy",
                "aws_s3_bucket_public_access_block",
                "aws_s3_bucket_server_side_encryption_configuration",
                "aws_s3_bucket_versioning",
                "aws_secretsmanager_secret",
                "aws_secretsmanager_secret_policy",
                "aws_ssm_parameter",
                "aws_kms_grant",
                "aws_sqs_queue",
                "aws_sns_topic",
                "aws_lambda_function",
                "aws_ecs_cluster",
                "aws_ecs_service",
                "aws_ecs_task_definition"
            ])
        );
        let text = format!("{all:?}");
        assert!(!text.contains("hunter2"), "no value of a secret or a parameter is read");
        assert_eq!(all, read(Vec::new()).await, "the same account is told the same way");
    }

    #[tokio::test]
    #[ignore = "run by another test, with an environment of its own"]
    async fn one_vpc() {
        let all = read(Vec::new()).await;
        let vpc = all.all("aws_vpc").find(|vpc| called(&all, vpc) == "shop").unwrap().id().name().to_owned();
        let one = read(vec![vpc.clone()]).await;
        let names: Vec<&str> = one.all("aws_vpc").map(|vpc| vpc.id().name()).collect();
        assert_eq!(names, [vpc.as_str()]);
        assert!(all.all("aws_subnet").count() > one.all("aws_subnet").count());
        for subnet in one.all("aws_subnet") {
            let of = subnet.view().references("vpc_id");
            assert_eq!(
                of.iter().filter_map(|of| of.item()).map(|id| id.name()).collect::<Vec<_>>(),
                [vpc.as_str()]
            );
        }
        assert_eq!(all.all("aws_iam_role").count(), one.all("aws_iam_role").count());
    }

    async fn refused() -> String {
        account(&Settings::default()).await.unwrap_err().to_string()
    }

    #[tokio::test]
    #[ignore = "run by another test, with an environment of its own"]
    async fn nobody() {
        let told = refused().await;
        assert!(told.contains("cannot be reached") && told.contains("http://127.0.0.1:"), "{told}");
    }

    #[tokio::test]
    #[ignore = "run by another test, with an environment of its own"]
    async fn no_region() {
        assert_snapshot!(refused().await, @"no region is set: give one with --region, in AWS_REGION, or in the profile");
    }

    #[tokio::test]
    #[ignore = "run by another test, with an environment of its own"]
    async fn no_keys() {
        let told = refused().await;
        assert!(told.starts_with("no AWS credentials were found ("), "{told}");
    }
}
