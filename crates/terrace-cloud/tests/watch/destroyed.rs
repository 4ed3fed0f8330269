//! What there is of a system, what is left of it, and buckets that are emptied.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use insta::assert_snapshot;
use serde_json::{Value as Json, json};
use terrace_account::objects::Bucket;
use terrace_cloud::deployed::Names;
use terrace_cloud::destroy::{Ground, Kind, Leftover, Thing, empty, end_leftovers, inventory, leftovers};
use terrace_cloud::release::Pace;

use crate::server::Server;

fn names() -> Names {
    let case: Json = serde_json::from_str(include_str!("cases/containers-steady.json")).unwrap();
    serde_json::from_value(case["names"].clone()).unwrap()
}

fn resource(arn: &str, environment: &str, name: Option<&str>) -> Json {
    let mut tags = vec![json!({"Key": "terrace:system", "Value": "items"})];
    tags.push(json!({"Key": "terrace:environment", "Value": environment}));
    tags.extend(name.map(|name| json!({"Key": "Name", "Value": name})));
    json!({"ResourceARN": arn, "Tags": tags})
}

fn text<'a>(things: impl Iterator<Item = &'a Thing>) -> String {
    let each =
        |one: &Thing| format!("{} {}{}", one.kind.what, one.name, if one.ended { " (ended)" } else { "" });
    things.map(each).collect::<Vec<_>>().join("\n")
}

#[tokio::test]
async fn what_is_there_is_told_apart_from_what_ends_and_from_what_is_kept() {
    let arn = |rest: &str| format!("arn:aws:{rest}");
    let first = json!({"PaginationToken": "2", "ResourceTagMappingList": [
        resource(&arn("ec2:eu-west-1:123456789012:natgateway/nat-1"), "prod", Some("items-prod-a")),
        resource(&arn("ec2:eu-west-1:123456789012:natgateway/nat-2"), "prod", None),
        resource(&arn("ec2:eu-west-1:123456789012:natgateway/nat-3"), "test", None),
        resource(&arn("ec2:eu-west-1:123456789012:vpc/vpc-1"), "prod", None),
        resource(&arn("rds:eu-west-1:123456789012:db:items-prod"), "prod", None),
        resource(&arn("rds:eu-west-1:123456789012:snapshot:items-prod-last"), "prod", None),
    ]});
    let second = json!({"PaginationToken": "", "ResourceTagMappingList": [
        resource(&arn("logs:eu-west-1:123456789012:log-group:/items/prod/app"), "prod", None),
        resource(&arn("s3:::items-prod-page-123456789012"), "prod", None),
        resource(&arn("kms:eu-west-1:123456789012:key/0a"), "prod", None),
        resource(&arn("elasticloadbalancing:eu-west-1:123456789012:loadbalancer/app/items-prod/1"), "prod", None),
        resource(&arn("newservice:eu-west-1:123456789012:thing/x"), "prod", None),
    ]});
    let global = json!({"ResourceTagMappingList": [
        resource(&arn("cloudfront::123456789012:distribution/E2QWRUHAPOMQZL"), "prod", None),
    ]});
    let server = Server::start(move |asked| {
        let (status, body) = match (asked.call.as_str(), asked.region.as_str()) {
            ("tagging:GetResources", "us-east-1") => (200, global.to_string()),
            ("tagging:GetResources", _) if asked.body.contains("PaginationToken") => {
                (200, second.to_string())
            }
            ("tagging:GetResources", _) => (200, first.to_string()),
            ("ec2:DescribeNatGateways", "eu-west-1") => {
                let state = if asked.body.contains("nat-2") { "deleted" } else { "available" };
                (200, format!("<DescribeNatGatewaysResponse><natGatewaySet><item><state>{state}</state></item></natGatewaySet></DescribeNatGatewaysResponse>"))
            }
            ("rds:DescribeDBInstances", _) => (
                404,
                "<ErrorResponse><Error><Code>DBInstanceNotFound</Code><Message>gone</Message></Error></ErrorResponse>".to_owned(),
            ),
            ("elasticloadbalancing:DescribeLoadBalancers", _) => {
                (403, "<ErrorResponse><Error><Code>AccessDenied</Code><Message>no</Message></Error></ErrorResponse>".to_owned())
            }
            other => (418, format!("nobody expected {other:?}")),
        };
        (status, String::new(), body)
    });
    let found = inventory(&server.account(), &names()).await.unwrap();
    assert_snapshot!(text(found.things.iter()), @"
    NAT gateway items-prod-a
    NAT gateway nat-2 (ended)
    VPC vpc-1
    bucket items-prod-page-123456789012
    database items-prod (ended)
    distribution E2QWRUHAPOMQZL
    key 0a
    load balancer app/items-prod/1
    log group /items/prod/app
    newservice thing x
    snapshot of a database items-prod-last
    ");
    assert_snapshot!(text(found.left()), @"
    NAT gateway items-prod-a
    bucket items-prod-page-123456789012
    load balancer app/items-prod/1
    log group /items/prod/app
    newservice thing x
    ");
    assert_snapshot!(text(found.kept()), @"
    key 0a
    snapshot of a database items-prod-last
    ");
}

#[tokio::test]
async fn what_is_not_known_is_not_told_to_be_nothing() {
    let denied = r#"{"__type":"AccessDeniedException","message":"User: arn:aws:iam::123456789012:user/me is not authorized to perform: tag:GetResources because no identity-based policy allows the tag:GetResources action"}"#;
    let server = Server::start(move |_| (400, String::new(), denied.to_owned()));
    let error = inventory(&server.account(), &names()).await.unwrap_err();
    assert_snapshot!(error.next(), @"allow tag:GetResources");
}

/// Of three machines of the system one is another environment's, and one is gone.
#[tokio::test]
async fn machines_that_migrations_left_are_ended_and_awaited() {
    let asked: Arc<Mutex<Vec<String>>> = Arc::default();
    let ended = Arc::clone(&asked);
    let server = Server::start(move |call| {
        let mut ended = ended.lock().unwrap();
        let machine = |id: &str, environment: &str, state: &str| {
            let tags: String =
                [("terrace:system", "items"), ("terrace:environment", environment), ("terrace:migrate", "7")]
                    .map(|(key, value)| format!("<item><key>{key}</key><value>{value}</value></item>"))
                    .concat();
            format!(
                "<item><instancesSet><item><instanceId>{id}</instanceId><instanceState><name>{state}</name></instanceState><tagSet>{tags}</tagSet></item></instancesSet></item>"
            )
        };
        // Going after it was ended once, gone after two more looks.
        let looks = ended.iter().filter(|one| one.starts_with("DescribeInstances")).count();
        let state = match ended.iter().position(|one| one.starts_with("TerminateInstances")) {
            None => "running",
            Some(at) if looks < at + 2 => "shutting-down",
            Some(_) => "terminated",
        };
        let (action, body) = match call.call.as_str() {
            "ec2:DescribeInstances" => {
                let all =
                    [("i-0a", "prod", state), ("i-0b", "test", "running"), ("i-0c", "prod", "terminated")]
                        .map(|(id, environment, state)| machine(id, environment, state));
                (
                    "DescribeInstances".to_owned(),
                    format!(
                        "<DescribeInstancesResponse><reservationSet>{}</reservationSet></DescribeInstancesResponse>",
                        all.concat()
                    ),
                )
            }
            "ec2:TerminateInstances" => {
                let id = call.body.split("InstanceId.1=").nth(1).unwrap().split('&').next().unwrap();
                (format!("TerminateInstances {id}"), "<TerminateInstancesResponse/>".to_owned())
            }
            other => return (418, String::new(), format!("nobody expected {other}")),
        };
        ended.push(action);
        (200, String::new(), body)
    });
    let (account, names) = (server.account(), names());
    let left = leftovers(&account, &names, Ground::Machines).await.unwrap();
    assert_eq!(left.iter().map(Leftover::called).collect::<Vec<_>>(), ["machine i-0a"]);
    let told = Mutex::new(Vec::new());
    let pace = Pace { every: Duration::from_millis(1), most: 20 };
    let note =
        |one: &Leftover| told.lock().unwrap().push(format!("{} of release {}", one.called(), one.release));
    let left = end_leftovers(&account, &names, Ground::Machines, pace, note).await.unwrap();
    assert_eq!((left, told.into_inner().unwrap()), (vec![], vec!["machine i-0a of release 7".to_owned()]));
    let asked = asked.lock().unwrap();
    let terminated: Vec<&String> = asked.iter().filter(|one| one.starts_with("Terminate")).collect();
    assert_eq!(terminated, ["TerminateInstances i-0a"]);
}

#[test]
fn what_no_table_knows_counts_as_costing() {
    assert_eq!(Kind::of("no arn"), None);
    let odd = Kind::of("arn:aws:newservice:eu-west-1:123456789012:thing/x").unwrap();
    assert_eq!((odd.what.as_str(), odd.costs), ("newservice thing", true));
}

/// A bucket with versions and marks, of which one comes while it is emptied.
#[tokio::test]
async fn a_bucket_is_emptied_of_each_version_and_of_what_comes_meanwhile() {
    let there: Arc<Mutex<BTreeSet<(String, String)>>> = Arc::default();
    let versions = [("index.html", "v1"), ("index.html", "v2"), ("old.js", "mark")];
    there
        .lock()
        .unwrap()
        .extend(versions.iter().map(|(key, version)| (String::from(*key), String::from(*version))));
    let (played, mut late) = (there.clone(), Some(("late.log".to_owned(), "v9".to_owned())));
    let server = Server::start(move |asked| {
        let mut there = played.lock().unwrap();
        if asked.line.starts_with("POST") {
            for part in asked.body.split("<Object>").skip(1) {
                let word = |name: &str| {
                    let rest = part.split_once(&format!("<{name}>")).unwrap().1;
                    rest.split_once('<').unwrap().0.to_owned()
                };
                assert!(there.remove(&(word("Key"), word("VersionId"))), "{part}");
            }
            there.extend(late.take());
            return (200, String::new(), "<DeleteResult/>".to_owned());
        }
        let each = there.iter().map(|(key, version)| {
            let (name, size) =
                if version == "mark" { ("DeleteMarker", "") } else { ("Version", "<Size>1</Size>") };
            format!("<{name}><Key>{key}</Key><VersionId>{version}</VersionId>{size}</{name}>")
        });
        let all: String = each.collect();
        (
            200,
            String::new(),
            format!("<ListVersionsResult><IsTruncated>false</IsTruncated>{all}</ListVersionsResult>"),
        )
    });
    let account = server.account();
    let bucket = Bucket::new(&account, "items-prod-page".parse().unwrap());
    let events = Mutex::new(Vec::new());
    let end =
        empty(&bucket, "items-prod-page", |one| events.lock().unwrap().push((one.deleted, one.found))).await;
    let end = end.unwrap();
    assert!(there.lock().unwrap().is_empty());
    assert_eq!((end.deleted, end.found), (4, 4));
    assert_eq!(*events.lock().unwrap(), [(3, 3), (4, 4)]);
}

#[tokio::test]
async fn a_bucket_that_is_gone_is_empty() {
    let gone =
        "<Error><Code>NoSuchBucket</Code><Message>The specified bucket does not exist</Message></Error>";
    let server = Server::start(move |_| (404, String::new(), gone.to_owned()));
    let account = server.account();
    let bucket = Bucket::new(&account, "items-prod-page".parse().unwrap());
    assert_eq!(empty(&bucket, "items-prod-page", |_| {}).await.unwrap().deleted, 0);
}

#[tokio::test]
async fn what_s3_would_not_delete_is_told_with_its_words() {
    let listed = "<ListVersionsResult><IsTruncated>false</IsTruncated><Version><Key>held</Key><VersionId>v1</VersionId><Size>1</Size></Version></ListVersionsResult>";
    let held = "<DeleteResult><Error><Key>held</Key><Code>AccessDenied</Code><Message>a retention forbids it</Message></Error></DeleteResult>";
    let mut asked = 0;
    let server = Server::start(move |one| {
        asked += 1;
        assert!(asked <= 2, "asked again though nothing changed");
        let answer = if one.line.starts_with("POST") { held } else { listed };
        (200, String::new(), answer.to_owned())
    });
    let account = server.account();
    let bucket = Bucket::new(&account, "items-prod-page".parse().unwrap());
    let end = empty(&bucket, "items-prod-page", |_| {}).await.unwrap();
    assert_eq!((end.deleted, end.found), (0, 1));
    assert_eq!(end.left.unwrap(), "held: AccessDenied: a retention forbids it");
}
