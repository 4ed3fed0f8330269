//! A request (HTTP/1.1) as it came, one to a connection, with the length of its body in its head.

use std::io::{BufRead as _, BufReader, Read as _};
use std::net::TcpStream;

use serde_json::json;

use crate::Answer;

/// A request.
#[derive(Clone, Debug)]
pub struct Request {
    /// `GET`.
    pub method: String,
    /// Path and query as they came.
    pub target: String,
    /// In their order, the names in small letters.
    pub headers: Vec<(String, String)>,
    /// The body, empty without a length.
    pub body: Vec<u8>,
}

impl Request {
    /// Waits for a request; none if the other side goes before its end. What is no request stops the test.
    pub fn read(stream: &TcpStream) -> Option<Self> {
        let mut reader = BufReader::new(stream);
        let mut head = Vec::new();
        let mut request = loop {
            if reader.read_until(b'\n', &mut head).ok()? == 0 {
                return None;
            }
            if let Some(request) = Self::of(&head) {
                break request;
            }
        };
        let length = request.header("content-length").map_or(0, |length| length.parse().unwrap());
        request.body.resize(length, 0);
        reader.read_exact(&mut request.body).ok()?;
        Some(request)
    }

    /// A request without its body; none while the head has no end.
    fn of(head: &[u8]) -> Option<Self> {
        let mut headers = [httparse::EMPTY_HEADER; 64];
        let mut parsed = httparse::Request::new(&mut headers);
        if parsed.parse(head).unwrap().is_partial() {
            return None;
        }
        let header = |header: &httparse::Header<'_>| {
            (header.name.to_ascii_lowercase(), str::from_utf8(header.value).unwrap().to_owned())
        };
        Some(Self {
            method: parsed.method?.to_owned(),
            target: parsed.path?.to_owned(),
            headers: parsed.headers.iter().map(header).collect(),
            body: Vec::new(),
        })
    }

    /// The first header of a name, which is given in small letters.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(own, _)| own == name).map(|(_, value)| value.as_str())
    }

    /// The region that it was signed for, empty if it was not signed.
    pub fn region(&self) -> &str {
        self.scope(2)
    }

    /// The service that it was signed for, empty if it was not signed.
    pub fn service(&self) -> &str {
        self.scope(3)
    }

    /// Of `Credential=AKID/20261121/eu-west-1/ecs/aws4_request`.
    fn scope(&self, nth: usize) -> &str {
        self.header("authorization").and_then(|text| text.split('/').nth(nth)).unwrap_or_default()
    }

    /// What is asked of a service that speaks JSON (`x-amz-target`) or forms (`Action=`); none of another.
    pub fn action(&self) -> Option<&str> {
        match self.header("x-amz-target") {
            Some(target) => target.rsplit('.').next(),
            None => str::from_utf8(&self.body).ok()?.split_once("Action=")?.1.split('&').next(),
        }
    }

    /// As IAM calls it (`ecr:CreateRepository`), or of a service that has paths, `GET /bucket/?tagging`.
    pub fn call(&self) -> String {
        match self.action() {
            Some(action) => format!("{}:{action}", self.service()),
            None => format!("{} {}", self.method, self.target),
        }
    }

    /// The body, which is text.
    pub fn text(&self) -> &str {
        str::from_utf8(&self.body).unwrap()
    }

    /// A refusal in the words of whoever was asked: "Common errors" and the error responses of each service's API
    /// reference. `message` is text that XML need not escape.
    pub fn refused(&self, status: u16, code: &str, message: &str) -> Answer {
        let error = format!("<Code>{code}</Code><Message>{message}</Message>");
        let id = "b9f0b6c1-2a53-4e34-9d4e-2a1b3c4d5e6f";
        let text = match self.form() {
            Form::Json => json!({ "__type": code, "message": message }).to_string(),
            Form::S3 => format!("<Error>{error}<RequestId>{id}</RequestId></Error>"),
            Form::Ec2 => format!(
                "<Response><Errors><Error>{error}</Error></Errors><RequestID>{id}</RequestID></Response>"
            ),
            Form::Xml => {
                let kind = if status < 500 { "Sender" } else { "Receiver" };
                let error = format!("<Error><Type>{kind}</Type>{error}</Error>");
                format!("<ErrorResponse>{error}<RequestId>{id}</RequestId></ErrorResponse>")
            }
            Form::Rest => {
                let answer = Answer::of(status, json!({ "message": message }).to_string());
                return answer.with("x-amzn-ErrorType", code);
            }
        };
        Answer::of(status, text)
    }

    /// Refused: asked too often.
    pub fn throttled(&self) -> Answer {
        let (status, code) = match self.form() {
            Form::S3 => (503, "SlowDown"),
            Form::Ec2 => (503, "RequestLimitExceeded"),
            Form::Json => (400, "ThrottlingException"),
            Form::Xml => (400, "Throttling"),
            Form::Rest => (429, "CallRateLimitExceededException"),
        };
        self.refused(status, code, "Rate exceeded")
    }

    /// A fault of AWS's own.
    pub fn broken(&self) -> Answer {
        let code = match self.form() {
            Form::S3 | Form::Ec2 => "InternalError",
            Form::Json | Form::Xml => "InternalFailure",
            Form::Rest => "ServiceException",
        };
        self.refused(500, code, "We encountered an internal error. Please try again.")
    }

    /// Nobody is there for a moment.
    pub fn unavailable(&self) -> Answer {
        let code =
            if self.form() == Form::Rest { "ServiceUnavailableException" } else { "ServiceUnavailable" };
        self.refused(503, code, "Service is unable to handle request.")
    }

    /// The credentials have ended.
    pub fn expired(&self) -> Answer {
        let (status, code) = match self.form() {
            Form::S3 => (400, "ExpiredToken"),
            Form::Ec2 => (400, "RequestExpired"),
            Form::Json => (400, "ExpiredTokenException"),
            Form::Xml => (403, "ExpiredToken"),
            Form::Rest => (403, "ExpiredTokenException"),
        };
        self.refused(status, code, "The security token included in the request is expired")
    }

    /// How whoever was asked refuses.
    fn form(&self) -> Form {
        match (self.service(), self.action()) {
            _ if self.header("x-amz-target").is_some() => Form::Json,
            ("s3", _) => Form::S3,
            ("ec2", _) => Form::Ec2,
            ("cloudfront", _) | (_, Some(_)) => Form::Xml,
            _ => Form::Rest,
        }
    }
}

/// The forms of refusals.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    S3,
    Ec2,
    /// `x-amz-target`.
    Json,
    /// `query`, and CloudFront.
    Xml,
    /// `rest-json`: Image Builder.
    Rest,
}
