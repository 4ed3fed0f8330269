//! `terrace secret`.

use std::io::{Read as _, Write as _};
use std::process::Stdio;

use pty_process::blocking::Command as Terminal;
use serde_json::json;

use super::world::{Played, World, shown, steady};
use crate::folder::Ran;

const VALUE: &str = "s3cr3t-v4lue";

/// Secrets that are there, all but `shop/mail`, and a service that starts again at once.
fn keeping(world: &mut World) {
    let absent = json!({"__type": "ResourceNotFoundException", "message": "Secrets Manager can't find the specified secret."});
    for call in ["DescribeSecret", "PutSecretValue"] {
        world.answer(&format!("secretsmanager:{call}"), "shop/mail", 400, &absent);
    }
    world.json("secretsmanager:DescribeSecret", "rds!", json!({"LastChangedDate": 1_795_300_000.5}));
    world.json(
        "secretsmanager:DescribeSecret",
        "",
        json!({"LastChangedDate": 1_795_200_000, "LastAccessedDate": 1_795_200_000}),
    );
    let made = json!({"ARN": "arn:aws:secretsmanager:us-east-1:123456789012:secret:x", "VersionId": "v2"});
    world.json("secretsmanager:PutSecretValue", "", made.clone());
    world.json("secretsmanager:CreateSecret", "", made);
    world.json("secretsmanager:GetRandomPassword", "", json!({"RandomPassword": VALUE}));
    let deployment = |state: &str| json!({"id": "d2", "status": "PRIMARY", "runningCount": 2, "desiredCount": 2, "rolloutState": state});
    world.json("ecs:UpdateService", "", json!({"service": {"deployments": [deployment("IN_PROGRESS")]}}));
    world.json("ecs:DescribeServices", "", json!({"services": [{"deployments": [deployment("COMPLETED")]}]}));
}

fn deployed() -> Played {
    let mut world = World::released();
    keeping(&mut world);
    Played::of(world)
}

fn given(played: &Played, line: &str, input: &[u8]) -> Ran {
    let mut command = played.command(line);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    // One that refuses before it reads has closed it.
    drop(child.stdin.take().unwrap().write_all(input));
    let ran = played.ran(child.wait_with_output().unwrap());
    assert!(!ran.stdout.contains(VALUE) && !ran.stderr.contains(VALUE), "{}", shown(&ran));
    ran
}

#[test]
fn secrets_are_listed_without_their_values() {
    insta::assert_snapshot!(steady(&deployed().shows("secret list")), @"
    exit code: 0
    ----- stdout
    SETTING  READ BY  MADE  CHANGED  SECRET
    data  app  by RDS  [AGO]  arn:aws:secretsmanager:us-east-1:123456789012:secret:rds!cluster-1
    SESSION_KEY  app  by AWS, once  [AGO]  shop/app/SESSION_KEY
    MAIL_KEY  app  elsewhere  not there  shop/mail
    ----- stderr
    MAIL_KEY: `terrace secret set MAIL_KEY` makes it
    ");
    let mut world = World::bare();
    keeping(&mut world);
    insta::assert_snapshot!(steady(&Played::of(world).shows("secret list --json")), @r#"
    exit code: 0
    ----- stdout
    [{"secret":"shop/app/SESSION_KEY","origin":"system","readers":[{"party":"app","setting":"SESSION_KEY"}],"there":true,"changed":"2026-11-20T18:40:00.000Z","read":"2026-11-20T18:40:00.000Z"},{"secret":"shop/mail","origin":"outside","readers":[{"party":"app","setting":"MAIL_KEY"}],"there":false,"changed":null,"read":null}]
    "#);
}

#[test]
fn a_value_from_standard_input_is_set_and_what_reads_it_starts_again() {
    let played = deployed();
    let ran = given(&played, "secret set SESSION_KEY", format!("{VALUE}\r\n").as_bytes());
    insta::assert_snapshot!(steady(&shown(&ran)), @"
    exit code: 0
    ----- stderr
    shop/app/SESSION_KEY in us-east-1 of account 123456789012, read by app (SESSION_KEY)
    SESSION_KEY
    secret  setting its value
    secret  has a new value
    restart  what reads it starts again
    restart  shop-app begins to replace its tasks
    restart  2 of 2 new tasks run
    restart  all tasks have the new value
    ");
    let put = played.world(|world| world.asked.iter().find(|one| one.contains("PutSecretValue")).cloned());
    assert!(put.unwrap().contains(&format!("\"SecretString\":\"{VALUE}\"")));

    let played = deployed();
    let ran = given(&played, "secret set MAIL_KEY --no-restart --json", VALUE.as_bytes());
    insta::assert_snapshot!(steady(&shown(&ran)), @r#"
    exit code: 0
    ----- stdout
    {"arn":"arn:aws:secretsmanager:us-east-1:123456789012:secret:x","restarted":null,"secret":"shop/mail","version":"v2"}
    ----- stderr
    shop/mail in us-east-1 of account 123456789012, read by app (MAIL_KEY)
    MAIL_KEY
    secret  setting its value
    secret  is made, with this value
    restart  left out: what runs has the value from before until it starts again
    "#);
    let asked = played.world(|world| world.asked.clone());
    assert!(
        asked.iter().any(|one| one.contains("CreateSecret"))
            && !asked.iter().any(|one| one.contains("UpdateService"))
    );
}

#[test]
fn one_that_exists_elsewhere_can_be_made_before_the_first_deployment() {
    let mut world = World::bare();
    keeping(&mut world);
    let ran = given(&Played::of(world), "secret set shop/mail", VALUE.as_bytes());
    insta::assert_snapshot!(steady(&shown(&ran)), @"
    exit code: 0
    ----- stderr
    shop/mail in us-east-1 of account 123456789012, read by app (MAIL_KEY)
    shop/mail
    secret  setting its value
    secret  is made, with this value
    restart  nothing runs yet: the first `terrace deploy` reads it
    ");
}

#[test]
fn what_cannot_be_a_value_is_refused_and_not_repeated() {
    let played = deployed();
    for line in [
        format!("secret set MAIL_KEY {VALUE}"),
        format!("secret set MAIL_KEY={VALUE}"),
        format!("secret set MAIL_KEY --value {VALUE}"),
        format!("secret set MAIL_KEY --value={VALUE} --no-restart"),
    ] {
        let ran = given(&played, &line, b"");
        assert_eq!(ran.code, 2, "{line}");
        assert!(ran.stderr.contains("never an argument") && ran.stderr.contains("history"), "{}", ran.stderr);
    }
    for (input, said) in
        [(&b"\n"[..], "the value is empty"), (b"a\0b", "NUL"), (b"\xff\xfe", "no text in UTF-8")]
    {
        let ran = given(&played, "secret set MAIL_KEY", input);
        assert!(ran.code == 2 && ran.stderr.contains(said), "{}", ran.stderr);
    }
    let ran = given(&played, "secret set MAIL_KEY", &vec![b'x'; 70_000]);
    assert!(ran.code == 2 && ran.stderr.contains("at most 65536"), "{}", ran.stderr);
    insta::assert_snapshot!(played.shows("secret set MAIL_KAY"), @"
    exit code: 2
    ----- stderr
    error: the manifest has no secret `MAIL_KAY`
    help: did you mean `MAIL_KEY`?
    ");
    insta::assert_snapshot!(played.shows("secret set data"), @"
    exit code: 2
    ----- stderr
    error: RDS itself keeps the database's password, so that nobody knows it
    help: `terrace secret rotate data` has it replaced
    ");
    insta::assert_snapshot!(played.shows("secret rotate MAIL_KEY"), @"
    exit code: 2
    ----- stderr
    error: `MAIL_KEY` exists elsewhere, and AWS cannot make up what it opens
    help: have a new one made where it comes from, then `terrace secret set MAIL_KEY`
    ");
    insta::assert_snapshot!(played.shows("secret rotate"), @"
    exit code: 2
    ----- stderr
      shop/app/SESSION_KEY
      the password of the database shop-data
    error: all of these would be replaced, and nobody is there to say yes
    help: `--yes` says that it is meant; a name replaces one alone
    ");
    let asked = played.world(|world| world.asked.clone());
    assert!(!asked.iter().any(|one| one.contains("PutSecretValue")), "{asked:?}");
}

#[test]
fn values_are_replaced_by_such_as_aws_makes_up() {
    let played = deployed();
    let ran = given(&played, "secret rotate SESSION_KEY", b"");
    insta::assert_snapshot!(steady(&shown(&ran)), @"
    exit code: 0
    ----- stderr
    shop
    secrets  having new values made up
    secrets  replacing shop/app/SESSION_KEY
    secrets  shop/app/SESSION_KEY replaced
    restart  what reads it starts again
    restart  shop-app begins to replace its tasks
    restart  2 of 2 new tasks run
    restart  all tasks have the new value
    ");
}

#[test]
fn at_a_terminal_the_value_is_not_shown() {
    let played = deployed();
    let (mut pty, pts) = pty_process::blocking::open().unwrap();
    let mut command = Terminal::new(env!("CARGO_BIN_EXE_terrace"));
    command = command
        .args(["secret", "set", "SESSION_KEY"])
        .current_dir(played.folder.project())
        .env_clear()
        .envs(played.environment())
        .env("TERM", "xterm")
        .env("HOME", played.folder.project());
    let mut child = command.spawn(pts).unwrap();
    let mut said = Vec::new();
    let mut sent = false;
    let mut some = [0; 1024];
    // A terminal whose other side is gone ends with an error.
    while let Ok(length @ 1..) = pty.read(&mut some) {
        said.extend_from_slice(&some[..length]);
        if !sent && String::from_utf8_lossy(&said).contains("it is not shown): ") {
            pty.write_all(format!("{VALUE}\n").as_bytes()).unwrap();
            sent = true;
        }
    }
    let said = String::from_utf8_lossy(&said);
    assert!(child.wait().unwrap().success() && sent, "{said}");
    assert!(!said.contains(VALUE), "{said}");
    let asked = played.world(|world| world.asked.clone());
    assert!(asked.iter().any(|one| one.contains(&format!("\"SecretString\":\"{VALUE}\""))), "{said}");
}
