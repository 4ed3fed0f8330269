//! The same systems on a foundation that is apart: what is named there, what a variable tells, that nothing else differs, and that
//! plain settings are no part of it.

#![expect(clippy::disallowed_methods, reason = "cases are files")]
#![expect(clippy::unwrap_used, reason = "a test that cannot read its case has failed")]

use std::collections::{BTreeMap, BTreeSet};

use terrace_aws::resource::{Bucket, ImageComponent, LaunchTemplate, RolePolicy, TaskDefinition};
use terrace_aws::{
    Foundation, Label, Node, ResourceGraph, Scope, lower, lower_on, release_variables, repository,
    settings_variables,
};
use terrace_topology::{PartyName, Shape, Topology};

/// Every system of the cases that has a design.
fn systems() -> Vec<(String, Topology)> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cases");
    let mut all = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let text = std::fs::read_to_string(&path).unwrap();
        let environment = text.lines().next().and_then(|line| line.strip_prefix("#@ environment = "));
        let Some(topology) = terrace_manifest::parse(&text, environment).topology else { continue };
        if lower(&topology).is_ok() {
            all.push((path.file_name().unwrap().to_string_lossy().into_owned(), topology));
        }
    }
    assert!(all.len() >= 12, "{} systems were found", all.len());
    all
}

fn apart(topology: &Topology) -> ResourceGraph {
    lower_on(topology, Foundation::Apart).unwrap().graph
}

fn addresses(graph: &ResourceGraph) -> BTreeMap<String, &Node> {
    graph.nodes().map(|(address, node)| (address.to_string(), node)).collect()
}

#[test]
fn nothing_differs_but_the_foundation_and_what_names_it() {
    let gone = ["aws_ecr_repository.", "aws_ecr_lifecycle_policy.", "aws_s3_object."];
    // What names images or releases, or is made from what does.
    let other = [
        "aws_iam_role_policy.",
        "aws_ecs_service.",
        "aws_ecs_task_definition.",
        "aws_launch_template.",
        "aws_imagebuilder_component.",
        "aws_imagebuilder_image_recipe.",
        "aws_imagebuilder_image.",
        "aws_imagebuilder_infrastructure_configuration.",
    ];
    for (name, topology) in systems() {
        let (within, apart) = (lower(&topology).unwrap().graph, apart(&topology));
        assert_eq!(apart.dangling(), Vec::new(), "{name}");
        let (before, after) = (addresses(&within), addresses(&apart));
        for (address, node) in &before {
            let of_artifacts = address.starts_with("aws_s3_bucket") && address.ends_with(".artifacts");
            let of_a_service =
                address.starts_with("aws_ssm_parameter.") && address != "aws_ssm_parameter.api_host";
            if of_artifacts || of_a_service || gone.iter().any(|kind| address.starts_with(kind)) {
                assert!(!after.contains_key(address), "{name}: {address} is there");
            } else if !other.iter().any(|kind| address.starts_with(kind)) {
                let mut node = (*node).clone();
                node.depends_on.retain(|on| after.contains_key(&on.to_string()));
                assert_eq!(after.get(address), Some(&&node), "{name}: {address}");
            }
        }
        let more: Vec<&String> = after.keys().filter(|address| !before.contains_key(*address)).collect();
        let machines = topology.shape == Shape::Machines;
        let expected = if machines { vec!["aws_imagebuilder_component.main"] } else { Vec::new() };
        assert_eq!(more, expected, "{name}");
        let parameters: BTreeSet<String> =
            topology.services.keys().map(|party| format!("{party}_parameters")).collect();
        let missing = within.outputs.keys().filter(|label| !apart.outputs.contains_key(*label));
        let missing: BTreeSet<String> = missing.map(ToString::to_string).collect();
        assert_eq!(missing, parameters, "{name}: outputs are missing");
    }
}

#[test]
fn what_is_in_force_is_a_variable_that_has_to_be_set() {
    for (name, topology) in systems() {
        let graph = apart(&topology);
        let variables = release_variables(&topology);
        let settings = settings_variables(&topology);
        assert_eq!(
            graph.variables.keys().collect::<BTreeSet<_>>(),
            variables.values().chain(settings.values()).collect::<BTreeSet<_>>(),
            "{name}"
        );
        for variable in settings.values() {
            let definition = graph.all::<TaskDefinition>().next().unwrap().1;
            assert!(format!("{:?}", definition.container_definitions).contains(variable.as_str()), "{name}");
        }
        assert!(graph.variables.values().all(|variable| variable.default.is_none()), "{name}");
        for (party, variable) in variables {
            let told = format!("${{var.{variable}}}");
            let found = match topology.shape {
                Shape::Containers => {
                    let definition = graph.all::<TaskDefinition>().next().unwrap().1;
                    assert_eq!((definition.skip_destroy, definition.track_latest), (Some(true), Some(true)));
                    format!("{:?}", definition.container_definitions).contains(variable.as_str())
                }
                Shape::Machines => {
                    let label = Label::from_words(&[party.as_str()]);
                    let mut templates = graph.all::<LaunchTemplate>().filter(|(other, _)| **other == label);
                    let template = templates.next().unwrap().1;
                    let tag = |tags: &terrace_aws::resource::Tags| {
                        tags.get("terrace:release").map(ToString::to_string) == Some(told.clone())
                    };
                    template.tag_specifications.0.iter().all(|one| tag(&one.tags)) && !tag(&template.tags)
                }
            };
            assert!(found, "{name}: {party} does not start what is in force");
        }
    }
}

/// The same with other plain settings of every service.
fn with(topology: &Topology, plain: &[(&str, &str)]) -> Topology {
    let mut topology = topology.clone();
    for service in topology.services.values_mut() {
        let all = plain.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()));
        service.variables = all.collect();
    }
    topology
}

#[test]
fn another_plain_setting_changes_nothing_and_nobody_may_read_parameters_for_it() {
    // An export keeps neither the empty one nor the one with braces.
    let plain = [("HOST", "10.0.0.7"), ("EMPTY", ""), ("TEMPLATE", "{{name}}"), ("TERRACE_DATABASE", "mine")];
    for (name, topology) in systems() {
        let graph = apart(&with(&topology, &[]));
        assert_eq!(apart(&with(&topology, &plain)), graph, "{name}");
        assert!(
            lower(&with(&topology, &plain)).is_err(),
            "{name}: an export takes what Parameter Store refuses"
        );
        for (label, policy) in graph.all::<RolePolicy>().filter(|(label, _)| label.as_str() != "web") {
            let may = format!("{:?}", policy.policy);
            assert!(!may.contains("ssm:GetParameter"), "{name}: {label} may read parameters");
        }
    }
}

#[test]
fn settings_that_no_task_definition_holds_are_refused_before_there_is_one() {
    let names: Vec<String> = (0..20).map(|number| format!("SETTING_{number}")).collect();
    let long = "x".repeat(4096);
    let all: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), long.as_str())).collect();
    let (mut tasks, mut machines) = (0, 0);
    for (name, topology) in systems() {
        let made = lower_on(&with(&topology, &all), Foundation::Apart);
        match topology.shape {
            Shape::Containers => {
                let refused = made.unwrap_err();
                let told: Vec<&str> = refused.iter().map(|one| one.code().as_str()).collect();
                assert_eq!(told, ["aws-settings-size"], "{name}");
                assert!(lower_on(&with(&topology, &all[..10]), Foundation::Apart).is_ok(), "{name}");
                tasks += 1;
            }
            Shape::Machines => {
                made.unwrap_or_else(|refused| panic!("{name}: {refused:?}"));
                machines += 1;
            }
        }
    }
    assert!(tasks > 2 && machines > 2);
}

#[test]
fn machines_read_their_own_releases_and_no_other_bucket() {
    for (name, topology) in systems().into_iter().filter(|(_, one)| one.shape == Shape::Machines) {
        let graph = apart(&topology);
        let environment = topology.environment.as_ref().map_or("default", |name| name.as_str());
        let own = format!(
            "arn:aws:s3:::terrace-${{data.aws_caller_identity.current.account_id}}-{}/artifacts/{}/{environment}/*",
            topology.region, topology.name
        );
        assert!(graph.all::<Bucket>().all(|(label, _)| label.as_str() != "artifacts"), "{name}");
        for (label, policy) in graph.all::<RolePolicy>() {
            let terrace_aws::PolicyDocument::Statements(statements) = &policy.policy else { continue };
            for statement in statements {
                let Scope::Only(actions) = &statement.actions else { continue };
                if !actions.iter().any(|action| action.starts_with("s3:")) {
                    continue;
                }
                let on = format!("{:?}", statement.resources);
                let programs = label.as_str() == "builder" && on.contains("ec2imagebuilder");
                let resources: Vec<String> = match &statement.resources {
                    Some(Scope::Only(resources)) => resources.iter().map(ToString::to_string).collect(),
                    Some(Scope::AllBut(_)) | None => Vec::new(),
                };
                assert!(programs || resources == [own.clone()], "{name}: {label} may {actions:?} on {on}");
                assert_eq!(actions.as_slice(), ["s3:GetObject"], "{name}");
            }
        }
        for (label, component) in graph.all::<ImageComponent>() {
            let text = component.data.to_string();
            assert!(!text.contains("{{"), "{name}: {label} has a parameter of Image Builder's");
            assert!(text.chars().count() <= 16_000, "{name}: {label} is too long");
        }
    }
}

#[test]
fn repositories_are_named_as_an_export_names_them() {
    for (name, topology) in systems().into_iter().filter(|(_, one)| one.shape == Shape::Containers) {
        let within = lower(&topology).unwrap().graph;
        for (label, one) in within.all::<terrace_aws::resource::Repository>() {
            let party: PartyName = label.as_str().parse().unwrap();
            assert_eq!(one.name.literal(), Some(repository(&topology, &party).as_str()), "{name}");
        }
    }
}
