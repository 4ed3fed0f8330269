//! Every file in `tests/world/cases` is a design, Terraform (`.tf`) or a manifest (`.toml`), and, in its last lines (`#~`), the
//! network that it is lifted to and who reaches whom in it.
//!
//! Dropping a file in adds a case. With `TERRACE_UPDATE=1` the expectations are written anew, to be read in the diff. A first
//! line `#@ reach` tells only who reaches whom; `#@ environment = NAME` chooses a manifest's environment.

#![expect(
    clippy::disallowed_methods,
    reason = "cases are files, and an environment variable rewrites what is expected"
)]
#![expect(clippy::panic, reason = "a test that cannot go on has failed")]
#![expect(clippy::unwrap_used, reason = "a test that cannot read its case has failed")]
#![expect(clippy::string_slice, reason = "cases are cut where a line begins")]

mod designs;
mod laws;
mod words;

use std::path::{Path, PathBuf};

use terrace_aws::inventory::{Inventory, Tree};
use terrace_lift::world::{Lifted, lift};
use terrace_proof::reach::{Link, reach};
use terrace_proof::space::PortSpan;
use terrace_proof::world::{Bound, Party};

const MARK: &str = "#~";

fn cases() -> Vec<PathBuf> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/world/cases");
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut all: Vec<PathBuf> =
        files.filter(|path| path.extension().is_some_and(|e| e == "tf" || e == "toml")).collect();
    all.sort();
    all
}

/// The inventory of a manifest's design.
pub(crate) fn own(manifest: &str) -> Inventory {
    let environment = manifest.lines().find_map(|line| line.strip_prefix("#@ environment = "));
    let parsed = terrace_manifest::parse(manifest, environment);
    let Some(topology) = parsed.topology.filter(|_| !parsed.diagnostics.has_errors()) else {
        panic!("the manifest itself is wrong: {:#?}", parsed.diagnostics);
    };
    Inventory::of(&terrace_aws::lower(&topology).unwrap().graph)
}

fn inventory(path: &Path, text: &str) -> Inventory {
    if path.extension().is_some_and(|e| e == "toml") {
        return own(text);
    }
    let mut tree = Tree::new();
    tree.insert("main.tf", text);
    terrace_terraform::found::folder(&tree, "", &Default::default())
        .unwrap_or_else(|wrong| panic!("{}: {wrong:#?}", path.display()))
}

/// A party's name.
pub(crate) fn party(lifted: &Lifted, party: Party) -> String {
    match party {
        Party::External(id) => lifted.external(id).unwrap_or("?").to_owned(),
        Party::Site(id) => lifted.site(id).map_or("?", |site| site.item.name()).to_owned(),
    }
}

fn services(link: &Link) -> Vec<String> {
    let words = |((first, last), ports): ((u8, u8), PortSpan)| {
        let protocol = match (first, last) {
            (6, 6) => "tcp".to_owned(),
            (17, 17) => "udp".to_owned(),
            (0, 255) => return "all".to_owned(),
            (a, b) if a == b => format!("protocol {a}"),
            (a, b) => format!("protocols {a}-{b}"),
        };
        match (ports.first(), ports.last()) {
            (0, u16::MAX) => protocol,
            (a, b) if a == b => format!("{protocol} {a}"),
            (a, b) => format!("{protocol} {a}-{b}"),
        }
    };
    link.services().into_iter().map(words).collect()
}

/// Who reaches whom: surely, then perhaps; on what.
pub(crate) fn edges(lifted: &Lifted) -> Vec<String> {
    let told = |bound: Bound| -> Vec<(String, Vec<String>)> {
        let reach = reach(&lifted.world, bound);
        let links = reach.links().filter(Link::converses).map(|link| {
            let ends = format!("{} -> {}", party(lifted, link.from), party(lifted, link.to));
            (ends, services(&link))
        });
        links.collect()
    };
    let sure = told(Bound::Least);
    let mut lines: Vec<String> = Vec::new();
    for (ends, services) in &sure {
        lines.push(format!("{ends}: {}", services.join(", ")));
    }
    for (ends, services) in told(Bound::Most) {
        let known = sure.iter().find(|(other, _)| *other == ends);
        if known.is_none_or(|(_, known)| *known != services) {
            lines.push(format!("perhaps {ends}: {}", services.join(", ")));
        }
    }
    lines.sort();
    lines
}

#[test]
fn designs_are_lifted_as_expected() {
    let update = std::env::var_os("TERRACE_UPDATE").is_some();
    let mut wrong = Vec::new();
    for path in cases() {
        let whole = std::fs::read_to_string(&path).unwrap();
        let at = whole.find(&format!("\n{MARK}")).map_or(whole.len(), |at| at + 1);
        let text = &whole[..at];
        let lifted = lift(&inventory(&path, text));
        let mut told = String::new();
        if !text.lines().any(|line| line == "#@ reach") {
            told.push_str(&lifted.describe());
            told.push('\n');
        }
        told.push_str(&edges(&lifted).join("\n"));
        let lines = told.trim_end().lines().map(|line| format!("{MARK} {line}").trim_end().to_owned());
        let told: String = lines.map(|line| line + "\n").collect();
        if whole[at..] != told {
            if update {
                let gap = if text.ends_with('\n') { "" } else { "\n" };
                std::fs::write(&path, format!("{text}{gap}{told}")).unwrap();
            } else {
                wrong.push(format!("{}:\n{told}", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "TERRACE_UPDATE=1 writes what is told now:\n{}", wrong.join("\n"));
}
