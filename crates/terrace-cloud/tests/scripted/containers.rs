//! Tasks of ECS: a scenario a file (`scenarios/NAME.json`), with what is told of it (`NAME.txt`); then steps × faults.

use std::path::Path;
use std::sync::Mutex;

use futures_util::{StreamExt as _, stream};
use serde::Deserialize;
use serde_json::Value as Json;
use terrace_cloud::release::Failure;
use terrace_cloud::release::containers::{Event, Service};
use terrace_cloud::release::record::{Digest, Settings};

use crate::ground::{Ground, PACE, names};
use crate::server::{Fate, Fault, When};

/// What happens.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Scenario {
    /// For whoever reads it.
    #[serde(rename = "about")]
    _about: String,
    #[serde(default)]
    production: bool,
    fate: Fate,
    #[serde(default)]
    log: Vec<String>,
    #[serde(default)]
    unhealthy: u64,
}

fn image() -> Digest {
    Digest::of(b"an image")
}

pub(crate) async fn release(
    ground: &Ground,
    production: bool,
    events: &(dyn Fn(Event) + Send + Sync),
) -> Result<String, Failure> {
    let (mut names, containers) = names();
    names.production = production;
    let service = Service { account: ground.account(), names: &names, containers: &containers };
    let definition = service.define(image(), &Settings::default(), events).await?;
    service.run(&definition, Some(&crate::server::arn(0)), PACE, events).await?;
    Ok(definition)
}

#[tokio::test]
async fn each_scenario_is_told_as_it_happens() {
    let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/scripted/scenarios"));
    let mut wrong = Vec::new();
    let mut count = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "json") {
            continue;
        }
        count += 1;
        let scenario: Scenario = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
        let ground = Ground::new();
        ground.server.world(|world| {
            world.ecs.fate = scenario.fate.clone();
            world.ecs.log.clone_from(&scenario.log);
            world.ecs.unhealthy = scenario.unhealthy;
        });
        let told = Mutex::new(String::new());
        let event = |event: Event| {
            let line = match event {
                Event::Stopped(stopped) => {
                    format!("Stopped {}\n  {}\n", stopped.task, stopped.lines().join("\n  "))
                }
                other => format!("{other:?}\n"),
            };
            told.lock().unwrap().push_str(&line);
        };
        let came = release(&ground, scenario.production, &event).await;
        let mut told = told.into_inner().unwrap();
        match came {
            Ok(_) => told.push_str("--- in force\n"),
            Err(failure) => told.push_str(&format!("--- {failure}\n")),
        }
        told.push_str(&format!("--- calls\n{}\n", ground.calls().join("\n")));
        let expected = path.with_extension("txt");
        if std::fs::read_to_string(&expected).unwrap_or_default() != told {
            let seen = Path::new(env!("CARGO_TARGET_TMPDIR")).join(expected.file_name().unwrap());
            std::fs::write(&seen, &told).unwrap();
            wrong.push(format!("{}: what was seen is in {}\n{told}", expected.display(), seen.display()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
    assert!(count >= 5, "the scenarios are gone");
}

#[tokio::test]
async fn nothing_of_a_task_definition_changes_but_the_image_and_the_settings_and_nothing_is_made_twice() {
    let ground = Ground::new();
    release(&ground, false, &|_| {}).await.unwrap();
    release(&ground, false, &|_| {}).await.unwrap();
    let (mut all, told) =
        ground.server.world(|world| (world.ecs.definitions.clone(), world.ecs.told.clone()));
    assert_eq!((all.len(), told), (2, vec![0, 1]));
    let image = format!("123456789012.dkr.ecr.eu-west-1.amazonaws.com/items-app@{}", image());
    assert_eq!(all[1]["containerDefinitions"][0]["image"], image);
    all[1]["containerDefinitions"][0]["image"] = all[0]["containerDefinitions"][0]["image"].clone();
    for answered in [
        "taskDefinitionArn",
        "revision",
        "status",
        "requiresAttributes",
        "compatibilities",
        "registeredAt",
        "registeredBy",
    ] {
        for one in &mut all {
            one.as_object_mut().unwrap().remove(answered);
        }
    }
    assert_eq!(all[0], all[1]);
    assert_eq!(all[0]["aFieldOfTomorrow"]["kept"], Json::Bool(true));
}

#[tokio::test]
async fn the_settings_of_a_release_take_the_place_of_the_former_ones_and_of_nothing_else() {
    let ground = Ground::new();
    let (names, containers) = names();
    let service = Service { account: ground.account(), names: &names, containers: &containers };
    // One is called as what Terraform wrote: it wins where it is read, and where it is gone that is as it was.
    let all: [&[(&str, &str)]; 4] = [
        &[("HOST", "10.0.0.7"), ("LOG_LEVEL", "debug")],
        &[("LOG_LEVEL", "info")],
        &[("LOG_LEVEL", "info")],
        &[],
    ];
    let mut told = Vec::new();
    for plain in all {
        let plain = plain.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let settings = Settings { plain, ..Settings::default() };
        told.push(service.define(image(), &settings, &|_| {}).await.unwrap());
    }
    assert_eq!(told[1], told[2], "the same settings are no other definition");
    let all = ground.server.world(|world| world.ecs.definitions.clone());
    let environments: Vec<String> = all[1..]
        .iter()
        .map(|one| one["containerDefinitions"][0]["environment"].as_array().unwrap())
        .map(|all| all.iter().map(|one| format!("{}={}\n", one["name"], one["value"])).collect())
        .collect();
    insta::assert_snapshot!(environments.join("\n"), @r#"
    "DB_HOST"="db.internal"
    "TERRACE_SETTINGS"="{\"HOST\":\"10.0.0.7\",\"LOG_LEVEL\":\"debug\"}"
    "HOST"="0.0.0.0"

    "DB_HOST"="db.internal"
    "TERRACE_SETTINGS"="{\"LOG_LEVEL\":\"info\"}"
    "HOST"="0.0.0.0"

    "DB_HOST"="db.internal"
    "TERRACE_SETTINGS"="{}"
    "HOST"="0.0.0.0"
    "#);
    assert!(all.iter().all(
        |one| one["containerDefinitions"][1] == serde_json::json!({ "name": "side", "image": "side:1" })
    ));
}

#[tokio::test]
async fn a_definition_that_has_no_settings_yet_gets_them() {
    let ground = Ground::new();
    ground.server.world(|world| {
        let container = world.ecs.definitions[0]["containerDefinitions"][0].as_object_mut().unwrap();
        container.remove("environment");
    });
    release(&ground, false, &|_| {}).await.unwrap();
    let all = ground.server.world(|world| world.ecs.definitions.clone());
    let wanted = serde_json::json!([{ "name": "TERRACE_SETTINGS", "value": "{}" }]);
    assert_eq!(all[1]["containerDefinitions"][0]["environment"], wanted);
}

#[tokio::test]
async fn a_release_goes_on_from_any_fault_at_any_call() {
    let calm = Ground::new();
    release(&calm, false, &|_| {}).await.unwrap();
    let calls = calm.calls();
    let mut table = Vec::new();
    for (nth, call) in calls.iter().enumerate() {
        for fault in Fault::ALL {
            table.extend([When::Once(nth), When::From(nth)].map(|when| (fault, when, call)));
        }
    }
    let befallen = table.into_iter().map(|(fault, when, call)| async move {
        let what = format!("{fault:?} {when:?}, about {call}");
        let ground = Ground::new();
        let ground = if fault == Fault::Silence { ground.impatient() } else { ground };
        ground.server.world(|world| world.fault = Some((fault, when)));
        let came = release(&ground, false, &|_| {}).await;
        ground.server.world(|world| world.fault = None);
        match came {
            Ok(_) => assert!(matches!(when, When::Once(_)), "{what}: nobody noticed"),
            Err(failure) => {
                assert!(failure.passing, "{what}: {failure}");
                assert!(matches!(when, When::From(_)) || fault == Fault::Expired, "{what}: {failure}");
            }
        }
        let again = release(&ground, false, &|_| {}).await;
        drop(again.unwrap_or_else(|failure| panic!("{what}: {failure}")));
        let (made, told) = ground.server.world(|world| (world.ecs.definitions.len(), world.ecs.told.clone()));
        assert_eq!((made, told), (2, vec![0, 1]), "{what}");
    });
    stream::iter(befallen).for_each_concurrent(8, |one| one).await;
}
