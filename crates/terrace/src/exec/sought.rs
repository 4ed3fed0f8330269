//! Which of a system's services is meant, and what it is called on AWS.

use terrace_aws::{Resource, ResourceGraph, Text};
use terrace_topology::{Shape, Topology};
use terrace_tunnel::way::{ShellSought, TaskService};

use crate::design::Designed;
use crate::failure::Failure;

/// The party that is meant; the only service, if none is named.
pub(super) fn party(asked: Option<&str>, topology: &Topology) -> Result<String, Failure> {
    let all: Vec<String> = topology.services.keys().map(ToString::to_string).collect();
    choose(asked, &all)
}

/// The one that is asked for of all; the only one, if none is.
pub(super) fn choose(asked: Option<&str>, all: &[String]) -> Result<String, Failure> {
    match (asked, all) {
        (Some(asked), all) if all.iter().any(|one| one == asked) => Ok(asked.to_owned()),
        (Some(asked), all) => {
            let failure = Failure::input(format!("there is no service `{asked}`"));
            Err(match crate::machine::nearest(asked, all.iter().map(String::as_str)) {
                Some(near) => failure.help(format!("did you mean `{near}`?")),
                None => failure.help(format!(
                    "there is `{}`; a command of its own stands after `--`: `terrace exec -- {asked}`",
                    all.join("`, `")
                )),
            })
        }
        (None, [one]) => Ok(one.clone()),
        (None, []) => Err(Failure::input("this system has no service to run a command in")),
        (None, [first, ..]) => Err(Failure::input("it has to be said which service is meant")
            .help(format!("`terrace exec {first}`, or another of `{}`", all.join("`, `")))),
    }
}

/// What to look for in an account.
pub(super) fn of(designed: &Designed, party: &str, task: Option<String>) -> Result<ShellSought, Failure> {
    let graph = &designed.design.graph;
    let missing = || Failure::input(format!("`{party}` has no name on AWS")).help("`terrace check` says why");
    Ok(match designed.topology.shape {
        Shape::Containers => {
            let cluster = resources(graph).find_map(|(_, resource)| match resource {
                Resource::EcsCluster(cluster) => literal(&cluster.name),
                _ => None,
            });
            let service = resources(graph).find_map(|(label, resource)| match resource {
                Resource::EcsService(service) if label == party => literal(&service.name),
                _ => None,
            });
            ShellSought::Task {
                cluster: cluster.ok_or_else(missing)?,
                service: TaskService {
                    service: service.ok_or_else(missing)?,
                    container: party.to_owned(),
                    setting: format!("[{party}] exec = true"),
                },
                task,
            }
        }
        Shape::Machines => {
            if task.is_some() {
                return Err(Failure::input(
                    "`--task` is about tasks of ECS, and this system runs on machines",
                )
                .help("`--target i-…` names a machine"));
            }
            let group = resources(graph).find_map(|(label, resource)| match resource {
                Resource::AutoScalingGroup(group) if label == party => literal(&group.name),
                _ => None,
            });
            ShellSought::Machine { group: group.ok_or_else(missing)? }
        }
    })
}

fn resources(graph: &ResourceGraph) -> impl Iterator<Item = (&str, &Resource)> {
    graph.nodes().map(|(address, node)| (address.label().as_str(), &node.resource))
}

fn literal(text: &Text) -> Option<String> {
    text.literal().map(str::to_owned)
}
