//! Following a service until its new tasks run and are healthy, or enough of them have stopped.
//!
//! "DescribeServices", "ListTasks", "DescribeTasks", Amazon ECS API Reference; "GetLogEvents", Amazon CloudWatch Logs API
//! Reference; "DescribeTargetHealth", Elastic Load Balancing API Reference.

use std::collections::BTreeSet;

use serde_json::{Value as Json, json};
use terrace_account::Call;
use terrace_account::service::{ELB, LOGS};

use super::definition::Definition;
use super::{BAD, Event, Service, Stopped, refused};
use crate::release::{Failure, Pace};

/// As many lines of a log are told.
const LINES: usize = 20;

/// What was told so far.
#[derive(Default)]
struct Told {
    /// The service was seen to run it.
    begun: bool,
    said: BTreeSet<String>,
    stopped: BTreeSet<String>,
    running: Option<(u64, u64)>,
    bad: Vec<Stopped>,
}

impl Service<'_> {
    pub(super) async fn follow(
        &self,
        (definition, former): (&str, Option<&str>),
        pace: Pace,
        events: &(dyn Fn(Event) + Send + Sync),
    ) -> Result<(), Failure> {
        let mut told = Told::default();
        let mut whole = None;
        for _ in 0..pace.most {
            let service = self.described().await?;
            let Some(primary) = primary(&service) else {
                pace.wait().await;
                continue;
            };
            let runs = word(primary, "taskDefinition");
            if runs != definition {
                let ours = failed_rollout(&service, definition);
                // What the service was told just now may not be seen everywhere yet.
                if ours.is_none() && !told.begun && Some(runs) == former {
                    pace.wait().await;
                    continue;
                }
                let why = match ours.map(|one| word(one, "rolloutStateReason")) {
                    Some(reason) => format!("ECS went back by itself: {reason}"),
                    None => "ECS, or somebody else, has it run another task definition".to_owned(),
                };
                return Err(self.failed(told.why(why)).in_force(runs.to_owned()));
            }
            told.begun = true;
            told.progress(&service, primary, events);
            self.stopped((definition, word(primary, "id")), &mut whole, &mut told, events).await?;
            let failed = word(primary, "rolloutState") == "FAILED";
            if failed || (!self.names.production && told.bad.len() >= BAD) {
                let count = told.bad.len();
                let why = match word(primary, "rolloutStateReason") {
                    reason if failed && !reason.is_empty() => reason.to_owned(),
                    _ => format!("{count} new tasks stopped; it was not waited for more"),
                };
                return Err(self.back(former, told.why(why), events).await);
            }
            let rolled_out = word(primary, "rolloutState") == "COMPLETED";
            if rolled_out && self.is_healthy(&service, count(primary, "desiredCount")).await? {
                events(Event::Steady);
                return Ok(());
            }
            pace.wait().await;
        }
        let why = told.why("its new tasks did not become healthy in time".to_owned());
        Err(self.back(former, why, events).await)
    }

    /// Tells of new tasks that stopped since they were looked at last.
    async fn stopped(
        &self,
        (definition, deployment): (&str, &str),
        whole: &mut Option<Definition>,
        told: &mut Told,
        events: &(dyn Fn(Event) + Send + Sync),
    ) -> Result<(), Failure> {
        let (cluster, service) = (self.containers.cluster.as_str(), self.containers.service.as_str());
        let what = "the tasks that stopped could not be looked at";
        let fields = json!({ "cluster": cluster, "serviceName": service, "desiredStatus": "STOPPED" });
        let listed = self.ecs("ListTasks", fields).await.map_err(|refusal| refused(what, &refusal))?;
        let all = listed.get("taskArns").and_then(Json::as_array).into_iter().flatten();
        let fresh: Vec<&str> =
            all.filter_map(Json::as_str).filter(|arn| !told.stopped.contains(*arn)).collect();
        // One request describes as many, and the newest are listed at no certain place.
        for some in fresh.chunks(100) {
            let answer = self.ecs("DescribeTasks", json!({ "cluster": cluster, "tasks": some })).await;
            let answer = answer.map_err(|refusal| refused(what, &refusal))?;
            for task in answer.get("tasks").and_then(Json::as_array).into_iter().flatten() {
                // One that is about to stop has no reason yet, and is looked at again.
                if word(task, "lastStatus") != "STOPPED" {
                    continue;
                }
                told.stopped.insert(word(task, "taskArn").to_owned());
                let ours =
                    word(task, "taskDefinitionArn") == definition && word(task, "startedBy") == deployment;
                if !ours || word(task, "stoppedReason").starts_with("Scaling activity") {
                    continue;
                }
                if whole.is_none() {
                    *whole = Some(self.definition(definition).await?.0);
                }
                let mut stopped = Stopped::of(task, self.containers.container.as_str());
                stopped.log = self.last_lines(whole.as_ref(), &stopped.task).await;
                events(Event::Stopped(stopped.clone()));
                told.bad.push(stopped);
            }
        }
        Ok(())
    }

    /// The last lines that a task logged; what cannot be read is left out, for it explains something and decides nothing.
    async fn last_lines(&self, definition: Option<&Definition>, task: &str) -> Vec<String> {
        let place = definition.and_then(|one| one.log(self.containers.container.as_str(), task));
        let Some((group, stream)) = place else { return Vec::new() };
        let fields =
            json!({ "logGroupName": group, "logStreamName": stream, "limit": LINES, "startFromHead": false });
        let call = Call::json(LOGS, ("Logs_20140328", "1.1"), "GetLogEvents", fields);
        let Ok(answer) = self.account.json(&call).await else { return Vec::new() };
        let lines = answer.get("events").and_then(Json::as_array).into_iter().flatten();
        lines.map(|line| word(line, "message").trim_end().to_owned()).collect()
    }

    /// Whether the load balancer finds as many healthy as are to run; a service without one has nothing more to show.
    async fn is_healthy(&self, service: &Json, desired: u64) -> Result<bool, Failure> {
        let groups = service.get("loadBalancers").and_then(Json::as_array).into_iter().flatten();
        for group in groups.map(|one| word(one, "targetGroupArn")).filter(|arn| !arn.is_empty()) {
            let call = Call::query(ELB, "2015-12-01", "DescribeTargetHealth").with("TargetGroupArn", group);
            let what = "the health of the new tasks could not be looked at";
            let answer = self.account.xml(&call).await.map_err(|refusal| refused(what, &refusal))?;
            let targets = answer.find("TargetHealthDescriptions").into_iter().flat_map(|all| all.children());
            let states = targets.filter_map(|one| one.at(&["TargetHealth", "State"]));
            if (states.filter(|state| state.own() == "healthy").count() as u64) < desired {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Tells the service to go back, and tells why.
    async fn back(
        &self,
        former: Option<&str>,
        why: Vec<String>,
        events: &(dyn Fn(Event) + Send + Sync),
    ) -> Failure {
        let mut failure = self.failed(why);
        let Some(former) = former else {
            return failure.in_force("nothing: there was no release before, and ECS goes on starting tasks");
        };
        match self.tell(former, None, false).await {
            Ok(()) => {
                events(Event::Back { definition: former.to_owned() });
                failure.in_force(format!("{former}, whose tasks ran all the while"))
            }
            Err(other) => {
                failure.why.push(format!("{}: {}", other.what, other.why.join("; ")));
                failure.passing = other.passing;
                failure.next = "type `terrace rollback`".to_owned();
                failure.in_force(format!(
                    "{former}, while ECS goes on starting tasks of the release that failed"
                ))
            }
        }
    }

    fn failed(&self, why: Vec<String>) -> Failure {
        let what = format!("the new tasks of {} did not become healthy", self.containers.service);
        let next = "correct what is said above, then type `terrace deploy`; `terrace logs app` tells more";
        Failure { why, ..Failure::found(what, "", next) }
    }
}

impl Told {
    /// Tells what is new of a service.
    fn progress(&mut self, service: &Json, primary: &Json, events: &(dyn Fn(Event) + Send + Sync)) {
        let since = number(primary, "createdAt");
        let all = service.get("events").and_then(Json::as_array).into_iter().flatten();
        let mut fresh: Vec<&Json> = all.filter(|one| number(one, "createdAt") >= since).collect();
        // ECS has the newest first.
        fresh.reverse();
        for one in fresh {
            if self.said.insert(word(one, "id").to_owned()) {
                events(Event::Said { message: word(one, "message").to_owned() });
            }
        }
        let now = (count(primary, "runningCount"), count(primary, "desiredCount"));
        if self.running.replace(now) != Some(now) {
            events(Event::Running { running: now.0, desired: now.1 });
        }
    }

    /// What was found, and of the last task that stopped all that is known.
    fn why(&self, found: String) -> Vec<String> {
        let last = self.bad.last().map(Stopped::lines).unwrap_or_default();
        std::iter::once(found).chain(last).collect()
    }
}

fn primary(service: &Json) -> Option<&Json> {
    let all = service.get("deployments")?.as_array()?;
    all.iter().find(|one| word(one, "status") == "PRIMARY")
}

/// The deployment of a task definition, if ECS gave it up.
fn failed_rollout<'a>(service: &'a Json, definition: &str) -> Option<&'a Json> {
    let mut all = service.get("deployments")?.as_array()?.iter();
    all.find(|one| word(one, "taskDefinition") == definition && word(one, "rolloutState") == "FAILED")
}

fn word<'a>(of: &'a Json, name: &str) -> &'a str {
    of.get(name).and_then(Json::as_str).unwrap_or_default()
}

fn count(of: &Json, name: &str) -> u64 {
    of.get(name).and_then(Json::as_u64).unwrap_or_default()
}

fn number(of: &Json, name: &str) -> f64 {
    of.get(name).and_then(Json::as_f64).unwrap_or_default()
}
