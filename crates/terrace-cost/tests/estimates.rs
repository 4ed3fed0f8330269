//! What systems cost, from their manifests: the examples line by line, and what holds of every estimate.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::collections::BTreeSet;
use std::fmt::Write as _;

use terrace_aws::resource::VpcEndpoint;
use terrace_aws::{Concern, Foundation, Kind, ResourceGraph, lower, lower_on};
use terrace_cost::prices::{MicroDollars, PriceBook};
use terrace_cost::{Assumption, Charge, Estimate, Line, Quantity, Usage, charge, estimate};

const BOOK: PriceBook = PriceBook::bundled();
const ITEMS: &str = include_str!("../../../examples/items/terrace.toml");
const FARGATE: &str = include_str!("../../../examples/items/terrace.fargate.toml");
const FASTAPI: &str = include_str!("../../../examples/fastapi/terrace.toml");

fn graph(manifest: &str) -> ResourceGraph {
    let parsed = terrace_manifest::parse(manifest, None);
    assert!(!parsed.diagnostics.has_errors(), "{:#?}", parsed.diagnostics);
    lower(&parsed.topology.unwrap()).unwrap().graph
}

fn with(manifest: &str, usage: &Usage) -> Estimate {
    estimate(&graph(manifest), &BOOK, usage, None).unwrap()
}

fn usual(manifest: &str) -> Estimate {
    with(manifest, &Usage::default())
}

/// The same manifest with something in place of something else.
fn but(manifest: &str, from: &str, to: &str) -> String {
    assert!(manifest.contains(from), "{from}");
    manifest.replace(from, to)
}

/// Manifests that together have every kind of resource that costs something.
fn all() -> Vec<String> {
    let egress = |text: &str| format!("{text}\n[egress]\napp = \"nat\"\n");
    let secret = "[data]\n";
    vec![
        ITEMS.to_owned(),
        FARGATE.to_owned(),
        FASTAPI.to_owned(),
        egress(&but(ITEMS, "zones  = 2", "zones = 3\nproduction = true\nedge = \"cloudfront\"")),
        egress(&but(FARGATE, secret, "[app.secrets]\nKEY = { generate = 32 }\n\n[data]\n")),
    ]
}

fn told(estimate: &Estimate) -> String {
    let mut text = String::new();
    for line in &estimate.lines {
        let most =
            if line.at_most > line.amount { format!(" to {:.2}", line.at_most) } else { String::new() };
        let free = if line.free > Quantity::ZERO { format!(" ({} free)", line.free) } else { String::new() };
        let Line { resource, what, quantity, price, amount, .. } = line;
        writeln!(
            text,
            "{resource}: {what}: {quantity}{free} x {} {} = {amount:.2}{most} [{}]",
            price.amount, price.unit, price.source.name
        )
        .unwrap();
    }
    for one in &estimate.unpriced {
        writeln!(text, "{}: {}: not priced: {}", one.resource, one.what, one.reason).unwrap();
    }
    for concern in Concern::ALL {
        writeln!(text, "{} {:.2}", concern.name(), estimate.subtotal(concern)).unwrap();
    }
    writeln!(
        text,
        "total {:.2}, at most {:.2}, {} free",
        estimate.total(),
        estimate.at_most(),
        estimate.free
    )
    .unwrap();
    text
}

#[test]
fn the_example_on_machines() {
    insta::assert_snapshot!(told(&usual(ITEMS)), @"
    aws_vpc.main: Data from a database in another zone: 12.5 x $0.01 per GB = $0.13 [transfer-us-east-1]
    aws_vpc_endpoint.ec2messages: Interface endpoints, in 2 zones each: 1,460 x $0.01 per hour = $14.60 [calculator-vpc]
    aws_vpc_endpoint.ec2messages: Data through interface endpoints: 1.667 x $0.01 per GB = $0.02 [calculator-vpc]
    aws_vpc_endpoint.imagebuilder: Interface endpoints, in 2 zones each: 1,460 x $0.01 per hour = $14.60 [calculator-vpc]
    aws_vpc_endpoint.imagebuilder: Data through interface endpoints: 1.666 x $0.01 per GB = $0.02 [calculator-vpc]
    aws_vpc_endpoint.logs: Interface endpoints, in 2 zones each: 1,460 x $0.01 per hour = $14.60 [calculator-vpc]
    aws_vpc_endpoint.logs: Data through interface endpoints: 1.667 x $0.01 per GB = $0.02 [calculator-vpc]
    aws_vpc_endpoint.secretsmanager: Interface endpoints, in 2 zones each: 1,460 x $0.01 per hour = $14.60 [calculator-vpc]
    aws_vpc_endpoint.secretsmanager: Data through interface endpoints: 1.667 x $0.01 per GB = $0.02 [calculator-vpc]
    aws_vpc_endpoint.ssm: Interface endpoints, in 2 zones each: 1,460 x $0.01 per hour = $14.60 [calculator-vpc]
    aws_vpc_endpoint.ssm: Data through interface endpoints: 1.666 x $0.01 per GB = $0.02 [calculator-vpc]
    aws_vpc_endpoint.ssmmessages: Interface endpoints, in 2 zones each: 1,460 x $0.01 per hour = $14.60 [calculator-vpc]
    aws_vpc_endpoint.ssmmessages: Data through interface endpoints: 1.667 x $0.01 per GB = $0.02 [calculator-vpc]
    aws_lb.internal: Load balancers: 730 x $0.0225 per hour = $16.43 [elb-us-east-1]
    aws_lb.internal: Capacity of load balancers: 25 x $0.008 per capacity unit and hour = $0.20 [elb-us-east-1]
    aws_lb.public: Load balancers: 730 x $0.0225 per hour = $16.43 [elb-us-east-1]
    aws_lb.public: Capacity of load balancers: 50 x $0.008 per capacity unit and hour = $0.40 [elb-us-east-1]
    aws_lb.public: Public IPv4 addresses of load balancers: 1,460 x $0.005 per hour = $7.30 [calculator-vpc]
    aws_lb.public: Data to visitors: 50 x $0.09 per GB = $4.50 [transfer-us-east-1]
    aws_autoscaling_group.web: Machines of web, t3.micro: 1,460 x $0.0104 per hour = $15.18 [ec2]
    aws_autoscaling_group.web: Disks of web, 10 GB each: 20 x $0.08 per GB and month = $1.60 [ec2-us-east-1]
    aws_imagebuilder_image.web: Builds of the image of web: 1 x $0.0416 per hour = $0.04 [ec2]
    aws_s3_bucket.artifacts: Bucket of artifacts: 1 x $0.023 per GB and month = $0.02 [calculator-s3]
    aws_s3_bucket.artifacts: Writes to the bucket of artifacts: 0.01 x $5.00 per million = $0.05 [calculator-s3]
    aws_s3_bucket.artifacts: Reads of the bucket of artifacts: 0.01 x $0.40 per million = $0.00 [calculator-s3]
    aws_autoscaling_group.app: Machines of app, t3.small: 1,460 x $0.0208 per hour = $30.37 to $91.10 [ec2]
    aws_autoscaling_group.app: Disks of app, 10 GB each: 20 x $0.08 per GB and month = $1.60 to $4.80 [ec2-us-east-1]
    aws_imagebuilder_image.app: Builds of the image of app: 1 x $0.0416 per hour = $0.04 [ec2]
    aws_db_instance.main: Database server db.t4g.micro, with a standby: 730 x $0.032 per hour = $23.36 [infracost-rds]
    aws_db_instance.main: Database storage, with a standby: 20 x $0.23 per GB and month = $4.60 to $23.00 [rds-us-east-1]
    aws_kms_key.main: Keys: 1 x $1.00 per month = $1.00 [calculator-kms]
    aws_kms_key.main: Uses of keys: 0.1 x $3.00 per million = $0.30 [calculator-kms]
    aws_db_instance.main: Secret of the database: 1 x $0.40 per month = $0.40 [secrets-us-east-1]
    aws_db_instance.main: Readings of secrets: 0.001 x $5.00 per million = $0.01 [secrets-us-east-1]
    aws_db_instance.main: Enhanced Monitoring, written to its log: 0.263 x $0.50 per GB = $0.13 [calculator-cloudwatch]
    aws_s3_bucket.logs: Bucket of logs: 1 x $0.023 per GB and month = $0.02 [calculator-s3]
    aws_s3_bucket.logs: Writes to the bucket of logs: 0.01 x $5.00 per million = $0.05 [calculator-s3]
    aws_s3_bucket.logs: Reads of the bucket of logs: 0.01 x $0.40 per million = $0.00 [calculator-s3]
    aws_autoscaling_group.app: Metrics of app, 7 for each machine: 14 x $0.30 per month = $4.20 to $12.60 [calculator-cloudwatch]
    aws_autoscaling_group.web: Metrics of web, 7 for each machine: 14 x $0.30 per month = $4.20 [calculator-cloudwatch]
    aws_cloudwatch_log_group.app: Logs, written: 1 x $0.50 per GB = $0.50 [calculator-cloudwatch]
    aws_cloudwatch_log_group.app: Logs, kept: 0.15 x $0.03 per GB and month = $0.00 [calculator-cloudwatch]
    aws_cloudwatch_log_group.data_postgresql: Logs, written: 0.1 x $0.50 per GB = $0.05 [calculator-cloudwatch]
    aws_cloudwatch_log_group.data_postgresql: Logs, kept: 0.015 x $0.03 per GB and month = $0.00 [calculator-cloudwatch]
    aws_cloudwatch_log_group.data_upgrade: Logs, written: 0.1 x $0.50 per GB = $0.05 [calculator-cloudwatch]
    aws_cloudwatch_log_group.data_upgrade: Logs, kept: 0.015 x $0.03 per GB and month = $0.00 [calculator-cloudwatch]
    aws_cloudwatch_log_group.flows: Logs, written: 0.1 x $0.50 per GB = $0.05 [calculator-cloudwatch]
    aws_cloudwatch_log_group.flows: Logs, kept: 0.015 x $0.03 per GB and month = $0.00 [calculator-cloudwatch]
    aws_cloudwatch_log_group.web: Logs, written: 1 x $0.50 per GB = $0.50 [calculator-cloudwatch]
    aws_cloudwatch_log_group.web: Logs, kept: 0.15 x $0.03 per GB and month = $0.00 [calculator-cloudwatch]
    aws_cloudwatch_metric_alarm.app_busy: Metrics of alarms: 1 x $0.10 per month = $0.10 [calculator-cloudwatch]
    aws_cloudwatch_metric_alarm.app_unhealthy: Metrics of alarms: 1 x $0.10 per month = $0.10 [calculator-cloudwatch]
    aws_cloudwatch_metric_alarm.data_busy: Metrics of alarms: 1 x $0.10 per month = $0.10 [calculator-cloudwatch]
    aws_cloudwatch_metric_alarm.data_connections: Metrics of alarms: 1 x $0.10 per month = $0.10 [calculator-cloudwatch]
    aws_cloudwatch_metric_alarm.data_memory: Metrics of alarms: 1 x $0.10 per month = $0.10 [calculator-cloudwatch]
    aws_cloudwatch_metric_alarm.data_storage: Metrics of alarms: 1 x $0.10 per month = $0.10 [calculator-cloudwatch]
    aws_cloudwatch_metric_alarm.internal_errors: Metrics of alarms: 2 x $0.10 per month = $0.20 [calculator-cloudwatch]
    aws_cloudwatch_metric_alarm.internal_slow: Metrics of alarms: 1 x $0.10 per month = $0.10 [calculator-cloudwatch]
    aws_cloudwatch_metric_alarm.internal_unanswered: Metrics of alarms: 1 x $0.10 per month = $0.10 [calculator-cloudwatch]
    aws_cloudwatch_metric_alarm.public_errors: Metrics of alarms: 2 x $0.10 per month = $0.20 [calculator-cloudwatch]
    aws_cloudwatch_metric_alarm.public_slow: Metrics of alarms: 1 x $0.10 per month = $0.10 [calculator-cloudwatch]
    aws_cloudwatch_metric_alarm.public_unanswered: Metrics of alarms: 1 x $0.10 per month = $0.10 [calculator-cloudwatch]
    aws_cloudwatch_metric_alarm.web_busy: Metrics of alarms: 1 x $0.10 per month = $0.10 [calculator-cloudwatch]
    aws_cloudwatch_metric_alarm.web_unhealthy: Metrics of alarms: 1 x $0.10 per month = $0.10 [calculator-cloudwatch]
    aws_db_instance.main: Processors of the database beyond their share: not priced: only when they are busy for hours; no price was found
    aws_imagebuilder_image.app: Snapshots of images: not priced: no price of snapshots was found
    aws_imagebuilder_image.web: Snapshots of images: not priced: no price of snapshots was found
    network $87.83
    edge $45.25
    web $16.83
    app $32.09
    data $27.96
    secrets $1.71
    observability $11.37
    total $223.02, at most $313.76, 113 free
    ");
}

#[test]
fn the_example_in_containers() {
    insta::assert_snapshot!(told(&usual(FARGATE)), @"
    aws_vpc.main: Data from a database in another zone: 12.5 x $0.01 per GB = $0.13 [transfer-us-east-1]
    aws_vpc_endpoint.ecr_api: Interface endpoints, in 2 zones each: 1,460 x $0.01 per hour = $14.60 [calculator-vpc]
    aws_vpc_endpoint.ecr_api: Data through interface endpoints: 1.667 x $0.01 per GB = $0.02 [calculator-vpc]
    aws_vpc_endpoint.ecr_dkr: Interface endpoints, in 2 zones each: 1,460 x $0.01 per hour = $14.60 [calculator-vpc]
    aws_vpc_endpoint.ecr_dkr: Data through interface endpoints: 1.666 x $0.01 per GB = $0.02 [calculator-vpc]
    aws_vpc_endpoint.logs: Interface endpoints, in 2 zones each: 1,460 x $0.01 per hour = $14.60 [calculator-vpc]
    aws_vpc_endpoint.logs: Data through interface endpoints: 1.667 x $0.01 per GB = $0.02 [calculator-vpc]
    aws_vpc_endpoint.secretsmanager: Interface endpoints, in 2 zones each: 1,460 x $0.01 per hour = $14.60 [calculator-vpc]
    aws_vpc_endpoint.secretsmanager: Data through interface endpoints: 1.667 x $0.01 per GB = $0.02 [calculator-vpc]
    aws_vpc_endpoint.ssm: Interface endpoints, in 2 zones each: 1,460 x $0.01 per hour = $14.60 [calculator-vpc]
    aws_vpc_endpoint.ssm: Data through interface endpoints: 1.666 x $0.01 per GB = $0.02 [calculator-vpc]
    aws_vpc_endpoint.ssmmessages: Interface endpoints, in 2 zones each: 1,460 x $0.01 per hour = $14.60 [calculator-vpc]
    aws_vpc_endpoint.ssmmessages: Data through interface endpoints: 1.667 x $0.01 per GB = $0.02 [calculator-vpc]
    aws_lb.main: Load balancers: 730 x $0.0225 per hour = $16.43 [elb-us-east-1]
    aws_lb.main: Capacity of load balancers: 25 x $0.008 per capacity unit and hour = $0.20 [elb-us-east-1]
    aws_cloudfront_distribution.main: Requests to CloudFront: 1 (1 free) x $1.00 per million = $0.00 [calculator-cdn]
    aws_cloudfront_distribution.main: Data to visitors by CloudFront: 50 (50 free) x $0.085 per GB = $0.00 [list-us-east-1]
    aws_s3_bucket.page: Bucket of page: 1 x $0.023 per GB and month = $0.02 [calculator-s3]
    aws_s3_bucket.page: Writes to the bucket of page: 0.01 x $5.00 per million = $0.05 [calculator-s3]
    aws_s3_bucket.page: Reads of the bucket of page: 0.01 x $0.40 per million = $0.00 [calculator-s3]
    aws_ecr_repository.app: Container images of app: 2 x $0.10 per GB and month = $0.20 [list-us-east-1]
    aws_ecs_service.app: Processors of app, 0.25 a task: 365 x $0.04048 per processor and hour = $14.78 to $44.33 [calculator-ecs]
    aws_ecs_service.app: Memory of app, 0.5 GB a task: 730 x $0.004445 per GB and hour = $3.24 to $9.73 [calculator-ecs]
    aws_rds_cluster.main: Database storage: 10 x $0.10 per GB and month = $1.00 [infracost-aurora]
    aws_rds_cluster.main: Reads and writes of storage: 5 x $0.20 per million = $1.00 [infracost-aurora]
    aws_rds_cluster.main: Backups beyond what is free: 1.4 x $0.021 per GB and month = $0.03 [infracost-aurora]
    aws_rds_cluster_instance.a: Database servers, db.t4g.medium: 730 x $0.073 per hour = $53.29 [infracost-rds]
    aws_rds_cluster_instance.b: Database servers, db.t4g.medium: 730 x $0.073 per hour = $53.29 [infracost-rds]
    aws_kms_key.main: Keys: 1 x $1.00 per month = $1.00 [calculator-kms]
    aws_kms_key.main: Uses of keys: 0.1 x $3.00 per million = $0.30 [calculator-kms]
    aws_rds_cluster.main: Secret of the database: 1 x $0.40 per month = $0.40 [secrets-us-east-1]
    aws_rds_cluster.main: Readings of secrets: 0.001 x $5.00 per million = $0.01 [secrets-us-east-1]
    aws_rds_cluster_instance.a: Enhanced Monitoring, written to its log: 0.131 x $0.50 per GB = $0.07 [calculator-cloudwatch]
    aws_rds_cluster_instance.b: Enhanced Monitoring, written to its log: 0.131 x $0.50 per GB = $0.07 [calculator-cloudwatch]
    aws_ecs_cluster.main: Metrics of Container Insights: 25 x $0.30 per month = $7.50 [calculator-cloudwatch]
    aws_s3_bucket.logs: Bucket of logs: 1 x $0.023 per GB and month = $0.02 [calculator-s3]
    aws_s3_bucket.logs: Writes to the bucket of logs: 0.01 x $5.00 per million = $0.05 [calculator-s3]
    aws_s3_bucket.logs: Reads of the bucket of logs: 0.01 x $0.40 per million = $0.00 [calculator-s3]
    aws_cloudwatch_log_group.app: Logs, written: 1 x $0.50 per GB = $0.50 [calculator-cloudwatch]
    aws_cloudwatch_log_group.app: Logs, kept: 0.15 x $0.03 per GB and month = $0.00 [calculator-cloudwatch]
    aws_cloudwatch_log_group.data_error: Logs, written: 0.1 x $0.50 per GB = $0.05 [calculator-cloudwatch]
    aws_cloudwatch_log_group.data_error: Logs, kept: 0.015 x $0.03 per GB and month = $0.00 [calculator-cloudwatch]
    aws_cloudwatch_log_group.data_slowquery: Logs, written: 0.1 x $0.50 per GB = $0.05 [calculator-cloudwatch]
    aws_cloudwatch_log_group.data_slowquery: Logs, kept: 0.015 x $0.03 per GB and month = $0.00 [calculator-cloudwatch]
    aws_cloudwatch_log_group.exec: Logs, written: 0.1 x $0.50 per GB = $0.05 [calculator-cloudwatch]
    aws_cloudwatch_log_group.exec: Logs, kept: 0.015 x $0.03 per GB and month = $0.00 [calculator-cloudwatch]
    aws_cloudwatch_log_group.flows: Logs, written: 0.1 x $0.50 per GB = $0.05 [calculator-cloudwatch]
    aws_cloudwatch_log_group.flows: Logs, kept: 0.015 x $0.03 per GB and month = $0.00 [calculator-cloudwatch]
    aws_cloudwatch_log_group.insights: Logs, written: 0.1 x $0.50 per GB = $0.05 [calculator-cloudwatch]
    aws_cloudwatch_log_group.insights: Logs, kept: 0.015 x $0.03 per GB and month = $0.00 [calculator-cloudwatch]
    aws_cloudwatch_metric_alarm.app_busy: Metrics of alarms: 1 x $0.10 per month = $0.10 [calculator-cloudwatch]
    aws_cloudwatch_metric_alarm.app_unhealthy: Metrics of alarms: 1 x $0.10 per month = $0.10 [calculator-cloudwatch]
    aws_cloudwatch_metric_alarm.cdn_errors: Metrics of alarms: 1 x $0.10 per month = $0.10 [calculator-cloudwatch]
    aws_cloudwatch_metric_alarm.data_a_busy: Metrics of alarms: 1 x $0.10 per month = $0.10 [calculator-cloudwatch]
    aws_cloudwatch_metric_alarm.data_a_connections: Metrics of alarms: 1 x $0.10 per month = $0.10 [calculator-cloudwatch]
    aws_cloudwatch_metric_alarm.data_a_memory: Metrics of alarms: 1 x $0.10 per month = $0.10 [calculator-cloudwatch]
    aws_cloudwatch_metric_alarm.data_a_storage: Metrics of alarms: 1 x $0.10 per month = $0.10 [calculator-cloudwatch]
    aws_cloudwatch_metric_alarm.data_b_busy: Metrics of alarms: 1 x $0.10 per month = $0.10 [calculator-cloudwatch]
    aws_cloudwatch_metric_alarm.data_b_connections: Metrics of alarms: 1 x $0.10 per month = $0.10 [calculator-cloudwatch]
    aws_cloudwatch_metric_alarm.data_b_memory: Metrics of alarms: 1 x $0.10 per month = $0.10 [calculator-cloudwatch]
    aws_cloudwatch_metric_alarm.data_b_storage: Metrics of alarms: 1 x $0.10 per month = $0.10 [calculator-cloudwatch]
    aws_cloudwatch_metric_alarm.main_errors: Metrics of alarms: 2 x $0.10 per month = $0.20 [calculator-cloudwatch]
    aws_cloudwatch_metric_alarm.main_slow: Metrics of alarms: 1 x $0.10 per month = $0.10 [calculator-cloudwatch]
    aws_cloudwatch_metric_alarm.main_unanswered: Metrics of alarms: 1 x $0.10 per month = $0.10 [calculator-cloudwatch]
    aws_rds_cluster_instance.a: Processors of the database beyond their share: not priced: only when they are busy for hours; no price was found
    aws_rds_cluster_instance.b: Processors of the database beyond their share: not priced: only when they are busy for hours; no price was found
    network $87.83
    edge $16.63
    web $0.08
    app $18.22
    data $108.61
    secrets $1.71
    observability $9.96
    total $243.03, at most $279.07, 78 free
    ");
}

#[test]
fn the_other_example_costs_the_same() {
    let (items, fastapi) = (usual(ITEMS), usual(FASTAPI));
    assert_eq!(items.total(), fastapi.total(), "it is the same system with an app in another language");
}

/// What the lines of so many words come to.
fn amount(estimate: &Estimate, what: &str) -> String {
    let lines: Vec<_> = estimate.lines.iter().filter(|line| line.what.starts_with(what)).collect();
    assert!(!lines.is_empty(), "no line begins with {what}");
    lines.iter().map(|line| line.amount).sum::<MicroDollars>().to_string()
}

#[test]
fn figures_are_those_of_a_pencil() {
    let items = usual(ITEMS);
    // 6 services x 2 zones x 730 h x $0.01
    assert_eq!(amount(&items, "Interface endpoints"), "$87.60");
    // a public and an internal one: 2 x 730 h x $0.0225
    assert_eq!(amount(&items, "Load balancers"), "$32.85");
    // one in each of 2 zones: 2 x 730 h x $0.005
    assert_eq!(amount(&items, "Public IPv4 addresses of load balancers"), "$7.30");
    // 50 GB by the public one and half of it by the internal one, a GB an hour each: 75 x $0.008
    assert_eq!(amount(&items, "Capacity"), "$0.60");
    // 50 GB x $0.09
    assert_eq!(amount(&items, "Data to visitors"), "$4.50");
    // 2 x 730 h x $0.0208, and at 6: 91.104
    assert_eq!(amount(&items, "Machines of app"), "$30.368");
    let app = items.lines.iter().find(|line| line.what.starts_with("Machines of app")).unwrap();
    assert_eq!(app.at_most.to_string(), "$91.104");
    // 730 h x $0.032, the standby included; 20 GB x $0.23
    assert_eq!(amount(&items, "Database server"), "$23.36");
    assert_eq!(amount(&items, "Database storage"), "$4.60");

    let fargate = usual(FARGATE);
    // 2 tasks x 0.25 processors x 730 h x $0.04048; 2 x 0.5 GB x 730 h x $0.004445
    assert_eq!(amount(&fargate, "Processors of app"), "$14.7752");
    assert_eq!(amount(&fargate, "Memory of app"), "$3.24485");
    // a writer and a reader: 2 x 730 h x $0.073
    assert_eq!(amount(&fargate, "Database servers"), "$106.58");
    // 1 million requests of 10 that are free, 50 GB of 1,000
    assert_eq!(amount(&fargate, "Requests to CloudFront"), "$0.00");
    let mut busy = Usage::default();
    busy.set(Assumption::Requests, Quantity::whole(30_000_000));
    busy.set(Assumption::Traffic, Quantity::whole(1500));
    // 20 million beyond the free ones x $1; 500 GB x $0.085
    assert_eq!(amount(&with(FARGATE, &busy), "Requests to CloudFront"), "$20.00");
    assert_eq!(amount(&with(FARGATE, &busy), "Data to visitors by CloudFront"), "$42.50");
}

#[test]
fn endpoints_and_gateways_are_counted_where_they_stand() {
    // A second way to the sum: by the addresses of the graph, and nothing of the rules.
    for manifest in all() {
        let graph = graph(&manifest);
        let kinds = |kind: Kind| graph.nodes().filter(|(address, _)| address.kind() == kind).count();
        let estimate = usual(&manifest);
        let lines = |word: &str| estimate.lines.iter().filter(|line| line.item.to_string() == word).count();
        assert_eq!(lines("nat"), kinds(Kind::NatGateway));
        let to_s3 = |endpoint: &VpcEndpoint| endpoint.service_name.literal().unwrap().ends_with(".s3");
        let others = graph.all::<VpcEndpoint>().filter(|(_, endpoint)| !to_s3(endpoint)).count();
        assert_eq!(lines("interface-endpoint"), others, "those of S3 are free");
        assert_eq!(lines("load-balancer"), kinds(Kind::LoadBalancer));
        assert_eq!(lines("key"), kinds(Kind::KmsKey));
        assert_eq!(lines("alarm"), kinds(Kind::MetricAlarm));
        assert_eq!(lines("log-storage"), kinds(Kind::LogGroup));
        assert_eq!(lines("object-storage"), kinds(Kind::Bucket));
        assert_eq!(lines("secret"), kinds(Kind::Secret) + 1, "and the database's");
    }
}

#[test]
fn a_total_is_the_sum_of_its_lines() {
    for manifest in all() {
        let estimate = usual(&manifest);
        let mut sum = 0_u64;
        for line in &estimate.lines {
            let billed = u128::from(line.quantity.get() - line.free.get());
            let exact = billed * u128::from(line.price.amount.get());
            let rounded = u64::try_from((exact + 500) / 1000).unwrap();
            assert_eq!(line.amount.get(), rounded, "{line:?}");
            assert!(line.at_most >= line.amount, "{line:?}");
            sum += rounded;
        }
        assert_eq!(estimate.total().get(), sum);
        let concerns = Concern::ALL.into_iter().map(|concern| estimate.subtotal(concern));
        assert_eq!(concerns.sum::<MicroDollars>(), estimate.total());
    }
}

#[test]
fn more_of_anything_is_never_cheaper() {
    for manifest in [ITEMS, FARGATE] {
        let (_, count) = manifest.split_once("count  = ").unwrap();
        let count = count.lines().next().unwrap();
        let mut before = MicroDollars::ZERO;
        for least in 1..8 {
            let to = format!("{{ min = {least}, max = 9, cpu = 60 }}");
            let estimate = usual(&but(manifest, count, &to));
            assert!(estimate.total() > before, "{least}");
            assert!(estimate.at_most() > estimate.total(), "{least}");
            before = estimate.total();
        }
        let graph = graph(manifest);
        for assumption in Assumption::ALL {
            let mut before = MicroDollars::ZERO;
            for share in [0, 1, 50, 100] {
                let mut usage = Usage::default();
                usage.set(*assumption, Quantity::whole(share));
                let total = estimate(&graph, &BOOK, &usage, None).unwrap().total();
                assert!(total >= before, "{share} of {assumption}");
                before = total;
            }
        }
    }
}

#[test]
fn every_kind_is_priced_or_known_to_be_free() {
    let mut busy = Usage::default();
    busy.set(Assumption::Requests, Quantity::whole(100_000_000));
    let mut told: BTreeSet<Kind> = BTreeSet::new();
    for manifest in all() {
        let estimate = with(&manifest, &busy);
        told.extend(estimate.lines.iter().map(|line| line.resource.kind()));
        for one in &estimate.unpriced {
            assert!(!one.reason.contains("is not known"), "{one:?}");
            told.insert(one.resource.kind());
        }
    }
    for kind in Kind::ALL {
        let free = matches!(charge(*kind), Charge::Free(_));
        assert_eq!(free, !told.contains(kind), "{kind:?} is {:?}", charge(*kind));
    }
}

#[test]
fn what_has_no_price_is_said() {
    let estimate = usual(&but(ITEMS, "us-east-1", "us-west-2"));
    let storage = estimate.unpriced.iter().find(|one| one.what.starts_with("Database storage")).unwrap();
    assert_eq!(storage.reason, "no price of `database-storage standby` was found for us-west-2");

    let elsewhere = graph(&but(FARGATE, "us-east-1", "sa-east-1"));
    let missing = estimate_of(&elsewhere, None).unwrap_err();
    assert_eq!(missing.to_string(), "there are no prices for sa-east-1");
    assert_eq!(missing.priced, ["us-east-1", "us-west-2", "eu-west-1", "eu-central-1"]);
    let as_if = estimate_of(&elsewhere, Some("us-east-1")).unwrap();
    assert_eq!(as_if.region.as_str(), "us-east-1");
    assert!(as_if.total() > MicroDollars::ZERO);
    assert!(estimate_of(&graph(ITEMS), Some("sa-east-1")).is_err());
}

fn estimate_of(graph: &ResourceGraph, as_if: Option<&str>) -> Result<Estimate, terrace_cost::NoPrices> {
    let region = as_if.map(|code| code.parse().unwrap());
    estimate(graph, &BOOK, &Usage::default(), region.as_ref())
}

#[test]
fn a_deployment_costs_what_an_export_does_but_for_what_is_apart() {
    let of = |manifest: &str, on: Foundation| {
        let graph = lower_on(&terrace_manifest::parse(manifest, None).topology.unwrap(), on).unwrap().graph;
        let lines = estimate(&graph, &BOOK, &Usage::default(), None).unwrap().lines;
        // Images and releases are kept apart.
        let own = lines.iter().filter(|line| {
            let name = line.resource.to_string();
            !name.starts_with("aws_ecr_") && !name.ends_with(".artifacts")
        });
        own.map(|line| format!("{} {} {:.4}", line.resource, line.what, line.amount)).collect::<BTreeSet<_>>()
    };
    for manifest in all() {
        assert_eq!(of(&manifest, Foundation::Within), of(&manifest, Foundation::Apart));
    }
}
