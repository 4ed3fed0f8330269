//! The plugin as the AWS CLI meets it: a program with six arguments, lines on standard output, signals, an exit code.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test may stop where it is wrong"
)]

#[expect(dead_code, reason = "the client's tests use all of it")]
#[path = "../client/database.rs"]
mod database;
#[expect(dead_code, reason = "the client's tests use all of it")]
#[path = "../client/world.rs"]
mod world;

mod lines;
mod outside;

use std::process::{Output, Stdio};

use serde_json::{Value as Json, json};
use terrace_account::{Account, Call, Keys, service};
use tokio::process::Command;
use world::World;

/// Of the endpoint, which takes any.
const KEY: &str = "AKIAEXAMPLE";

fn plugin(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_terrace-tunnel-plugin"));
    command
        .args(arguments)
        .env_clear()
        .env("AWS_ACCESS_KEY_ID", KEY)
        .env("AWS_SECRET_ACCESS_KEY", "none")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    command
}

async fn output(arguments: &[&str]) -> Output {
    plugin(arguments).output().await.unwrap()
}

/// What the AWS CLI would have asked and been answered.
async fn started(world: &World) -> (Json, Json) {
    let account = Account::given("us-east-1", &world.endpoint.url(), Keys::new(KEY, "none", None));
    let (host, port) = world.endpoint.database().unwrap();
    let request = json!({
        "Target": world.endpoint.targets().first().unwrap(),
        "DocumentName": "AWS-StartPortForwardingSessionToRemoteHost",
        "Parameters": { "host": [host], "portNumber": [port.to_string()], "localPortNumber": ["0"] },
    });
    let call = Call::json(service::SSM, ("AmazonSSM", "1.1"), "StartSession", request.clone());
    (request, account.json(&call).await.unwrap())
}
