//! Every template in `cases` and `designs` gives the inventory beside it; every one in `bad` the diagnostics beside it.
//!
//! A case is `name.yaml` or `name.json` with `name.txt`; a folder is a tree whose template is `main.yaml`. Its first
//! line may give values: `# given: Name=value Region=eu-west-1`. `TERRACE_UPDATE=1` writes what is expected anew.
#![expect(clippy::unwrap_used, reason = "a test that cannot read its files has nothing to say")]
#![expect(clippy::disallowed_methods, reason = "cases are files")]

mod shown;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use terrace_aws::inventory::Tree;
use terrace_cloudformation::{Given, looks_like_template, template};

fn cases(folder: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join(folder);
    let all = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut cases: Vec<PathBuf> =
        all.filter(|path| path.extension().is_none_or(|end| end != "txt")).collect();
    cases.sort();
    assert!(!cases.is_empty());
    cases
}

/// The tree of a case and the path of its template.
fn tree(case: &Path) -> (Tree, String) {
    let mut tree = Tree::new();
    if !case.is_dir() {
        let name = case.file_name().unwrap().to_str().unwrap().to_owned();
        tree.insert(name.clone(), std::fs::read_to_string(case).unwrap());
        return (tree, name);
    }
    let mut open = vec![case.to_path_buf()];
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else {
                let name = path.strip_prefix(case).unwrap().to_str().unwrap().replace('\\', "/");
                tree.insert(name, std::fs::read_to_string(&path).unwrap());
            }
        }
    }
    (tree, "main.yaml".to_owned())
}

fn given(text: &str) -> Given {
    let mut given = Given::default();
    let line = text.lines().next().and_then(|line| line.strip_prefix("# given:")).unwrap_or_default();
    for (name, value) in line.split_whitespace().filter_map(|pair| pair.split_once('=')) {
        match name {
            "region" => given.region = Some(value.to_owned()),
            "account" => given.account = Some(value.to_owned()),
            "stack" => given.stack = Some(value.to_owned()),
            _ => match name.strip_prefix("condition:") {
                Some(name) => drop(given.conditions.insert(name.to_owned(), value == "true")),
                None => drop(given.parameters.insert(name.to_owned(), value.to_owned())),
            },
        }
    }
    given
}

fn line(text: &str, at: usize) -> usize {
    1 + text.bytes().take(at).filter(|byte| *byte == b'\n').count()
}

fn outcome(case: &Path) -> String {
    let (tree, path) = tree(case);
    let text = tree.get(&path).unwrap();
    match template(&tree, &path, &given(text)) {
        Ok(inventory) => shown::inventory(&inventory),
        Err(wrong) => {
            let mut out = String::new();
            for diagnostic in wrong.iter() {
                writeln!(out, "{}: {}", diagnostic.code(), diagnostic.message()).unwrap();
                for label in diagnostic.primary().into_iter().chain(diagnostic.secondary()) {
                    let (start, end) = (label.span().start(), label.span().end());
                    let piece = text.get(start..end).unwrap_or("?").lines().next().unwrap_or_default();
                    writeln!(out, "  line {}, `{piece}`: {}", line(text, start), label.text()).unwrap();
                }
                diagnostic.helps().iter().for_each(|help| writeln!(out, "  help: {help}").unwrap());
            }
            out
        }
    }
}

fn compare(folder: &str) -> Vec<(PathBuf, String)> {
    let mut wrong = Vec::new();
    let mut all = Vec::new();
    for case in cases(folder) {
        let expected = case.with_extension("txt");
        let found = outcome(&case);
        if std::env::var_os("TERRACE_UPDATE").is_some() {
            std::fs::write(&expected, &found).unwrap();
        }
        let known = std::fs::read_to_string(&expected).unwrap_or_default();
        if known != found {
            let first = known.lines().zip(found.lines()).find(|(known, found)| known != found);
            wrong.push(format!("{}: {first:#?}", case.display()));
        }
        all.push((case, found));
    }
    assert!(wrong.is_empty(), "differs from what is written beside it:\n{}", wrong.join("\n"));
    all
}

#[test]
fn every_case_gives_the_inventory_beside_it() {
    for (case, found) in compare("cases") {
        assert!(!found.starts_with("cloudformation::"), "{} is refused:\n{found}", case.display());
        if !case.is_dir() {
            assert!(looks_like_template(&std::fs::read_to_string(&case).unwrap()), "{}", case.display());
        }
    }
}

#[test]
fn every_design_gives_the_inventory_beside_it() {
    for (case, found) in compare("designs") {
        assert!(!found.contains("unread:"), "{} has parts that were not read:\n{found}", case.display());
    }
}

#[test]
fn every_bad_text_is_refused_with_its_place() {
    for (case, found) in compare("bad") {
        assert!(found.starts_with("cloudformation::"), "{} is not refused", case.display());
    }
}
