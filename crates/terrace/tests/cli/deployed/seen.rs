//! `terrace status --aws`.

use serde_json::{Value as Json, json};

use super::world::{Played, World, steady};

/// Two tasks of release 4, one of which is not well if `unwell`.
fn running(unwell: bool) -> World {
    let mut world = World::released();
    let arn = |rest: &str| format!("arn:aws:ecs:us-east-1:123456789012:{rest}");
    world.json("ecs:DescribeServices", "", json!({"failures": [], "services": [{
        "serviceName": "shop-app", "status": "ACTIVE", "desiredCount": 2, "runningCount": 2, "pendingCount": 0,
        "loadBalancers": [{"targetGroupArn": "arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/shop-app/6d0ecf831eec9f09"}],
        "deployments": [{"status": "PRIMARY", "taskDefinition": arn("task-definition/shop-app:4"), "desiredCount": 2, "runningCount": 2, "failedTasks": 0, "createdAt": 1_795_300_000, "rolloutState": "COMPLETED"}],
        "events": [{"createdAt": 1_795_300_200, "message": "(service shop-app) has reached a steady state."}],
    }]}));
    world.json("ecs:ListTasks", "RUNNING", json!({"taskArns": ["t1", "t2"]}));
    world.json("ecs:ListTasks", "STOPPED", json!({"taskArns": []}));
    let task = |id: &str, zone: &str, address: &str| {
        json!({
            "taskArn": arn(&format!("task/shop/{id}")), "lastStatus": "RUNNING", "availabilityZone": zone, "startedAt": 1_795_300_100,
            "taskDefinitionArn": arn("task-definition/shop-app:4"),
            "containers": [{"name": "app", "networkInterfaces": [{"privateIpv4Address": address}]}],
        })
    };
    world.json("ecs:DescribeTasks", "", json!({"tasks": [
        task("0a1b2c3d4e5f60718293a4b5c6d7e8f9", "us-east-1a", "10.0.0.1"), task("f9e8d7c6b5a493827160f5e4d3c2b1a0", "us-east-1b", "10.0.0.2"),
    ]}));
    let second = if unwell {
        "<State>unhealthy</State><Reason>Target.ResponseCodeMismatch</Reason><Description>Health checks failed with these codes: [500]</Description>"
    } else {
        "<State>healthy</State>"
    };
    world.xml("elasticloadbalancing:DescribeTargetHealth", "", &format!(
        "<TargetHealthDescriptions><member><TargetHealth><State>healthy</State></TargetHealth><Target><Id>10.0.0.1</Id></Target></member>\
         <member><TargetHealth>{second}</TargetHealth><Target><Id>10.0.0.2</Id></Target></member></TargetHealthDescriptions>"
    ));
    world.xml("rds:DescribeDBClusters", "", "<DBClusters><DBCluster><DBClusterIdentifier>shop-data</DBClusterIdentifier><Status>available</Status><Engine>aurora-postgresql</Engine><EngineVersion>16.9</EngineVersion></DBCluster></DBClusters>");
    if unwell {
        world.xml("monitoring:DescribeAlarms", "", "<MetricAlarms><member><AlarmName>shop-app-errors</AlarmName><AlarmArn>arn:own</AlarmArn><AlarmDescription>The API answers with errors</AlarmDescription><StateReason>Threshold Crossed: 1 datapoint [12.0] was greater than the threshold (5.0).</StateReason></member></MetricAlarms>");
        world.refuse("monitoring:ListTagsForResource", 403, "AccessDenied", "User: arn:aws:iam::123456789012:user/ana is not authorized to perform: cloudwatch:ListTagsForResource on resource: arn:own");
    } else {
        world.xml("monitoring:DescribeAlarms", "", "<MetricAlarms></MetricAlarms>");
    }
    world
}

#[test]
fn what_runs_is_told_with_its_release() {
    let played = Played::of(running(false));
    insta::assert_snapshot!(steady(&played.shows("status --aws")), @"
    exit code: 0
    ----- stdout
    shop (us-east-1, account 123456789012)
    https://d111111abcdef8.cloudfront.net
    release 4, [AGO] by ana as deployer, commit 4444abc: the new login

    NAME  STATE  RELEASE  FOR  ZONE
    app  steady 2 of 2
      0a1b2c3d  healthy  4  [AGO]  us-east-1a
      f9e8d7c6  healthy  4  [AGO]  us-east-1b
    data  available  aurora-postgresql 16.9  -

    LAST EVENTS
    [AGO]  app  (service shop-app) has reached a steady state.
    ");
    let told: Json = serde_json::from_str(&played.run("status --aws --json").stdout).unwrap();
    assert_eq!((&told["well"], &told["in_force"]["number"]), (&json!(true), &json!(4)));
    assert_eq!(told["in_force"]["contents"]["page"].get("files"), None);
    assert_eq!(told["parties"][0]["running"][0]["id"], "0a1b2c3d4e5f60718293a4b5c6d7e8f9");
}

#[test]
fn what_is_not_well_and_what_cannot_be_seen_is_told_and_shows_in_the_exit_code() {
    insta::assert_snapshot!(steady(&Played::of(running(true)).shows("status --aws")), @"
    exit code: 1
    ----- stdout
    shop (us-east-1, account 123456789012)
    https://d111111abcdef8.cloudfront.net
    release 4, [AGO] by ana as deployer, commit 4444abc: the new login

    NAME  STATE  RELEASE  FOR  ZONE
    app  too few 1 of 2
      0a1b2c3d  healthy  4  [AGO]  us-east-1a
      f9e8d7c6  unhealthy  4  [AGO]  us-east-1b
    data  available  aurora-postgresql 16.9  -

    app f9e8d7c6: Health checks failed with these codes: [500]
    alarm: shop-app-errors: The API answers with errors; Threshold Crossed: 1 datapoint [12.0] was greater than the threshold (5.0).
    not seen: reading the tags of alarms: AccessDenied: User: arn:aws:iam::123456789012:user/ana is not authorized to perform: cloudwatch:ListTagsForResource on resource: arn:own
    help: allow cloudwatch:ListTagsForResource on arn:own

    LAST EVENTS
    [AGO]  app  (service shop-app) has reached a steady state.
    ");
}

#[test]
fn nothing_of_it_may_be_asked() {
    let mut world = running(false);
    world.answers.retain(|one| one.is_of("sts:"));
    let ran = Played::of(world).run("status --aws");
    assert_eq!(ran.code, 1, "{}", ran.stdout);
}
