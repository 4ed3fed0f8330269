//! Every file in `tests/cases` is a manifest and, in its last lines (`#~`), what Terrace says about it.
//!
//! Dropping a file in adds a case. With `TERRACE_UPDATE=1` the expectations are written anew, to be read in the
//! diff. A first line `#@ environment = NAME` chooses an environment.

#![expect(
    clippy::disallowed_methods,
    reason = "cases are files, and an environment variable rewrites what is expected"
)]
#![expect(clippy::unwrap_used, reason = "a test that cannot read its case has failed")]
#![expect(clippy::string_slice, reason = "cases are cut where a line begins")]

mod support;

use std::path::PathBuf;

use support::render;

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

#[test]
fn every_case_says_what_is_expected() {
    let update = std::env::var_os("TERRACE_UPDATE").is_some();
    let all = cases();
    assert!(all.len() >= 50, "{} cases were found", all.len());
    let mut wrong = Vec::new();
    for case in all {
        let parsed = terrace_manifest::parse(&case.manifest, environment(&case.manifest));
        let said = render(&case.manifest, &parsed.diagnostics);
        let place = case.path.display();
        let (meant, errors) = (parsed.topology.is_some(), parsed.diagnostics.has_errors());
        assert!(meant || errors, "{place}: nothing is meant, and nothing is said about it");
        let other_environments = case.manifest.contains("[environments");
        assert!(!(meant && errors) || other_environments, "{place}: something is meant in spite of errors");
        if !errors {
            let again = terrace_manifest::parse(
                &terrace_manifest::print(&parsed.manifest),
                environment(&case.manifest),
            );
            assert_eq!(again.topology, parsed.topology, "{place}: printed and read again, it means the same");
        }
        if said == case.expected {
            continue;
        }
        if update {
            let marked: String =
                said.lines().map(|line| format!("{MARK} {line}").trim_end().to_owned() + "\n").collect();
            std::fs::write(&case.path, case.manifest + &marked).unwrap();
        } else {
            wrong.push(format!("{}\nexpected:\n{}\nsaid:\n{said}\n", case.path.display(), case.expected));
        }
    }
    assert!(wrong.is_empty(), "{}\nTERRACE_UPDATE=1 writes what is said now", wrong.join("\n"));
}
