//! Which crate may know which, as a positive list; a new arrow is a change of its own.
//!
//! Development dependencies count as well: a test that needs to look up the stream belongs higher up. What stands in for
//! others in tests may be used by all tests, and by nothing else.

use std::collections::{BTreeMap, BTreeSet};

use cargo_metadata::{DependencyKind, Metadata, Package, PackageId};

/// The zone of a crate, after DESIGN: what it may touch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Zone {
    /// Pure: values in, values out.
    Pure,
    /// The data plane: knows nothing of the compiler.
    Data,
    /// Touches the machine.
    Effects,
    /// The command line.
    Front,
}

/// A crate, its zone, and the crates of ours that it may use.
pub type Room = (&'static str, Zone, &'static [&'static str]);

/// Every crate of ours.
pub const ROOMS: &[Room] = &[
    ("terrace-diag", Zone::Pure, &[]),
    ("terrace-net", Zone::Pure, &[]),
    ("terrace-topology", Zone::Pure, &["terrace-diag", "terrace-net"]),
    ("terrace-manifest", Zone::Pure, &["terrace-diag", "terrace-net", "terrace-topology"]),
    ("terrace-aws", Zone::Pure, &["terrace-diag", "terrace-manifest", "terrace-net", "terrace-topology"]),
    (
        "terrace-terraform",
        Zone::Pure,
        &["terrace-aws", "terrace-diag", "terrace-manifest", "terrace-net", "terrace-topology"],
    ),
    (
        "terrace-cost",
        Zone::Pure,
        &["terrace-aws", "terrace-diag", "terrace-manifest", "terrace-net", "terrace-topology"],
    ),
    ("terrace-cloudformation", Zone::Pure, &["terrace-aws", "terrace-diag"]),
    ("terrace-diagram", Zone::Pure, &["terrace-aws", "terrace-manifest", "terrace-net", "terrace-topology"]),
    ("terrace-certificate", Zone::Pure, &[]),
    ("terrace-proof", Zone::Pure, &["terrace-aws", "terrace-diag", "terrace-net"]),
    (
        "terrace-lift",
        Zone::Pure,
        &[
            "terrace-aws",
            "terrace-diag",
            "terrace-manifest",
            "terrace-net",
            "terrace-proof",
            "terrace-terraform",
            "terrace-topology",
        ],
    ),
    (
        "terrace-audit",
        Zone::Pure,
        &[
            "terrace-aws",
            "terrace-certificate",
            "terrace-cloudformation",
            "terrace-diag",
            "terrace-lift",
            "terrace-manifest",
            "terrace-net",
            "terrace-proof",
            "terrace-terraform",
            "terrace-topology",
        ],
    ),
    (
        "terrace-change",
        Zone::Pure,
        &[
            "terrace-audit",
            "terrace-aws",
            "terrace-cost",
            "terrace-lift",
            "terrace-manifest",
            "terrace-proof",
            "terrace-terraform",
        ],
    ),
    ("terrace-ssm", Zone::Pure, &[]),
    ("terrace-edge-config", Zone::Pure, &["terrace-net"]),
    (
        "terrace-local",
        Zone::Pure,
        &["terrace-diag", "terrace-edge-config", "terrace-net", "terrace-topology"],
    ),
    ("terrace-image", Zone::Pure, &["terrace-net"]),
    ("terrace-edge", Zone::Data, &["terrace-edge-config", "terrace-net"]),
    ("terrace-boot", Zone::Data, &[]),
    (
        "terrace-run",
        Zone::Effects,
        &[
            "terrace-boot",
            "terrace-edge",
            "terrace-edge-config",
            "terrace-local",
            "terrace-net",
            "terrace-topology",
            "terrace-tunnel",
        ],
    ),
    ("terrace-account", Zone::Effects, &[]),
    ("terrace-live", Zone::Effects, &["terrace-account", "terrace-aws"]),
    ("terrace-tunnel", Zone::Effects, &["terrace-account", "terrace-net", "terrace-ssm"]),
    ("terrace-registry", Zone::Effects, &["terrace-image"]),
    (
        "terrace-cloud",
        Zone::Effects,
        &[
            "terrace-account",
            "terrace-change",
            "terrace-image",
            "terrace-net",
            "terrace-registry",
            "terrace-terraform",
            "terrace-tunnel",
        ],
    ),
    ("terrace-stand-in", Zone::Effects, &[]),
    ("terrace-vpc", Zone::Effects, &["terrace-net", "terrace-proof"]),
    (
        "terrace",
        Zone::Front,
        &[
            "terrace-account",
            "terrace-boot",
            "terrace-audit",
            "terrace-aws",
            "terrace-certificate",
            "terrace-change",
            "terrace-cloud",
            "terrace-cloudformation",
            "terrace-cost",
            "terrace-diag",
            "terrace-diagram",
            "terrace-edge",
            "terrace-edge-config",
            "terrace-image",
            "terrace-live",
            "terrace-local",
            "terrace-manifest",
            "terrace-net",
            "terrace-registry",
            "terrace-run",
            "terrace-ssm",
            "terrace-terraform",
            "terrace-topology",
            "terrace-tunnel",
        ],
    ),
];

/// Crates from elsewhere that reach for the machine: none may stand anywhere behind a pure crate.
const IMPURE: &[&str] =
    &["clap", "hyper", "hyper-util", "mio", "notify", "reqwest", "rustls", "socket2", "tokio"];

/// Crates that only the command line knows.
const FRONT_ONLY: &[&str] = &["annotate-snippets", "clap", "dialoguer", "indicatif"];

/// Crates of ours that only tests know.
const TESTS_ONLY: &[&str] = &["terrace-stand-in"];

/// Every arrow that is not allowed, every room that is not declared or not there.
pub fn violations(metadata: &Metadata, rooms: &[Room]) -> Vec<String> {
    let mut found = Vec::new();
    let ours: BTreeMap<&str, &Package> = metadata
        .workspace_packages()
        .into_iter()
        .filter(|p| p.name.as_str() != "xtask")
        .map(|p| (p.name.as_str(), p))
        .collect();
    let declared: BTreeSet<&str> = rooms.iter().map(|(name, ..)| *name).collect();
    found.extend(
        ours.keys().filter(|n| !declared.contains(*n)).map(|n| format!("`{n}` is not in the list of rooms")),
    );
    for (name, zone, may_use) in rooms {
        let Some(package) = ours.get(name) else {
            found.push(format!("`{name}` is in the list of rooms and not in the workspace"));
            continue;
        };
        for dependency in &package.dependencies {
            let to = dependency.name.as_str();
            if TESTS_ONLY.contains(&to) {
                if dependency.kind != DependencyKind::Development {
                    found.push(format!("`{name}` uses `{to}`, which only tests know"));
                }
            } else if declared.contains(to) && !may_use.contains(&to) && to != *name {
                found.push(format!("`{name}` uses `{to}`, which is not an allowed arrow"));
            }
            let front_only = FRONT_ONLY.contains(&to) && dependency.kind == DependencyKind::Normal;
            if front_only && *zone != Zone::Front {
                found.push(format!("`{name}` uses `{to}`, which only the command line knows"));
            }
        }
        if *zone == Zone::Pure {
            found.extend(
                behind(metadata, &package.id)
                    .into_iter()
                    .filter(|n| IMPURE.contains(&n.as_str()))
                    .map(|n| format!("`{name}` is pure, and `{n}` stands behind it")),
            );
        }
    }
    found
}

/// The names of everything that a crate is built from, without what only its tests or build need.
fn behind(metadata: &Metadata, start: &PackageId) -> BTreeSet<String> {
    let nodes: BTreeMap<_, _> =
        metadata.resolve.iter().flat_map(|r| &r.nodes).map(|node| (&node.id, node)).collect();
    let mut seen = BTreeSet::new();
    let mut open = vec![start];
    while let Some(id) = open.pop() {
        for next in nodes.get(id).iter().flat_map(|node| &node.deps) {
            let normal = next.dep_kinds.iter().any(|k| k.kind == DependencyKind::Normal);
            if normal && seen.insert(&next.pkg) {
                open.push(&next.pkg);
            }
        }
    }
    metadata.packages.iter().filter(|p| seen.contains(&p.id)).map(|p| p.name.to_string()).collect()
}
