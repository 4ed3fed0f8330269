//! The container of a running task whose agent is connected.
//!
//! Amazon ECS API Reference: ListTasks, DescribeTasks, DescribeServices; "Monitor Amazon ECS containers with ECS Exec".

use serde_json::{Value as Json, json};
use terrace_account::{Call, Refusal, service};

use super::search::{list, word};
use super::{Found, Place, Search, TaskService, WayError};
use crate::client::Target;
use crate::permission::Statement;

const TARGET: (&str, &str) = ("AmazonEC2ContainerServiceV20141113", "1.1");
/// As many tasks as DescribeTasks takes.
const AT_ONCE: usize = 100;
/// The agent that sessions go to.
const AGENT: &str = "ExecuteCommandAgent";

/// What listing a cluster's tasks needs.
pub(super) fn may_list(place: &Place, cluster: &str) -> Statement {
    let cluster = place.arn("ecs", &format!("cluster/{cluster}"));
    Statement::anywhere("FindTasks", &["ecs:ListTasks"]).when("ArnEquals", "ecs:cluster", [cluster])
}

/// What describing a cluster's tasks needs.
pub(super) fn may_describe(place: &Place, cluster: &str) -> Statement {
    let tasks = place.arn("ecs", &format!("task/{cluster}/*"));
    Statement::allow("LookAtTasks", &["ecs:DescribeTasks"], [tasks])
}

/// What describing services needs.
pub(super) fn may_explain(place: &Place, cluster: &str) -> Statement {
    let services = place.arn("ecs", &format!("service/{cluster}/*"));
    Statement::allow("LookAtServices", &["ecs:DescribeServices"], [services])
}

/// The first service that has a task with an agent; else why the first one has none.
pub(super) async fn find(
    search: &Search<'_>,
    cluster: &str,
    services: &[TaskService],
) -> Result<Found, WayError> {
    let mut first: Option<WayError> = None;
    for one in services {
        match of_service(search, cluster, one).await {
            Ok(found) => return Ok(found),
            // Nobody can be asked about the next one, either.
            Err(error @ WayError::Refused(_)) => return Err(error),
            Err(error) => first = first.or(Some(error)),
        }
    }
    Err(first.unwrap_or_else(|| search.absent("service that sessions could go through")))
}

async fn of_service(search: &Search<'_>, cluster: &str, one: &TaskService) -> Result<Found, WayError> {
    let tasks = running(search, cluster, one).await?;
    of_tasks(search, cluster, one, &tasks, false).await
}

/// The container that is asked for, and no other: of the task whose id begins so, if it is said which.
pub(super) async fn find_one(
    search: &Search<'_>,
    cluster: &str,
    one: &TaskService,
    wanted: Option<&str>,
) -> Result<Found, WayError> {
    let mut tasks = running(search, cluster, one).await?;
    if let Some(wanted) = wanted {
        let there: Vec<String> = tasks.iter().filter_map(id).map(str::to_owned).collect();
        // The whole ARN is what AWS's own tools print.
        let begin = wanted.rsplit('/').next().unwrap_or(wanted);
        tasks.retain(|task| id(task).is_some_and(|id| id.starts_with(begin)));
        if tasks.is_empty() && !there.is_empty() {
            return Err(WayError::NoSuchTask {
                task: wanted.to_owned(),
                service: one.service.clone(),
                there,
            });
        }
    }
    of_tasks(search, cluster, one, &tasks, true).await
}

/// The name of a container that is known by its ids.
pub(super) async fn container_of(search: &Search<'_>, target: &Target) -> Result<String, WayError> {
    let (cluster, task, runtime) = target.container().unwrap_or_default();
    let fields = json!({ "cluster": cluster, "tasks": [task] });
    let call = Call::json(service::ECS, TARGET, "DescribeTasks", fields);
    let answer = search.json(&call, || may_describe(&search.place, cluster)).await?;
    let containers = list(&answer, "tasks").iter().flat_map(|task| list(task, "containers"));
    let found =
        containers.filter(|one| word(one, "runtimeId") == Some(runtime)).find_map(|one| word(one, "name"));
    found.map(str::to_owned).ok_or_else(|| search.absent(format!("container {target}")))
}

async fn of_tasks(
    search: &Search<'_>,
    cluster: &str,
    one: &TaskService,
    tasks: &[Json],
    only: bool,
) -> Result<Found, WayError> {
    let Some(best) = best(tasks, one, only) else {
        return Err(if tasks.is_empty() {
            no_task(search, cluster, one).await
        } else {
            no_agent(search, cluster, one, tasks).await
        });
    };
    let (task, runtime) = best;
    let target = format!("ecs:{cluster}_{task}_{runtime}").parse().map_err(|error| WayError::Odd {
        action: "ecs:DescribeTasks".to_owned(),
        what: format!("{error}"),
    })?;
    Ok(Found { target, called: format!("task {task} of {}", one.service) })
}

/// The tasks of a service that are running, as ECS describes them.
async fn running(search: &Search<'_>, cluster: &str, one: &TaskService) -> Result<Vec<Json>, WayError> {
    let fields = json!({ "cluster": cluster, "serviceName": one.service, "desiredStatus": "RUNNING" });
    let call = Call::json(service::ECS, TARGET, "ListTasks", fields);
    let pages = match search.account().sheets(&call, ("nextToken", "nextToken")).await.whole() {
        Ok(pages) => pages,
        Err(refusal) => return Err(not_listed(search, cluster, one, &call, &refusal)),
    };
    let arns: Vec<&str> =
        pages.iter().flat_map(|page| list(page, "taskArns")).filter_map(Json::as_str).collect();
    let mut tasks = Vec::new();
    for some in arns.chunks(AT_ONCE) {
        let call =
            Call::json(service::ECS, TARGET, "DescribeTasks", json!({ "cluster": cluster, "tasks": some }));
        let answer = search.json(&call, || may_describe(&search.place, cluster)).await?;
        tasks.extend(list(&answer, "tasks").iter().filter(|task| is_running(task)).cloned());
    }
    Ok(tasks)
}

fn is_running(task: &Json) -> bool {
    word(task, "lastStatus").is_none_or(|status| status == "RUNNING")
        && word(task, "desiredStatus").is_none_or(|status| status == "RUNNING")
}

fn not_listed(
    search: &Search<'_>,
    cluster: &str,
    one: &TaskService,
    call: &Call<'_>,
    refusal: &Refusal,
) -> WayError {
    if refusal.code().contains("ClusterNotFound") {
        return search.absent(format!("cluster `{cluster}`"));
    }
    if refusal.code().contains("ServiceNotFound") {
        return search.absent(format!("service `{}`", one.service));
    }
    search.refused(call, refusal, || may_list(&search.place, cluster))
}

/// Task and runtime id of the container to go through: of a task that is healthy if one is, the newest of them; in it the
/// container that was asked for if it has an agent, and no other if `only` that will do.
fn best<'a>(tasks: &'a [Json], one: &TaskService, only: bool) -> Option<(&'a str, &'a str)> {
    let with_agent = tasks.iter().filter_map(|task| {
        let containers = || list(task, "containers").iter().filter(|container| has_agent(container));
        let named = containers().find(|container| word(container, "name") == Some(one.container.as_str()));
        let runtime =
            named.or_else(|| containers().next().filter(|_| !only)).and_then(|one| word(one, "runtimeId"))?;
        Some((task, id(task)?, runtime))
    });
    let rank = |task: &Json| (word(task, "healthStatus") != Some("UNHEALTHY"), started(task));
    let newest = with_agent.max_by(|(one, ..), (other, ..)| {
        let ((well, since), (other_well, other_since)) = (rank(one), rank(other));
        well.cmp(&other_well).then(since.total_cmp(&other_since))
    });
    newest.map(|(_, task, runtime)| (task, runtime))
}

fn has_agent(container: &Json) -> bool {
    let running = |agent: &&Json| word(agent, "lastStatus") == Some("RUNNING");
    agents(container).any(|agent| running(&agent)) && word(container, "runtimeId").is_some()
}

fn agents(container: &Json) -> impl Iterator<Item = &Json> {
    list(container, "managedAgents").iter().filter(|agent| word(agent, "name") == Some(AGENT))
}

/// `7412…` of `arn:aws:ecs:eu-west-1:123456789012:task/items-prod/7412…`.
fn id(task: &Json) -> Option<&str> {
    word(task, "taskArn")?.rsplit('/').next()
}

fn started(task: &Json) -> f64 {
    task.get("startedAt").and_then(Json::as_f64).unwrap_or_default()
}

/// Why no task is running, as far as the service tells.
async fn no_task(search: &Search<'_>, cluster: &str, one: &TaskService) -> WayError {
    let answer = described(search, cluster, one).await;
    let described = answer.as_ref().and_then(|answer| list(answer, "services").first());
    let gone = described.is_some_and(|service| word(service, "status") == Some("INACTIVE"))
        || answer.as_ref().is_some_and(|answer| {
            list(answer, "failures").iter().any(|failure| word(failure, "reason") == Some("MISSING"))
        });
    if gone {
        return search.absent(format!("service `{}`", one.service));
    }
    let event = described.and_then(|service| list(service, "events").first());
    WayError::NoTask {
        service: one.service.clone(),
        desired: described.and_then(|service| service.get("desiredCount")?.as_u64()),
        event: event.and_then(|event| word(event, "message")).map(str::to_owned),
        place: search.place.to_string(),
    }
}

/// Why no task has an agent that is connected.
async fn no_agent(search: &Search<'_>, cluster: &str, one: &TaskService, tasks: &[Json]) -> WayError {
    let enabled = |task: &Json| task.get("enableExecuteCommand").and_then(Json::as_bool).unwrap_or(false);
    let newest = tasks
        .iter()
        .filter(|task| enabled(task))
        .max_by(|one, other| started(one).total_cmp(&started(other)));
    let Some(newest) = newest else {
        let answer = described(search, cluster, one).await;
        let service = answer.as_ref().and_then(|answer| list(answer, "services").first());
        return WayError::ExecOff {
            service: one.service.clone(),
            cluster: cluster.to_owned(),
            setting: one.setting.clone(),
            since: service.is_some_and(enabled),
        };
    };
    let agent = list(newest, "containers").iter().flat_map(agents).next();
    WayError::NoAgent {
        service: one.service.clone(),
        task: id(newest).unwrap_or_default().to_owned(),
        // A container that was just started has none yet.
        status: agent.and_then(|agent| word(agent, "lastStatus")).unwrap_or("PENDING").to_owned(),
        reason: agent.and_then(|agent| word(agent, "reason")).map(str::to_owned),
    }
}

/// What ECS says of the service, if it may be asked: this is only to say more.
async fn described(search: &Search<'_>, cluster: &str, one: &TaskService) -> Option<Json> {
    let fields = json!({ "cluster": cluster, "services": [one.service] });
    let call = Call::json(service::ECS, TARGET, "DescribeServices", fields);
    search.account().json(&call).await.ok()
}
