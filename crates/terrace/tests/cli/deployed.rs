//! What is deployed, watched and taken away: the program against an AWS that is played.

mod back;
mod gone;
mod lines;
mod listed;
mod secrets;
mod seen;
mod world;

use self::world::{Played, World};

/// Commands about a deployed system.
const COMMANDS: [&str; 7] = [
    "status --aws",
    "logs --aws",
    "open --aws --print",
    "releases",
    "secret rotate",
    "secret set SESSION_KEY",
    "destroy",
];

#[test]
fn flags_of_aws_are_refused_where_they_mean_nothing() {
    let played = Played::of(World::bare());
    for line in ["status --region eu-west-1", "logs --profile me", "open --env prod"] {
        let ran = played.run(line);
        let flag = line.split(' ').nth(1).unwrap();
        let said = format!("error: `{flag}` is about the deployed system\nhelp: add `--aws`\n");
        assert_eq!((ran.code, ran.stderr), (2, said), "{line}");
    }
    assert!(played.world(|world| world.asked.is_empty()));
}

#[test]
fn without_credentials_it_is_said_what_to_do() {
    let played = Played::of(World::deployed());
    for line in COMMANDS {
        let output = played.folder.command(line).env("AWS_EC2_METADATA_DISABLED", "true").output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{line}: {said}");
        assert!(
            said.contains("no AWS credentials were found") && said.contains("aws sso login"),
            "{line}: {said}"
        );
    }
}

#[test]
fn another_account_than_the_manifests_is_not_asked_for_anything() {
    let manifest = format!("account = \"210987654321\"\n{}", world::MANIFEST);
    let played = Played::with(World::deployed(), &manifest);
    for line in COMMANDS {
        let ran = played.run(line);
        assert_eq!(ran.code, 2, "{line}: {}", ran.stderr);
        assert!(ran.stderr.contains("is for account 210987654321"), "{line}: {}", ran.stderr);
    }
    let asked = played.world(|world| world.asked.clone());
    assert!(asked.iter().all(|one| one.starts_with("sts:")), "{asked:?}");
}

#[test]
fn what_was_not_deployed_is_said_with_how_to() {
    let mut world = World::bare();
    world.json("tagging:GetResources", "", serde_json::json!({"ResourceTagMappingList": []}));
    let played = Played::of(world);
    for line in COMMANDS.iter().filter(|line| !["destroy", "secret set SESSION_KEY"].contains(line)) {
        let ran = played.run(line);
        assert_eq!(ran.code, 1, "{line}: {}", ran.stderr);
        let said =
            "shop has not been deployed in us-east-1 of account 123456789012\nhelp: `terrace deploy` does so";
        assert!(ran.stderr.contains(said), "{line}: {}", ran.stderr);
    }
    insta::assert_snapshot!(played.shows("destroy"), @"
    exit code: 0
    ----- stderr
    ✔ nothing of shop is deployed here
    ");
    insta::assert_snapshot!(played.shows("secret set SESSION_KEY"), @"
    exit code: 1
    ----- stderr
    error: shop/app/SESSION_KEY is not there yet: the first `terrace deploy` makes it
    help: then its value can be set, if the one that AWS makes up will not do
    ");
}

#[test]
fn credentials_that_have_expired_are_told_as_such() {
    let mut world = World::deployed();
    world.expired = true;
    let played = Played::of(world);
    for line in COMMANDS {
        let ran = played.run(line);
        assert_eq!(ran.code, 1, "{line}: {}", ran.stderr);
        assert!(ran.stderr.contains("aws sso login"), "{line}: {}", ran.stderr);
    }
}

#[test]
fn the_deployed_pages_address_is_printed() {
    let played = Played::of(World::deployed());
    insta::assert_snapshot!(played.shows("open --aws --print"), @"
    exit code: 0
    ----- stdout
    https://d111111abcdef8.cloudfront.net
    ");
    insta::assert_snapshot!(played.shows("open --aws --json"), @r#"
    exit code: 0
    ----- stdout
    {"url":"https://d111111abcdef8.cloudfront.net"}
    "#);
    let ran = played.run("open --print");
    assert_eq!(
        (ran.code, ran.stderr.as_str()),
        (3, "error: shop does not run\nhelp: `terrace up` starts it\n")
    );
}
