//! What tasks of ECS have of their own: an interface, and an address in the target group of their service. Both come and go with
//! the task, and are told with the service: its network, and the group that it fills.
//!
//! A task's interface is described by the ARN of its attachment: "Task networking for tasks hosted on Fargate", Amazon ECS
//! Developer Guide; whether AWS marks it as managed depends on how the task runs.
//!
//! GUARANTEE: only addresses in a group that a service fills go, and only interfaces that ECS has described as a task's.

use std::collections::BTreeSet;
use std::net::IpAddr;

use terrace_aws::{Record, Value};

use super::{Items, literal};

/// Takes what is a task's own away.
pub(super) fn fold(all: &mut Items) {
    let filled: BTreeSet<String> = all
        .iter()
        .filter(|(id, _)| id.type_name() == "aws_ecs_service")
        .flat_map(|(_, record)| blocks(record, "load_balancer"))
        .filter_map(|block| literal(block, "target_group_arn"))
        .collect();
    all.retain(|(id, record)| match id.type_name() {
        "aws_lb_target_group_attachment" => {
            let filled = literal(record, "target_group_arn").is_some_and(|group| filled.contains(&group));
            let address = literal(record, "target_id").is_some_and(|target| target.parse::<IpAddr>().is_ok());
            !(filled && address)
        }
        "aws_network_interface" => !literal(record, "description").is_some_and(|text| is_of_a_task(&text)),
        _ => true,
    });
}

/// `arn:aws:ecs:eu-west-1:123456789012:attachment/0a1b`
fn is_of_a_task(description: &str) -> bool {
    let mut parts = description.splitn(6, ':');
    (parts.next(), parts.nth(1)) == (Some("arn"), Some("ecs"))
        && parts.nth(2).is_some_and(|resource| resource.starts_with("attachment/"))
}

fn blocks<'a>(record: &'a Record, name: &str) -> &'a [Record] {
    match record.get(name) {
        Some(Value::Blocks(blocks)) => blocks,
        _ => &[],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read::fields::Fields;

    #[test]
    fn tasks_are_told_with_their_service_and_nothing_else_goes() {
        let group = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/shop/1";
        let target = |of: &str, target: &str| {
            let fields = Fields::new().text("target_group_arn", Some(of)).text("target_id", Some(target));
            fields.item("aws_lb_target_group_attachment", format!("{of} {target}"))
        };
        let interface = |name: &str, description: &str| {
            Fields::new().text("description", Some(description)).item("aws_network_interface", name)
        };
        let balancer = Fields::new().text("target_group_arn", Some(group));
        let mut all = vec![
            Fields::new().blocks("load_balancer", vec![balancer]).item("aws_ecs_service", "shop/app"),
            target(group, "10.0.1.7"),
            target(group, "i-0a"),
            target("another", "10.0.1.7"),
            interface("eni-1", "arn:aws:ecs:eu-west-1:123456789012:attachment/0a1b"),
            interface("eni-2", "arn:aws:ecs:eu-west-1:123456789012:cluster/shop"),
            interface("eni-3", "by hand, for arn:aws:ecs:eu-west-1:123456789012:attachment/0a1b"),
        ];
        fold(&mut all);
        let names: Vec<&str> =
            all.iter().map(|(id, _)| id.name().rsplit('/').next().unwrap_or_default()).collect();
        assert_eq!(names, ["app", "1 i-0a", "another 10.0.1.7", "eni-2", "eni-3"]);
    }
}
