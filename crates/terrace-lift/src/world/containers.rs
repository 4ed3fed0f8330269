//! Containers: services of ECS and the tasks that they run.
//!
//! Source: Amazon ECS Developer Guide, "Task networking": with `awsvpc` a task has an interface of its own; else it answers
//! on its instance, on a port from 32768 to 65535 where the definition gives none.

use terrace_aws::inventory::{Item, ItemId, View};
use terrace_aws::{Json, Value};
use terrace_proof::space::PortSpan;
use terrace_proof::world::{SiteId, When};

use super::ask;
use super::lifted::SiteKind;
use super::lifting::Lifting;
use super::placing::{Given, Placement};

const CLUSTERS: &[&str] = &["aws_ecs_cluster"];
const DYNAMIC: (u16, u16) = (32_768, 65_535);

impl<'a> Lifting<'a> {
    pub(super) fn containers(&mut self) {
        for item in self.all(&["aws_ecs_service"]) {
            self.service_of(item);
        }
        for item in self.all(&["aws_cloudwatch_event_target"]) {
            self.started(item, &ask::blocks(item.view(), "ecs_target"));
        }
        for item in self.all(&["aws_scheduler_schedule"]) {
            for target in ask::blocks(item.view(), "target") {
                self.started(item, &ask::blocks(target, "ecs_parameters"));
            }
        }
    }

    /// Tasks that something starts from time to time, as these blocks say.
    fn started(&mut self, item: &'a Item, blocks: &[View<'a>]) {
        let when = self.presence(item);
        for network in blocks.iter().flat_map(|block| ask::blocks(*block, "network_configuration")) {
            let site = self.add_site(item.id(), SiteKind::Task, None);
            self.place_tasks(site, network, &when);
        }
    }

    fn service_of(&mut self, item: &'a Item) {
        let view = item.view();
        let networks = ask::blocks(view, "network_configuration");
        if networks.is_empty() {
            // In bridge and host mode the machines answer; they are the site.
            match self.machines_for(view) {
                Some(machines) => self.also(machines, item.id()),
                None => self.may_open(item.id(), "tasks on machines that are not told"),
            }
            return;
        }
        let site = self.add_site(item.id(), SiteKind::Service, None);
        if let Some(task) = self.one(view, "task_definition", &["aws_ecs_task_definition"])
            && self.item(&task.is).is_some()
            && !self.sites.contains_key(&task.is)
        {
            self.also(site, &task.is);
        }
        let when = self.presence(item);
        for network in networks {
            self.place_tasks(site, network, &when);
        }
    }

    fn place_tasks(&mut self, site: SiteId, network: View<'a>, when: &When) {
        let guarding = self.guarding(network, &["security_groups"]);
        let subnets = self.subnets_named(network, "subnets", &guarding);
        let public: Given = self.truth(ask::bool(network, "assign_public_ip"), false).into();
        // In a subnet with both families a task gets an address of IPv6 where the account's `dualStackIPv6` says so.
        let six = Given::Yes(When::on(self.unknown("the account setting dualStackIPv6 of ECS")));
        self.place(site, &Placement::new(subnets, guarding, when.clone()).public(public).six(six));
    }

    /// The machines that a service's tasks run on: those of its cluster's capacity provider, else the only ones.
    fn machines_for(&mut self, service: View<'a>) -> Option<SiteId> {
        const GROUPS: &[&str] = &["aws_autoscaling_group"];
        let cluster = self.one(service, "cluster", CLUSTERS);
        let mut providers: Vec<ItemId> = Vec::new();
        for strategy in ask::blocks(service, "capacity_provider_strategy") {
            providers.extend(
                self.named(strategy, "capacity_provider", &["aws_ecs_capacity_provider"])
                    .into_iter()
                    .map(|f| f.is),
            );
        }
        for item in self.all(&["aws_ecs_cluster_capacity_providers"]) {
            let of = self.named(item.view(), "cluster_name", CLUSTERS);
            if cluster.as_ref().is_some_and(|cluster| of.iter().any(|of| of.is == cluster.is)) {
                let named = self.named(item.view(), "capacity_providers", &["aws_ecs_capacity_provider"]);
                providers.extend(named.into_iter().map(|f| f.is));
            }
        }
        for provider in providers {
            let Some(item) = self.item(&provider) else { continue };
            for block in ask::blocks(item.view(), "auto_scaling_group_provider") {
                if let Some(group) = self.one(block, "auto_scaling_group_arn", GROUPS)
                    && let Some(site) = self.sites.get(&group.is)
                {
                    return Some(*site);
                }
            }
        }
        let all = self.all(GROUPS);
        let [only] = all.as_slice() else { return None };
        self.assume(format!("tasks of ECS that have no interfaces of their own run on {}", only.id()));
        self.sites.get(only.id()).copied()
    }

    /// On which ports a service's container answers a load balancer.
    pub(super) fn container_ports(
        &mut self,
        service: &'a Item,
        container_port: Option<u16>,
    ) -> Option<PortSpan> {
        let view = service.view();
        let one = |port: u16| PortSpan::new(port, port);
        if !ask::blocks(view, "network_configuration").is_empty() {
            return one(container_port?);
        }
        let dynamic = PortSpan::new(DYNAMIC.0, DYNAMIC.1);
        let task = self.one(view, "task_definition", &["aws_ecs_task_definition"])?;
        let Some(item) = self.item(&task.is) else { return dynamic };
        if ask::word(item.view(), "network_mode").as_deref() == Some("host") {
            return one(container_port?);
        }
        let Some(Value::Json(Json::List(containers))) = item.view().get("container_definitions") else {
            return dynamic;
        };
        for container in containers {
            let Some(Json::List(mappings)) = field(container, "portMappings") else { continue };
            for mapping in mappings {
                let number = |name: &str| match field(mapping, name) {
                    Some(Json::Int(number)) => u16::try_from(*number).ok(),
                    _ => None,
                };
                if number("containerPort") == container_port {
                    return match number("hostPort") {
                        None | Some(0) => dynamic,
                        Some(port) => one(port),
                    };
                }
            }
        }
        dynamic
    }
}

fn field<'j>(json: &'j Json, name: &str) -> Option<&'j Json> {
    let Json::Object(fields) = json else { return None };
    fields.iter().find(|(key, _)| key == name).map(|(_, value)| value)
}
