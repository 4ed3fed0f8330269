//! What plans would change: cases as files, laws over the designs of manifests, and a second, plainer reading beside.

#![expect(clippy::disallowed_methods, reason = "cases are files")]
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may stop where it is wrong")]

mod cases;
mod laws;
mod oracle;
mod plain;
mod strange;

use std::path::{Path, PathBuf};

use terrace_change::{Change, change};
use terrace_cost::Usage;
use terrace_cost::prices::PriceBook;
use terrace_terraform::found;

/// A plan as a file.
struct Case {
    path: PathBuf,
    name: String,
    text: String,
}

/// Every plan of the folder: dropping a file in adds a case.
fn all() -> Vec<Case> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
    let mut all: Vec<Case> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|of| of == "json"))
        .map(|path| Case {
            name: path.file_stem().unwrap().to_string_lossy().into_owned(),
            text: std::fs::read_to_string(&path).unwrap(),
            path,
        })
        .collect();
    all.sort_by(|one, other| one.name.cmp(&other.name));
    assert!(all.len() > 15, "only {} cases", all.len());
    all
}

fn weighed(plan: &str) -> Change {
    let changes = found::changes(plan, "plan.json").unwrap();
    change(&changes, &PriceBook::bundled(), &Usage::default())
}
