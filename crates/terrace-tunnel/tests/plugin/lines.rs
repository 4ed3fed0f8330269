//! What it prints, and how it ends.

use std::net::SocketAddr;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdout};

use crate::world::{World, download, echo, program, settled, upload};
use crate::{output, plugin, started};

#[tokio::test]
async fn alone_it_says_that_it_is_there_and_which_it_is() {
    let alone = output(&[]).await;
    assert!(alone.status.success());
    assert!(String::from_utf8_lossy(&alone.stdout).contains("was installed successfully"));
    let version = output(&["--version"]).await;
    assert!(version.status.success());
    // awscli/customizations/sessionmanager.py: `^\d+(\.\d+){0,3}$`, and a warning below 1.2.764.0.
    assert_eq!(String::from_utf8_lossy(&version.stdout), "1.2.764.0\n");
}

#[tokio::test]
async fn what_is_no_call_is_told_and_no_token_with_it() {
    let grant = r#"{"SessionId":"me-1","TokenValue":"hidden","StreamUrl":"wss://127.0.0.1:1/x"}"#;
    let shell = r#"{"Target":"i-0a1b2c3d4e5f60718"}"#;
    let ssh = r#"{"Target":"i-0a1b2c3d4e5f60718","DocumentName":"AWS-StartSSHSession"}"#;
    let nobody = "http://127.0.0.1:1";
    let cases: &[&[&str]] = &[
        &["start"],
        &[grant, "us-east-1", "StopSession"],
        &["{hidden", "us-east-1", "StartSession"],
        &["AWS_SSM_START_SESSION_RESPONSE", "us-east-1", "StartSession", "", "{}", nobody],
        &[r#"{"SessionId":"me-1","TokenValue":"hidden"}"#, "us-east-1", "StartSession", "", "{}", nobody],
        &[
            r#"{"SessionId":"me-1","TokenValue":"hidden","StreamUrl":"ws://example.com/"}"#,
            "us-east-1",
            "StartSession",
            "",
            "{}",
            nobody,
        ],
        &[grant, "us-east-1", "StartSession", "", "{", nobody],
        &[grant, "us-east-1", "StartSession", "", shell, nobody],
        &[grant, "us-east-1", "StartSession", "", ssh, nobody],
    ];
    let mut told = String::new();
    for case in cases {
        let output = output(case).await;
        let text = String::from_utf8(output.stderr).unwrap();
        assert!(!text.contains("hidden"), "{text}");
        told.push_str(&format!("{} {text}", output.status.code().unwrap()));
    }
    insta::assert_snapshot!(told, @"
    1 session-manager-plugin: 1 arguments were given; the AWS CLI gives six: what StartSession answered, region, `StartSession`, profile, request, address. Call `aws ssm start-session`, not this program
    1 session-manager-plugin: `StopSession` is not served here; only `StartSession` is
    1 session-manager-plugin: what StartSession answered is not understood: the answer is no JSON object with SessionId, TokenValue and StreamUrl
    1 session-manager-plugin: the variable AWS_SSM_START_SESSION_RESPONSE is not in the environment; the AWS CLI puts there what StartSession answered
    1 session-manager-plugin: what StartSession answered is not understood: the answer has no usable `StreamUrl`
    1 session-manager-plugin: what StartSession answered is not understood: the stream URL leads to example.com without TLS; only this machine's own endpoint may have `ws://`
    1 session-manager-plugin: the request is no JSON (line 1, column 1)
    1 session-manager-plugin: a session without a document is a shell, no forwarded port, and ports are all that Terrace serves as a plugin; take AWS's own plugin for it, or ask for a port: --document-name AWS-StartPortForwardingSessionToRemoteHost
    1 session-manager-plugin: `AWS-StartSSHSession` is no forwarded port, and ports are all that Terrace serves as a plugin; take AWS's own plugin for it, or ask for a port: --document-name AWS-StartPortForwardingSessionToRemoteHost
    ");
}

/// A running plugin, with its port.
struct Running {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
    local: SocketAddr,
    session: String,
}

async fn line(lines: &mut Lines<BufReader<ChildStdout>>) -> String {
    loop {
        let line = lines.next_line().await.unwrap().unwrap();
        if !line.is_empty() {
            return line;
        }
    }
}

async fn running(world: &World, hidden: bool) -> Running {
    let (request, answer) = started(world).await;
    let (request, answer) = (request.to_string(), answer.to_string());
    let first = if hidden { "AWS_SSM_START_SESSION_RESPONSE" } else { &answer };
    let url = world.endpoint.url();
    let mut command = plugin(&[first, "us-east-1", "StartSession", "", &request, &url]);
    if hidden {
        command.env("AWS_SSM_START_SESSION_RESPONSE", &answer);
    }
    let mut child = command.spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let starting = line(&mut lines).await;
    let session = starting.strip_prefix("Starting session with SessionId: ").unwrap().to_owned();
    assert_eq!(line(&mut lines).await, "LOCAL REHEARSAL - not AWS");
    let opened = line(&mut lines).await;
    let port = opened.strip_prefix("Port ").unwrap();
    let port = port.strip_suffix(&format!(" opened for sessionId {session}.")).unwrap();
    assert_eq!(line(&mut lines).await, "Waiting for connections...");
    let local = format!("127.0.0.1:{port}").parse().unwrap();
    Running { child, lines, local, session }
}

#[tokio::test]
async fn it_carries_connections_and_every_signal_ends_the_session_on_the_servers_side() {
    let world = World::new("unpaced").await;
    let signals = [Signal::SIGINT, Signal::SIGTERM, Signal::SIGTSTP, Signal::SIGHUP, Signal::SIGQUIT];
    for (at, signal) in signals.into_iter().enumerate() {
        let mut running = running(&world, at % 2 == 0).await;
        tokio::join!(download(running.local, 1, 1 << 20), upload(running.local, 2, 1 << 20));
        let accepted = format!("Connection accepted for session [{}]", running.session);
        assert_eq!(line(&mut running.lines).await, accepted);
        let mut open = program(running.local, "echo").await;
        echo(&mut open, b"here").await;
        assert_eq!(world.endpoint.sessions(), 1);
        let pid = Pid::from_raw(i32::try_from(running.child.id().unwrap()).unwrap());
        kill(pid, signal).unwrap();
        let exiting = format!("Exiting session with sessionId: {}.", running.session);
        assert_eq!(line(&mut running.lines).await, exiting);
        assert!(running.child.wait().await.unwrap().success());
        settled(&world.endpoint, 0).await;
    }
}

#[tokio::test]
async fn the_end_of_the_far_side_is_told_in_its_words() {
    let world = World::new("unpaced").await;
    let mut running = running(&world, true).await;
    world.endpoint.close("the system stops").await;
    let told = format!("SessionId: {} : the system stops", running.session);
    assert_eq!(line(&mut running.lines).await, told);
    assert!(running.child.wait().await.unwrap().success());
    let mut rest = String::new();
    running.child.stderr.take().unwrap().read_to_string(&mut rest).await.unwrap();
    assert_eq!(rest, "");
}
