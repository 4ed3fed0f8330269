//! AWS as far as a rehearsal does not go: Secrets Manager, in front of the endpoint that answers everything else.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// What RDS says of a database whose password it keeps.
const KEPT: &str = "<MasterUserSecret><SecretArn>arn:aws:secretsmanager:us-east-1:000000000000:secret:rds!db-1</SecretArn></MasterUserSecret></DBInstance>";

/// It answers for as long as the test's process runs.
pub(crate) struct StandIn {
    pub(crate) url: String,
    /// How often the secret was read.
    reads: Arc<Mutex<usize>>,
}

impl StandIn {
    /// In front of an endpoint (`http://127.0.0.1:PORT`), with a secret that holds this password.
    pub(crate) fn before(endpoint: &str, user: &str, password: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let reads = Arc::new(Mutex::new(0));
        let secret = serde_json::json!({ "username": user, "password": password }).to_string();
        let secret = serde_json::json!({ "SecretString": secret }).to_string();
        let (far, counted) = (endpoint.trim_start_matches("http://").to_owned(), Arc::clone(&reads));
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let (far, secret, counted) = (far.clone(), secret.clone(), Arc::clone(&counted));
                std::thread::spawn(move || answer(stream.unwrap(), &far, &secret, &counted));
            }
        });
        Self { url, reads }
    }

    /// How often the secret was read until now.
    pub(crate) fn reads(&self) -> usize {
        *self.reads.lock().unwrap()
    }
}

/// One request of a connection; then it is closed.
fn answer(stream: TcpStream, far: &str, secret: &str, reads: &Mutex<usize>) {
    let mut reader = BufReader::new(stream);
    let mut head = Vec::new();
    let mut length = 0;
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).unwrap() == 0 {
            return;
        }
        let lower = line.to_ascii_lowercase();
        if let Some(value) = lower.strip_prefix("content-length:") {
            length = value.trim().parse().unwrap();
        }
        if line == "\r\n" {
            break;
        }
        match lower.split(':').next() {
            Some("host") => head.push(format!("host: {far}\r\n")),
            Some("connection") => {}
            _ => head.push(line),
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    let head = head.concat();
    let text = if head.to_ascii_lowercase().contains("secretsmanager.getsecretvalue") {
        *reads.lock().unwrap() += 1;
        format!(
            "HTTP/1.1 200 OK\r\ncontent-type: application/x-amz-json-1.1\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{secret}",
            secret.len()
        )
    } else {
        pass_on(far, &head, &body)
    };
    reader.get_mut().write_all(text.as_bytes()).unwrap();
}

/// What the endpoint answers, as if RDS kept the password.
fn pass_on(far: &str, head: &str, body: &[u8]) -> String {
    let mut stream = TcpStream::connect(far).unwrap();
    stream.write_all(format!("{head}connection: close\r\n\r\n").as_bytes()).unwrap();
    stream.write_all(body).unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    let body = body.replace("</DBInstance>", KEPT);
    let head: Vec<&str> =
        head.split("\r\n").filter(|line| !line.to_ascii_lowercase().starts_with("content-length")).collect();
    format!("{}\r\ncontent-length: {}\r\n\r\n{body}", head.join("\r\n"), body.len())
}
