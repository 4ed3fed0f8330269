//! Migrations on machines, a file each in `migrations/`: what the machine does, then what is told. `TERRACE_UPDATE=1` writes what
//! is told now.

use std::sync::Mutex;

use terrace_cloud::release::machines::{Event, Wish, migrate};
use terrace_cloud::release::{Failure, Pace};

use crate::cases::each;
use crate::faults::every;
use crate::ground::{account, artifact, names, party};
use crate::lone::{Apart, End, Lone};
use crate::scenarios::told;
use crate::server::{Fault, Server, Trouble};
use crate::world::{Group, Refresh, World};

const PACE: Pace = Pace { every: std::time::Duration::ZERO, most: 40 };

/// A system whose release is in the bucket.
fn world() -> World {
    let digest = artifact("app").digest().sha256().hex();
    let mut group = Group::new("app", 1);
    for (_, tags) in &mut group.versions[0].tags {
        tags.push(("terrace:system".to_owned(), "items".to_owned()));
    }
    let mut world = World { groups: [("app".to_owned(), group)].into(), ..World::default() };
    let sums = format!("/terrace-123456789012-eu-west-1/artifacts/items/default/{digest}/SHA256SUMS");
    world.objects.insert(sums, artifact("app").sums().as_bytes().to_vec());
    world.apart.prints = vec!["0001_items".to_owned(), "0002_prices".to_owned()];
    world.apart.end = End::Says("0".to_owned());
    world
}

async fn run(server: &Server, events: &Mutex<Vec<Event>>) -> Result<(), Failure> {
    let wish = Wish { party: party("app"), digest: artifact("app").digest() };
    let (account, names, number) = (account(server), names(&["app"], false), "7".parse().unwrap());
    let told = |event| events.lock().unwrap().push(event);
    migrate((&account, &names), (number, &wish), PACE, &told).await
}

/// A machine of a release's migration.
fn machine(id: &str, number: &str, release: &str, environment: Option<&str>) -> Lone {
    let tags = [("terrace:system", "items"), ("terrace:migrate", number), ("terrace:release", release)];
    let environment = environment.map(|name| ("terrace:environment", name));
    let tags = tags.into_iter().chain(environment).map(|(key, value)| (key.to_owned(), value.to_owned()));
    let text = |text: &str| text.to_owned();
    Lone {
        id: text(id),
        tags: tags.collect(),
        subnet: text("subnet-a"),
        version: text("4"),
        token: text(id),
        age: 3,
        told: None,
    }
}

/// What a file says that the machine does.
fn played(text: &str) -> World {
    let mut world = world();
    let digest = artifact("app").digest().sha256().hex();
    let Apart { prints, end, console, full, hidden, machines } = &mut world.apart;
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let (key, value) = line.split_once(": ").unwrap_or_else(|| panic!("`{line}`"));
        match key {
            "prints" if value == "nothing" => prints.clear(),
            "prints" => prints.push(value.to_owned()),
            "ends" => *end = End::Says(value.to_owned()),
            "ends, on its console" => *end = End::SaysOnConsole(value.to_owned()),
            "starts nothing" => *end = End::StartsNothing(value.to_owned()),
            "dies" => *end = End::Dies(value.to_owned()),
            "goes on" => *end = End::Never,
            "console" => console.push_str(&format!("{value}\r\n")),
            "full" => *full = value.split(' ').map(str::to_owned).collect(),
            "hidden" => *hidden = value.parse().unwrap(),
            "own" => machines.push(machine(value, "7", &digest, None)),
            "elsewhere" => machines.push(machine("i-elsewhere", "7", &digest, Some(value))),
            "left by release" => machines.push(machine("i-left", value, &digest, Some("default"))),
            "under way" => {
                let id = value.to_owned();
                let (status, reason) = ("InProgress", String::new());
                let group = world.groups.get_mut("app").unwrap();
                let mut version = group.versions[0].clone();
                (version.number, version.tags[0].1[1].1) = (4, "bb".repeat(32));
                group.versions.push(version);
                group.refreshes.push(Refresh { id, to: 4, status, percent: 40, reason });
            }
            _ => panic!("`{line}`"),
        }
    }
    world
}

#[tokio::test]
async fn what_the_machine_does_is_told_and_decides() {
    each("migrations", async |given| {
        let server = Server::start(played(given));
        let events = Mutex::default();
        let ended = run(&server, &events).await;
        let mut now: Vec<String> = events.lock().unwrap().iter().filter_map(told).collect();
        now.push(String::new());
        now.push(ended.map_or_else(|failure| failure.to_string(), |()| "migrated".to_owned()));
        let played = server.played.lock().unwrap();
        for (one, state) in played.world.apart.states() {
            let end = if one.told.is_some() { "taken away" } else { state };
            let number = one.tag("terrace:migrate");
            now.push(format!("[{}, of {number}, {}: {end}]", one.id, one.subnet));
        }
        now.join("\n")
    })
    .await;
}

/// What has to be so at the end, however it came to be.
fn held(server: &Server, what: &str) {
    let played = server.played.lock().unwrap();
    let group = &played.world.groups["app"];
    assert_eq!(group.versions.len(), 2, "{what}: one version was made");
    assert_eq!((group.version, group.refreshes.len()), (3, 0), "{what}: the group is as it was");
    let machines = &played.world.apart.machines;
    let [machine] = machines.as_slice() else { panic!("{what}: {machines:?}") };
    // One that has run to its end goes by itself.
    assert!(machine.told.is_some() || what.contains("(TerminateInstances)"), "{what}: it is taken away");
    let tags: Vec<&str> =
        ["Name", "terrace:system", "terrace:migrate"].map(|key| machine.tag(key)).into_iter().collect();
    assert_eq!(tags, ["items-app", "items", "7"], "{what}");
    assert_eq!(machine.tag("terrace:release"), artifact("app").digest().sha256().hex(), "{what}");
}

#[tokio::test]
async fn after_any_fault_at_any_call_the_same_again_ends_well_and_starts_one_machine() {
    let run = async |server: &Server| run(server, &Mutex::default()).await;
    every(world, run, held, "TerminateInstances").await;
}

#[tokio::test]
async fn a_machine_that_cannot_be_taken_away_is_told_and_changes_nothing() {
    let server = Server::start(world());
    run(&server, &Mutex::default()).await.unwrap();
    let from =
        server.played.lock().unwrap().asked.iter().position(|one| one == "TerminateInstances").unwrap();
    let server = Server::start(world());
    server.played.lock().unwrap().trouble = Some(Trouble { fault: Fault::Expired, from, count: 9 });
    let events = Mutex::default();
    run(&server, &events).await.unwrap();
    let last = events.lock().unwrap().last().and_then(told).unwrap();
    insta::assert_snapshot!(last, @"stays: i-migration1: RequestExpired: The security token included in the request is expired");
}

#[tokio::test]
async fn a_failed_migration_is_a_failure_the_second_time_too() {
    let mut failing = world();
    failing.apart.end = End::Says("3".to_owned());
    let server = Server::start(failing);
    let mut last = Vec::new();
    for _ in 0..2 {
        let failure = run(&server, &Mutex::default()).await.unwrap_err();
        assert!(!failure.passing);
        last.push(failure.to_string());
    }
    assert_eq!(last[0], last[1], "its machine is followed again, gone as it is");
    assert_eq!(server.played.lock().unwrap().world.apart.machines.len(), 1);
}

#[tokio::test]
async fn what_is_asked_of_aws() {
    let server = Server::start(world());
    run(&server, &Mutex::default()).await.unwrap();
    let asked = server.played.lock().unwrap().asked.join("\n");
    insta::assert_snapshot!(asked, @"
    DescribeInstances
    DescribeInstanceRefreshes
    DescribeAutoScalingGroups
    DescribeLaunchTemplateVersions
    HEAD SHA256SUMS
    DescribeLaunchTemplateVersions
    CreateLaunchTemplateVersion
    RunInstances
    DescribeInstances
    GetLogEvents
    DescribeInstances
    GetLogEvents
    GetLogEvents
    DescribeInstances
    GetLogEvents
    GetLogEvents
    DescribeInstances
    GetLogEvents
    TerminateInstances
    ");
}
