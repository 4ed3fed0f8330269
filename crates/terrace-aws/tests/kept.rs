//! What is kept, and who is told: databases, settings, logs and alarms of every make, read from the graph.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on has failed")]

use std::collections::BTreeSet;
use std::fmt::Write as _;

use terrace_aws::catalog::database::{self, DatabaseService};
use terrace_aws::resource::{
    ClusterInstance, ClusterParameterGroup, DatabaseCluster, DatabaseInstance, DatabaseParameterGroup,
    KmsKey, LogGroup, MetricAlarm, Parameter, RandomPassword, Secret, SecretVersion,
};
use terrace_aws::{Design, Ref, ResourceGraph, ResourceType, Text, catalog, lower};

/// A manifest of a shape, an engine and a purpose, with more lines at its end.
fn manifest(shape: &str, engine: &str, production: bool, more: &str) -> String {
    format!(
        "name = \"items\"\nshape = \"{shape}\"\nregion = \"eu-central-1\"\nproduction = {production}\n\
         [web]\nroot = \"f\"\n[app]\nroot = \"b\"\nrun = \"target/release/api\"\n\
         [app.variables]\nLOG_LEVEL = \"info\"\n\
         [app.secrets]\nKEY = {{ generate = 32 }}\nMAIL = {{ secret = \"items/mail\" }}\n\
         [data]\nengine = \"{engine}\"\n{more}"
    )
}

fn design(shape: &str, engine: &str, production: bool, more: &str) -> Design {
    let text = manifest(shape, engine, production, more);
    let parsed = terrace_manifest::parse(&text, None);
    let topology = parsed.topology.unwrap_or_else(|| panic!("{text}\n{:#?}", parsed.diagnostics));
    lower(&topology).unwrap_or_else(|refusals| panic!("{text}\n{refusals:#?}"))
}

fn graph(shape: &str, engine: &str, production: bool, more: &str) -> ResourceGraph {
    design(shape, engine, production, more).graph
}

fn every() -> impl Iterator<Item = (&'static str, &'static str, bool)> {
    let shapes = ["ec2", "fargate"].into_iter();
    shapes.flat_map(|shape| {
        ["postgres", "mysql"]
            .into_iter()
            .flat_map(move |engine| [false, true].map(|live| (shape, engine, live)))
    })
}

/// The lines of a database: what it is, how it is kept, and its alarms' thresholds.
fn told(graph: &ResourceGraph) -> String {
    let mut text = String::new();
    for (_, one) in graph.all::<DatabaseInstance>() {
        let kept = (one.multi_az, one.deletion_protection, one.skip_final_snapshot, one.apply_immediately);
        let insights = one.performance_insights_enabled;
        let (class, version) = (&one.instance_class, &one.engine_version);
        write!(text, "{} {version} on {class}, {}", one.engine, one.allocated_storage).unwrap();
        writeln!(text, " to {:?} GiB, insights {insights}", one.max_allocated_storage).unwrap();
        writeln!(text, "  standby, protected, no last snapshot, at once: {kept:?}").unwrap();
        writeln!(text, "  backups {} days", one.backup_retention_period).unwrap();
    }
    for (_, one) in graph.all::<DatabaseCluster>() {
        let kept = (one.deletion_protection, one.skip_final_snapshot, one.apply_immediately);
        writeln!(text, "{} {}", one.engine, one.engine_version).unwrap();
        writeln!(text, "  protected, no last snapshot, at once: {kept:?}").unwrap();
        writeln!(text, "  backups {} days", one.backup_retention_period).unwrap();
    }
    for (_, one) in graph.all::<ClusterInstance>() {
        let insights = one.performance_insights_enabled;
        let (zone, class) = (&one.availability_zone, &one.instance_class);
        writeln!(text, "  {class} in {zone}, insights {insights}").unwrap();
    }
    let groups = graph.all::<DatabaseParameterGroup>().map(|(_, group)| (&group.family, &group.parameter));
    let groups = groups.chain(graph.all::<ClusterParameterGroup>().map(|(_, g)| (&g.family, &g.parameter)));
    for (family, parameters) in groups {
        let all: Vec<String> = parameters.0.iter().map(|p| format!("{}={}", p.name, p.value)).collect();
        writeln!(text, "  {family}: {}", all.join(" ")).unwrap();
    }
    for (label, alarm) in graph.all::<MetricAlarm>().filter(|(label, _)| label.as_str().starts_with("data")) {
        let (metric, threshold) = (alarm.metric_name.as_ref().unwrap(), alarm.threshold.0 / 1000);
        writeln!(text, "  alarm {label}: {metric} {threshold}").unwrap();
    }
    text
}

#[test]
fn databases_are_sized_for_what_they_are_for() {
    let mut text = String::new();
    for (shape, engine, live) in every() {
        writeln!(text, "{shape} {engine}{}", if live { ", production" } else { "" }).unwrap();
        text += &told(&graph(shape, engine, live, ""));
    }
    insta::assert_snapshot!(text, @r"
    ec2 postgres
    postgres 16 on db.t4g.micro, 20 to Some(100) GiB, insights true
      standby, protected, no last snapshot, at once: (true, false, true, true)
      backups 7 days
      postgres16: rds.force_ssl=1 log_lock_waits=1 log_min_duration_statement=1000 log_parameter_max_length=0
      alarm data_busy: CPUUtilization 80
      alarm data_connections: DatabaseConnections 67
      alarm data_memory: FreeableMemory 53477376
      alarm data_storage: FreeStorageSpace 1073741824
    ec2 postgres, production
    postgres 16 on db.t4g.medium, 20 to Some(100) GiB, insights true
      standby, protected, no last snapshot, at once: (true, true, false, false)
      backups 14 days
      postgres16: rds.force_ssl=1 log_lock_waits=1 log_min_duration_statement=1000 log_parameter_max_length=0
      alarm data_busy: CPUUtilization 80
      alarm data_connections: DatabaseConnections 269
      alarm data_memory: FreeableMemory 213909504
      alarm data_storage: FreeStorageSpace 1073741824
    ec2 mysql
    mysql 8.4 on db.t4g.micro, 20 to Some(100) GiB, insights false
      standby, protected, no last snapshot, at once: (true, false, true, true)
      backups 7 days
      mysql8.4: require_secure_transport=1 log_output=FILE long_query_time=1 slow_query_log=1
      alarm data_busy: CPUUtilization 80
      alarm data_connections: DatabaseConnections 51
      alarm data_memory: FreeableMemory 53477376
      alarm data_storage: FreeStorageSpace 1073741824
    ec2 mysql, production
    mysql 8.4 on db.t4g.medium, 20 to Some(100) GiB, insights true
      standby, protected, no last snapshot, at once: (true, true, false, false)
      backups 14 days
      mysql8.4: require_secure_transport=1 log_output=FILE long_query_time=1 slow_query_log=1
      alarm data_busy: CPUUtilization 80
      alarm data_connections: DatabaseConnections 204
      alarm data_memory: FreeableMemory 213909504
      alarm data_storage: FreeStorageSpace 1073741824
    fargate postgres
    aurora-postgresql 16.15
      protected, no last snapshot, at once: (false, true, true)
      backups 7 days
      db.t4g.medium in eu-central-1a, insights true
      db.t4g.medium in eu-central-1b, insights true
      aurora-postgresql16: rds.force_ssl=1 log_lock_waits=1 log_min_duration_statement=1000 log_parameter_max_length=0
      alarm data_a_busy: CPUUtilization 80
      alarm data_a_connections: DatabaseConnections 269
      alarm data_a_memory: FreeableMemory 213909504
      alarm data_a_storage: FreeLocalStorage 2147483648
      alarm data_b_busy: CPUUtilization 80
      alarm data_b_connections: DatabaseConnections 269
      alarm data_b_memory: FreeableMemory 213909504
      alarm data_b_storage: FreeLocalStorage 2147483648
    fargate postgres, production
    aurora-postgresql 16.15
      protected, no last snapshot, at once: (true, false, false)
      backups 14 days
      db.r7g.large in eu-central-1a, insights true
      db.r7g.large in eu-central-1b, insights true
      aurora-postgresql16: rds.force_ssl=1 log_lock_waits=1 log_min_duration_statement=1000 log_parameter_max_length=0
      alarm data_a_busy: CPUUtilization 80
      alarm data_a_connections: DatabaseConnections 1080
      alarm data_a_memory: FreeableMemory 858783744
      alarm data_a_storage: FreeLocalStorage 2147483648
      alarm data_b_busy: CPUUtilization 80
      alarm data_b_connections: DatabaseConnections 1080
      alarm data_b_memory: FreeableMemory 858783744
      alarm data_b_storage: FreeLocalStorage 2147483648
    fargate mysql
    aurora-mysql 8.0.mysql_aurora.3.10.6
      protected, no last snapshot, at once: (false, true, true)
      backups 7 days
      db.t4g.medium in eu-central-1a, insights true
      db.t4g.medium in eu-central-1b, insights true
      aurora-mysql8.0: require_secure_transport=ON log_output=FILE long_query_time=1 slow_query_log=1
      alarm data_a_busy: CPUUtilization 80
      alarm data_a_connections: DatabaseConnections 72
      alarm data_a_memory: FreeableMemory 213909504
      alarm data_a_storage: FreeLocalStorage 2147483648
      alarm data_b_busy: CPUUtilization 80
      alarm data_b_connections: DatabaseConnections 72
      alarm data_b_memory: FreeableMemory 213909504
      alarm data_b_storage: FreeLocalStorage 2147483648
    fargate mysql, production
    aurora-mysql 8.0.mysql_aurora.3.10.6
      protected, no last snapshot, at once: (true, false, false)
      backups 14 days
      db.r7g.large in eu-central-1a, insights true
      db.r7g.large in eu-central-1b, insights true
      aurora-mysql8.0: require_secure_transport=ON log_output=FILE long_query_time=1 slow_query_log=1
      alarm data_a_busy: CPUUtilization 80
      alarm data_a_connections: DatabaseConnections 800
      alarm data_a_memory: FreeableMemory 858783744
      alarm data_a_storage: FreeLocalStorage 2147483648
      alarm data_b_busy: CPUUtilization 80
      alarm data_b_connections: DatabaseConnections 800
      alarm data_b_memory: FreeableMemory 858783744
      alarm data_b_storage: FreeLocalStorage 2147483648
    ");
}

#[test]
fn what_was_asked_for_is_what_is_made() {
    let more =
        "version = \"8.4.10\"\nclass = \"db.t3.small\"\nstorage = 60000\nstandby = false\nbackups = 0\n";
    let text = told(&graph("ec2", "mysql", false, more));
    insta::assert_snapshot!(text, @r"
    mysql 8.4.10 on db.t3.small, 60000 to None GiB, insights false
      standby, protected, no last snapshot, at once: (false, false, true, true)
      backups 0 days
      mysql8.4: require_secure_transport=1 log_output=FILE long_query_time=1 slow_query_log=1
      alarm data_busy: CPUUtilization 80
      alarm data_connections: DatabaseConnections 102
      alarm data_memory: FreeableMemory 106954752
      alarm data_storage: FreeStorageSpace 3221225472000
    ");
}

/// Where nothing was chosen, what is taken exists: in every region that Terrace builds in.
#[test]
fn every_region_has_the_class_that_is_taken() {
    let ours = |facts: &&catalog::RegionFacts| facts.partition == catalog::Partition::Aws;
    for facts in catalog::regions().iter().filter(ours) {
        for (shape, name, live) in every().filter(|(shape, ..)| *shape == "ec2" || facts.vpc_origins) {
            let text = manifest(shape, name, live, "").replace("eu-central-1", facts.code);
            let topology = terrace_manifest::parse(&text, None).topology.unwrap();
            let graph = lower(&topology).unwrap_or_else(|refusals| panic!("{text}\n{refusals:#?}")).graph;
            let (service, engine) = match shape {
                "ec2" => (DatabaseService::Rds, topology.database.engine),
                _ => (DatabaseService::Aurora, topology.database.engine),
            };
            let instances = graph.all::<DatabaseInstance>().map(|(_, one)| &one.instance_class);
            let instances =
                instances.chain(graph.all::<ClusterInstance>().map(|(_, one)| &one.instance_class));
            for class in instances {
                let class = class.literal().unwrap().parse().unwrap();
                let there = database::class_offered_in(service, engine, &class, &topology.region);
                assert!(there, "{class} in {}", facts.code);
            }
        }
    }
}

#[test]
fn nothing_kept_is_without_the_key() {
    for (shape, engine, live) in every() {
        let graph = graph(shape, engine, live, "");
        let key = |found: &Option<Ref<KmsKey, terrace_aws::Arn>>| {
            assert_eq!(found.as_ref().and_then(Ref::label).unwrap().as_str(), "main", "{shape} {engine}");
        };
        graph.all::<LogGroup>().for_each(|(_, group)| key(&group.kms_key_id));
        graph.all::<Secret>().for_each(|(_, secret)| key(&secret.kms_key_id));
        for (_, one) in graph.all::<DatabaseInstance>() {
            key(&one.kms_key_id);
            key(&one.master_user_secret_kms_key_id);
            assert!(one.storage_encrypted && one.manage_master_user_password && !one.publicly_accessible);
        }
        for (_, one) in graph.all::<DatabaseCluster>() {
            key(&one.kms_key_id);
            key(&one.master_user_secret_kms_key_id);
            assert!(one.storage_encrypted && one.manage_master_user_password);
        }
        assert!(graph.all::<ClusterInstance>().all(|(_, one)| !one.publicly_accessible));
    }
}

#[test]
fn generated_secrets_are_written_from_what_is_kept_nowhere() {
    let graph = graph("fargate", "postgres", true, "");
    let (label, version) = graph.all::<SecretVersion>().next().unwrap();
    assert_eq!(version.secret_id.label(), Some(label));
    // 32 bytes in letters and digits.
    assert_eq!(graph.get(&version.secret_string_wo).map(|random| random.password_length), Some(44));
    assert_eq!(graph.all::<SecretVersion>().count(), graph.all::<RandomPassword>().count());
    let plain: Vec<String> =
        graph.all::<Parameter>().map(|(_, one)| format!("{}={}", one.name, one.value)).collect();
    assert_eq!(plain, ["/items/app/LOG_LEVEL=info"]);
}

#[test]
fn what_has_no_effect_or_reaches_nobody_is_said() {
    let said = |production: bool, more: &str| -> Vec<String> {
        let design = design("fargate", "mysql", production, more);
        design
            .notes
            .warnings()
            .iter()
            .map(|one| format!("{} {}", one.0.code().as_str(), one.0.setting()))
            .collect()
    };
    let alerts = "[alerts]\nemail = \"ops@example.com\"\n";
    assert_eq!(said(false, ""), [""; 0]);
    assert_eq!(said(true, alerts), [""; 0]);
    assert_eq!(said(true, ""), ["aws-nobody-told alerts"]);
    assert_eq!(said(false, "storage = 100\n"), ["aws-no-effect data.storage"]);
}

#[test]
fn settings_that_differ_in_case_stay_two() {
    let text = "name = \"items\"\nshape = \"ec2\"\n[web]\nroot = \"f\"\n\
                [app]\nroot = \"b\"\nrun = \"target/release/api\"\n\
                [app.secrets]\nKEY = { generate = 32 }\nkey = { generate = 32 }\nKey_2 = { generate = 32 }\n\
                [data]\nengine = \"postgres\"\n";
    let topology = terrace_manifest::parse(text, None).topology.unwrap();
    let graph = lower(&topology).unwrap().graph;
    let names: BTreeSet<Text> = graph.all::<Secret>().map(|(_, secret)| secret.name.clone()).collect();
    assert_eq!(names.len(), 3);
}

#[test]
fn every_alarm_tells_somebody_and_says_when_it_is_over() {
    for (shape, engine, live) in every() {
        let graph = graph(shape, engine, live, "[alerts]\nemail = \"ops@example.com\"\n");
        let mut names = BTreeSet::new();
        for (label, alarm) in graph.all::<MetricAlarm>() {
            assert_eq!(alarm.alarm_actions.len(), 1, "{label}");
            assert_eq!(alarm.alarm_actions, alarm.ok_actions, "{label}");
            assert!(graph.get(alarm.alarm_actions.first().unwrap()).is_some(), "{label}");
            assert!(names.insert(alarm.alarm_name.clone()), "{label}");
        }
        // An alarm tells topics of its own region only.
        for (address, node) in
            graph.nodes().filter(|(address, _)| address.kind().type_name().contains("metric_alarm"))
        {
            let alarm = MetricAlarm::of(&node.resource).unwrap();
            let topic = alarm.alarm_actions.first().unwrap().address().unwrap();
            assert_eq!(node.region, graph.node(&topic).unwrap().region, "{address}");
        }
    }
}
