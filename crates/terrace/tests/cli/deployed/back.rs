//! `terrace rollback`: code, page and plain settings of then, on the infrastructure of now.

use serde_json::{Value as Json, json};

use super::world::{Played, World, record, shown};

const ARN: &str = "arn:aws:ecs:us-east-1:123456789012:task-definition/shop-app";

fn digest(one: u32) -> String {
    format!("sha256:{one:064x}")
}

/// Of the same code and page, with another setting and another secret's name.
fn released(number: u32, level: &str, secret: &str, infrastructure: u32) -> String {
    let file = json!({"path": "index.html", "digest": digest(1), "length": 10, "type": "text/html", "cache": "no-cache"});
    let contents = json!({
        "page": {"digest": digest(2), "files": [file]}, "app": {"image": digest(100)}, "migration": null,
        "configuration": {"app": {"plain": {"LOG_LEVEL": level}, "secret": [secret]}},
        "infrastructure": digest(infrastructure),
    });
    record(number, json!({ "contents": contents }))
}

fn service(definition: &str) -> Json {
    let deployment = json!({"id": "d", "status": "PRIMARY", "taskDefinition": definition, "rolloutState": "COMPLETED",
        "runningCount": 2, "desiredCount": 2});
    json!({"services": [{"status": "ACTIVE", "taskDefinition": definition, "desiredCount": 2, "deployments": [deployment]}]})
}

/// The service runs what it was told just now.
fn told(world: &mut World) {
    let asked = world.asked.iter().rev().find_map(|one| one.strip_prefix("ecs:UpdateService ")).unwrap();
    let asked: Json = serde_json::from_str(asked).unwrap();
    let now = service(asked["taskDefinition"].as_str().unwrap());
    world.answers.retain(|one| !one.is_of("ecs:DescribeServices"));
    world.json("ecs:DescribeServices", "", now);
}

/// Releases 1 and 2, of which 2 is in force, on infrastructure of these digests.
fn system(first: u32, second: u32) -> World {
    let mut world = World::deployed();
    world.object("releases/shop/default/1.json", &released(1, "info", "OLD_KEY", first));
    world.object("releases/shop/default/2.json", &released(2, "debug", "SESSION_KEY", second));
    world.object("releases/shop/default/current", "2\n");
    world.json("ecr:DescribeImages", "", json!({"imageDetails": [{}]}));
    world.json("ecs:DescribeServices", "", service(&format!("{ARN}:2")));
    world.json("ecs:UpdateService", "", json!({"service": {}}));
    world.json("ecs:ListTasks", "", json!({"taskArns": []}));
    let variable = |name: &str, value: &str| json!({"name": name, "value": value});
    let environment = [variable("DB_HOST", "db"), variable("TERRACE_SETTINGS", "{\"LOG_LEVEL\":\"debug\"}")];
    let container = json!({"name": "app", "image": format!("registry/shop-app@{}", digest(101)), "environment": environment});
    let newest = json!({"taskDefinitionArn": format!("{ARN}:3"), "family": "shop-app", "containerDefinitions": [container]});
    world.json("ecs:DescribeTaskDefinition", "", json!({ "taskDefinition": newest }));
    let registered = json!({"taskDefinition": {"taskDefinitionArn": format!("{ARN}:4")}});
    world.json("ecs:RegisterTaskDefinition", "", registered);
    world.then = Some(("ecs:UpdateService", told));
    world
}

/// What was asked of a call, and the record that came of it.
fn back(played: &Played, call: &str) -> (Vec<Json>, Json) {
    let ran = played.run("rollback --no-visit");
    assert_eq!(ran.code, 0, "{}", shown(&ran));
    assert!(ran.stderr.contains("which is release 1 again"), "{}", ran.stderr);
    played.world(|world| {
        let asked = world.asked.iter().filter_map(|one| one.strip_prefix(&format!("{call} ")));
        let asked = asked.map(|body| serde_json::from_str(body).unwrap()).collect();
        let key = (super::world::BUCKET.to_owned(), "releases/shop/default/3.json".to_owned());
        (asked, serde_json::from_slice(world.objects.get(&key).unwrap()).unwrap())
    })
}

/// A way back, like a release that failed, leaves a definition that is newer than the one in force.
#[test]
fn terraform_compares_with_what_the_newest_definition_has() {
    let mut world = system(400, 400);
    world.object("releases/shop/default/current", "1\n");
    let played = Played::of(world);
    let script = "#!/bin/sh\ncase \"$1\" in\nversion) echo '{\"terraform_version\":\"1.11.4\"}';;\n\
                  init) /bin/mkdir -p .terraform;;\nplan) /bin/cp terraform.tfvars.json \"${0%/*}/given.json\";;\n\
                  show) echo '{\"format_version\":\"1.2\",\"terraform_version\":\"1.11.4\",\"resource_changes\":[]}';;\nesac\n";
    let file = played.folder.program("terraform");
    std::fs::write(&file, script).unwrap();
    let mode: std::fs::Permissions = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    std::fs::set_permissions(&file, mode).unwrap();
    let ran = played.run("plan --no-build");
    assert_eq!(ran.code, 0, "{}", shown(&ran));
    let given = std::fs::read(file.with_file_name("given.json")).unwrap();
    let given: Json = serde_json::from_slice(&given).unwrap();
    assert_eq!(given, json!({"image_app": digest(101), "settings_app": "{\"LOG_LEVEL\":\"debug\"}"}));
}

#[test]
fn on_the_same_infrastructure_the_former_definition_runs_settings_and_all() {
    let mut world = system(400, 400);
    world.answers.retain(|one| !one.is_of("ecs:RegisterTaskDefinition"));
    let (told, record) = back(&Played::of(world), "ecs:UpdateService");
    let told: Vec<&Json> = told.iter().map(|one| &one["taskDefinition"]).collect();
    assert_eq!(told, [&json!(format!("{ARN}:1"))]);
    assert_eq!(record["contents"]["configuration"]["app"]["plain"], json!({"LOG_LEVEL": "info"}));
    assert_eq!(record["definition"], format!("{ARN}:1"));
}

#[test]
fn on_other_infrastructure_the_newest_definition_gets_the_former_settings() {
    let (asked, record) = back(&Played::of(system(400, 401)), "ecs:RegisterTaskDefinition");
    let [asked] = asked.as_slice() else { panic!("{asked:?}") };
    let environment = json!([
        {"name": "DB_HOST", "value": "db"},
        {"name": "TERRACE_SETTINGS", "value": "{\"LOG_LEVEL\":\"info\"}"},
    ]);
    assert_eq!(asked["containerDefinitions"][0]["environment"], environment);
    let contents = &record["contents"];
    assert_eq!(
        contents["configuration"]["app"],
        json!({"plain": {"LOG_LEVEL": "info"}, "secret": ["SESSION_KEY"]})
    );
    assert_eq!(
        (&contents["infrastructure"], &record["definition"]),
        (&json!(digest(401)), &json!(format!("{ARN}:4")))
    );
}
