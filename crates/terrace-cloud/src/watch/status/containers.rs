//! What runs on ECS.
//!
//! Amazon ECS API Reference: DescribeServices, ListTasks, DescribeTasks.

use serde_json::{Value as Json, json};
use terrace_account::{Call, service};

use super::asking::{Asking, count, list, tail, word};
use super::targets::Targets;
use super::{Event, Health, PartyStatus, Releases, Rollout, Runner, State, targets};
use crate::deployed::Containers;
use crate::watch::Time;

const TARGET: (&str, &str) = ("AmazonEC2ContainerServiceV20141113", "1.1");
/// As many tasks as DescribeTasks takes.
const AT_ONCE: usize = 100;
/// As many of the tasks that stopped as are explained.
const STOPPED: usize = 5;
/// As many of a service's events as are told.
const EVENTS: usize = 10;

/// A tier, and what happened to it.
pub(super) type Found = (Option<PartyStatus>, Vec<Event>);

pub(super) async fn look(asking: &Asking<'_>, names: &Containers, releases: &Releases) -> Found {
    let party = names.container.to_string();
    let (cluster, kept_by) = (names.cluster.as_str(), names.service.as_str());
    let fields = json!({"cluster": cluster, "services": [kept_by]});
    let call = Call::json(service::ECS, TARGET, "DescribeServices", fields);
    let answer = asking.account.json(&call).await;
    let gone = || (Some(none(&party, kept_by)), Vec::new());
    if answer.as_ref().is_err_and(|refusal| refusal.is_absent()) {
        return gone();
    }
    let Some(answer) = asking.told(&format!("looking at the service {kept_by}"), answer) else {
        return (None, Vec::new());
    };
    let there = |one: &&Json| word(one, "status") != Some("INACTIVE");
    let Some(service) = list(&answer, "services").first().filter(there) else { return gone() };

    let groups: Vec<String> = list(service, "loadBalancers")
        .iter()
        .filter_map(|one| word(one, "targetGroupArn").map(str::to_owned))
        .collect();
    let targets = targets::look(asking, &groups).await;
    let tasks = tasks(asking, (cluster, kept_by), "RUNNING", usize::MAX).await;
    let mut running: Vec<Runner> = tasks.iter().map(|task| runner(task, names, &targets, releases)).collect();
    running.sort_by(|one, other| one.zone.cmp(&other.zone).then_with(|| one.id.cmp(&other.id)));
    let rollouts: Vec<Rollout> = list(service, "deployments").iter().map(rollout).collect();

    let mut events: Vec<Event> = list(service, "events")
        .iter()
        .take(EVENTS)
        .filter_map(|event| {
            let message = word(event, "message")?.to_owned();
            Some(Event { at: moment(event, "createdAt"), party: party.clone(), message })
        })
        .collect();
    let stopped = self::tasks(asking, (cluster, kept_by), "STOPPED", STOPPED).await;
    events.extend(stopped.iter().map(|task| end(task, &party)));

    let wanted = count(service, "desiredCount");
    let moving = list(service, "deployments").len() > 1
        || rollouts.iter().any(|one| one.state == "IN_PROGRESS")
        || count(service, "pendingCount") > 0;
    let state = State::of(wanted, &running, moving);
    (Some(PartyStatus { party, kept_by: kept_by.to_owned(), state, wanted, running, rollouts }), events)
}

fn none(party: &str, kept_by: &str) -> PartyStatus {
    PartyStatus {
        party: party.to_owned(),
        kept_by: kept_by.to_owned(),
        state: State::Gone,
        wanted: 0,
        running: Vec::new(),
        rollouts: Vec::new(),
    }
}

/// At most so many of a service's tasks that should be in a state, as ECS describes them.
async fn tasks(
    asking: &Asking<'_>,
    (cluster, kept_by): (&str, &str),
    desired: &str,
    most: usize,
) -> Vec<Json> {
    let fields = json!({"cluster": cluster, "serviceName": kept_by, "desiredStatus": desired});
    let call = Call::json(service::ECS, TARGET, "ListTasks", fields);
    let pages = asking.sheets(&format!("listing the tasks of {kept_by}"), &call).await;
    let arns: Vec<&str> =
        pages.iter().flat_map(|page| list(page, "taskArns")).filter_map(Json::as_str).collect();
    let mut tasks = Vec::new();
    for some in arns.chunks(AT_ONCE) {
        let fields = json!({"cluster": cluster, "tasks": some});
        let call = Call::json(service::ECS, TARGET, "DescribeTasks", fields);
        let answer = asking.json(&format!("looking at the tasks of {kept_by}"), &call).await;
        tasks.extend(answer.iter().flat_map(|answer| list(answer, "tasks")).cloned());
    }
    // Those that stopped are listed in no order.
    tasks.sort_by_key(|task| std::cmp::Reverse(moment(task, "stoppedAt")));
    tasks.truncate(most);
    tasks
}

fn runner(task: &Json, names: &Containers, targets: &Targets, releases: &Releases) -> Runner {
    let containers = list(task, "containers");
    let own = containers.iter().find(|one| word(one, "name") == Some(names.container.as_str()));
    let image = own.and_then(|own| word(own, "imageDigest")).map(str::to_owned);
    let made_of = word(task, "taskDefinitionArn").map(|arn| tail(arn).to_owned());
    let release = [&made_of, &image].into_iter().flatten().find_map(|of| releases.made_of.get(of)).copied();
    let addresses = containers
        .iter()
        .flat_map(|one| list(one, "networkInterfaces"))
        .filter_map(|one| word(one, "privateIpv4Address"));
    let found = addresses.filter_map(|address| targets.get(address)).min_by_key(|found| found.0);
    let (health, why) = match (found, word(task, "healthStatus")) {
        (_, Some("UNHEALTHY")) => (Health::Unhealthy, Some("its container's own check fails".to_owned())),
        (Some((health, why)), _) => (*health, why.clone()),
        (None, Some("HEALTHY")) => (Health::Healthy, None),
        (None, _) => (Health::Unknown, None),
    };
    Runner {
        id: word(task, "taskArn").map(tail).unwrap_or_default().to_owned(),
        zone: word(task, "availabilityZone").map(str::to_owned),
        made_of,
        image,
        release,
        state: word(task, "lastStatus").unwrap_or("UNKNOWN").to_owned(),
        health,
        why: why.filter(|_| health != Health::Healthy),
        since: moment(task, "startedAt"),
    }
}

fn rollout(of: &Json) -> Rollout {
    let wanted = count(of, "desiredCount");
    let percent = (wanted > 0).then(|| count(of, "runningCount").saturating_mul(100) / wanted);
    Rollout {
        state: word(of, "rolloutState").or_else(|| word(of, "status")).unwrap_or("UNKNOWN").to_owned(),
        to: word(of, "taskDefinition").map(|arn| tail(arn).to_owned()),
        why: word(of, "rolloutStateReason").map(str::to_owned),
        failed: count(of, "failedTasks"),
        percent,
        since: moment(of, "createdAt"),
    }
}

/// Why a task stopped: ECS's reason, and each container's exit code or reason.
fn end(task: &Json, party: &str) -> Event {
    let id = word(task, "taskArn").map(tail).unwrap_or_default();
    let mut message = format!("task {id} stopped");
    if let Some(reason) = word(task, "stoppedReason") {
        message.push_str(&format!(": {}", reason.trim_end_matches('.')));
    }
    for container in list(task, "containers") {
        let name = word(container, "name").unwrap_or("container");
        if let Some(code) = container.get("exitCode").and_then(Json::as_i64) {
            message.push_str(&format!("; {name} ended with {code}"));
        }
        if let Some(reason) = word(container, "reason") {
            message.push_str(&format!("; {name}: {}", reason.trim_end_matches('.')));
        }
    }
    Event { at: moment(task, "stoppedAt"), party: party.to_owned(), message }
}

fn moment(of: &Json, name: &str) -> Option<Time> {
    of.get(name).and_then(Json::as_f64).and_then(Time::of_seconds)
}
