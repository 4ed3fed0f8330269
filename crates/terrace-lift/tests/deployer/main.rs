//! The role to deploy with, held to IAM: it fits, names what exists, is as narrow as AWS lets it be, and keeps apart what
//! belongs to different environments; the engine that decides on access is the judge.
//!
//! The designs are those of `terrace-aws/tests/cases`, each on both foundations; dropping a manifest in there adds one.

#![expect(clippy::disallowed_methods, reason = "cases and the catalogue of actions are files")]
#![expect(clippy::panic, reason = "a test that cannot go on has failed")]
#![expect(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test that cannot read its case has failed"
)]

mod apart;
mod catalogue;
mod fits;

use std::path::Path;

use terrace_aws::deployer::{Policy, Purpose, policies};
use terrace_aws::{Design, Foundation, PolicyDocument, Scope, Statement, lower_on};
use terrace_topology::{AccountId, Topology};

/// A manifest that has a design.
struct Case {
    name: String,
    topology: Topology,
    design: Design,
}

fn account() -> AccountId {
    "123456789012".parse().unwrap()
}

fn designed(text: &str, environment: Option<&str>, foundation: Foundation) -> Option<(Topology, Design)> {
    let topology = terrace_manifest::parse(text, environment).topology?;
    let design = lower_on(&topology, foundation).ok()?;
    Some((topology, design))
}

/// Every manifest that AWS would have, on both foundations.
fn cases() -> Vec<Case> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../terrace-aws/tests/cases");
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let mut all = Vec::new();
    for file in files {
        let text = std::fs::read_to_string(&file).unwrap();
        let environment = text.lines().next().and_then(|line| line.strip_prefix("#@ environment = "));
        for foundation in [Foundation::Within, Foundation::Apart] {
            if let Some((topology, design)) = designed(&text, environment, foundation) {
                let name = format!("{} {foundation:?}", file.file_stem().unwrap().display());
                all.push(Case { name, topology, design });
            }
        }
    }
    assert!(all.len() >= 24, "{} designs were found", all.len());
    all
}

impl Case {
    fn policies(&self, purpose: Purpose) -> Vec<Policy> {
        policies(&self.topology, &self.design.graph, &account(), purpose)
    }
}

fn statements(policies: &[Policy]) -> impl Iterator<Item = &Statement> {
    policies.iter().flat_map(|policy| match &policy.document {
        PolicyDocument::Statements(all) => all.as_slice(),
        PolicyDocument::Opaque(_) => panic!("a policy is made of references"),
    })
}

fn actions(statement: &Statement) -> &[String] {
    match &statement.actions {
        Scope::Only(all) => all,
        Scope::AllBut(_) => panic!("all but some actions are allowed"),
    }
}

fn resources(statement: &Statement) -> Vec<&str> {
    match &statement.resources {
        Some(Scope::Only(all)) => all.iter().map(|text| text.literal().unwrap()).collect(),
        _ => panic!("a statement names no resources"),
    }
}

fn sid(statement: &Statement) -> &str {
    statement.sid.as_deref().unwrap().trim_end_matches(|c: char| c.is_ascii_digit())
}
