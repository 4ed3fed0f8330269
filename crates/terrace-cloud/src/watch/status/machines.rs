//! What runs in Auto Scaling groups.
//!
//! Amazon EC2 Auto Scaling API Reference, version 2011-01-01: DescribeAutoScalingGroups,
//! DescribeInstanceRefreshes, DescribeScalingActivities.

use futures_util::future::join3;
use terrace_account::{Call, Xml, service};

use super::asking::Asking;
use super::containers::Found;
use super::targets::Targets;
use super::{Event, Health, PartyStatus, Releases, Rollout, Runner, State, targets};
use crate::deployed::MachineParty;
use crate::watch::Time;

const VERSION: &str = "2011-01-01";
/// As many of the last activities, and of the last refreshes, as are told.
const LAST: (&str, &str) = ("10", "2");

pub(super) async fn look(asking: &Asking<'_>, names: &MachineParty, releases: &Releases) -> Found {
    let (party, group) = (names.party.to_string(), names.group.as_str());
    let call = |action| Call::query(service::AUTOSCALING, VERSION, action);
    let call_group = call("DescribeAutoScalingGroups").with("AutoScalingGroupNames.member.1", group);
    let doing = format!("looking at the group {group}");
    let Some(answer) = asking.xml(&doing, &call_group).await else { return (None, Vec::new()) };
    let mut status = PartyStatus {
        party,
        kept_by: group.to_owned(),
        state: State::Gone,
        wanted: 0,
        running: Vec::new(),
        rollouts: Vec::new(),
    };
    let Some(found) = answer.find("AutoScalingGroups").and_then(|all| all.children().first()) else {
        return (Some(status), Vec::new());
    };
    let groups = found.words("TargetGroupARNs");
    let refreshes =
        call("DescribeInstanceRefreshes").with("AutoScalingGroupName", group).with("MaxRecords", LAST.1);
    let activities =
        call("DescribeScalingActivities").with("AutoScalingGroupName", group).with("MaxRecords", LAST.0);
    let refreshing = format!("looking at the refreshes of {group}");
    let acting = format!("looking at the activities of {group}");
    let (targets, refreshes, activities) = join3(
        targets::look(asking, &groups),
        asking.xml(&refreshing, &refreshes),
        asking.xml(&acting, &activities),
    )
    .await;

    status.wanted = found.word("DesiredCapacity").and_then(|count| count.parse().ok()).unwrap_or_default();
    status.running =
        found.list("Instances").map(|one| runner(one, !groups.is_empty(), &targets, releases)).collect();
    status.running.sort_by(|one, other| one.zone.cmp(&other.zone).then_with(|| one.id.cmp(&other.id)));
    let listed = |answer: &Option<Xml>, name: &str| -> Vec<Xml> {
        answer.iter().filter_map(|answer| answer.find(name)).flat_map(Xml::children).cloned().collect()
    };
    status.rollouts = listed(&refreshes, "InstanceRefreshes").iter().map(rollout).collect();
    let under_way = ["Pending", "InProgress", "Cancelling", "RollbackInProgress", "Baking"];
    let moving = status.rollouts.iter().any(|one| under_way.contains(&one.state.as_str()));
    // `Delete in progress`: set only while it goes.
    let moving = moving || found.word("Status").is_some();
    status.state = State::of(status.wanted, &status.running, moving);
    let events =
        listed(&activities, "Activities").iter().filter_map(|one| event(one, &status.party)).collect();
    (Some(status), events)
}

fn runner(of: &Xml, balanced: bool, targets: &Targets, releases: &Releases) -> Runner {
    let id = of.word("InstanceId").unwrap_or_default().to_owned();
    let made_of = of.get("LaunchTemplate").and_then(|template| {
        let name = template.word("LaunchTemplateId").or_else(|| template.word("LaunchTemplateName"))?;
        Some(format!("{name}:{}", template.word("Version")?))
    });
    let (health, why) = match (of.word("HealthStatus"), targets.get(&id)) {
        (Some(status), _) if status.eq_ignore_ascii_case("unhealthy") => {
            (Health::Unhealthy, Some("its group finds it unhealthy, and replaces it".to_owned()))
        }
        (_, Some((health, why))) => (*health, why.clone()),
        (Some(status), None) if !balanced && status.eq_ignore_ascii_case("healthy") => {
            (Health::Healthy, None)
        }
        _ => (Health::Unknown, None),
    };
    Runner {
        zone: of.word("AvailabilityZone").map(str::to_owned),
        release: made_of.as_ref().and_then(|of| releases.made_of.get(of)).copied(),
        made_of,
        image: None,
        state: of.word("LifecycleState").unwrap_or("Unknown").to_owned(),
        health,
        why: why.filter(|_| health != Health::Healthy),
        since: None,
        id,
    }
}

fn rollout(of: &Xml) -> Rollout {
    Rollout {
        state: of.word("Status").unwrap_or("Unknown").to_owned(),
        to: None,
        why: of.word("StatusReason").map(str::to_owned),
        failed: 0,
        percent: of.word("PercentageComplete").and_then(|percent| percent.parse().ok()),
        since: of.word("StartTime").and_then(Time::read),
    }
}

fn event(of: &Xml, party: &str) -> Option<Event> {
    let mut message = of.word("Description")?.to_owned();
    if let Some(status) = of.word("StatusCode").filter(|status| *status != "Successful") {
        message.push_str(&format!(" ({status})"));
    }
    if let Some(why) = of.word("StatusMessage") {
        message.push_str(&format!(": {why}"));
    }
    let at = of.word("EndTime").or_else(|| of.word("StartTime")).and_then(Time::read);
    Some(Event { at, party: party.to_owned(), message })
}
