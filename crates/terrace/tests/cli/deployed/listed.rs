//! `terrace releases`.

use std::io::Read as _;
use std::process::Stdio;

use serde_json::Value as Json;

use super::world::{Played, World, steady};

#[test]
fn releases_are_listed_with_what_changed_and_what_a_way_back_brings() {
    let played = Played::of(World::released());
    insta::assert_snapshot!(steady(&played.shows("releases")), @"
    exit code: 0
    ----- stdout
    RELEASE  WHEN  WHO  COMMIT  CHANGED  OUTCOME  ROLLBACK BRINGS
    4  [AGO]  ana as deployer  4444abc  page (1 file), code  in force
    3  [AGO]  ana as deployer  3333abc  page (1 file)  failed
    2  [AGO]  ana as deployer  2222abc+  page (1 file), code  done  page (1 file), code; tables stay as 4 left them
    1  [AGO]  ana as deployer  1111abc  page (2 files), code, configuration, infrastructure  done  page (1 file), code; tables stay as 4 left them
    ");
    insta::assert_snapshot!(steady(&played.shows("releases --limit 1")), @"
    exit code: 0
    ----- stdout
    RELEASE  WHEN  WHO  COMMIT  CHANGED  OUTCOME  ROLLBACK BRINGS
    4  [AGO]  ana as deployer  4444abc  page (1 file), code  in force
    ");
    let ran = played.run("releases --json");
    let all: Json = serde_json::from_str(&ran.stdout).unwrap();
    let told =
        |nth: usize| format!("{} {} {}", all[nth]["number"], all[nth]["in_force"], all[nth]["rollback"]);
    assert_eq!(told(0), "4 true \"in_force\"");
    assert_eq!(told(1), "3 false \"never\"");
    assert_eq!(all[2]["rollback"]["brings"]["migrated_since"], serde_json::json!([4]));
    assert_eq!(all.as_array().unwrap().len(), 4);
}

#[test]
fn one_release_is_told_whole() {
    let played = Played::of(World::released());
    insta::assert_snapshot!(steady(&played.shows("releases 2")), @"
    exit code: 0
    ----- stdout
    release 2, [AGO] by ana as deployer, commit 2222abc+

    began  2026-11-12T10:00:00Z
    outcome  done at 2026-11-12T10:01:03Z, after [AGO]
    by  arn:aws:sts::123456789012:assumed-role/deployer/ana
    commit  2222abcdef0123, and changes that are in no commit
    changed  page (1 file), code
                   index.html
    page  2 files, 1 KiB, sha256:0000000000000000000000000000000000000000000000000000000000000002
    code  image sha256:0000000000000000000000000000000000000000000000000000000000000065
    runs as  arn:aws:ecs:us-east-1:123456789012:task-definition/shop-app:2
    migration  ./migrate
    settings  of app: LOG_LEVEL, MAIL_KEY (secret), SESSION_KEY (secret)
    infrastructure sha256:0000000000000000000000000000000000000000000000000000000000000190
    rollback  `terrace rollback 2 --anyway` brings back: page (1 file), code; tables stay as 4 left them
    ");
    insta::assert_snapshot!(steady(&played.shows("releases 3")), @"
    exit code: 0
    ----- stdout
    release 3, [AGO] by ana as deployer, commit 3333abc

    began  2026-11-13T10:00:00Z
    outcome  failed at 2026-11-20T10:09:00Z
                   2 tasks stopped: exit code 101
    by  arn:aws:sts::123456789012:assumed-role/deployer/ana
    commit  3333abcdef0123
    changed  page (1 file)
                   index.html
    page  2 files, 1 KiB, sha256:0000000000000000000000000000000000000000000000000000000000000003
    code  image sha256:0000000000000000000000000000000000000000000000000000000000000065
    runs as  arn:aws:ecs:us-east-1:123456789012:task-definition/shop-app:3
    migration  ./migrate
    settings  of app: LOG_LEVEL, MAIL_KEY (secret), SESSION_KEY (secret)
    infrastructure sha256:0000000000000000000000000000000000000000000000000000000000000190
    rollback  it never was in force: there is nothing to go back to
    ");
    insta::assert_snapshot!(played.shows("releases 9"), @"
    exit code: 2
    ----- stderr
    error: there is no release 9
    help: the newest is 4; `terrace releases` lists them
    ");
    insta::assert_snapshot!(played.shows("releases nine"), @"
    exit code: 2
    ----- stderr
    error: invalid value 'nine' for '[N]': `nine` is no release: a number from 1 on was expected; `terrace releases` lists them

    For more information, try '--help'.
    ");
}

#[test]
fn before_the_first_release_there_are_none() {
    let played = Played::of(World::deployed());
    insta::assert_snapshot!(played.shows("releases"), @"
    exit code: 0
    ----- stderr
    shop has no releases yet
    ");
    insta::assert_snapshot!(played.shows("releases 1"), @"
    exit code: 2
    ----- stderr
    error: there is no release 1
    help: there are none yet; `terrace deploy` makes the first
    ");
    assert_eq!(played.run("releases --json").stdout, "[]\n");
}

#[test]
fn a_record_that_was_edited_is_said_with_its_place() {
    let mut world = World::released();
    world.object("releases/shop/default/2.json", "{");
    let ran = Played::of(world).run("releases");
    assert_eq!(ran.code, 1);
    let place = "s3://terrace-123456789012-us-east-1/releases/shop/default/2.json";
    assert!(ran.stderr.contains(place) && ran.stderr.contains("former version"), "{}", ran.stderr);
}

#[test]
fn a_reader_that_leaves_is_no_failure() {
    let played = Played::of(World::released());
    let mut child = played.command("releases").stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let mut said = String::new();
    child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
    assert_eq!((child.wait().unwrap().code(), said.as_str()), (Some(0), ""));
}

#[test]
fn a_narrow_terminal_has_room_for_all_of_it() {
    let shown = Played::of(World::released()).on_terminal("releases", 44);
    let long: Vec<&str> = shown.lines().filter(|line| line.chars().count() > 44).collect();
    assert!(long.is_empty() && shown.contains("rollback brings:") && shown.contains("4444abc"), "{shown}");
}
