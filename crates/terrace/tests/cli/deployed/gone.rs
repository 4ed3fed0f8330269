//! `terrace destroy`: AWS is played, and so is Terraform, which removes what the world then does not list any more.

use serde_json::{Value as Json, json};

use super::world::{Played, World, steady};

const DATABASE: &str = "arn:aws:rds:us-east-1:123456789012:cluster:shop-data";

fn resource(arn: &str, name: &str) -> Json {
    json!({"ResourceARN": arn, "Tags": [{"Key": "terrace:system", "Value": "shop"}, {"Key": "Name", "Value": name}]})
}

fn things() -> Json {
    json!({"ResourceTagMappingList": [
        resource("arn:aws:ec2:us-east-1:123456789012:vpc/vpc-1", "shop"),
        resource("arn:aws:ec2:us-east-1:123456789012:natgateway/nat-1", "shop-a"),
        resource("arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/app/shop/1", "shop"),
        resource(DATABASE, "shop-data"),
        resource("arn:aws:s3:::shop-page-123456789012", "shop-page"),
        resource("arn:aws:logs:us-east-1:123456789012:log-group:/shop/app", "shop-app"),
        resource("arn:aws:kms:us-east-1:123456789012:key/0a", "shop"),
        resource("arn:aws:rds:us-east-1:123456789012:cluster-snapshot:shop-data-last-20261122t010203z", "shop-data"),
    ]})
}

/// A system that is there, with a page in its bucket and an image; `protected` by AWS or not.
fn there(protected: bool) -> World {
    let mut world = World::released();
    world.object("states/shop/default/terraform.tfstate", "{}");
    world.object("artifacts/shop/default/page/00", "x");
    world.object("artifacts/shop-two/default/page/00", "another system's");
    world.objects.insert(("shop-page-123456789012".to_owned(), "index.html".to_owned()), b"hello".to_vec());
    world.json("tagging:GetResources", "", things());
    world.xml(
        "ec2:DescribeNatGateways",
        "",
        "<natGatewaySet><item><state>deleted</state></item></natGatewaySet>",
    );
    let gone = "One or more load balancers not found";
    world.refuse("elasticloadbalancing:DescribeLoadBalancers", 400, "LoadBalancerNotFound", gone);
    world.xml("elasticloadbalancing:DescribeLoadBalancerAttributes", "", "<Attributes><member><Key>deletion_protection.enabled</Key><Value>false</Value></member></Attributes>");
    world.xml("rds:DescribeDBClusters", "", &format!(
        "<DBClusters><DBCluster><DBClusterIdentifier>shop-data</DBClusterIdentifier><Status>deleting</Status><DeletionProtection>{protected}</DeletionProtection></DBCluster></DBClusters>"
    ));
    world.xml("rds:CreateDBClusterSnapshot", "", "");
    world.xml("rds:CopyDBClusterSnapshot", "KmsKeyId=alias%2Faws%2Frds", "");
    world.xml("rds:DeleteDBClusterSnapshot", "-first", "");
    world.json("ecr:DeleteRepository", "\"repositoryName\":\"shop-app\"", json!({}));
    world.json("logs:DescribeLogGroups", "", json!({"logGroups": []}));
    world.json("ecs:ListTasks", "", json!({"taskArns": []}));
    world
}

/// With a Terraform that does as it is told; `fails` what it says when it applies.
fn played(world: World, fails: &str) -> Played {
    let played = Played::of(world);
    let apply = if fails.is_empty() {
        "echo '{\"type\":\"change_summary\",\"changes\":{\"add\":0,\"change\":0,\"import\":0,\"remove\":41,\"operation\":\"destroy\"}}'".to_owned()
    } else {
        format!(
            "echo '{{\"type\":\"diagnostic\",\"@level\":\"error\",\"diagnostic\":{{\"severity\":\"error\",\"summary\":\"{fails}\",\"detail\":\"\"}}}}'; exit 1"
        )
    };
    let script = format!(
        "#!/bin/sh\ncase \"$1\" in\nversion) echo '{{\"terraform_version\":\"1.11.4\"}}';;\ninit) /bin/mkdir -p .terraform;;\n\
         plan) echo '{{\"type\":\"change_summary\",\"changes\":{{\"add\":0,\"change\":0,\"import\":0,\"remove\":41,\"operation\":\"plan\"}}}}'; exit 2;;\n\
         show) echo '{{\"format_version\":\"1.2\",\"terraform_version\":\"1.11.4\",\"resource_changes\":[]}}';;\n\
         output) echo '{{}}';;\napply) {apply};;\nesac\n"
    );
    let file = played.folder.program("terraform");
    std::fs::write(&file, script).unwrap();
    let mode: std::fs::Permissions = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    std::fs::set_permissions(file, mode).unwrap();
    played
}

/// Snapshots that are whole at once, under the name of the day.
fn snapshots(played: &Played) {
    played.world(|world| {
        world.xml(
            "rds:DescribeDBClusterSnapshots",
            "SnapshotType=manual",
            "<DBClusterSnapshots></DBClusterSnapshots>",
        );
        world.echo_snapshots = true;
    });
}

/// The day's name taken out.
fn dayless(text: &str) -> String {
    let day = regex::Regex::new("[0-9]{8}t[0-9]{6}z").unwrap();
    day.replace_all(&steady(text), "[DAY]").into_owned()
}

#[test]
fn what_is_there_is_listed_and_nothing_goes_before_its_name_is_typed() {
    let played = played(there(false), "");
    insta::assert_snapshot!(dayless(&played.shows("destroy")), @"
    exit code: 2
    ----- stderr
    shop in us-east-1 of account 123456789012

    WHAT GOES  COSTS MONEY  WHICH
    bucket  1  as long as it is there  shop-page
    database cluster  1  as long as it is there  shop-data
    log group  1  as long as it is there  shop-app
    VPC  1  no  shop

    WHAT IS KEPT  WHICH  UNTIL
    key  shop  AWS removes it by itself, in some days
    snapshot of a database  shop-data  you delete it

    a last snapshot of shop-data is made first, and kept: it costs by its size until you delete it
    its images, artifacts and releases go as well (--keep-releases keeps them)
    error: this takes a system away, and nobody is there to type its name
    help: `--yes-destroy shop` says that it is meant
    ");
    insta::assert_snapshot!(dayless(&played.shows("destroy --yes-destroy shop-prod")), @"
    exit code: 2
    ----- stderr
    error: the manifest's system is `shop`, not `shop-prod`
    help: `--env` says which environment is meant; nothing was touched
    ");
    assert!(
        played.world(|world| !world.asked.iter().any(|one| one.contains("Delete") || one.contains("Create")))
    );
}

#[test]
fn a_system_goes_and_its_data_is_kept() {
    let mut world = there(false);
    // Before that, Terraform has removed it.
    world.then = Some(("ecr:DeleteRepository", |world| {
        world.answers.retain(|one| !one.is_of("rds:DescribeDBClusters"));
        world.refuse(
            "rds:DescribeDBClusters",
            404,
            "DBClusterNotFoundFault",
            "DBCluster shop-data not found.",
        );
    }));
    let played = played(world, "");
    snapshots(&played);
    insta::assert_snapshot!(dayless(&played.shows("destroy --yes-destroy shop")), @"
    exit code: 0
    ----- stderr
    shop in us-east-1 of account 123456789012

    WHAT GOES  COSTS MONEY  WHICH
    bucket  1  as long as it is there  shop-page
    database cluster  1  as long as it is there  shop-data
    log group  1  as long as it is there  shop-app
    VPC  1  no  shop

    WHAT IS KEPT  WHICH  UNTIL
    key  shop  AWS removes it by itself, in some days
    snapshot of a database  shop-data  you delete it

    a last snapshot of shop-data is made first, and kept: it costs by its size until you delete it
    its images, artifacts and releases go as well (--keep-releases keeps them)
    destroying shop
    migration  looking whether one still runs
    migration  none runs
    snapshot  looking at shop-data
    snapshot  shop-data-last-[DAY]-first is made
    snapshot  shop-data-last-[DAY] is copied, so that it outlives the system's key
    snapshot  shop-data-last-[DAY] is whole
    buckets  emptying them
    buckets  1 bucket is empty, 1 version deleted
    infrastructure preparing Terraform
    infrastructure comparing with what is there
    infrastructure nothing to change
    infrastructure weighing what would change
    infrastructure 41 resources removed
    registry  looking for images
    registry  shop-app removed
    releases  looking for artifacts
    releases  6 versions of artifacts and records deleted
    afterwards  looking what is left
    afterwards  nothing is left that costs money

    ✔ shop is gone: nothing is left that costs money but what is kept
    WHAT IS KEPT  WHICH  UNTIL
    snapshot of the database  shop-data-last-[DAY]  you delete it
    key  shop  AWS removes it by itself, in some days
    snapshot of a database  shop-data  you delete it
    ");
    played.world(|world| {
        assert!(!world.objects.keys().any(|(bucket, _)| bucket == "shop-page-123456789012"));
        let left: Vec<&str> = world.objects.keys().map(|(_, key)| key.as_str()).collect();
        assert_eq!(left, ["artifacts/shop-two/default/page/00", "journal/shop/default.json"]);
        let copied = world.asked.iter().position(|one| one.contains("CopyDBClusterSnapshot")).unwrap();
        let emptied = world.asked.iter().position(|one| one.starts_with("s3:POST /shop-page")).unwrap();
        assert!(copied < emptied, "data first");
    });
    // Once more there is nothing to do.
    played.world(|world| {
        world.answers.retain(|one| !one.is_of("tagging:"));
        world.json("tagging:GetResources", "", json!({"ResourceTagMappingList": []}));
    });
    insta::assert_snapshot!(dayless(&played.shows("destroy --yes-destroy shop")), @"
    exit code: 0
    ----- stderr
    ✔ nothing of shop is deployed here
    ");
}

#[test]
fn a_migration_that_a_killed_run_left_is_ended_first() {
    let mut world = there(false);
    let task = "arn:aws:ecs:us-east-1:123456789012:task/shop/0a1b";
    // The service's own task, and another system's migration, are no migrations of this one.
    let others = [
        json!({"taskArn": "arn:aws:ecs:us-east-1:123456789012:task/shop/0c", "startedBy": "ecs-svc/1", "lastStatus": "RUNNING"}),
        json!({"taskArn": "arn:aws:ecs:us-east-1:123456789012:task/shop/0d", "lastStatus": "RUNNING",
            "startedBy": "terrace-migration-5-ffffffffffffffff"}),
    ];
    let told = |state: &str| {
        let own = json!({"taskArn": task, "startedBy": "terrace-migration-5-0d10943b8211695a", "lastStatus": state});
        json!({"tasks": [own, others[0].clone(), others[1].clone()]})
    };
    world.answers.retain(|one| !one.is_of("ecs:ListTasks"));
    world.json("ecs:ListTasks", "\"desiredStatus\":\"RUNNING\"", json!({"taskArns": [task]}));
    world.json("ecs:ListTasks", "", json!({"taskArns": []}));
    world.json("ecs:StopTask", task, json!({}));
    world.json("ecs:DescribeTasks", task, told("RUNNING"));
    world.then = Some(("ecs:StopTask", |world| {
        world.answers.retain(|one| !one.is_of("ecs:DescribeTasks"));
        world.json("ecs:DescribeTasks", "", json!({"tasks": []}));
    }));
    let played = played(world, "");
    let ran = played.run("destroy --yes-destroy shop --no-snapshot");
    let told: Vec<&str> = ran.stderr.lines().filter(|line| line.contains("migration")).collect();
    insta::assert_snapshot!(steady(&told.join("\n")), @"
    the migration of release 5 still runs (task 0a1b), and nobody follows it: it is ended first
    migration  looking whether one still runs
    migration  ending the task 0a1b of release 5
    migration  1 migration ended
    ");
    played.world(|world| {
        let at = |word: &str| world.asked.iter().position(|one| one.contains(word)).unwrap();
        assert_eq!(world.asked.iter().filter(|one| one.contains("StopTask")).count(), 1);
        assert!(at("ecs:StopTask") < at("s3:POST /shop-page"), "before anything goes");
    });
}

#[test]
fn what_is_left_is_named_and_shows_in_the_exit_code() {
    let ran = played(there(false), "").run("destroy --yes-destroy shop --no-snapshot --json");
    let told: Json = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!((ran.code, &told["left"][0]["arn"], &told["snapshot"]), (1, &json!(DATABASE), &Json::Null));
}

#[test]
fn what_broke_off_goes_on() {
    let played = played(there(false), "AccessDenied: not authorized to perform: ec2:DeleteVpc");
    let ran = played.run("destroy --yes-destroy shop --no-snapshot --keep-releases");
    assert_eq!(ran.code, 1, "{}", ran.stderr);
    assert!(
        ran.stderr.contains("ec2:DeleteVpc") && ran.stderr.contains("the same command goes on from here"),
        "{}",
        ran.stderr
    );
    played.world(|world| {
        assert!(world.has("applied/shop/default.json") && world.has("states/shop/default/terraform.tfstate"));
    });
}

#[test]
fn what_is_protected_is_not_touched() {
    let ran = played(there(true), "").run("destroy --yes-destroy shop");
    assert_eq!(ran.code, 1);
    assert!(
        ran.stderr.contains("the database shop-data is kept from being deleted")
            && ran.stderr.contains("terrace deploy"),
        "{}",
        ran.stderr
    );
    for (setting, said) in [("production = true\n", "`production = false`"), ("", "`[data] protect = false`")]
    {
        let protect = if setting.is_empty() { "protect = true\n" } else { "" };
        let manifest = format!("{setting}{}{protect}", super::world::MANIFEST);
        let played = Played::with(there(false), &manifest);
        let ran = played.run("destroy --yes-destroy shop");
        assert_eq!(ran.code, 2, "{}", ran.stderr);
        assert!(ran.stderr.contains(said) && ran.stderr.contains("nothing was touched"), "{}", ran.stderr);
    }
}
