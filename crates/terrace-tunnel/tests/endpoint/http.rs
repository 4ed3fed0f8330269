//! A call over HTTP as an SDK makes it, signed with a key that nobody has.

use std::net::SocketAddr;

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::system::DOCUMENT;

/// A call, and what differs in it from one that is right.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    pub(crate) service: String,
    pub(crate) region: String,
    pub(crate) target: Option<String>,
    /// These replace what would be sent; an empty value leaves it out.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) line: String,
    pub(crate) body: String,
}

/// What came back.
#[derive(Clone, Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) kind: String,
    pub(crate) text: String,
}

impl Call {
    pub(crate) fn new(service: &str, target: Option<&str>, body: String) -> Self {
        Self {
            service: service.to_owned(),
            region: "us-east-1".to_owned(),
            target: target.map(str::to_owned),
            headers: Vec::new(),
            line: "POST / HTTP/1.1".to_owned(),
            body,
        }
    }

    /// A call of SSM.
    pub(crate) fn ssm(operation: &str, body: &Value) -> Self {
        Self::new("ssm", Some(&format!("AmazonSSM.{operation}")), body.to_string())
    }

    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    pub(crate) async fn send(&self, to: SocketAddr) -> Reply {
        let signature = "0123456789abcdef".repeat(4);
        let (region, service) = (&self.region, &self.service);
        let authorization = format!(
            "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20261121/{region}/{service}/aws4_request, SignedHeaders=host;x-amz-date, Signature={signature}"
        );
        let mut headers = vec![
            ("host".to_owned(), to.to_string()),
            ("authorization".to_owned(), authorization),
            ("x-amz-date".to_owned(), "20261121T210000Z".to_owned()),
            ("content-length".to_owned(), self.body.len().to_string()),
            ("connection".to_owned(), "close".to_owned()),
        ];
        headers.extend(self.target.iter().map(|target| ("x-amz-target".to_owned(), target.clone())));
        for (name, value) in &self.headers {
            headers.retain(|(other, _)| other != name);
            if !value.is_empty() {
                headers.push((name.clone(), value.clone()));
            }
        }
        let headers: String = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
        let request = format!("{}\r\n{headers}\r\n{}", self.line, self.body);
        let mut stream = TcpStream::connect(to).await.unwrap();
        // Whoever is refused for the headers does not get to send the rest.
        let _ = stream.write_all(request.as_bytes()).await;
        let mut reply = Vec::new();
        let _ = stream.read_to_end(&mut reply).await;
        let reply = String::from_utf8(reply).unwrap();
        let (head, text) = reply.split_once("\r\n\r\n").unwrap_or_else(|| panic!("no answer: {reply:?}"));
        let mut lines = head.lines();
        let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
        let kind = lines.find_map(|line| line.strip_prefix("content-type: ")).unwrap_or_default().to_owned();
        Reply { status, kind, text: text.to_owned() }
    }
}

impl Reply {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap()
    }
}

/// What StartSession is asked for: a session to the database, with these faults.
pub(crate) fn start(target: &str, faults: &str) -> Call {
    let mut parameters = json!({ "host": ["localhost"], "portNumber": ["5432"], "localPortNumber": ["0"] });
    if !faults.is_empty() {
        parameters["terraceFaults"] = json!([faults]);
    }
    Call::ssm(
        "StartSession",
        &json!({ "Target": target, "DocumentName": DOCUMENT, "Parameters": parameters }),
    )
}
