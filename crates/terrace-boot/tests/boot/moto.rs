//! Against moto, which was written by others after what AWS does. Skipped, loudly, where it is not installed.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use serde_json::{Value, json};
use terrace_stand_in::Emulator;

use crate::support::Stage;

/// A call; moto looks at the service in the signature's scope and at nothing else of it.
fn call(moto: &Emulator, service: &str, target: &str, input: &Value) {
    let (address, body) = (moto.address().strip_prefix("http://").unwrap(), input.to_string());
    let mut stream = TcpStream::connect(address).unwrap();
    let scope = format!("AKIAX/20260101/eu-central-1/{service}/aws4_request");
    write!(
        stream,
        "POST / HTTP/1.1\r\nhost: {}\r\nconnection: close\r\ncontent-type: application/x-amz-json-1.1\r\n\
         x-amz-target: {target}\r\nx-amz-date: 20260101T000000Z\r\ncontent-length: {}\r\n\
         authorization: AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0\r\n\r\n{body}",
        address,
        body.len()
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
}

#[test]
fn it_reads_from_moto() {
    let Some(moto) = Emulator::start(&[]) else { return };
    for number in 0..23 {
        let input =
            json!({"Name": format!("/items/prod/app/P{number}"), "Value": "v", "Type": "SecureString"});
        call(&moto, "ssm", "AmazonSSM.PutParameter", &input);
    }
    let secret = json!({"Name": "items/db", "SecretString": r#"{"username": "u", "password": "planted-1"}"#});
    call(&moto, "secretsmanager", "secretsmanager.CreateSecret", &secret);
    let stage = Stage::new();
    let config = json!({
        "parameters": "/items/prod/app/",
        "database": {
            "engine": "postgres", "host": "127.0.0.1", "port": 5432, "name": "d", "secret": "items/db", "tls": false,
        },
        "refresh": 1,
    });
    let ended = stage.program(&config).env("AWS_ENDPOINT_URL", moto.address()).variables();
    let found = ended.variables();
    assert!((0..23).all(|number| found.get(format!("P{number}").as_str()) == Some(&"v")), "{found:?}");
    assert_eq!(found["DATABASE_URL"], "postgres://u:planted-1@127.0.0.1:5432/d");

    let app = "echo \"$DB_PASSWORD\"; sleep 1000";
    let mut program = stage.program(&config);
    let started =
        program.env("AWS_ENDPOINT_URL", moto.address()).args(["--watch", "--", "sh", "-c", app]).start();
    assert_eq!(started.line(), "planted-1");
    let rotated =
        json!({"SecretId": "items/db", "SecretString": r#"{"username": "u", "password": "planted-2"}"#});
    call(&moto, "secretsmanager", "secretsmanager.PutSecretValue", &rotated);
    assert_eq!(started.line(), "planted-2");
    started.signal(nix::sys::signal::Signal::SIGTERM);
    let ended = started.ended();
    assert_eq!(ended.code, Some(128 + 15), "{}", ended.err);
    assert!(!ended.err.contains("planted"), "{}", ended.err);

    let missing = json!({"secrets": {"KEY": {"secret": "nope"}}});
    let ended = stage.program(&missing).env("AWS_ENDPOINT_URL", moto.address()).variables();
    assert_eq!(ended.code, Some(113), "{}", ended.err);
}
