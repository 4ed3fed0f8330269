//! One design through our own graph, through Terraform's text, through a plan that the real provider made, and as a
//! CloudFormation template: the same verdicts. What differs is written down with its reason; nothing else may.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on has failed")]
#![expect(clippy::disallowed_methods, reason = "templates and manifests are files")]

#[path = "../../../terrace-terraform/tests/engine/mod.rs"]
#[expect(dead_code, reason = "plans are made here, and nothing is run without a provider")]
mod engine;
mod verdicts;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use engine::{Engine, emulator};
use terrace_aws::Design;
use terrace_aws::inventory::{Inventory, ItemId, Tree};
use terrace_terraform::{emit, found};
use verdicts::{Verdicts, verdicts};

fn read(path: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(path)).unwrap()
}

fn design(manifest: &str) -> Design {
    let parsed = terrace_manifest::parse(&read(manifest), None);
    terrace_aws::lower(&parsed.topology.unwrap()).unwrap()
}

/// As they are.
fn same(id: &ItemId) -> String {
    id.to_string()
}

fn ours(design: &Design) -> Verdicts {
    verdicts(&Inventory::of(&design.graph), &same)
}

/// The designs, by the manifest of each.
const MANIFESTS: [&str; 5] = [
    "examples/items/terrace.toml",
    "examples/items/terrace.fargate.toml",
    "crates/terrace-aws/tests/cases/ec2-cloudfront-domain.toml",
    "crates/terrace-aws/tests/cases/fargate-nat-domain.toml",
    "crates/terrace-aws/tests/cases/ec2-nat-other-ports.toml",
];

/// Differences that are written down: lines of a table, `DIFFERENCE  # REASON`.
fn written(table: &str) -> BTreeMap<String, String> {
    let lines = table.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    let pair = |line: &str| {
        let (line, reason) = line.split_once("  # ").unwrap_or_else(|| panic!("{line} has no reason"));
        (line.to_owned(), reason.to_owned())
    };
    lines.map(pair).collect()
}

/// Holds differences to those that are written down: each is there, and no other.
fn hold(what: &str, theirs: &Verdicts, ours: &Verdicts, table: &str) {
    let (written, found) = (written(table), theirs.differences(ours));
    let new: Vec<&String> = found.iter().filter(|line| !written.contains_key(*line)).collect();
    let gone: Vec<&String> = written.keys().filter(|line| !found.contains(*line)).collect();
    assert!(new.is_empty() && gone.is_empty(), "{what}\nnot written down: {new:#?}\nno longer so: {gone:#?}");
}

#[test]
fn terraforms_text_of_a_design_gets_the_verdicts_of_the_design() {
    for manifest in MANIFESTS {
        let design = design(manifest);
        let mut tree = Tree::new();
        for (name, text) in &emit(&design).unwrap() {
            tree.insert(name.as_str(), text);
        }
        let told = found::folder(&tree, "", &found::Given::default()).unwrap();
        hold(manifest, &verdicts(&told, &same), &ours(&design), "");
    }
}

#[test]
fn a_real_plan_of_a_design_gets_its_verdicts_or_weaker_ones() {
    let what = "verdicts on real plans";
    let (Some(engine), Some(aws)) = (Engine::find(what), emulator()) else { return };
    let (hidden, mut seen) = (written(include_str!("plan.txt")), BTreeSet::new());
    for manifest in MANIFESTS.into_iter().take(2) {
        let design = design(manifest);
        engine.write(&emit(&design).unwrap());
        let told = found::plan(&engine.plan(&aws), "plan.json").unwrap();
        let (theirs, ours) = (verdicts(&told, &same), ours(&design));
        assert_eq!(theirs.contradictions(&ours), [""; 0], "{manifest}");
        let mut left = theirs.differences(&ours);
        left.retain(|line| {
            // Who reads what may be weaker with the policies; who reaches whom may not. Whom a hidden policy lets in from
            // outside is no reader by name, only by the rules on such policies.
            let weak = ["? ", "+? ", "- cloudfront.amazonaws.com "];
            let is_reader = weak.iter().any(|weak| line.starts_with(weak)) && line.contains(" reads ");
            let rule = line.strip_prefix("+? ").unwrap_or(line).split(' ').next().unwrap();
            if hidden.contains_key(rule) {
                seen.insert(rule.to_owned());
            }
            !is_reader && !hidden.contains_key(rule)
        });
        assert!(left.is_empty(), "{manifest}: {left:#?}");
    }
    let known: BTreeSet<String> = hidden.into_keys().collect();
    assert_eq!(seen, known, "what a plan hides");
}

#[test]
fn a_template_of_the_design_gets_its_verdicts() {
    let path = "crates/terrace-cloudformation/tests/designs/items-ec2.yaml";
    let mut tree = Tree::new();
    tree.insert("template.yaml", read(path));
    let given = terrace_cloudformation::Given { region: Some("us-east-1".to_owned()), ..Default::default() };
    let told = terrace_cloudformation::template(&tree, "template.yaml", &given).unwrap();
    let called: BTreeMap<&str, &str> =
        include_str!("names.txt").lines().filter_map(|line| line.split_once(" = ")).collect();
    let names = |id: &ItemId| called.get(id.name()).map_or_else(|| id.to_string(), |name| (*name).to_owned());
    hold(path, &verdicts(&told, &names), &ours(&design(MANIFESTS[0])), include_str!("template.txt"));
}
