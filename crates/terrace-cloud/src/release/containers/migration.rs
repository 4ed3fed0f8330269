//! A migration: a task of its own in the service's network and role, before traffic moves; its exit code decides.
//!
//! "RunTask", Amazon ECS API Reference; "Ensuring idempotency", Amazon ECS Developer Guide: the same client token gives the
//! task that was started before, for 24 hours. So a run that was stopped finds its task again, and follows it to its end.

use serde_json::{Value as Json, json};
use terrace_account::Call;
use terrace_account::service::LOGS;

use super::definition::Definition;
use super::{Event, Service, Stopped, refused};
use crate::release::record::{Digest, Number};
use crate::release::{Failure, Pace};
use crate::watch::Owner;

/// As often is it started whose answer was lost.
const TRIES: usize = 3;
/// As often it is looked for in vain.
const UNSEEN: u32 = 10;

/// How what starts a migration's task calls itself, before the release's number.
const STARTED: &str = "terrace-migration-";

/// Whose migrations these are, short.
fn whose(owner: Owner<'_>) -> String {
    let own = Digest::of(format!("{}\n{}", owner.system, owner.environment).as_bytes()).sha256().hex();
    own.get(..16).unwrap_or_default().to_owned()
}

/// Of which release's migration a task is, by what started it; none if it is no migration of this system's.
pub(crate) fn migration_of<'t>(started_by: &'t str, owner: Owner<'_>) -> Option<&'t str> {
    started_by.strip_prefix(STARTED)?.strip_suffix(&whose(owner))?.strip_suffix('-')
}

impl Service<'_> {
    /// Runs a command in a task definition once for a release, tells what it prints, and waits for its end.
    ///
    /// # Errors
    /// If AWS refuses or does not answer, the task cannot start, or the command fails: then why, and what it printed last.
    pub async fn migrate(
        &self,
        (number, definition, command): (Number, &str, &[String]),
        pace: Pace,
        events: &(dyn Fn(Event) + Send + Sync),
    ) -> Result<(), Failure> {
        let whole = self.definition(definition).await?.0;
        let task = self.started((number, definition, command)).await?;
        events(Event::Migrating { task: id(&task).to_owned() });
        let what = "the task of the migration could not be looked at";
        let cluster = self.containers.cluster.as_str();
        let (mut from, mut last, mut unseen) = (None, Vec::new(), 0);
        for _ in 0..pace.most {
            let answer = self.ecs("DescribeTasks", json!({ "cluster": cluster, "tasks": [task] })).await;
            let mut answer = answer.map_err(|refusal| refused(what, &refusal))?;
            // Looked at before its log is read, so that of one that has ended all is read.
            let seen = answer.pointer_mut("/tasks/0").map(Json::take).unwrap_or_default();
            // One that was started just now may not be seen everywhere yet; one that ended an hour ago is forgotten.
            unseen += u32::from(seen.is_null());
            if unseen > UNSEEN {
                let why =
                    format!("ECS knows nothing of task {} any more: its log tells how it ended", id(&task));
                return Err(self.unmigrated(vec![why]));
            }
            self.printed((&whole, id(&task)), &mut from, &mut last, events).await;
            if word(&seen, "lastStatus") == "STOPPED" {
                return self.ended(&seen, last);
            }
            pace.wait().await;
        }
        let why = format!("task {} has not ended, and runs on", id(&task));
        Err(self.unmigrated(vec![why]))
    }

    /// The task: started, unless it was before.
    async fn started(
        &self,
        (number, definition, command): (Number, &str, &[String]),
    ) -> Result<String, Failure> {
        let service = self.described().await?;
        let token = format!("{STARTED}{number}-{}", whose(self.names.into()));
        let container = self.containers.container.as_str();
        let mut fields = json!({
            "cluster": self.containers.cluster.as_str(), "taskDefinition": definition, "count": 1,
            "clientToken": token, "startedBy": token,
            "overrides": { "containerOverrides": [{ "name": container, "command": command }] },
        });
        if let Some(fields) = fields.as_object_mut() {
            for name in ["networkConfiguration", "launchType", "capacityProviderStrategy", "platformVersion"]
            {
                let same = service.get(name).filter(|value| !value.as_array().is_some_and(Vec::is_empty));
                fields.extend(same.map(|value| (name.to_owned(), value.clone())));
            }
        }
        let mut tries = 0;
        loop {
            match self.ecs("RunTask", fields.clone()).await {
                Ok(answer) => {
                    let task = answer.pointer("/tasks/0/taskArn").and_then(Json::as_str);
                    let why = answer
                        .pointer("/failures/0/reason")
                        .and_then(Json::as_str)
                        .unwrap_or("ECS tells of no task");
                    return task.map(str::to_owned).ok_or_else(|| self.unmigrated(vec![why.to_owned()]));
                }
                Err(refusal) if refusal.is_cut() && tries < TRIES => tries += 1,
                Err(refusal) => return Err(refused("the migration could not be started", &refusal)),
            }
        }
    }

    /// Tells what was printed since; what cannot be read now is read with the next look.
    async fn printed(
        &self,
        (definition, task): (&Definition, &str),
        from: &mut Option<String>,
        last: &mut Vec<String>,
        events: &(dyn Fn(Event) + Send + Sync),
    ) {
        let Some((group, stream)) = definition.log(self.containers.container.as_str(), task) else { return };
        loop {
            let mut fields = json!({ "logGroupName": group, "logStreamName": stream, "startFromHead": true });
            if let (Some(fields), Some(from)) = (fields.as_object_mut(), from.as_ref()) {
                fields.insert("nextToken".to_owned(), from.as_str().into());
            }
            let call = Call::json(LOGS, ("Logs_20140328", "1.1"), "GetLogEvents", fields);
            let Ok(answer) = self.account.json(&call).await else { return };
            for one in answer.get("events").and_then(Json::as_array).into_iter().flatten() {
                let line = word(one, "message").trim_end().to_owned();
                events(Event::Printed { line: line.clone() });
                last.push(line);
            }
            last.drain(..last.len().saturating_sub(20));
            let next = word(&answer, "nextForwardToken").to_owned();
            // At the end the token stays the same.
            if next.is_empty() || from.as_ref() == Some(&next) {
                return;
            }
            *from = Some(next);
        }
    }

    fn ended(&self, task: &Json, log: Vec<String>) -> Result<(), Failure> {
        let container = self.containers.container.as_str();
        let mut all = task.get("containers").and_then(Json::as_array).into_iter().flatten();
        let own = all.find(|one| word(one, "name") == container);
        match own.and_then(|one| one.get("exitCode")).and_then(Json::as_i64) {
            Some(0) => Ok(()),
            _ => Err(self.unmigrated(Stopped { log, ..Stopped::of(task, container) }.lines())),
        }
    }

    fn unmigrated(&self, why: Vec<String>) -> Failure {
        let next = "correct what is said above, then type `terrace deploy`: what the migration did so far stays done";
        let failure = Failure::found("the migration failed", "", next);
        Failure { why, ..failure }.in_force("the release before; no traffic has moved")
    }
}

fn id(arn: &str) -> &str {
    arn.rsplit('/').next().unwrap_or_default()
}

fn word<'a>(of: &'a Json, name: &str) -> &'a str {
    of.get(name).and_then(Json::as_str).unwrap_or_default()
}
