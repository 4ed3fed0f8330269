//! `terrace init`: a manifest that works, from what the folder holds.

use crate::folder::Folder;

const SHOP: [(&str, &str); 3] = [
    ("frontend/package.json", r#"{"scripts": {"build": "vite build"}, "devDependencies": {"vite": "7"}}"#),
    (
        "backend/Cargo.toml",
        "[package]\nname = \"shop-api\"\n[dependencies]\naxum = \"0.8\"\nsqlx = { version = \"0.9\", features = [\"postgres\"] }\n",
    ),
    ("backend/src/main.rs", "fn main() {}\n"),
];

#[test]
fn what_was_found_is_said_and_a_manifest_is_written() {
    let folder = Folder::with(&SHOP);
    insta::assert_snapshot!(folder.shows("init --yes"), @"
    exit code: 0
    ----- stderr
    found nothing that tells what this project is made of
    ✔ wrote terrace.toml

    next: `terrace check` says what is missing on this machine
          `terrace up` runs it
    ");
    insta::assert_snapshot!(folder.read("terrace.toml"), @"");
    assert_eq!(folder.run("up --dry-run").code, 0);
}

#[test]
fn nothing_is_written_over() {
    let folder = Folder::with(&[("terrace.toml", "mine")]);
    insta::assert_snapshot!(folder.shows("init --yes"), @"
    exit code: 2
    ----- stderr
    error: terrace.toml is there already
    help: `terrace check` says what is wrong with it
    help: `--force` writes over it
    ");
    assert_eq!(folder.read("terrace.toml"), "mine");
    assert_eq!(folder.run("init --yes --force").code, 0);
    assert_ne!(folder.read("terrace.toml"), "mine");
}
