//! What runs commands as a role: machines and the groups that start them, tasks, functions, builds, stacks.

use std::collections::{BTreeMap, BTreeSet};

use terrace_aws::Text;
use terrace_aws::inventory::{Item, Told, View};
use terrace_proof::access::Unknown;
use terrace_proof::estate::{Carrier, CarrierKind, PrincipalId};

use super::Lifting;
use super::identities::tags;
use super::papers;

impl<'i> Lifting<'_, 'i> {
    pub(super) fn carriers(&mut self) {
        self.machines();
        self.tasks();
        for (type_name, argument, kind) in [
            ("aws_lambda_function", "role", CarrierKind::Function),
            ("aws_codebuild_project", "service_role", CarrierKind::Build),
            ("aws_cloudformation_stack", "iam_role_arn", CarrierKind::Stack),
        ] {
            for item in self.all(type_name) {
                if let Some(role) = self.role(item.view(), argument) {
                    self.carry(item, kind, self.names.arn(item), role, BTreeSet::new());
                }
            }
        }
    }

    fn carry(
        &mut self,
        item: &Item,
        kind: CarrierKind,
        arn: Text,
        role: PrincipalId,
        mut unsure: BTreeSet<Unknown>,
    ) {
        unsure.extend(papers::presence(item));
        let (id, tags) = (item.id().clone(), tags(item.view()));
        self.estate.carriers.push(Carrier { id, kind, arn, role, tags, unsure });
    }

    fn role(&self, view: View<'_>, argument: &str) -> Option<PrincipalId> {
        self.role_of(&view.text(argument).known()?)
    }

    /// The role in the profile of a launch template.
    fn template_role(&self, template: &Item) -> Option<PrincipalId> {
        let block = template.view().block("iam_instance_profile").known()?;
        self.role(block, "name").or_else(|| self.role(block, "arn"))
    }

    fn machines(&mut self) {
        for item in self.all("aws_instance") {
            let template = item.view().block("launch_template").known();
            let template = template.and_then(|block| self.template(block));
            let role = self.role(item.view(), "iam_instance_profile");
            if let Some(role) = role.or_else(|| self.template_role(template?)) {
                self.carry(item, CarrierKind::Machine, self.names.arn(item), role, BTreeSet::new());
            }
        }
        let configurations = self.all("aws_launch_configuration");
        for item in self.all("aws_autoscaling_group") {
            let any = self.names.arns_of(item, "ec2", "instance/*".into());
            let configured = item.view().text("launch_configuration").known().and_then(|text| {
                let id = text.reference()?.item()?.clone();
                configurations.iter().find(|one| *one.id() == id).copied()
            });
            if let Some(role) = configured.and_then(|one| self.role(one.view(), "iam_instance_profile")) {
                self.carry(item, CarrierKind::Machine, any.clone(), role, BTreeSet::new());
            }
            for block in launched(item) {
                let Some(template) = self.template(block) else { continue };
                let Some(role) = self.template_role(template) else { continue };
                self.carry(item, CarrierKind::Machine, any.clone(), role, BTreeSet::new());
                if let Some(carrier) = self.estate.carriers.last_mut() {
                    carrier.tags = launched_tags(item, Some(template));
                }
                // Others are a number, or `latest_version`, which is the number at the time when the group was changed.
                if block.literal("version") == Told::Is("$Latest".to_owned()) {
                    let arn = self.names.arn(template);
                    self.carry(template, CarrierKind::Latest, arn, role, BTreeSet::new());
                }
            }
        }
    }

    fn template(&self, block: View<'_>) -> Option<&'i Item> {
        ["id", "name", "launch_template_id", "launch_template_name"].iter().find_map(|argument| {
            let text = block.text(argument).known()?;
            let referred = text.reference().and_then(|reference| self.names.inventory.target(reference));
            referred.filter(|item| item.type_name() == "aws_launch_template").or_else(|| {
                let templates = self.all("aws_launch_template");
                let by = |item: &&Item| {
                    let own = if argument.ends_with("name") { "name" } else { "id" };
                    text.literal().is_some() && item.view().text(own).known().as_ref() == Some(&text)
                };
                templates.into_iter().find(by)
            })
        })
    }

    /// Tasks of services that let people run commands in them.
    fn tasks(&mut self) {
        let definitions = self.all("aws_ecs_task_definition");
        for item in self.all("aws_ecs_service") {
            let unsure = match item.view().bool("enable_execute_command") {
                Told::Is(true) => BTreeSet::new(),
                Told::Is(false) | Told::Nothing => continue,
                Told::Unknown(of) => papers::untold(of),
            };
            let Some(text) = item.view().text("task_definition").known() else { continue };
            let Some(definition) = text.references().find_map(|reference| {
                let id = reference.item()?;
                definitions.iter().find(|one| one.id() == id)
            }) else {
                continue;
            };
            let Some(role) = self.role(definition.view(), "task_role_arn") else { continue };
            let cluster = item.view().text("cluster").known().and_then(|text| {
                let cluster = self.names.inventory.target(text.reference()?)?;
                Some(self.names.name(cluster, "name"))
            });
            let rest = match cluster {
                Some(cluster) => Text::from("task/").then(cluster).then("/*"),
                None => Text::from("task/*"),
            };
            let arn = self.names.arns_of(item, "ecs", rest);
            self.carry(item, CarrierKind::Task, arn, role, unsure);
        }
    }
}

/// The tags of machines that a group starts: the template's, over which the group's go.
fn launched_tags(group: &Item, template: Option<&Item>) -> BTreeMap<String, Text> {
    let mut all = BTreeMap::new();
    let specified = template.and_then(|one| one.view().blocks("tag_specifications").known());
    for block in specified.unwrap_or_default() {
        if block.literal("resource_type").known().as_deref() == Some("instance") {
            all.extend(block.map("tags").known().unwrap_or_default());
        }
    }
    for block in group.view().blocks("tag").known().unwrap_or_default() {
        if let (Some(true), Some(key), Some(value)) = (
            block.bool("propagate_at_launch").known(),
            block.literal("key").known(),
            block.text("value").known(),
        ) {
            all.insert(key, value);
        }
    }
    all
}

/// The launch templates of a group: its own, or those of a mix.
fn launched(group: &Item) -> Vec<View<'_>> {
    let mut all: Vec<View<'_>> = group.view().block("launch_template").known().into_iter().collect();
    let mixed = group.view().block("mixed_instances_policy").known();
    let mixed = mixed.and_then(|block| block.block("launch_template").known());
    if let Some(mixed) = mixed {
        all.extend(mixed.block("launch_template_specification").known());
        for other in mixed.blocks("override").known().unwrap_or_default() {
            all.extend(other.block("launch_template_specification").known());
        }
    }
    all
}
