//! The house rules that no lint can state, and that the checks of them can fail.

#![expect(clippy::unwrap_used, reason = "a test may stop where its own fixture is wrong")]

use cargo_metadata::{Metadata, MetadataCommand};
use xtask::arrows::{self, ROOMS, Room, Zone};
use xtask::{generated, root, tidy};

fn metadata() -> Metadata {
    MetadataCommand::new().manifest_path(root().join("Cargo.toml")).exec().unwrap()
}

#[test]
fn no_crate_knows_more_than_it_may() {
    assert_eq!(arrows::violations(&metadata(), ROOMS), [""; 0]);
}

#[test]
fn a_forbidden_arrow_is_found() {
    let strict: Vec<Room> = ROOMS
        .iter()
        .filter(|(name, ..)| *name != "terrace-diag")
        .map(|(name, _, may)| (*name, Zone::Pure, if *name == "terrace-edge" { &[][..] } else { *may }))
        .chain([("terrace-gone", Zone::Pure, &[][..])])
        .collect();
    let found = arrows::violations(&metadata(), &strict).join("\n");
    for expected in [
        "`terrace-diag` is not in the list of rooms",
        "`terrace-gone` is in the list of rooms and not in the workspace",
        "`terrace-edge` uses `terrace-net`, which is not an allowed arrow",
        "`terrace-edge` is pure, and `tokio` stands behind it",
        "`terrace` uses `clap`, which only the command line knows",
    ] {
        assert!(found.contains(expected), "{expected} is missing from:\n{found}");
    }
}

#[test]
fn every_room_is_tidy() {
    assert_eq!(tidy::violations(&root()).unwrap(), [""; 0]);
}

#[test]
fn an_untidy_room_is_found() {
    let text = format!("fn main() {{}}\n// {}DO\n{}", "TO", "\n".repeat(600));
    assert_eq!(tidy::in_file("a.rs", &text).len(), 3);
}

#[test]
fn generated_files_are_fresh() {
    assert_eq!(generated::violations(&root()), [""; 0]);
}
