//! Folders of `tests/found/cases`: each is a case, with what comes of it in `inventory.txt`.
//!
//! A file `given.tfvars` beside it holds values that a person gives. `TERRACE_UPDATE=1` writes what comes.

use std::path::{Path, PathBuf};

use terrace_aws::inventory::Tree;
use terrace_terraform::found::{Given, folder};

use crate::shown;

const EXPECTED: &str = "inventory.txt";

/// Every text file of a folder.
pub(crate) fn tree(folder: &Path) -> Tree {
    let mut tree = Tree::new();
    let mut waiting = vec![(folder.to_path_buf(), String::new())];
    while let Some((folder, before)) = waiting.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let entry = entry.unwrap();
            let path = format!("{before}{}", entry.file_name().to_string_lossy());
            if entry.path().is_dir() {
                waiting.push((entry.path(), format!("{path}/")));
            } else if path != EXPECTED
                && let Ok(text) = std::fs::read_to_string(entry.path())
            {
                tree.insert(path, text);
            }
        }
    }
    tree
}

pub(crate) fn cases() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/found/cases");
    let mut all: Vec<PathBuf> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_dir())
        .collect();
    all.sort();
    all
}

fn given(tree: &Tree) -> Given {
    let files = tree.get("given.tfvars").map(|_| "given.tfvars".to_owned()).into_iter().collect();
    Given { files, ..Given::default() }
}

#[test]
fn every_folder_gives_its_inventory() {
    let update = std::env::var_os("TERRACE_UPDATE").is_some();
    let mut wrong = Vec::new();
    for case in cases() {
        let tree = tree(&case);
        let shown = match folder(&tree, "", &given(&tree)) {
            Ok(inventory) => shown::inventory(&inventory),
            Err(found) => found.iter().map(|one| format!("error {}\n", one.message())).collect(),
        };
        let path = case.join(EXPECTED);
        if update {
            std::fs::write(path, &shown).unwrap();
        } else if std::fs::read_to_string(path).unwrap_or_default() != shown {
            wrong.push(format!("{}:\n{shown}", case.display()));
        }
    }
    assert!(wrong.is_empty(), "run with TERRACE_UPDATE=1 and look at the difference\n{}", wrong.join("\n"));
}
