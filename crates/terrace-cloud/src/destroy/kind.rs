//! What a thing is by its ARN, whether it costs money by being there, and what becomes of it.
//!
//! Costs: the pricing page of each service. "By being there": what is charged for as long as it exists, used
//! or not. What is charged for what is in it (buckets, log groups, snapshots, repositories) counts, too.

use serde::Serialize;

/// What a thing is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Kind {
    /// In plain words: `NAT gateway`; the service and its own word where none are known.
    pub what: String,
    /// Whether it costs money by being there.
    pub costs: bool,
    /// What becomes of it.
    pub fate: Fate,
}

/// What becomes of a thing when the system is destroyed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Fate {
    /// It goes.
    Goes,
    /// It stays on purpose: a database's last snapshots, what the foundation has.
    Kept,
    /// AWS removes it by itself after some days: keys, secrets.
    Fades,
}

/// Service and kind in an ARN, plain words, whether it costs by being there, and what becomes of it.
const KINDS: &[(&str, &str, &str, bool, Fate)] = &[
    ("acm", "certificate", "certificate", false, Fate::Goes),
    ("autoscaling", "autoScalingGroup", "Auto Scaling group", false, Fate::Goes),
    ("cloudfront", "distribution", "distribution", false, Fate::Goes),
    ("cloudwatch", "alarm", "alarm", true, Fate::Goes),
    ("ec2", "elastic-ip", "public address", true, Fate::Goes),
    ("ec2", "image", "machine image", false, Fate::Goes),
    ("ec2", "instance", "instance", true, Fate::Goes),
    ("ec2", "internet-gateway", "internet gateway", false, Fate::Goes),
    ("ec2", "launch-template", "launch template", false, Fate::Goes),
    ("ec2", "natgateway", "NAT gateway", true, Fate::Goes),
    ("ec2", "network-acl", "network ACL", false, Fate::Goes),
    ("ec2", "network-interface", "network interface", false, Fate::Goes),
    ("ec2", "prefix-list", "prefix list", false, Fate::Goes),
    ("ec2", "route-table", "route table", false, Fate::Goes),
    ("ec2", "security-group", "security group", false, Fate::Goes),
    ("ec2", "security-group-rule", "rule of a security group", false, Fate::Goes),
    ("ec2", "snapshot", "snapshot of a volume", true, Fate::Goes),
    ("ec2", "subnet", "subnet", false, Fate::Goes),
    ("ec2", "volume", "volume", true, Fate::Goes),
    ("ec2", "vpc", "VPC", false, Fate::Goes),
    ("ec2", "vpc-endpoint", "VPC endpoint", true, Fate::Goes),
    ("ec2", "vpc-flow-log", "flow log", false, Fate::Goes),
    ("ecr", "repository", "repository of images", true, Fate::Kept),
    ("ecs", "cluster", "cluster", false, Fate::Goes),
    ("ecs", "service", "service", false, Fate::Goes),
    ("ecs", "task", "task", true, Fate::Goes),
    ("ecs", "task-definition", "task definition", false, Fate::Goes),
    ("elasticloadbalancing", "listener", "listener", false, Fate::Goes),
    ("elasticloadbalancing", "listener-rule", "rule of a listener", false, Fate::Goes),
    ("elasticloadbalancing", "loadbalancer", "load balancer", true, Fate::Goes),
    ("elasticloadbalancing", "targetgroup", "target group", false, Fate::Goes),
    ("kms", "key", "key", true, Fate::Fades),
    ("logs", "log-group", "log group", true, Fate::Goes),
    ("rds", "cluster", "database cluster", true, Fate::Goes),
    ("rds", "cluster-pg", "parameter group", false, Fate::Goes),
    ("rds", "cluster-snapshot", "snapshot of a database", true, Fate::Kept),
    ("rds", "db", "database", true, Fate::Goes),
    ("rds", "pg", "parameter group", false, Fate::Goes),
    ("rds", "snapshot", "snapshot of a database", true, Fate::Kept),
    ("rds", "subgrp", "subnet group", false, Fate::Goes),
    ("route53", "hostedzone", "hosted zone", true, Fate::Goes),
    ("s3", "", "bucket", true, Fate::Goes),
    ("secretsmanager", "secret", "secret", true, Fate::Fades),
    ("sns", "", "topic", false, Fate::Goes),
    ("ssm", "parameter", "parameter", false, Fate::Goes),
    ("wafv2", "regional", "web ACL", true, Fate::Goes),
    ("wafv2", "global", "web ACL", true, Fate::Goes),
];

impl Kind {
    /// Of an ARN; none if it is no ARN. What is not known counts as costing, so that it is looked at.
    pub fn of(arn: &str) -> Option<Self> {
        let mut parts = arn.splitn(6, ':');
        let (Some("arn"), Some(_), Some(service)) = (parts.next(), parts.next(), parts.next()) else {
            return None;
        };
        let resource = parts.nth(2)?;
        let word = match resource.split_once(['/', ':']) {
            Some((word, _)) => word,
            // `arn:aws:s3:::NAME`, `arn:aws:sns:…:NAME`
            None => "",
        };
        let known = KINDS.iter().find(|(of, kind, ..)| *of == service && (*kind == word || kind.is_empty()));
        Some(match known {
            Some((_, _, what, costs, fate)) => Self { what: (*what).to_owned(), costs: *costs, fate: *fate },
            None => {
                let what = format!("{service} {word}").trim_end().to_owned();
                Self { what, costs: true, fate: Fate::Goes }
            }
        })
    }
}
