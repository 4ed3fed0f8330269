//! Quotas that what is to be made would go beyond: what the account may have, by Service Quotas, and what it has, by counting.
//!
//! "GetServiceQuota" and "GetAWSDefaultServiceQuota", Service Quotas API Reference; the source of each quota stands beside it.

use std::collections::BTreeMap;

use futures_util::future::join_all;
use serde_json::{Value as Json, json};
use terrace_account::service::{EC2, ECS, ELB, QUOTAS, RDS};
use terrace_account::{Account, Call, Refusal, Service, Xml};

use crate::preflight::Finding;

const TARGET: (&str, &str) = ("ServiceQuotasV20190624", "1.1");
const ECS_TARGET: (&str, &str) = ("AmazonEC2ContainerServiceV20141113", "1.1");
/// One call describes as many tasks.
const TASKS: usize = 100;
/// A vCPU as ECS counts.
const UNITS: f64 = 1024.0;

/// A quota that a first deployment may meet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Quota {
    /// VPCs in the region.
    Vpcs,
    /// Elastic IP addresses in the region (one for each NAT gateway).
    Addresses,
    /// Application Load Balancers in the region.
    LoadBalancers,
    /// vCPUs of Fargate tasks on demand.
    TaskCpus,
    /// vCPUs of standard machines on demand.
    MachineCpus,
    /// Databases' instances.
    DatabaseInstances,
    /// Aurora's clusters.
    DatabaseClusters,
}

/// What is known of a quota.
struct Limit {
    called: &'static str,
    service: &'static str,
    code: &'static str,
    /// Of a new account, if AWS does not tell.
    default: f64,
    source: &'static str,
    count: Count,
}

enum Count {
    /// By the pages of a call: service, version, action, the token's element and field, and how much is on a page.
    Pages(Service, &'static str, &'static str, (&'static str, &'static str), fn(&Xml) -> f64),
    Tasks,
}

impl Quota {
    fn limit(self) -> Limit {
        match self {
            Self::Vpcs => Limit {
                called: "VPCs",
                service: "vpc",
                code: "L-F678F1CE",
                default: 5.0,
                source: "https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html",
                count: Count::Pages(EC2, "2016-11-15", "DescribeVpcs", ("nextToken", "NextToken"), |page| {
                    items(page, "vpcSet")
                }),
            },
            Self::Addresses => Limit {
                called: "Elastic IP addresses",
                service: "ec2",
                code: "L-0263D0A3",
                default: 5.0,
                source: "https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html",
                count: Count::Pages(
                    EC2,
                    "2016-11-15",
                    "DescribeAddresses",
                    ("nextToken", "NextToken"),
                    |page| items(page, "addressesSet"),
                ),
            },
            Self::LoadBalancers => Limit {
                called: "Application Load Balancers",
                service: "elasticloadbalancing",
                code: "L-53DA6B97",
                default: 50.0,
                source: "https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-limits.html",
                count: Count::Pages(
                    ELB,
                    "2015-12-01",
                    "DescribeLoadBalancers",
                    ("NextMarker", "Marker"),
                    |page| {
                        let all = page.find("LoadBalancers").map(Xml::children).unwrap_or_default();
                        sum(all.iter().filter(|one| one.word("Type") == Some("application")).map(|_| 1.0))
                    },
                ),
            },
            Self::TaskCpus => Limit {
                called: "vCPUs of Fargate tasks",
                service: "fargate",
                code: "L-3032A538",
                default: 6.0,
                source: "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-quotas.html",
                count: Count::Tasks,
            },
            Self::MachineCpus => Limit {
                called: "vCPUs of standard machines",
                service: "ec2",
                code: "L-1216C47A",
                default: 5.0,
                source: "https://docs.aws.amazon.com/ec2/latest/instancetypes/ec2-instance-quotas.html",
                count: Count::Pages(EC2, "2016-11-15", "DescribeInstances", ("nextToken", "NextToken"), cpus),
            },
            Self::DatabaseInstances => Limit {
                called: "database instances",
                service: "rds",
                code: "L-7B6409FD",
                default: 40.0,
                source: "https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/CHAP_Limits.html",
                count: Count::Pages(RDS, "2014-10-31", "DescribeDBInstances", ("Marker", "Marker"), |page| {
                    items(page, "DBInstances")
                }),
            },
            Self::DatabaseClusters => Limit {
                called: "database clusters",
                service: "rds",
                code: "L-952B80B8",
                default: 40.0,
                source: "https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/CHAP_Limits.html",
                count: Count::Pages(RDS, "2014-10-31", "DescribeDBClusters", ("Marker", "Marker"), |page| {
                    items(page, "DBClusters")
                }),
            },
        }
    }

    /// The page of AWS that tells of it.
    pub fn source(self) -> &'static str {
        self.limit().source
    }
}

/// What would go beyond a quota; what cannot be looked at, in one finding.
pub(crate) async fn findings(account: &Account, more: &BTreeMap<Quota, u32>) -> Vec<Finding> {
    let asked = more.iter().filter(|(_, more)| **more > 0).map(|(quota, more)| async move {
        let limit = quota.limit();
        let may = may(account, &limit).await;
        let has = has(account, &limit.count).await;
        (limit, may, has, f64::from(*more))
    });
    let (mut all, mut unknown) = (Vec::new(), Vec::new());
    for (limit, may, has, more) in join_all(asked).await {
        match (may, has) {
            (Ok(may), Ok(has)) if has + more > may => {
                all.push(beyond(&limit, (may, has, more), account.region()))
            }
            (Ok(_), Ok(_)) => {}
            (Err(refusal), _) | (_, Err(refusal)) => unknown.push((limit.called, refusal)),
        }
    }
    if let Some((_, first)) = unknown.first() {
        let called: Vec<&str> = unknown.iter().map(|(called, _)| *called).collect();
        let text = format!(
            "whether the quotas are enough could not be looked up, for {}: {first}",
            called.join(", ")
        );
        let finding = Finding::warns("quota-unknown", &text);
        all.push(match first.denial() {
            Some(denial) => {
                finding.help(&format!("allow {} to whoever deploys, or go on without", denial.action))
            }
            None => finding.help("aws service-quotas list-service-quotas --service-code vpc"),
        });
    }
    all
}

fn beyond(limit: &Limit, (may, has, more): (f64, f64, f64), region: &str) -> Finding {
    let Limit { called, service, code, source, .. } = limit;
    let text = format!(
        "{region} would need {} {called} and may have {may}: there are {has}, and {more} come",
        has + more
    );
    let enough = (has + more).ceil();
    Finding::stops("quota", &text)
        .help(&format!(
            "aws service-quotas request-service-quota-increase --service-code {service} --quota-code {code} --desired-value {enough} --region {region}"
        ))
        .help(&format!("or take away what is not needed; the quota: {source}"))
}

/// What the account may have.
async fn may(account: &Account, limit: &Limit) -> Result<f64, Refusal> {
    let fields = json!({"ServiceCode": limit.service, "QuotaCode": limit.code});
    for action in ["GetServiceQuota", "GetAWSDefaultServiceQuota"] {
        let call = Call::json(QUOTAS, TARGET, action, fields.clone());
        match account.json(&call).await {
            Ok(answer) => {
                return Ok(answer.pointer("/Quota/Value").and_then(Json::as_f64).unwrap_or(limit.default));
            }
            // AWS tells only the default of a quota that was never changed, here and there.
            Err(refusal) if refusal.code() == "NoSuchResourceException" => {}
            Err(refusal) => return Err(refusal),
        }
    }
    Ok(limit.default)
}

/// What the account has.
async fn has(account: &Account, count: &Count) -> Result<f64, Refusal> {
    match count {
        Count::Pages(service, version, action, turning, of) => {
            let pages = account.pages(&Call::query(*service, version, action), *turning).await.whole()?;
            Ok(sum(pages.iter().map(of)))
        }
        Count::Tasks => tasks(account).await,
    }
}

/// The vCPUs of all Fargate tasks that are not yet stopped.
async fn tasks(account: &Account) -> Result<f64, Refusal> {
    let words = |pages: &[Json], name: &str| -> Vec<String> {
        let all = pages.iter().filter_map(|page| page.get(name)?.as_array()).flatten();
        all.filter_map(Json::as_str).map(str::to_owned).collect()
    };
    let turning = ("nextToken", "nextToken");
    let clusters =
        account.sheets(&Call::json(ECS, ECS_TARGET, "ListClusters", json!({})), turning).await.whole()?;
    let mut cpus = 0.0;
    for cluster in words(&clusters, "clusterArns") {
        let fields = json!({"cluster": cluster, "launchType": "FARGATE"});
        let tasks =
            account.sheets(&Call::json(ECS, ECS_TARGET, "ListTasks", fields), turning).await.whole()?;
        for some in words(&tasks, "taskArns").chunks(TASKS) {
            let fields = json!({"cluster": cluster, "tasks": some});
            let answer = account.json(&Call::json(ECS, ECS_TARGET, "DescribeTasks", fields)).await?;
            let tasks = answer.get("tasks").and_then(Json::as_array).cloned().unwrap_or_default();
            let units = tasks.iter().filter_map(|task| task.get("cpu")?.as_str()?.parse::<f64>().ok());
            cpus += units.sum::<f64>() / UNITS;
        }
    }
    Ok(cpus)
}

/// The vCPUs of the machines on a page that count: on demand, running, of a standard family.
fn cpus(page: &Xml) -> f64 {
    let machines = page.list("reservationSet").flat_map(|one| one.list("instancesSet"));
    sum(machines.filter_map(|machine| {
        let state = machine.at(&["instanceState", "name"])?.own();
        let family = machine.word("instanceType")?.chars().next()?;
        let counts = matches!(state, "running" | "pending")
            && "acdhimrtz".contains(family)
            && machine.word("instanceLifecycle").is_none();
        let number = |name: &str| machine.at(&["cpuOptions", name])?.own().parse::<f64>().ok();
        counts.then_some(number("coreCount")? * number("threadsPerCore")?)
    }))
}

fn items(page: &Xml, list: &str) -> f64 {
    sum(page.find(list).map(Xml::children).unwrap_or_default().iter().map(|_| 1.0))
}

/// A sum that is no negative nothing.
fn sum(all: impl Iterator<Item = f64>) -> f64 {
    all.fold(0.0, |sum, one| sum + one)
}
