//! Whose roles are whose: the tiers of the machines, tasks and functions that carry a role.

use std::collections::{BTreeMap, BTreeSet};

use terrace_aws::inventory::{Inventory, Item, ItemId};

use crate::Subject;
use crate::tiers::Tier;

/// What stands between a site and its role.
const BETWEEN: [&str; 8] = [
    "aws_launch_template",
    "aws_launch_configuration",
    "aws_iam_instance_profile",
    "aws_ecs_task_definition",
    "aws_instance",
    "aws_autoscaling_group",
    "aws_ecs_service",
    "aws_lambda_function",
];

/// The arguments that name a role, or what carries one.
const ARGUMENTS: [&str; 12] = [
    "launch_template",
    "launch_configuration",
    "mixed_instances_policy",
    "iam_instance_profile",
    "task_definition",
    "role",
    "roles",
    "task_role_arn",
    "execution_role_arn",
    "instance_profile",
    "name",
    "arn",
];

/// By role: the tiers of those who carry it; of a task's execution role, those of the task.
pub(crate) fn tiers(subject: &Subject<'_>) -> BTreeMap<ItemId, BTreeSet<Tier>> {
    let mut all: BTreeMap<ItemId, BTreeSet<Tier>> = BTreeMap::new();
    for (site, tier) in subject.sites() {
        let Some(name) = subject.lifted.site(site) else { continue };
        for role in roles(subject.inventory, std::iter::once(&name.item).chain(&name.also)) {
            all.entry(role).or_default().insert(tier);
        }
    }
    all
}

fn roles<'a>(inventory: &'a Inventory, from: impl Iterator<Item = &'a ItemId>) -> BTreeSet<ItemId> {
    let mut open: Vec<&Item> = from.filter_map(|id| inventory.get(id)).collect();
    let mut seen: BTreeSet<&ItemId> = BTreeSet::new();
    let mut found = BTreeSet::new();
    while let Some(item) = open.pop() {
        if !seen.insert(item.id()) {
            continue;
        }
        if item.type_name() == "aws_iam_role" {
            found.insert(item.id().clone());
            continue;
        }
        if !BETWEEN.contains(&item.type_name()) {
            continue;
        }
        for argument in ARGUMENTS {
            let references = item.view().references(argument);
            open.extend(references.iter().filter_map(|to| inventory.get(to.item()?)));
        }
    }
    found
}
