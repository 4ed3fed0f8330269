//! The tables are whole, sorted and sourced, and what they say is found.

use std::collections::BTreeSet;

use terrace_aws::catalog;
use terrace_aws::catalog::database::DatabaseService;
use terrace_topology::{Architecture, DatabaseClass, Engine, MachineType, Region};

use super::{Item, MicroDollars, PriceBook, Unit};

const BOOK: PriceBook = PriceBook::bundled();

fn region(code: &str) -> Region {
    code.parse().unwrap()
}

fn machine(kind: &str) -> Item {
    Item::Machine(kind.parse().unwrap())
}

fn database(service: DatabaseService, class: &str, standby: bool) -> Item {
    Item::Database { service, engine: Engine::Postgres, class: class.parse().unwrap(), standby }
}

/// Every item that has no size, and one of each that has.
fn items() -> Vec<Item> {
    use Item::*;
    let mut items = vec![
        machine("t4g.small"),
        VolumeStorage,
        AuroraStorage,
        AuroraRequests,
        Nat,
        NatData,
        InterfaceEndpoint,
        InterfaceEndpointData,
        GatewayEndpoint,
        PublicAddress,
        LoadBalancer,
        LoadBalancerCapacity,
        ObjectStorage,
        ObjectWrites,
        ObjectReads,
        CdnData,
        CdnRequests,
        Secret,
        SecretCalls,
        Parameter,
        Key,
        KeyCalls,
        LogIngestion,
        LogStorage,
        Alarm,
        Metric,
        ImageStorage,
        ImageBuild,
        Zone,
        DnsQueries,
        DataOut,
        CrossZoneData,
        database(DatabaseService::Rds, "db.t4g.micro", false),
        database(DatabaseService::Rds, "db.m7g.large", true),
        database(DatabaseService::Aurora, "db.t4g.medium", false),
    ];
    for two in [false, true] {
        items.push(DatabaseStorage { standby: two });
    }
    for service in [DatabaseService::Rds, DatabaseService::Aurora] {
        items.push(DatabaseBackup(service));
    }
    for architecture in [Architecture::X86_64, Architecture::Arm64] {
        items.extend([ContainerCpu(architecture), ContainerMemory(architecture)]);
    }
    items
}

#[test]
fn the_table_is_whole() {
    let columns = BOOK.regions().count();
    assert!(columns >= 4);
    for code in BOOK.regions() {
        assert!(catalog::region(&region(code)).is_some(), "{code} is no region");
    }
    for row in BOOK.rows() {
        let row = row.expect("a line without its five parts, or with an unknown unit");
        let cells: Vec<_> = row.cells.split_ascii_whitespace().collect();
        assert_eq!(cells.len(), columns, "{}", row.thing);
        assert!(cells.iter().any(|cell| *cell != "-"), "{} has no price at all", row.thing);
        for cell in cells.into_iter().filter(|cell| *cell != "-") {
            assert!(BOOK.read(row, cell).is_some(), "{}: `{cell}`", row.thing);
        }
    }
}

#[test]
fn the_table_is_sorted_and_says_nothing_twice() {
    let things: Vec<_> = BOOK.rows().flatten().map(|row| row.thing).collect();
    assert!(things.is_sorted_by(|a, b| a < b));
    let names: Vec<_> = BOOK.sources().map(|source| source.name).collect();
    assert!(names.is_sorted_by(|a, b| a < b));
}

#[test]
fn every_source_has_a_day_and_a_place_and_is_used() {
    let mut used = BTreeSet::new();
    for row in BOOK.rows().flatten() {
        for cell in row.cells.split_ascii_whitespace() {
            used.extend(BOOK.read(row, cell).map(|price| price.source.name));
        }
    }
    assert_eq!(super::lines(BOOK.sources).count(), BOOK.sources().count());
    for source in BOOK.sources() {
        assert!(used.contains(source.name), "{} is not used", source.name);
        let shape: String = source.date.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect();
        assert_eq!(shape, "0000-00-00", "{}", source.name);
        assert!(source.place.len() > 20, "{}", source.name);
    }
}

#[test]
fn what_is_asked_for_is_found_under_its_own_name() {
    for item in items() {
        let priced = BOOK.regions().filter(|code| BOOK.price(&region(code), &item).is_some()).count();
        assert!(priced > 0, "{item} has no price anywhere");
    }
    let named: BTreeSet<String> = items().iter().map(Item::to_string).collect();
    for row in BOOK.rows().flatten() {
        let sized = row.thing.starts_with("machine ") || row.thing.starts_with("database ");
        assert!(sized || named.contains(row.thing), "nobody can ask for {}", row.thing);
    }
}

#[test]
fn what_is_priced_is_something_aws_offers() {
    for row in BOOK.rows().flatten() {
        let words: Vec<_> = row.thing.split(' ').collect();
        match words.as_slice() {
            ["machine", kind] => {
                let kind: MachineType = kind.parse().unwrap();
                assert!(catalog::machine(&kind).is_some(), "{kind}");
            }
            ["database", service, engine, class, _] => {
                let service = if *service == "rds" { DatabaseService::Rds } else { DatabaseService::Aurora };
                let engine = if *engine == "mysql" { Engine::Mysql } else { Engine::Postgres };
                let class: DatabaseClass = class.parse().unwrap();
                assert!(catalog::database::class(service, engine, &class).is_ok(), "{}", row.thing);
            }
            _ => {}
        }
    }
}

#[test]
fn prices_are_those_of_their_sources() {
    let of = |code: &str, item: &Item| BOOK.price(&region(code), item).map(|price| price.amount.to_string());
    let some = |text: &str| Some(text.to_owned());
    assert_eq!(of("us-east-1", &machine("t4g.small")), some("$0.0168"));
    assert_eq!(of("eu-central-1", &machine("m7g.large")), some("$0.0978"));
    assert_eq!(of("us-east-1", &database(DatabaseService::Rds, "db.r7g.large", true)), some("$0.478"));
    assert_eq!(of("eu-central-1", &database(DatabaseService::Rds, "db.t4g.medium", true)), some("$0.149"));
    assert_eq!(of("us-east-1", &database(DatabaseService::Aurora, "db.t4g.medium", false)), some("$0.073"));
    assert_eq!(of("eu-west-1", &Item::LoadBalancer), some("$0.0252"));
    assert_eq!(of("us-west-2", &Item::GatewayEndpoint), some("$0.00"));
    let nat = BOOK.price(&region("eu-central-1"), &Item::Nat).unwrap();
    assert_eq!((nat.unit, nat.source.name, nat.source.date), (Unit::Hour, "calculator-nat", "2025-10-28"));
    let cdn = BOOK.price(&region("eu-west-1"), &Item::CdnRequests).unwrap();
    assert_eq!((cdn.free, cdn.amount, cdn.unit), (10, MicroDollars::new(1_200_000), Unit::Million));
}

#[test]
fn what_was_not_found_is_not_priced() {
    assert_eq!(BOOK.price(&region("us-west-2"), &Item::DatabaseStorage { standby: true }), None);
    assert_eq!(BOOK.price(&region("sa-east-1"), &Item::Nat), None);
    assert_eq!(BOOK.price(&region("us-east-1"), &machine("x9.huge")), None);
    assert_eq!(
        BOOK.price(&region("us-east-1"), &database(DatabaseService::Aurora, "db.r6g.large", true)),
        None
    );
}

#[test]
fn money_is_read_and_written_exactly() {
    for (text, written) in
        [("0", "$0.00"), ("0.0225", "$0.0225"), ("5.4", "$5.40"), ("0.004445", "$0.004445"), ("12", "$12.00")]
    {
        assert_eq!(MicroDollars::parse(text).unwrap().to_string(), written);
    }
    for text in ["", "-", ".5", "1e3", "0.0000001", "+1", "0.-1", "99999999999999999999"] {
        assert_eq!(MicroDollars::parse(text), None, "{text}");
    }
    let hour = MicroDollars::new(45_000);
    assert_eq!(hour.times(730).to_string(), "$32.85");
    assert_eq!(hour.share(1, 3), MicroDollars::new(15_000));
    assert_eq!(hour.share(1, 0), MicroDollars::ZERO);
    assert_eq!(MicroDollars::new(u64::MAX).times(2), MicroDollars::new(u64::MAX));
    assert_eq!(MicroDollars::new(u64::MAX).share(2, 1), MicroDollars::new(u64::MAX));
    assert_eq!([hour, hour].into_iter().sum::<MicroDollars>(), MicroDollars::new(90_000));
    let shown = |millionths: u64| format!("{:.2}", MicroDollars::new(millionths));
    assert_eq!(
        [shown(4_999), shown(5_000), shown(995_000), shown(1_994_999)],
        ["$0.00", "$0.01", "$1.00", "$1.99"]
    );
    assert_eq!(format!("{:.0} {:.9}", MicroDollars::new(1_500_000), hour), "$2 $0.045000");
}
