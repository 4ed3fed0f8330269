//! ECS clusters, services and the task definitions that they run. Amazon ECS API Reference.

use std::collections::BTreeSet;

use serde_json::{Value as Printed, json};
use terrace_aws::Value;

use super::Items;
use super::fields::{Fields, Source as _, objects, strings};
use super::machines::last;
use crate::asking::Account;
use terrace_account::Call;
use terrace_account::service::ECS;

const TARGET: (&str, &str) = ("AmazonEC2ContainerServiceV20141113", "1.1");
const TOKEN: (&str, &str) = ("nextToken", "nextToken");

pub(super) async fn read(account: &Account) -> Items {
    let pages = account.sheets(ECS, TARGET, "ListClusters", &json!({}), TOKEN).await;
    let clusters: Vec<String> = pages.iter().flat_map(|page| strings(page, "clusterArns")).collect();
    let (mut items, mut definitions) = (Items::new(), BTreeSet::new());
    for some in clusters.chunks(100) {
        let call = Call::json(ECS, TARGET, "DescribeClusters", json!({"clusters": some}));
        let answer = account.tell(&call).await.unwrap_or_default();
        items.extend(objects(&answer, "clusters").map(|one| {
            Fields::new()
                .words(one, &[("arn", "clusterArn"), ("name", "clusterName")])
                .item("aws_ecs_cluster", one.word_of("clusterName").unwrap_or_default())
        }));
    }
    for cluster in &clusters {
        let pages = account.sheets(ECS, TARGET, "ListServices", &json!({"cluster": cluster}), TOKEN).await;
        let services: Vec<String> = pages.iter().flat_map(|page| strings(page, "serviceArns")).collect();
        for some in services.chunks(10) {
            let fields = json!({"cluster": cluster, "services": some});
            let answer = account.tell(&Call::json(ECS, TARGET, "DescribeServices", fields)).await;
            let answer = answer.unwrap_or_default();
            for one in objects(&answer, "services") {
                definitions.extend(one.word_of("taskDefinition"));
                items.push(service(one, last(cluster).unwrap_or_default()));
            }
        }
    }
    for definition in &definitions {
        let fields = json!({"taskDefinition": definition});
        let answer = account.tell(&Call::json(ECS, TARGET, "DescribeTaskDefinition", fields)).await;
        let answer = answer.unwrap_or_default();
        items.extend(answer.get("taskDefinition").map(task));
    }
    items
}

fn service(one: &Printed, cluster: &str) -> (terrace_aws::inventory::ItemId, terrace_aws::Record) {
    let name = one.word_of("serviceName").unwrap_or_default();
    let network = one.pointer("/networkConfiguration/awsvpcConfiguration").map(|network| {
        let public = network.word_of("assignPublicIp").map(|word| word == "ENABLED");
        Fields::new()
            .texts("subnets", strings(network, "subnets"))
            .texts("security_groups", strings(network, "securityGroups"))
            .truth("assign_public_ip", public)
    });
    let balancers = objects(one, "loadBalancers").map(|to| {
        Fields::new()
            .words(
                to,
                &[
                    ("target_group_arn", "targetGroupArn"),
                    ("elb_name", "loadBalancerName"),
                    ("container_name", "containerName"),
                ],
            )
            .numbers(to, &[("container_port", "containerPort")])
    });
    Fields::new()
        .words(
            one,
            &[
                ("arn", "serviceArn"),
                ("name", "serviceName"),
                ("cluster", "clusterArn"),
                ("task_definition", "taskDefinition"),
                ("launch_type", "launchType"),
                ("iam_role", "roleArn"),
            ],
        )
        .numbers(one, &[("desired_count", "desiredCount")])
        .truths(one, &[("enable_execute_command", "enableExecuteCommand")])
        .blocks("network_configuration", network.into_iter().collect())
        .blocks("load_balancer", balancers.collect())
        .item("aws_ecs_service", format!("{cluster}/{name}"))
}

fn task(one: &Printed) -> (terrace_aws::inventory::ItemId, terrace_aws::Record) {
    let name = format!(
        "{}:{}",
        one.word_of("family").unwrap_or_default(),
        one.word_of("revision").unwrap_or_default()
    );
    let containers = one.get("containerDefinitions").map(super::fields::json);
    let fields = Fields::new()
        .words(
            one,
            &[
                ("arn", "taskDefinitionArn"),
                ("family", "family"),
                ("network_mode", "networkMode"),
                ("task_role_arn", "taskRoleArn"),
                ("execution_role_arn", "executionRoleArn"),
                ("cpu", "cpu"),
                ("memory", "memory"),
            ],
        )
        .numbers(one, &[("revision", "revision")])
        .texts("requires_compatibilities", strings(one, "requiresCompatibilities"));
    let fields = match containers {
        Some(containers) => fields.set("container_definitions", Value::Json(containers)),
        None => fields,
    };
    fields.item("aws_ecs_task_definition", name)
}
