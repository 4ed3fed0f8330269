//! Against moto, which was written by others after what AWS does. Skipped, loudly, where it is not installed.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};

use crate::support::Stage;

struct Moto {
    server: Child,
    address: String,
}

impl Drop for Moto {
    fn drop(&mut self) {
        let _ended = self.server.kill();
        let _ended = self.server.wait();
    }
}

impl Moto {
    fn start() -> Option<Self> {
        let server = Command::new("moto_server")
            .args(["-H", "127.0.0.1", "-p", "0"])
            .env("PYTHONUNBUFFERED", "1")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn();
        let Ok(mut server) = server else {
            eprintln!("SKIPPED: `moto_server` is not installed (pip install 'moto[server]')");
            return None;
        };
        let mut lines = BufReader::new(server.stderr.take().unwrap()).lines();
        let address = lines.find_map(|line| {
            line.unwrap().split_once("Running on http://").map(|(_, address)| address.trim().to_owned())
        });
        // Nothing else is read; a full pipe must not stop it.
        std::thread::spawn(move || lines.for_each(drop));
        Some(Self { server, address: address.unwrap() })
    }

    /// A call; moto looks at the service in the signature's scope and at nothing else of it.
    fn call(&self, service: &str, target: &str, input: &Value) {
        let body = input.to_string();
        let mut stream = TcpStream::connect(&self.address).unwrap();
        let scope = format!("AKIAX/20260101/eu-central-1/{service}/aws4_request");
        write!(
            stream,
            "POST / HTTP/1.1\r\nhost: {}\r\nconnection: close\r\ncontent-type: application/x-amz-json-1.1\r\n\
             x-amz-target: {target}\r\nx-amz-date: 20260101T000000Z\r\ncontent-length: {}\r\n\
             authorization: AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0\r\n\r\n{body}",
            self.address,
            body.len()
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    }
}

#[test]
fn it_reads_from_moto() {
    let Some(moto) = Moto::start() else { return };
    for number in 0..23 {
        let input =
            json!({"Name": format!("/items/prod/app/P{number}"), "Value": "v", "Type": "SecureString"});
        moto.call("ssm", "AmazonSSM.PutParameter", &input);
    }
    let secret = json!({"Name": "items/db", "SecretString": r#"{"username": "u", "password": "planted-1"}"#});
    moto.call("secretsmanager", "secretsmanager.CreateSecret", &secret);
    let stage = Stage::new();
    let config = json!({
        "parameters": "/items/prod/app/",
        "database": {
            "engine": "postgres", "host": "127.0.0.1", "port": 5432, "name": "d", "secret": "items/db", "tls": false,
        },
        "refresh": 1,
    });
    let url = format!("http://{}", moto.address);
    let ended = stage.program(&config).env("AWS_ENDPOINT_URL", &url).variables();
    let found = ended.variables();
    assert!((0..23).all(|number| found.get(format!("P{number}").as_str()) == Some(&"v")), "{found:?}");
    assert_eq!(found["DATABASE_URL"], "postgres://u:planted-1@127.0.0.1:5432/d");

    let app = "echo \"$DB_PASSWORD\"; sleep 1000";
    let mut program = stage.program(&config);
    let started = program.env("AWS_ENDPOINT_URL", &url).args(["--watch", "--", "sh", "-c", app]).start();
    assert_eq!(started.line(), "planted-1");
    let rotated =
        json!({"SecretId": "items/db", "SecretString": r#"{"username": "u", "password": "planted-2"}"#});
    moto.call("secretsmanager", "secretsmanager.PutSecretValue", &rotated);
    assert_eq!(started.line(), "planted-2");
    started.signal(nix::sys::signal::Signal::SIGTERM);
    let ended = started.ended();
    assert_eq!(ended.code, Some(128 + 15), "{}", ended.err);
    assert!(!ended.err.contains("planted"), "{}", ended.err);

    let missing = json!({"secrets": {"KEY": {"secret": "nope"}}});
    let ended = stage.program(&missing).env("AWS_ENDPOINT_URL", &url).variables();
    assert_eq!(ended.code, Some(113), "{}", ended.err);
}
