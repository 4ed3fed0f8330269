//! A running machine of an Auto Scaling group that is online in Session Manager.
//!
//! Amazon EC2 API Reference: DescribeInstances; AWS Systems Manager API Reference: DescribeInstanceInformation.

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};
use terrace_account::{Call, Xml, service};
use terrace_ssm::Version;

use super::search::{list, word};
use super::{Found, Search, WayError};
use crate::permission::Statement;

const EC2_API: &str = "2016-11-15";
const SCALING_API: &str = "2011-01-01";
const SSM_TARGET: (&str, &str) = ("AmazonSSM", "1.1");
/// The tag that Auto Scaling puts on its machines.
pub(super) const GROUP_TAG: &str = "aws:autoscaling:groupName";
/// As many ids as one filter takes.
const AT_ONCE: usize = 100;
/// The first agent that leads on to another host.
const LEADS_ON: &str = "3.1.1374.0";

/// What finding machines needs.
pub(super) fn may_look() -> Statement {
    let actions =
        ["autoscaling:DescribeAutoScalingGroups", "ec2:DescribeInstances", "ssm:DescribeInstanceInformation"];
    Statement::anywhere("FindMachines", &actions)
}

/// A machine of one of the groups, the newest that is online and leads on to another host.
pub(super) async fn find(search: &Search<'_>, groups: &[String]) -> Result<Found, WayError> {
    newest(search, groups, leads_on).await
}

/// A machine of one of the groups, the newest that is online.
pub(super) async fn find_any(search: &Search<'_>, groups: &[String]) -> Result<Found, WayError> {
    newest(search, groups, |_| true).await
}

async fn newest(
    search: &Search<'_>,
    groups: &[String],
    suits: impl Fn(&str) -> bool,
) -> Result<Found, WayError> {
    let called = groups.join("`, `");
    let ids = running(search, groups).await?;
    if ids.is_empty() {
        return Err(no_machine(search, groups).await);
    }
    let known = known(search, &ids).await?;
    let (mut offline, mut old) = (Vec::new(), Vec::new());
    for id in &ids {
        let Some(one) = known.get(id) else {
            offline.push(format!("{id} is not registered"));
            continue;
        };
        let status = word(one, "PingStatus").unwrap_or("unknown");
        if status != "Online" {
            offline.push(format!("{id} is {status}"));
            continue;
        }
        let version = word(one, "AgentVersion").unwrap_or_default();
        if !suits(version) {
            old.push(format!("{id} has {version}"));
            continue;
        }
        let target = id.parse().map_err(|error| WayError::Odd {
            action: "ec2:DescribeInstances".to_owned(),
            what: format!("{error}"),
        })?;
        return Ok(Found { target, called: format!("machine {id}") });
    }
    if old.is_empty() {
        return Err(WayError::Offline { groups: called, machines: offline });
    }
    Err(WayError::OldAgent { groups: called, machines: old })
}

/// Whether an agent of this version leads on to another host; one that does not say its version is taken to.
fn leads_on(version: &str) -> bool {
    match (version.parse::<Version>(), LEADS_ON.parse::<Version>()) {
        (Ok(version), Ok(least)) => version >= least,
        _ => true,
    }
}

/// The machines that run, the newest first.
async fn running(search: &Search<'_>, groups: &[String]) -> Result<Vec<String>, WayError> {
    let call = Call::query(service::EC2, EC2_API, "DescribeInstances")
        .with("Filter.1.Name", &format!("tag:{GROUP_TAG}"));
    let call = groups
        .iter()
        .enumerate()
        .fold(call, |call, (at, group)| call.with(&format!("Filter.1.Value.{}", at + 1), group));
    let call = call.with("Filter.2.Name", "instance-state-name").with("Filter.2.Value.1", "running");
    let pages = search.pages(&call, ("nextToken", "NextToken"), may_look).await?;
    let machines = pages
        .iter()
        .flat_map(|page| page.list("reservationSet"))
        .flat_map(|reservation| reservation.list("instancesSet"));
    let mut found: Vec<(&str, String)> = machines
        .filter_map(|one| {
            Some((one.word("launchTime").unwrap_or_default(), one.word("instanceId")?.to_owned()))
        })
        .collect();
    // Times in ISO 8601 order as texts do.
    found.sort_by(|one, other| other.cmp(one));
    Ok(found.into_iter().map(|(_, id)| id).collect())
}

/// What Session Manager knows of machines, by their ids.
async fn known(search: &Search<'_>, ids: &[String]) -> Result<BTreeMap<String, Json>, WayError> {
    let mut known = BTreeMap::new();
    for some in ids.chunks(AT_ONCE) {
        let fields = json!({ "Filters": [{ "Key": "InstanceIds", "Values": some }] });
        let call = Call::json(service::SSM, SSM_TARGET, "DescribeInstanceInformation", fields);
        let pages = search.sheets(&call, ("NextToken", "NextToken"), may_look).await?;
        for one in pages.iter().flat_map(|page| list(page, "InstanceInformationList")) {
            if let Some(id) = word(one, "InstanceId") {
                known.insert(id.to_owned(), one.clone());
            }
        }
    }
    Ok(known)
}

/// Why no machine runs, as far as Auto Scaling may be asked: this is only to say more.
async fn no_machine(search: &Search<'_>, groups: &[String]) -> WayError {
    let call = Call::query(service::AUTOSCALING, SCALING_API, "DescribeAutoScalingGroups");
    let call = groups.iter().enumerate().fold(call, |call, (at, group)| {
        call.with(&format!("AutoScalingGroupNames.member.{}", at + 1), group)
    });
    let answer = search.account().xml(&call).await.ok();
    let list = answer.as_ref().and_then(|answer| answer.find("AutoScalingGroups"));
    let called = groups.join("`, `");
    if list.is_some_and(|list| list.children().is_empty()) {
        return search.absent(format!("Auto Scaling group `{called}`"));
    }
    let desired = |list: &Xml| {
        let counts =
            list.children().iter().filter_map(|group| group.word("DesiredCapacity")?.parse::<u64>().ok());
        counts.sum()
    };
    WayError::NoMachine { groups: called, desired: list.map(desired), place: search.place.to_string() }
}
