//! Names that are taken: by somebody else, or by what an earlier deployment left behind.

use futures_util::future::join_all;
use serde_json::{Value as Json, json};
use terrace_account::objects::{Bucket, Method};
use terrace_account::service::{AUTOSCALING, EC2, ECS, ELB, IAM, LOGS, RDS, SECRETS};
use terrace_account::{Account, Call, Identity, Refusal, Service, Xml};

use crate::foundation::System;
use crate::preflight::{Finding, Wanted};

/// What has a name that no second one can have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A role of IAM.
    Role,
    /// An instance profile of IAM.
    InstanceProfile,
    /// A load balancer.
    LoadBalancer,
    /// A target group.
    TargetGroup,
    /// A bucket: one in the world.
    Bucket,
    /// A database instance.
    DatabaseInstance,
    /// A database cluster.
    DatabaseCluster,
    /// A database subnet group.
    DatabaseSubnetGroup,
    /// A cluster of ECS.
    Cluster,
    /// A group of machines.
    ScalingGroup,
    /// A launch template.
    LaunchTemplate,
    /// A log group.
    LogGroup,
    /// A secret.
    Secret,
}

/// A name that something of a kind is to have.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Name {
    /// What it is.
    pub kind: Kind,
    /// Its name.
    pub name: String,
}

/// How a name is looked up.
enum Ask {
    /// By a form: service, version, action, field, and the element that holds what is found.
    Form(Service, &'static str, &'static str, &'static str, &'static str),
    /// By JSON: service, target, action.
    Json(Service, &'static str, &'static str),
    Bucket,
}

/// What is known of a kind: what it is called, how it is looked up, and the command that shows one.
struct Known {
    called: &'static str,
    ask: Ask,
    show: &'static str,
}

/// Something that has the name.
#[derive(Debug, Default, PartialEq, Eq)]
struct Found {
    tags: Vec<(String, String)>,
    /// It was deleted, and is kept for a while.
    leaving: bool,
    /// It is in another account, or may not be looked at.
    foreign: bool,
}

impl Kind {
    fn known(self) -> Known {
        let form = Ask::Form;
        let (called, ask, show) = match self {
            Self::Role => (
                "role",
                form(IAM, "2010-05-08", "GetRole", "RoleName", "Role"),
                "aws iam get-role --role-name",
            ),
            Self::InstanceProfile => (
                "instance profile",
                form(IAM, "2010-05-08", "GetInstanceProfile", "InstanceProfileName", "InstanceProfile"),
                "aws iam get-instance-profile --instance-profile-name",
            ),
            Self::LoadBalancer => (
                "load balancer",
                form(ELB, "2015-12-01", "DescribeLoadBalancers", "Names.member.1", "LoadBalancers"),
                "aws elbv2 describe-load-balancers --names",
            ),
            Self::TargetGroup => (
                "target group",
                form(ELB, "2015-12-01", "DescribeTargetGroups", "Names.member.1", "TargetGroups"),
                "aws elbv2 describe-target-groups --names",
            ),
            Self::Bucket => ("bucket", Ask::Bucket, "aws s3api head-bucket --bucket"),
            Self::DatabaseInstance => (
                "database instance",
                form(RDS, "2014-10-31", "DescribeDBInstances", "DBInstanceIdentifier", "DBInstances"),
                "aws rds describe-db-instances --db-instance-identifier",
            ),
            Self::DatabaseCluster => (
                "database cluster",
                form(RDS, "2014-10-31", "DescribeDBClusters", "DBClusterIdentifier", "DBClusters"),
                "aws rds describe-db-clusters --db-cluster-identifier",
            ),
            Self::DatabaseSubnetGroup => (
                "database subnet group",
                form(RDS, "2014-10-31", "DescribeDBSubnetGroups", "DBSubnetGroupName", "DBSubnetGroups"),
                "aws rds describe-db-subnet-groups --db-subnet-group-name",
            ),
            Self::Cluster => (
                "ECS cluster",
                Ask::Json(ECS, "AmazonEC2ContainerServiceV20141113", "DescribeClusters"),
                "aws ecs describe-clusters --clusters",
            ),
            Self::ScalingGroup => (
                "Auto Scaling group",
                form(
                    AUTOSCALING,
                    "2011-01-01",
                    "DescribeAutoScalingGroups",
                    "AutoScalingGroupNames.member.1",
                    "AutoScalingGroups",
                ),
                "aws autoscaling describe-auto-scaling-groups --auto-scaling-group-names",
            ),
            Self::LaunchTemplate => (
                "launch template",
                form(EC2, "2016-11-15", "DescribeLaunchTemplates", "LaunchTemplateName.1", "launchTemplates"),
                "aws ec2 describe-launch-templates --launch-template-names",
            ),
            Self::LogGroup => (
                "log group",
                Ask::Json(LOGS, "Logs_20140328", "DescribeLogGroups"),
                "aws logs describe-log-groups --log-group-name-prefix",
            ),
            Self::Secret => (
                "secret",
                Ask::Json(SECRETS, "secretsmanager", "DescribeSecret"),
                "aws secretsmanager describe-secret --secret-id",
            ),
        };
        Known { called, ask, show }
    }
}

/// Names that are taken; those that cannot be looked up, in one finding.
pub(crate) async fn findings(account: &Account, who: &Identity, wanted: &Wanted) -> Vec<Finding> {
    let asked = wanted.names.iter().map(|name| async move { (name, look(account, who, name).await) });
    let (mut all, mut unknown) = (Vec::new(), Vec::new());
    for (name, found) in join_all(asked).await {
        match found {
            Ok(None) => {}
            Ok(Some(found)) => all.push(taken(name, &found, &wanted.system)),
            Err(refusal) => unknown.push((name, refusal)),
        }
    }
    if let Some((_, first)) = unknown.first() {
        let called: Vec<String> =
            unknown.iter().map(|(name, _)| format!("{} {}", name.kind.known().called, name.name)).collect();
        let text =
            format!("whether these names are free could not be looked up: {}: {first}", called.join(", "));
        let finding = Finding::warns("name-unknown", &text);
        all.push(match first.denial() {
            Some(denial) => {
                finding.help(&format!("allow {} to whoever deploys, or go on without", denial.action))
            }
            None => finding.help("the same command again"),
        });
    }
    all
}

fn taken(name: &Name, found: &Found, system: &System) -> Finding {
    let Known { called, show, .. } = name.kind.known();
    let name = &name.name;
    let tag = |key: &str| found.tags.iter().find(|(own, _)| own == key).map(|(_, value)| value.as_str());
    let environment = tag("terrace:environment").unwrap_or("default");
    let ours = tag("terrace:system") == Some(system.name()) && environment == system.environment();
    let text = if found.leaving {
        format!("the {called} {name} was deleted and still has its name for a while")
    } else if found.foreign {
        format!("the {called} {name} exists already, in another account or closed to you")
    } else if ours {
        format!(
            "the {called} {name} is there with this system's tags, but Terraform's state does not know it"
        )
    } else {
        match (tag("terrace:system"), tag("terrace:environment")) {
            (Some(system), Some(environment)) => {
                format!("the {called} {name} exists already: it is of the system {system} ({environment})")
            }
            (Some(system), None) => {
                format!("the {called} {name} exists already: it is of the system {system}")
            }
            _ => format!("the {called} {name} exists already, and Terrace did not make it"),
        }
    };
    let finding = Finding::stops("name", &text);
    if found.leaving {
        return finding
            .help(&format!(
                "aws secretsmanager delete-secret --force-delete-without-recovery --secret-id {name}"
            ))
            .help(&format!("or, to have it back: aws secretsmanager restore-secret --secret-id {name}"));
    }
    let finding = finding.help(&format!("{show} {name}"));
    if ours {
        finding.help(
            "if an earlier deployment lost its state, delete it or `terraform import` it, then deploy again",
        )
    } else {
        finding
            .help("another `name` in terrace.toml, or another environment; or delete it, if nothing needs it")
    }
}

async fn look(account: &Account, who: &Identity, name: &Name) -> Result<Option<Found>, Refusal> {
    let wanted = name.name.as_str();
    match name.kind.known().ask {
        Ask::Form(service, version, action, field, element) => {
            let answer = account.xml(&Call::query(service, version, action).with(field, wanted)).await;
            let Some(answer) = there(answer)? else { return Ok(None) };
            let found = answer.find(element).filter(|found| !found.children().is_empty());
            Ok(found.map(|found| Found { tags: tags(found), ..Found::default() }))
        }
        Ask::Json(service, target, action) => {
            let fields = match name.kind {
                Kind::Cluster => json!({"clusters": [wanted], "include": ["TAGS"]}),
                Kind::LogGroup => json!({"logGroupNamePrefix": wanted}),
                _ => json!({"SecretId": wanted}),
            };
            let answer = account.json(&Call::json(service, (target, "1.1"), action, fields)).await;
            let Some(answer) = there(answer)? else { return Ok(None) };
            Ok(found(name, &answer))
        }
        Ask::Bucket => {
            let Ok(bucket) = wanted.parse() else { return Ok(None) };
            let bucket = Bucket::new(account, bucket).owned_by(&who.account);
            match bucket.ask(Method::Get, "tagging", &[], "").await {
                Ok(answer) => {
                    let tags = tags(&Xml::parse(&answer.text()).unwrap_or_default());
                    Ok(Some(Found { tags, ..Found::default() }))
                }
                Err(refusal) if refusal.code() == "NoSuchTagSet" => Ok(Some(Found::default())),
                Err(refusal) if refusal.code() == "NoSuchBucket" => Ok(None),
                // A bucket in another region, or somebody else's.
                Err(refusal)
                    if refusal.region().is_some() || (refusal.is_denied() && refusal.denial().is_none()) =>
                {
                    Ok(Some(Found { foreign: true, ..Found::default() }))
                }
                Err(refusal) => Err(refusal),
            }
        }
    }
}

fn there<T>(answer: Result<T, Refusal>) -> Result<Option<T>, Refusal> {
    match answer {
        Ok(answer) => Ok(Some(answer)),
        Err(refusal) if refusal.is_absent() => Ok(None),
        Err(refusal) => Err(refusal),
    }
}

/// What an answer in JSON says of the name.
fn found(name: &Name, answer: &Json) -> Option<Found> {
    let word = |of: &Json, name: &str| of.get(name).and_then(Json::as_str).unwrap_or_default().to_owned();
    let list = |list: &str| answer.get(list).and_then(Json::as_array).cloned().unwrap_or_default();
    let one = match name.kind {
        Kind::Cluster => list("clusters").into_iter().find(|one| word(one, "status") != "INACTIVE")?,
        Kind::LogGroup => list("logGroups").into_iter().find(|one| word(one, "logGroupName") == name.name)?,
        _ => answer.clone(),
    };
    let pairs = ["tags", "Tags"].iter().filter_map(|name| one.get(name)?.as_array()).flatten();
    let either = |of: &Json, small: &str, large: &str| {
        let found = word(of, small);
        if found.is_empty() { word(of, large) } else { found }
    };
    let tags = pairs.map(|tag| (either(tag, "key", "Key"), either(tag, "value", "Value"))).collect();
    Some(Found { tags, leaving: one.get("DeletedDate").is_some_and(|date| !date.is_null()), foreign: false })
}

/// All tags below an element, however the service writes them.
fn tags(of: &Xml) -> Vec<(String, String)> {
    let either = |small: &str, large: &str| of.word(small).or_else(|| of.word(large)).map(str::to_owned);
    let own = either("key", "Key").map(|key| (key, either("value", "Value").unwrap_or_default()));
    own.into_iter().chain(of.children().iter().flat_map(tags)).collect()
}
