//! `terrace up` with `[data] migrate`: what a user sees when it goes well, when it fails, and under `--watch`.

use std::io::{BufRead as _, BufReader};
use std::process::Stdio;

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use crate::folder::Folder;
use crate::up::shop;

/// The shop, whose database is migrated by this script.
fn migrated_by(script: &str) -> Folder {
    let folder = shop();
    let manifest = format!("{}migrate = \"sh migrate.sh\"\n", folder.read("terrace.toml"));
    folder.write("terrace.toml", &manifest);
    folder.write("app/migrate.sh", script);
    folder
}

#[test]
fn the_database_is_migrated_before_the_app_starts() {
    let folder = migrated_by("echo \"migrated ${DATABASE_URL%%:*}\"\n");
    let up = folder.run("up --offline --detach --json");
    assert_eq!(up.code, 0, "{}", up.stderr);
    let line = |words: &str| {
        let found = up.stderr.lines().position(|line| line.starts_with(words));
        found.unwrap_or_else(|| panic!("no `{words}` in\n{}", up.stderr))
    };
    assert!(line("data ") < line("migrate        done in"), "{}", up.stderr);
    assert!(line("migrate        done in") < line("app-1"), "{}", up.stderr);

    let status: Value = serde_json::from_str(&folder.run("status --json").stdout).unwrap();
    assert_eq!(status["healthy"].as_bool(), Some(true), "{status}");
    let processes = status["processes"].as_array().unwrap();
    let migration = processes.iter().find(|process| process["name"] == "migrate").unwrap();
    assert_eq!((migration["state"].as_str(), migration["pid"].as_u64()), (Some("done"), None));
    assert!(folder.run("status").stdout.contains("migrate"));
    let logs = folder.run("logs migrate");
    assert_eq!(
        logs.stdout.lines().filter(|line| line.ends_with("│ migrated postgres")).count(),
        1,
        "{}",
        logs.stdout
    );

    // Once more, because somebody asks.
    assert_eq!(folder.run("restart migrate").code, 0);
    assert_eq!(folder.run("logs migrate --grep migrated").stdout.lines().count(), 2);
    folder.write("app/migrate.sh", "exit 9\n");
    let again = folder.run("restart migrate");
    assert_eq!(again.code, 1);
    assert!(
        again.stderr.contains("`migrate` failed (exit status 9): what runs stays as it is"),
        "{}",
        again.stderr
    );
    let status: Value = serde_json::from_str(&folder.run("status --json").stdout).unwrap();
    assert_eq!(status["healthy"].as_bool(), Some(false), "{status}");
    assert_eq!(folder.run("stop").code, 0);
    assert_eq!(folder.left_running(), [0; 0]);
}

#[test]
fn one_that_fails_is_quoted_and_nothing_is_left() {
    let folder =
        migrated_by("echo 'adding a column'\necho 'there is no table `items`' >&2\nsleep 1000 & exit 3\n");
    for command in ["up --offline", "up --offline --detach"] {
        let ran = folder.run(command);
        assert_eq!((ran.code, ran.stdout.as_str()), (1, ""), "{}", ran.stderr);
        let error = ran.stderr.get(ran.stderr.find("error: ").unwrap()..).unwrap();
        for words in [
            "the database could not be migrated",
            "`sh migrate.sh` ended with exit status 3",
            "adding a column",
            "there is no table `items`",
            "`terrace logs migrate` has all that it said",
        ] {
            assert!(error.contains(words), "{words}: {error}");
        }
        assert!(!ran.stderr.contains("app-1"), "{}", ran.stderr);
        assert_eq!(folder.left_running(), [0; 0]);
    }
    assert!(folder.run("logs migrate").stdout.contains("there is no table"), "logs outlive the run");
}

#[test]
fn what_changes_is_migrated_for_before_it_takes_its_place() {
    let folder = migrated_by("echo going\ntest ! -e broken\n");
    let mut child =
        folder.command("up --offline --watch").stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let mut said = BufReader::new(child.stderr.take().unwrap());
    let mut until = |words: &str| {
        let mut all = String::new();
        while !all.contains(words) {
            assert_ne!(said.read_line(&mut all).unwrap(), 0, "it ended early: {all}");
        }
        all
    };
    until("everything is healthy");
    folder.write("app/broken", "");
    until("migrate        failed (exit status 1): what runs stays as it is");
    std::fs::remove_file(folder.project().join("app/broken")).unwrap();
    until("migrate        done in");
    let then = until("app-1          replaced by app-3");
    assert!(!then.contains("failed"), "{then}");
    kill_process(Pid::from_raw(child.id().try_into().unwrap()).unwrap(), Signal::INT).unwrap();
    assert!(until("nothing runs any more").contains("taking everything down"));
    assert_eq!(child.wait().unwrap().code(), Some(0));
    assert_eq!(folder.left_running(), [0; 0]);
}

#[test]
fn what_migrates_is_looked_for_before_anything_starts() {
    let folder = shop();
    let manifest = format!("{}migrate = \"no-such-migrator up\"\n", folder.read("terrace.toml"));
    folder.write("terrace.toml", &manifest);
    let up = folder.run("up --offline");
    assert_eq!(up.code, 1);
    for words in ["`no-such-migrator` is not on this machine", "needed to migrate the database for `app`"] {
        assert!(up.stderr.contains(words), "{words}: {}", up.stderr);
    }
    assert!(!folder.project().join(".terrace").exists(), "nothing was begun");
}
