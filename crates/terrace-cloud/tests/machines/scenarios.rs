//! What is told of a release, a file each: what AWS does, then what is told. `TERRACE_UPDATE=1` writes what is told now.

use std::sync::Mutex;

use terrace_cloud::release::machines::Event;

use crate::cases::each;
use crate::ground::{artifact, names, run};
use crate::server::Server;
use crate::world::{Fate, Group, Machine, OLD, Refresh, World};

const OTHER: &str = "00000000000000000000000000000000000000000000000000000000000000bb";

/// What a file says that AWS does.
fn played(text: &str) -> (World, bool, Vec<String>) {
    let mut parties = vec!["app".to_owned()];
    let (mut machines, mut production, mut irreversible, mut other) = (2, false, false, None);
    let mut fates: Vec<(String, Fate)> = Vec::new();
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let (key, value) = line.split_once(": ").unwrap_or_else(|| panic!("`{line}`"));
        let last = fates.last_mut().map(|(_, fate)| fate);
        match (key, last) {
            ("parties", _) => parties = value.split(' ').map(str::to_owned).collect(),
            ("machines", _) => machines = value.parse().unwrap(),
            ("production", _) => production = value == "yes",
            ("irreversible", _) => irreversible = value == "yes",
            ("under way", _) => other = Some(value.to_owned()),
            ("slow", _) => fates.push((value.to_owned(), Fate::SlowlyGood)),
            ("unlaunchable", _) => {
                let (party, why) = value.split_once(' ').unwrap();
                fates.push((party.to_owned(), Fate::Unlaunchable(why.to_owned())));
            }
            ("unhealthy", _) => {
                let mut words = value.splitn(3, ' ').map(str::to_owned);
                let mut word = || words.next().unwrap();
                let (party, reason, about) = (word(), word(), word());
                fates.push((
                    party,
                    Fate::Unhealthy { reason, about, log: Vec::new(), console: String::new() },
                ));
            }
            ("log", Some(Fate::Unhealthy { log, .. })) => log.push(value.to_owned()),
            ("console", Some(Fate::Unhealthy { console, .. })) => console.push_str(&format!("{value}\r\n")),
            _ => panic!("`{line}`"),
        }
    }
    let mut world = World::default();
    let before = format!("/terrace-123456789012-eu-west-1/artifacts/items/default/{OLD}/SHA256SUMS");
    world.objects.insert(before, b"old".to_vec());
    for party in &parties {
        let mut group = Group::new(party, machines);
        group.irreversible = irreversible;
        group.bad = Some(artifact(party).digest().sha256().hex());
        if let Some((_, fate)) = fates.iter().find(|(name, _)| name == party) {
            group.fate = fate.clone();
        }
        if let Some(status) = &other {
            let status = if status == "rollback" { "RollbackInProgress" } else { "InProgress" };
            let id = format!("refresh-{party}-other");
            let mut version = group.versions[0].clone();
            version.number = 4;
            version.tags[0].1[1].1 = OTHER.to_owned();
            group.versions.push(version);
            group.refreshes.push(Refresh { id, to: 4, status, percent: 40, reason: String::new() });
            group.machines.push(Machine { id: "i-other".to_owned(), version: 4, state: "initial", age: 0 });
        }
        world.groups.insert(party.clone(), group);
    }
    (world, production, parties)
}

pub(crate) fn told(event: &Event) -> Option<String> {
    Some(match event {
        Event::Sent { .. } => return None,
        Event::AlreadyThere { party, .. } => format!("{party}: its files are there"),
        Event::Unchanged { party } => format!("{party}: unchanged"),
        Event::Version { party, version, made } => {
            format!("{party}: version {version}{}", if *made { ", new" } else { "" })
        }
        Event::Refreshing { party, id, resumed } => {
            format!("{party}: {id}{}", if *resumed { ", goes on" } else { "" })
        }
        Event::Progress { party, percent, left, serving, waits } => {
            format!(
                "{party}: {percent} %, {left} left, {serving} serve{}",
                waits.as_deref().map(|why| format!(", {why}")).unwrap_or_default()
            )
        }
        Event::Started { party, instance } => format!("{party}: + {instance}"),
        Event::Healthy { party, instance } => format!("{party}: ok {instance}"),
        Event::Bad { party, bad } => {
            format!("{party}: bad {}\n    {}", bad.instance.as_deref().unwrap_or("-"), bad.why.join("\n    "))
        }
        Event::GoingBack { party, why } => format!("{party}: goes back: {why}"),
        Event::Leftover { instance, number } => format!("leftover of {number}: {instance}"),
        Event::Migrating { instance, resumed } => {
            format!("migrating: {instance}{}", if *resumed { ", goes on" } else { "" })
        }
        Event::Printed { line } => format!("  | {line}"),
        Event::Stays { instance, why } => format!("stays: {instance}: {why}"),
    })
}

#[tokio::test]
async fn what_aws_does_is_told_and_explained() {
    each("scenarios", async |given| {
        let (world, production, parties) = played(given);
        let server = Server::start(world);
        let events = Mutex::default();
        let parties: Vec<&str> = parties.iter().map(String::as_str).collect();
        let ended = run(&server, &names(&parties, production), &parties, &events).await;
        let mut now: Vec<String> = events.lock().unwrap().iter().filter_map(told).collect();
        now.push(String::new());
        now.push(match ended {
            Ok(released) => released
                .iter()
                .map(|one| format!("{} runs version {}", one.party, one.version))
                .collect::<Vec<_>>()
                .join("\n"),
            Err(failure) => failure.to_string(),
        });
        let played = server.played.lock().unwrap();
        for (party, group) in &played.world.groups {
            let release = group
                .release(group.version)
                .map_or("none", |digest| if digest == OLD { "old" } else { "new" });
            let machines: Vec<_> =
                group.machines.iter().map(|one| format!("{} v{}", one.id, one.version)).collect();
            now.push(format!("[{party}: {release}; {}]", machines.join(", ")));
        }
        now.join("\n").replace(OLD, "<old>")
    })
    .await;
}
