//! One service of ECS: its task definitions, deployments and tasks, their logs, and what the load balancer finds of them. Time
//! passes when the service is looked at.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Value as Json, json};

use terrace_stand_in::Answer;

use super::{Request, World};

/// What becomes of the tasks of a new deployment.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Fate {
    /// They all run after so many looks.
    Steady(u64),
    /// One stops at each look, told so.
    Stops(Json),
    /// One stops at each look, told so; after so many ECS goes back by itself.
    Broken(Json, usize),
}

/// The service.
#[derive(Clone, Debug)]
pub(crate) struct Ecs {
    pub(crate) definitions: Vec<Json>,
    /// What it was told to run, in order, as numbers of definitions.
    pub(crate) told: Vec<usize>,
    /// Deployments that ECS itself made do not count.
    went_back: bool,
    /// Of each definition's deployment.
    pub(crate) fates: BTreeMap<usize, Fate>,
    /// Of whoever has none.
    pub(crate) fate: Fate,
    looks: u64,
    stopped: Vec<Json>,
    /// What every task logs.
    pub(crate) log: Vec<String>,
    /// Tasks that were run by token, and how each ends.
    pub(crate) run: BTreeMap<String, usize>,
    pub(crate) exit: i64,
    /// The load balancer finds nobody healthy for so many looks.
    pub(crate) unhealthy: u64,
}

impl Default for Ecs {
    fn default() -> Self {
        let log = json!({ "logDriver": "awslogs", "options": {
            "awslogs-group": "/items/app", "awslogs-region": "eu-west-1", "awslogs-stream-prefix": "app" } });
        let first = json!({
            "taskDefinitionArn": arn(0), "family": "items-app", "revision": 1, "status": "ACTIVE",
            "requiresAttributes": [{ "name": "ecs.capability.execution-role-awslogs" }], "compatibilities": ["FARGATE"],
            "registeredAt": 1.7e9, "registeredBy": "arn:aws:iam::123456789012:user/terraform", "networkMode": "awsvpc",
            "cpu": "256", "memory": "512", "aFieldOfTomorrow": { "kept": true },
            "containerDefinitions": [
                { "name": "app", "image": "placeholder:latest", "environment": [
                      { "name": "DB_HOST", "value": "db.internal" }, { "name": "TERRACE_SETTINGS", "value": "{}" },
                      { "name": "HOST", "value": "0.0.0.0" }], "secrets": [{ "name": "DATABASE_URL", "valueFrom": "arn" }],
                  "logConfiguration": log },
                { "name": "side", "image": "side:1" },
            ],
        });
        Self {
            definitions: vec![first],
            told: vec![0],
            went_back: false,
            fates: BTreeMap::new(),
            fate: Fate::Steady(1),
            looks: 10,
            stopped: Vec::new(),
            log: Vec::new(),
            run: BTreeMap::new(),
            exit: 0,
            unhealthy: 0,
        }
    }
}

pub(crate) fn arn(nth: usize) -> String {
    format!("arn:aws:ecs:eu-west-1:123456789012:task-definition/items-app:{}", nth + 1)
}

impl Ecs {
    fn runs(&self) -> usize {
        let told = self.told[self.told.len() - 1];
        if self.went_back { self.told[self.told.len() - 2] } else { told }
    }

    fn fate(&self) -> Fate {
        let nth = self.told[self.told.len() - 1];
        if nth == 0 { Fate::Steady(0) } else { self.fates.get(&nth).unwrap_or(&self.fate).clone() }
    }

    fn deployment(&self) -> String {
        format!("ecs-svc/{}", self.told.len())
    }

    /// A look, and what has happened until then.
    fn look(&mut self) -> Json {
        self.looks += 1;
        let mut reason = "in progress";
        let (mut state, mut running) = ("IN_PROGRESS", 0);
        match self.fate() {
            Fate::Steady(after) if self.looks > after => {
                (state, running, reason) = ("COMPLETED", 2, "completed")
            }
            Fate::Steady(_) => {}
            Fate::Stops(task) => self.stop(&task),
            Fate::Broken(task, most) if self.stopped.len() < most => self.stop(&task),
            Fate::Broken(..) => {
                (state, reason) = ("FAILED", "tasks failed to start");
                self.went_back = true;
            }
        }
        let told = self.told[self.told.len() - 1];
        let own = json!({ "id": self.deployment(), "status": "PRIMARY", "taskDefinition": arn(told), "desiredCount": 2,
            "runningCount": running, "rolloutState": state, "rolloutStateReason": reason, "createdAt": 1.7e9 + 100.0 });
        let mut deployments = vec![own];
        if self.went_back {
            deployments[0]["status"] = "ACTIVE".into();
            deployments.push(json!({ "id": "ecs-svc/back", "status": "PRIMARY", "taskDefinition": arn(self.runs()),
                "desiredCount": 2, "runningCount": 2, "rolloutState": "COMPLETED", "createdAt": 1.7e9 + 200.0 }));
        }
        json!({ "services": [{ "serviceName": "items-app", "status": "ACTIVE", "taskDefinition": arn(self.runs()),
            "launchType": "FARGATE", "capacityProviderStrategy": [],
            "networkConfiguration": { "awsvpcConfiguration": { "subnets": ["subnet-1"] } },
            "deployments": deployments, "loadBalancers": [{ "targetGroupArn": "arn:aws:elasticloadbalancing:eu-west-1:1:targetgroup/items/1" }],
            "events": [
                { "id": "e2", "createdAt": 1.7e9 + 101.0, "message": "(service items-app) has started 2 tasks" },
                { "id": "e1", "createdAt": 1.7e9 + 1.0, "message": "(service items-app) has reached a steady state." },
            ] }] })
    }

    fn stop(&mut self, task: &Json) {
        let nth = self.stopped.len();
        let mut task = task.clone();
        let own = json!({ "taskArn": format!("arn:aws:ecs:eu-west-1:123456789012:task/items/t{nth}"), "lastStatus": "STOPPED",
            "taskDefinitionArn": arn(self.told[self.told.len() - 1]), "startedBy": self.deployment() });
        task.as_object_mut().unwrap().extend(own.as_object().unwrap().clone());
        self.stopped.push(task);
    }
}

impl World {
    pub(super) fn ecs(&mut self, request: &Request) -> Answer {
        let asked: Json = serde_json::from_slice(&request.body).unwrap();
        let ecs = &mut self.ecs;
        let answer = match request.action().unwrap() {
            "DescribeTaskDefinition" => {
                let all = &ecs.definitions;
                let by_arn = all.iter().find(|one| one["taskDefinitionArn"] == asked["taskDefinition"]);
                let found = by_arn.or(all.last()).unwrap();
                json!({ "taskDefinition": found, "tags": [{ "key": "terrace:system", "value": "items" }] })
            }
            "RegisterTaskDefinition" => {
                let mut made = asked.clone();
                for answered in [
                    "taskDefinitionArn",
                    "revision",
                    "status",
                    "requiresAttributes",
                    "registeredAt",
                    "registeredBy",
                ] {
                    assert!(made.get(answered).is_none(), "{answered} is no part of a request");
                }
                let tags = made.as_object_mut().unwrap().remove("tags").unwrap();
                assert_eq!(tags[0]["value"], "items");
                made["taskDefinitionArn"] = arn(ecs.definitions.len()).into();
                made["registeredAt"] = 1.7e9.into();
                ecs.definitions.push(made.clone());
                json!({ "taskDefinition": made })
            }
            "DescribeServices" => ecs.look(),
            "UpdateService" => {
                let nth = ecs
                    .definitions
                    .iter()
                    .position(|one| one["taskDefinitionArn"] == asked["taskDefinition"]);
                let nth = nth.unwrap();
                if ecs.runs() != nth {
                    ecs.told.push(nth);
                    (ecs.looks, ecs.went_back) = (0, false);
                    ecs.stopped.clear();
                }
                json!({ "service": {} })
            }
            "ListTasks" => {
                assert_eq!(asked["desiredStatus"], "STOPPED");
                json!({ "taskArns": ecs.stopped.iter().map(|one| &one["taskArn"]).collect::<Vec<_>>() })
            }
            "RunTask" => {
                assert_eq!(asked["networkConfiguration"]["awsvpcConfiguration"]["subnets"][0], "subnet-1");
                assert_eq!(
                    asked["overrides"]["containerOverrides"][0]["command"],
                    json!(["./app", "migrate"])
                );
                let token = asked["clientToken"].as_str().unwrap().to_owned();
                let nth = ecs.run.len();
                ecs.run.entry(token).or_insert(nth);
                json!({ "tasks": [{ "taskArn": "arn:aws:ecs:eu-west-1:123456789012:task/items/t9" }], "failures": [] })
            }
            "DescribeTasks" if asked["tasks"][0].as_str().unwrap().ends_with("/t9") => {
                ecs.looks += 1;
                let status = if ecs.looks.is_multiple_of(2) { "STOPPED" } else { "RUNNING" };
                json!({ "tasks": [{ "taskArn": asked["tasks"][0], "lastStatus": status, "stopCode": "EssentialContainerExited",
                    "stoppedReason": "Essential container in task exited",
                    "containers": [{ "name": "app", "exitCode": ecs.exit }] }] })
            }
            "DescribeTasks" => {
                let asked = asked["tasks"].as_array().unwrap();
                let all = ecs.stopped.iter().filter(|one| asked.contains(&one["taskArn"]));
                json!({ "tasks": all.collect::<Vec<_>>(), "failures": [] })
            }
            other => panic!("{other}"),
        };
        Answer::of(200, answer.to_string())
    }

    pub(super) fn logs(&mut self, request: &Request) -> Answer {
        let asked: Json = serde_json::from_slice(&request.body).unwrap();
        assert_eq!(
            (request.action().unwrap(), &asked["logGroupName"]),
            ("GetLogEvents", &json!("/items/app"))
        );
        assert!(asked["logStreamName"].as_str().unwrap().starts_with("app/app/t"), "{asked}");
        if self.ecs.log.is_empty() {
            return request.error(400, "ResourceNotFoundException");
        }
        // A reader that is at the end is given the same token again.
        let from: usize = asked["nextToken"].as_str().map_or(0, |token| token.parse().unwrap());
        let next = self.ecs.log.len().to_string();
        let lines = self.ecs.log.iter().skip(from).map(|line| json!({ "timestamp": 1, "message": line }));
        Answer::of(200, json!({ "events": lines.collect::<Vec<_>>(), "nextForwardToken": next }).to_string())
    }

    pub(super) fn health(&mut self) -> Answer {
        let healthy = self.ecs.looks > self.ecs.unhealthy;
        let state = if healthy { "healthy" } else { "initial" };
        let one = format!("<member><TargetHealth><State>{state}</State></TargetHealth></member>");
        let text = format!(
            "<DescribeTargetHealthResponse><DescribeTargetHealthResult><TargetHealthDescriptions>{one}{one}\
             </TargetHealthDescriptions></DescribeTargetHealthResult></DescribeTargetHealthResponse>"
        );
        Answer::of(200, text)
    }
}
