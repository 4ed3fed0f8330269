//! ECS: the cluster, its service and its tasks, in shape `fargate`; in shape `ec2` there is no cluster.
//!
//! [DescribeTasks](https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DescribeTasks.html) and its neighbours.

use serde_json::{Value, json};

use super::call::Input;
use super::refusal::{Form, Refusal};
use super::{World, unknown};
use crate::endpoint::sessions::{Serves, Wanted};
use crate::endpoint::system::{Place, Replica, Shape};

pub(super) const ANSWERED: &[&str] = &[
    "ecs:ListClusters",
    "ecs:DescribeClusters",
    "ecs:ListServices",
    "ecs:DescribeServices",
    "ecs:ListTasks",
    "ecs:DescribeTasks",
    "ecs:ExecuteCommand",
];
/// The document that ECS begins sessions by.
const DOCUMENT: &str = "AmazonECS-ExecuteInteractiveCommand";
/// The agent's name in `managedAgents`.
const AGENT: &str = "ExecuteCommandAgent";

/// The service of this system.
struct Service<'a> {
    place: &'a Place,
    replicas: &'a [Replica],
    cluster: &'a str,
    name: &'a str,
    container: &'a str,
    exec: bool,
}

pub(super) fn answer(world: World<'_>, name: &str, input: &Input) -> Result<Value, Refusal> {
    let service = match &world.system.shape {
        Shape::Ec2 { .. } => None,
        Shape::Fargate { cluster, service, container, exec } => Some(Service {
            place: world.place,
            replicas: &world.system.replicas,
            cluster: cluster.as_str(),
            name: service.as_str(),
            container: container.as_str(),
            exec: *exec,
        }),
    };
    match name {
        "ListClusters" => {
            Ok(json!({ "clusterArns": service.iter().map(Service::cluster_arn).collect::<Vec<_>>() }))
        }
        "DescribeClusters" => Ok(clusters(service.as_ref(), input)),
        "ListServices" => Ok(json!({ "serviceArns": [here(service, input)?.service_arn()] })),
        "DescribeServices" => Ok(here(service, input)?.described(&input.texts("services"))),
        "ListTasks" => here(service, input)?.list(input),
        "DescribeTasks" => here(service, input)?.tasks(&input.texts("tasks")),
        "ExecuteCommand" => here(service, input)?.execute(world, input),
        _ => Err(unknown(Form::Json, &format!("ecs:{name}"))),
    }
}

/// The service, if it is in the cluster that is asked about: by name, by ARN, or `default` for none.
fn here<'a>(service: Option<Service<'a>>, input: &Input) -> Result<Service<'a>, Refusal> {
    let asked = input.text("cluster").unwrap_or("default");
    service
        .filter(|service| asked == service.cluster || asked == service.cluster_arn())
        .ok_or_else(|| Refusal::new("ClusterNotFoundException", "Cluster not found."))
}

fn clusters(service: Option<&Service<'_>>, input: &Input) -> Value {
    let asked = input.texts("clusters");
    let (mut found, mut failures) = (Vec::new(), Vec::new());
    for name in if asked.is_empty() { vec!["default".to_owned()] } else { asked } {
        match service.filter(|service| name == service.cluster || name == service.cluster_arn()) {
            Some(service) => found.push(json!({
                "clusterArn": service.cluster_arn(), "clusterName": service.cluster, "status": "ACTIVE",
                "runningTasksCount": service.replicas.len(), "pendingTasksCount": 0, "activeServicesCount": 1,
                "registeredContainerInstancesCount": 0, "capacityProviders": [], "defaultCapacityProviderStrategy": [],
                "settings": [], "statistics": [], "tags": [],
            })),
            None => failures.push(json!({ "arn": name, "reason": "MISSING" })),
        }
    }
    json!({ "clusters": found, "failures": failures })
}

impl Service<'_> {
    fn cluster_arn(&self) -> String {
        self.place.arn("ecs", &format!("cluster/{}", self.cluster))
    }

    fn service_arn(&self) -> String {
        self.place.arn("ecs", &format!("service/{}/{}", self.cluster, self.name))
    }

    fn definition_arn(&self) -> String {
        self.place.arn("ecs", &format!("task-definition/{}:1", self.name))
    }

    fn task_arn(&self, replica: &Replica) -> String {
        self.place.arn("ecs", &format!("task/{}/{}", self.cluster, replica.task(self.place)))
    }

    fn described(&self, asked: &[String]) -> Value {
        let (mut found, mut failures) = (Vec::new(), Vec::new());
        for name in asked {
            if name == self.name || *name == self.service_arn() {
                found.push(json!({
                    "serviceArn": self.service_arn(), "serviceName": self.name, "clusterArn": self.cluster_arn(),
                    "status": "ACTIVE", "desiredCount": self.replicas.len(), "runningCount": self.replicas.len(),
                    "pendingCount": 0, "launchType": "FARGATE", "platformVersion": "1.4.0", "platformFamily": "Linux",
                    "taskDefinition": self.definition_arn(), "enableExecuteCommand": self.exec,
                    "schedulingStrategy": "REPLICA", "events": [], "deployments": [], "loadBalancers": [],
                }));
            } else {
                failures.push(json!({ "arn": name, "reason": "MISSING" }));
            }
        }
        json!({ "services": found, "failures": failures })
    }

    /// The tasks' ARNs; filters that nothing here fits leave none.
    fn list(&self, input: &Input) -> Result<Value, Refusal> {
        let is = |name: &str, fits: &dyn Fn(&str) -> bool| input.text(name).is_none_or(fits);
        if !is("serviceName", &|name| name == self.name || name == self.service_arn()) {
            return Err(Refusal::new("ServiceNotFoundException", "Service not found."));
        }
        let fits = is("desiredStatus", &|status| status == "RUNNING")
            && is("launchType", &|kind| kind == "FARGATE")
            && is("family", &|family| family == self.name)
            && is("containerInstance", &|_| false)
            && is("startedBy", &|_| false);
        let all = if fits { self.replicas } else { &[] };
        Ok(json!({ "taskArns": all.iter().map(|replica| self.task_arn(replica)).collect::<Vec<_>>() }))
    }

    fn tasks(&self, asked: &[String]) -> Result<Value, Refusal> {
        if asked.is_empty() {
            return Err(Refusal::new("InvalidParameterException", "Tasks cannot be empty."));
        }
        let (mut found, mut failures) = (Vec::new(), Vec::new());
        for name in asked {
            let fits =
                |replica: &&Replica| *name == replica.task(self.place) || *name == self.task_arn(replica);
            match self.replicas.iter().find(fits) {
                Some(replica) => found.push(self.task(replica)),
                None => failures.push(json!({ "arn": name, "reason": "MISSING" })),
            }
        }
        Ok(json!({ "tasks": found, "failures": failures }))
    }

    /// Begins a session in a task's container.
    fn execute(&self, world: World<'_>, input: &Input) -> Result<Value, Refusal> {
        let asked = input.text("task").unwrap_or_default();
        let fits = |replica: &&Replica| asked == replica.task(self.place) || asked == self.task_arn(replica);
        let Some(replica) = self.replicas.iter().find(fits) else {
            return Err(Refusal::new("InvalidParameterException", "The specified task was not found."));
        };
        if input.text("container").is_some_and(|name| name != self.container) {
            return Err(Refusal::new("InvalidParameterException", "The container is not in the task."));
        }
        if !self.exec {
            let message = "The execute command failed because execute command was not enabled when the task was run or the execute command agent isn't running. Wait and try again or run a new task with execute command enabled and try again.";
            return Err(Refusal::new("InvalidParameterException", message));
        }
        let command = input
            .text("command")
            .map(str::to_owned)
            .ok_or_else(|| Refusal::new("InvalidParameterException", "Command cannot be empty."))?;
        let target =
            format!("ecs:{}_{}_{}", self.cluster, replica.task(self.place), replica.runtime(self.place));
        let shell = super::ssm::shell(
            world,
            &target,
            Some(format!("exec {command}")),
            "TargetNotConnectedException",
        )?;
        let (document, serves) = (DOCUMENT.to_owned(), Serves::Shell(Box::new(shell)));
        let grant = world.sessions.start(Wanted { target, document, serves, faults: None })?;
        Ok(json!({
            "clusterArn": self.cluster_arn(), "taskArn": self.task_arn(replica), "containerName": self.container,
            "interactive": true,
            "session": { "sessionId": grant.id.as_str(), "streamUrl": grant.url, "tokenValue": grant.token.as_str() },
        }))
    }

    fn task(&self, replica: &Replica) -> Value {
        let agents = if self.exec {
            json!([{ "name": AGENT, "lastStatus": "RUNNING", "lastStartedAt": replica.since }])
        } else {
            json!([])
        };
        let address = replica.private_address(self.place);
        json!({
            "taskArn": self.task_arn(replica), "clusterArn": self.cluster_arn(), "taskDefinitionArn": self.definition_arn(),
            "group": format!("service:{}", self.name), "launchType": "FARGATE", "platformVersion": "1.4.0",
            "platformFamily": "Linux", "availabilityZone": self.place.zone(), "desiredStatus": "RUNNING",
            "lastStatus": "RUNNING", "connectivity": "CONNECTED", "healthStatus": "HEALTHY",
            "enableExecuteCommand": self.exec, "createdAt": replica.since, "startedAt": replica.since,
            "containers": [{
                "name": self.container, "containerArn": self.place.arn("ecs", &format!(
                    "container/{}/{}/{}", self.cluster, replica.task(self.place), replica.runtime(self.place)
                )),
                "taskArn": self.task_arn(replica), "runtimeId": replica.runtime(self.place), "lastStatus": "RUNNING",
                "healthStatus": "HEALTHY", "managedAgents": agents,
                "networkInterfaces": [{ "privateIpv4Address": address }],
            }],
        })
    }
}
