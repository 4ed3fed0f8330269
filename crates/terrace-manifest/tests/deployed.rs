//! What only a cloud has to know: what each key means, and where it can be pointed at.

#![expect(clippy::unwrap_used, reason = "a test may stop where its own manifest is wrong")]

use std::fmt::Write;

use terrace_manifest::parse;
use terrace_topology::{
    Architecture, Assets, Carries, Flow, LogDays, MonthlyBudget, PartyName, Runtime, Tier, Topology, Zones,
};

const MINIMAL: &str =
    "name = \"items\"\nshape = \"ec2\"\nweb.root = \"f\"\napp.run = \"r\"\ndata.engine = \"postgres\"\n";

/// The topology of the smallest manifest and some lines more.
fn meant(more: &str, environment: Option<&str>) -> Topology {
    let parsed = parse(&format!("{MINIMAL}{more}\n"), environment);
    assert!(parsed.topology.is_some(), "{more}: {:?}", parsed.diagnostics);
    parsed.topology.unwrap()
}

fn in_fargate(more: &str) -> Topology {
    let text = format!("{}{more}\n", MINIMAL.replace("ec2", "fargate"));
    parse(&text, None).topology.unwrap()
}

#[test]
fn what_is_written_is_what_is_meant() {
    let text = include_str!("cases/ok-deployed-ec2.toml");
    let meant = parse(text, None).topology.unwrap();
    assert!(meant.production && meant.architecture == Architecture::Arm64);
    assert_eq!((meant.zones, meant.zone_letters.unwrap().letters()), (Zones::Two, &['a', 'c'][..]));
    assert_eq!(meant.hosted_zone.unwrap().as_str(), "example.com");
    let blocks: Vec<String> = Tier::ALL
        .iter()
        .map(|tier| meant.network.blocks(*tier, Zones::Two).iter().map(|b| format!("{b} ")).collect())
        .collect();
    assert_eq!(
        blocks,
        [
            "172.20.0.0/24 172.20.1.0/24 ",
            "172.20.16.0/20 172.20.32.0/20 ",
            "172.20.64.0/20 172.20.80.0/20 ",
            "172.20.200.0/28 172.20.200.16/28 ",
        ]
    );
    assert_eq!(meant.alerts.unwrap().as_str(), "ops@example.com");
    assert_eq!(
        (meant.budget.map(MonthlyBudget::get), meant.log_days),
        (Some(200), LogDays::new(365).unwrap())
    );

    assert_eq!((meant.web.machine.unwrap().as_str(), meant.web.assets), ("t4g.small", Assets::Cdn));
    assert_eq!((meant.web.capacity.min(), meant.web.capacity.max()), (2, 4));
    let app = meant.services.get(&PartyName::app()).unwrap();
    assert_eq!(app.setup.as_ref().unwrap().as_str(), "dnf install -y ffmpeg\nldconfig");
    let files: Vec<&str> = app.files.iter().map(|path| path.as_str()).collect();
    assert_eq!((files, app.runtime), (vec!["target/release/items-api", "templates"], Some(Runtime::Native)));
    assert!(!app.exec);
    let database = meant.database;
    assert_eq!(database.class.unwrap().as_str(), "db.t4g.medium");
    assert_eq!(
        (database.storage.unwrap().get(), database.backup_days.get(), database.protected),
        (100, 0, false)
    );
}

#[test]
fn production_is_told_by_the_environment_s_name_and_changes_what_is_kept() {
    let more = "[environments.prod]\n[environments.production]\n[environments.staging]\n";
    let kept = |topology: &Topology| {
        (topology.production, topology.database.backup_days.get(), topology.database.protected)
    };
    assert_eq!(kept(&meant(more, None)), (false, 7, false));
    assert_eq!(kept(&meant(more, Some("staging"))), (false, 7, false));
    assert_eq!(kept(&meant(more, Some("prod"))), (true, 14, true));
    assert_eq!(kept(&meant(more, Some("production"))), (true, 14, true));
    assert_eq!(kept(&meant("production = true", None)), (true, 14, true));
    let not = "data.backups = 3\n[environments.prod]\nproduction = false\ndata.protect = true";
    assert_eq!(kept(&meant(not, Some("prod"))), (false, 3, true));
}

#[test]
fn what_a_release_needs_is_meant_for_each_environment() {
    let text = include_str!("cases/ok-releases.toml");
    let meant = |environment: Option<&str>| {
        let topology = parse(text, environment).topology.unwrap();
        let account = topology.account.unwrap().to_string();
        (account, topology.kept_releases.get(), topology.database.migrate.unwrap().to_string())
    };
    let plain = ("123456789012".to_owned(), 30, ".venv/bin/alembic upgrade head".to_owned());
    assert_eq!(meant(None), plain);
    let prod = ("000000000001".to_owned(), 100, "./migrate --check\n./migrate".to_owned());
    assert_eq!(meant(Some("prod")), prod);
    let minimal = self::meant("", None);
    assert_eq!((minimal.account, minimal.kept_releases.get(), minimal.database.migrate), (None, 10, None));
}

#[test]
fn a_container_has_the_least_memory_that_goes_with_its_processors() {
    let size = |more: &str| {
        let size = in_fargate(more).services.get(&PartyName::app()).unwrap().size;
        (size.cpu().get(), size.memory().get())
    };
    assert_eq!(size(""), (256, 512));
    assert_eq!(size("app.cpu = 16384"), (16384, 32768));
    assert_eq!(size("app.cpu = 2048\napp.memory = 5120"), (2048, 5120));
}

fn shown(flows: &[Flow]) -> String {
    let mut text = String::new();
    for flow in flows {
        let what = match flow.carries() {
            Carries::Http(_) => "http",
            Carries::Sql(_) => "sql",
            Carries::Platform => "platform",
            Carries::Outward => "outward",
        };
        writeln!(text, "{} -> {}:{} {what}", flow.from(), flow.to(), flow.port()).unwrap();
    }
    text
}

#[test]
fn machines_reach_the_platform_and_a_service_with_a_way_out_the_internet() {
    let open = meant("egress = { app = \"nat\", ports = [587, 443] }", None);
    assert_eq!(
        shown(&open.flows()),
        "internet -> entrance:80 http\n\
         entrance -> web:80 http\n\
         web -> app:8000 http\n\
         app -> data:5432 sql\n\
         web -> platform:443 platform\n\
         app -> platform:443 platform\n\
         app -> internet:443 outward\n\
         app -> internet:587 outward\n"
    );
    let containers = in_fargate("");
    assert!(shown(&containers.flows()).ends_with("app -> data:5432 sql\napp -> platform:443 platform\n"));
    assert_eq!(containers.parties().last().unwrap().name(), &PartyName::platform());
}

#[test]
fn every_flow_joins_two_parties() {
    for topology in [meant("egress.app = \"nat\"", None), in_fargate("edge = \"cloudfront\"")] {
        let parties = topology.parties();
        for flow in topology.flows() {
            for end in [flow.from(), flow.to()] {
                assert!(parties.iter().any(|party| party.name() == end), "{end} is no party");
            }
        }
    }
}

#[test]
fn every_setting_can_be_pointed_at_written_or_not() {
    let text = "name = \"items\"\nshape = \"ec2\"\nzones = 3\n\n[web]\n\n[app]\nrun = \"r\"\ncount = 2\n\n[data]\n\
                engine = \"postgres\"\n\n[network.subnets]\napp = [\"10.0.64.0/20\", \"10.0.80.0/20\", \"10.0.96.0/20\"]\n\n\
                [environments.prod]\ndata.version = \"15\"\n";
    let at = |environment: Option<&str>, key: &str| {
        let span = parse(text, environment).places.point_at(key);
        text.get(span.start()..span.end()).unwrap().to_owned()
    };
    assert_eq!(at(None, "zones"), "3");
    assert_eq!(at(None, "network.subnets.app[1]"), "\"10.0.80.0/20\"");
    assert_eq!(at(None, "app.count.max"), "2");
    assert_eq!(at(None, "app.cpu"), "[app]");
    assert_eq!(at(None, "data.version"), "[data]");
    assert_eq!(at(Some("prod"), "data.version"), "\"15\"");
    assert_eq!(at(None, "network.cidr"), "network");
    assert_eq!(parse(text, None).places.point_at("region").start(), text.len());
}
