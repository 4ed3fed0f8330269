//! What is typed wrong, help, and readers that leave.

use std::io::Read as _;
use std::process::Stdio;

use crate::folder::Folder;

#[test]
fn an_unknown_command_gets_a_suggestion() {
    insta::assert_snapshot!(Folder::new().shows("chek"), @"
    exit code: 2
    ----- stderr
    error: unrecognized subcommand 'chek'

      tip: some similar subcommands exist: 'schema', 'check'

    Usage: terrace [OPTIONS] <COMMAND>

    For more information, try '--help'.
    ");
}

#[test]
fn what_contradicts_is_refused_before_anything_begins() {
    insta::assert_snapshot!(Folder::new().shows("up --dry-run --detach"), @"
    exit code: 2
    ----- stderr
    error: the argument '--dry-run' cannot be used with '--detach'

    Usage: terrace up --dry-run [PATH]

    For more information, try '--help'.
    ");
    insta::assert_snapshot!(Folder::new().shows("up --port 0"), @"
    exit code: 2
    ----- stderr
    error: invalid value '0' for '--port <N>': a port is a whole number from 1 to 65535

    For more information, try '--help'.
    ");
    insta::assert_snapshot!(Folder::new().shows("logs --tail some --since now"), @"
    exit code: 2
    ----- stderr
    error: invalid value 'some' for '--tail <N>': a number, or `all`

    For more information, try '--help'.
    ");
}

#[test]
fn without_a_manifest_init_is_suggested() {
    let folder = Folder::new();
    insta::assert_snapshot!(folder.shows("check"), @"
    exit code: 2
    ----- stderr
    error: there is no terrace.toml in [FOLDER]/shop or above it
    help: `terrace init` looks at a project's folder and writes one
    ");
    insta::assert_snapshot!(folder.shows("check nowhere"), @"
    exit code: 2
    ----- stderr
    error: there is no file or folder `nowhere`
    help: give a project's folder, or its manifest
    ");
    insta::assert_snapshot!(folder.shows("check ."), @"
    exit code: 2
    ----- stderr
    error: there is no terrace.toml
    help: `terrace init` looks at that folder and writes one
    ");
}

#[test]
fn what_is_about_a_run_says_that_there_is_none() {
    let folder = Folder::with(&[("terrace.toml", "name = \"shop\"\n")]);
    for command in ["status", "logs", "stop", "restart app", "status --json"] {
        let ran = folder.run(command);
        assert_eq!((ran.code, ran.stdout.as_str()), (3, ""), "{command}");
    }
    insta::assert_snapshot!(folder.shows("status"), @"
    exit code: 3
    ----- stderr
    error: shop does not run
    help: `terrace up` starts it
    ");
}

#[test]
fn the_version_is_data() {
    insta::assert_snapshot!(Folder::new().shows("--version"), @"
    exit code: 0
    ----- stdout
    terrace [VERSION]
    ");
}

#[test]
fn a_reader_that_leaves_is_no_failure() {
    let folder = Folder::new();
    let mut child =
        folder.command("completions zsh").stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let mut said = String::new();
    child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
    assert_eq!((child.wait().unwrap().code(), said.as_str()), (Some(0), ""));
}

#[test]
fn the_schema_is_json() {
    let ran = Folder::new().run("schema");
    let schema: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    assert!(schema.get("properties").and_then(|p| p.get("web")).is_some(), "{schema}");
}
