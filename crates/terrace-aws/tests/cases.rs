//! Every file in `tests/cases` is a manifest and, in its last lines (`#~`), what AWS would be asked for, or why it
//! would refuse.
//!
//! Dropping a file in adds a case. With `TERRACE_UPDATE=1` the expectations are written anew, to be read in the
//! diff. A first line `#@ environment = NAME` chooses an environment. What is told of a design: how many there are of
//! each kind, every way into a group, and every route that leaves the network.

#![expect(
    clippy::disallowed_methods,
    reason = "cases are files, and an environment variable rewrites what is expected"
)]
#![expect(clippy::panic, reason = "a test that cannot go on has failed")]
#![expect(clippy::unwrap_used, reason = "a test that cannot read its case has failed")]
#![expect(clippy::string_slice, reason = "cases are cut where a line begins")]

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::PathBuf;

use terrace_aws::resource::{IngressRule, Route};
use terrace_aws::{Design, Kind, ResourceGraph, lower};

const MARK: &str = "#~";

struct Case {
    path: PathBuf,
    manifest: String,
    expected: String,
}

fn cases() -> Vec<Case> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cases");
    let mut all: Vec<Case> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|e| e == "toml"))
        .map(|path| {
            let text = std::fs::read_to_string(&path).unwrap();
            let at = text.find(&format!("\n{MARK}")).map_or(text.len(), |at| at + 1);
            let expected: Vec<&str> = text[at..]
                .lines()
                .map(|line| line.strip_prefix(MARK).unwrap_or(line))
                .map(|line| line.strip_prefix(' ').unwrap_or(line))
                .collect();
            Case { path, manifest: text[..at].to_owned(), expected: expected.join("\n") }
        })
        .collect();
    all.sort_by(|a, b| a.path.cmp(&b.path));
    all
}

fn environment(manifest: &str) -> Option<&str> {
    manifest.lines().next()?.strip_prefix("#@ environment = ")
}

fn told(manifest: &str) -> String {
    let parsed = terrace_manifest::parse(manifest, environment(manifest));
    let Some(topology) = parsed.topology.filter(|_| !parsed.diagnostics.has_errors()) else {
        panic!("the manifest itself is wrong: {:#?}", parsed.diagnostics);
    };
    match lower(&topology) {
        Err(refusals) => {
            let mut text = String::new();
            for refusal in refusals {
                writeln!(
                    text,
                    "refused[{}] {}: {}",
                    refusal.code().as_str(),
                    refusal.setting(),
                    refusal.message()
                )
                .unwrap();
                for help in refusal.helps() {
                    writeln!(text, "  help: {help}").unwrap();
                }
            }
            text.trim_end().to_owned()
        }
        Ok(design) => summary(&design),
    }
}

fn summary(design: &Design) -> String {
    let graph = &design.graph;
    assert_eq!(graph.dangling(), Vec::new(), "a reference points at nothing");
    let mut counts: BTreeMap<Kind, usize> = BTreeMap::new();
    for (address, _) in graph.nodes() {
        *counts.entry(address.kind()).or_default() += 1;
    }
    let counts: BTreeMap<String, usize> = counts
        .into_iter()
        .map(|(kind, count)| (format!("{}{}", kind.mode().prefix(), kind.type_name()), count))
        .collect();
    let mut lines: Vec<String> = counts.iter().map(|(name, count)| format!("{count:>3} {name}")).collect();
    lines.extend(ways_in(graph));
    lines.extend(ways_out(graph));
    lines.join("\n")
}

fn ways_in(graph: &ResourceGraph) -> Vec<String> {
    let rules = graph.all::<IngressRule>().map(|(_, rule)| {
        let group = rule.security_group_id.label().unwrap();
        let from = match (&rule.referenced_security_group_id, rule.cidr_ipv4, &rule.prefix_list_id) {
            (Some(group), None, None) => group.label().unwrap().to_string(),
            (None, Some(block), None) => block.to_string(),
            (None, None, Some(list)) => list.to_string(),
            other => panic!("a rule has one other end: {other:?}"),
        };
        let port = rule.from_port.unwrap();
        assert_eq!(rule.to_port, Some(port), "a rule is about one port");
        let why = rule.description.literal().unwrap();
        assert!(why.starts_with("flow "), "a rule names its flow: {why}");
        format!("in: {group} from {from} on {port}")
    });
    let mut rules: Vec<String> = rules.collect();
    rules.sort();
    rules
}

fn ways_out(graph: &ResourceGraph) -> Vec<String> {
    graph
        .all::<Route>()
        .map(|(_, route)| {
            let table = route.route_table_id.label().unwrap();
            let to = match (&route.gateway_id, &route.nat_gateway_id) {
                (Some(gateway), None) => format!("internet gateway {}", gateway.label().unwrap()),
                (None, Some(nat)) => format!("NAT gateway {}", nat.label().unwrap()),
                other => panic!("a route has one target: {other:?}"),
            };
            format!("route: {table} to {} by {to}", route.destination_cidr_block)
        })
        .collect()
}

#[test]
fn every_case_says_what_is_expected() {
    let update = std::env::var_os("TERRACE_UPDATE").is_some();
    let all = cases();
    assert!(all.len() >= 12, "{} cases were found", all.len());
    let mut wrong = Vec::new();
    for case in all {
        let said = told(&case.manifest);
        if said == case.expected {
            continue;
        }
        if update {
            let marked: String =
                said.lines().map(|line| format!("{MARK} {line}").trim_end().to_owned() + "\n").collect();
            std::fs::write(&case.path, case.manifest + &marked).unwrap();
        } else {
            let place = case.path.display();
            wrong.push(format!("== {place}\n-- expected\n{}\n-- said\n{said}\n", case.expected));
        }
    }
    assert!(wrong.is_empty(), "{}\nTERRACE_UPDATE=1 writes the expectations anew", wrong.join("\n"));
}
