//! What the catalogue answers, and that its tables are whole.

use terrace_topology::{Architecture, DatabaseClass, Engine, EngineVersion, MachineType, Region, Zones};

use super::database::{self, DatabaseService, class, class_offered_in, resolve, smallest_class};
use super::endpoints::{EndpointKind, EndpointService};
use super::*;

fn known(code: &str) -> &'static RegionFacts {
    region(&code.parse().unwrap()).unwrap()
}

fn version(service: DatabaseService, engine: Engine, asked: &str) -> Result<String, Vec<&'static str>> {
    let asked: EngineVersion = asked.parse().unwrap();
    resolve(service, engine, &asked)
        .map(|found| format!("{} {}", found.engine_version, found.family))
        .map_err(|refused| refused.offered)
}

#[test]
fn the_tables_are_whole() {
    assert_eq!(machines::problems(), [""; 0]);
    assert_eq!(database::class_problems(), [""; 0]);
    assert_eq!(database::version_problems(), [""; 0]);
}

#[test]
fn every_region_is_a_region_once_and_found() {
    assert!(regions().is_sorted_by(|a, b| a.code < b.code));
    for facts in regions() {
        let parsed: Region = facts.code.parse().unwrap();
        assert_eq!(region(&parsed), Some(facts), "{}", facts.code);
        assert!(facts.zones.chars().all(|letter| letter.is_ascii_lowercase()), "{}", facts.code);
        assert!(facts.zones.chars().is_sorted_by(|a, b| a < b), "{}", facts.code);
        assert!(facts.holds(Zones::Two), "{}", facts.code);
    }
}

#[test]
fn three_zones_fit_where_there_are_three() {
    assert!(known("us-east-1").holds(Zones::Three));
    assert!(!known("us-west-1").holds(Zones::Three));
    assert_eq!(known("ap-northeast-1").first_zones(Zones::Two).collect::<String>(), "ac");
    assert_eq!(known("ca-central-1").first_zones(Zones::Three).collect::<String>(), "abd");
    assert!(!known("us-east-1").has_zone('e'));
}

#[test]
fn a_region_that_does_not_exist_suggests_one() {
    let asked: Region = "eu-west-4".parse().unwrap();
    assert_eq!(region(&asked), None);
    assert!(nearest_region(&asked).unwrap().starts_with("eu-west-"));
    assert_eq!(nearest_region(&"xy-nowhere-9".parse().unwrap()), None);
}

#[test]
fn machines_have_an_architecture_and_a_size() {
    let facts = |name: &str| machine(&name.parse().unwrap());
    let small = facts("t4g.small").unwrap();
    assert_eq!((small.architecture, small.vcpus, small.memory), (Architecture::Arm64, 2, 2048));
    assert!(small.burstable);
    let large = facts("m7i.large").unwrap();
    assert_eq!((large.architecture, large.vcpus, large.memory), (Architecture::X86_64, 2, 8192));
    assert!(!large.burstable);
    assert_eq!(facts("t3.nano").unwrap().memory, 512);
    assert_eq!(facts("c5n.large").unwrap().memory, 5376);
    for unknown in ["t3.huge", "t9.small", "u-6tb1.112xlarge"] {
        assert_eq!(facts(unknown), None, "{unknown}");
    }
}

#[test]
fn a_machine_suggests_the_one_that_was_meant() {
    let near = |name: &str| nearest_machine(&name.parse().unwrap());
    assert_eq!(near("t3.smal").as_deref(), Some("t3.small"));
    assert_eq!(near("m7ix.large").as_deref(), Some("m7i.large"));
    assert_eq!(near("quantum.small"), None);
}

#[test]
fn a_machine_for_the_wrong_architecture_has_a_counterpart() {
    let other = |name: &str, on| counterpart_machine(&name.parse().unwrap(), on);
    assert_eq!(other("t4g.small", Architecture::X86_64).as_deref(), Some("t3.small"));
    assert_eq!(other("t3a.small", Architecture::Arm64).as_deref(), Some("t4g.small"));
    assert_eq!(other("m7i.large", Architecture::Arm64).as_deref(), Some("m7g.large"));
    assert_eq!(other("c7g.xlarge", Architecture::X86_64).as_deref(), Some("c7i.xlarge"));
    assert_eq!(other("r6g.2xlarge", Architecture::X86_64).as_deref(), Some("r6i.2xlarge"));
    assert_eq!(other("m5.large", Architecture::Arm64), None);
}

#[test]
fn machines_are_not_everywhere() {
    let offered = |name: &str, place: &str| {
        machine_offered_in(&name.parse::<MachineType>().unwrap(), &place.parse().unwrap())
    };
    assert!(offered("t4g.small", "mx-central-1"));
    assert!(offered("t3a.small", "us-east-1"));
    assert!(!offered("t3a.small", "eu-central-2"));
    // A family that is listed by the regions that have it.
    assert!(offered("m8a.large", "us-east-2"));
    assert!(!offered("m8a.large", "af-south-1"));
    assert!(!offered("t9.small", "us-east-1"));
}

#[test]
fn versions_are_what_each_service_is_given() {
    use DatabaseService::{Aurora, Rds};
    assert_eq!(version(Rds, Engine::Postgres, "16"), Ok("16 postgres16".to_owned()));
    assert_eq!(version(Rds, Engine::Postgres, "16.14"), Ok("16.14 postgres16".to_owned()));
    assert_eq!(version(Rds, Engine::Mysql, "8.0"), Ok("8.0 mysql8.0".to_owned()));
    assert_eq!(version(Rds, Engine::Mysql, "8"), Ok("8.4 mysql8.4".to_owned()));
    assert_eq!(version(Rds, Engine::Mysql, "8.4.10"), Ok("8.4.10 mysql8.4".to_owned()));
    assert_eq!(version(Aurora, Engine::Postgres, "16"), Ok("16.15 aurora-postgresql16".to_owned()));
    assert_eq!(
        version(Aurora, Engine::Mysql, "8.0"),
        Ok("8.0.mysql_aurora.3.10.6 aurora-mysql8.0".to_owned())
    );
}

#[test]
fn versions_that_do_not_exist_say_what_does() {
    use DatabaseService::{Aurora, Rds};
    assert_eq!(version(Rds, Engine::Postgres, "12"), Err(vec!["18", "17", "16", "15", "14", "13"]));
    assert_eq!(
        version(Rds, Engine::Mysql, "8.0.39"),
        Err(vec!["8.0.46", "8.0.45", "8.0.44", "8.0.43", "8.0.42", "8.0"])
    );
    assert_eq!(version(Rds, Engine::Mysql, "5.7"), Err(vec!["8.4", "8.0"]));
    assert_eq!(version(Aurora, Engine::Mysql, "8.0.39"), Err(vec!["8.4", "8.0"]));
    assert!(version(Aurora, Engine::Postgres, "16.12").unwrap_err().contains(&"16.13"));
}

#[test]
fn what_is_past_its_standard_support_can_be_told() {
    let until = |engine, asked: &str| {
        resolve(DatabaseService::Rds, engine, &asked.parse().unwrap()).unwrap().supported_until.unwrap()
    };
    assert_eq!(until(Engine::Mysql, "8.0").as_str(), "2026-07-31");
    assert!(until(Engine::Mysql, "8.0") < until(Engine::Mysql, "8.4"));
}

#[test]
fn classes_belong_to_a_service() {
    use DatabaseService::{Aurora, Rds};
    let asked = |name: &str| name.parse::<DatabaseClass>().unwrap();
    let facts = class(Rds, Engine::Postgres, &asked("db.t4g.micro")).unwrap();
    assert_eq!((facts.size, facts.burstable), (Some((2, 1024)), true));
    let refused = class(Aurora, Engine::Mysql, &asked("db.t4g.micro")).unwrap_err();
    assert_eq!(refused.smallest, "db.t4g.medium");
    assert!(class(Aurora, Engine::Mysql, &asked("db.r7g.large")).is_ok());
    let refused = class(Rds, Engine::Mysql, &asked("db.m7g.larg")).unwrap_err();
    assert_eq!(refused.nearest.as_deref(), Some("db.m7g.large"));
    for service in [Rds, Aurora] {
        for engine in [Engine::Postgres, Engine::Mysql] {
            assert!(class(service, engine, &asked(smallest_class(service))).is_ok());
        }
    }
    assert!(class_offered_in(Rds, Engine::Mysql, &asked("db.m7g.large"), &"us-east-1".parse().unwrap()));
    assert!(!class_offered_in(Rds, Engine::Mysql, &asked("db.m7g.large"), &"af-south-1".parse().unwrap()));
}

#[test]
fn only_objects_are_reached_through_a_gateway() {
    let place: Region = "eu-west-1".parse().unwrap();
    let of = |kind| {
        let all = EndpointService::ALL.iter().filter(move |service| service.kind() == kind);
        all.map(|service| service.name(&place)).collect::<Vec<_>>()
    };
    assert_eq!(of(EndpointKind::Gateway), ["com.amazonaws.eu-west-1.s3"]);
    assert!(of(EndpointKind::Interface).contains(&"com.amazonaws.eu-west-1.ecr.dkr".to_owned()));
    assert!(EndpointService::ALL.is_sorted());
}
