//! Requests as they come and answers as they go.

use std::io::{BufRead as _, BufReader, Read as _};
use std::net::TcpStream;

/// A request.
#[derive(Clone, Debug, Default)]
pub(crate) struct Request {
    pub(crate) method: String,
    /// Path and query.
    pub(crate) target: String,
    /// Names in small letters.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
}

/// An answer: status, headers, body.
#[derive(Clone, Debug)]
pub(crate) struct Answer(pub(crate) u16, pub(crate) Vec<(String, String)>, pub(crate) String);

impl Request {
    pub(crate) fn read(stream: &TcpStream) -> Option<Self> {
        let mut reader = BufReader::new(stream);
        let mut request = Self::default();
        loop {
            let mut line = String::new();
            if reader.read_line(&mut line).ok()? == 0 {
                return None;
            }
            let line = line.trim_end();
            if line.is_empty() {
                break;
            }
            match line.split_once(": ") {
                Some((name, value)) if !request.method.is_empty() => {
                    request.headers.push((name.to_ascii_lowercase(), value.to_owned()));
                }
                _ => {
                    let mut words = line.split(' ');
                    request.method = words.next()?.to_owned();
                    request.target = words.next()?.to_owned();
                }
            }
        }
        let length = request.header("content-length").map_or(0, |length| length.parse().unwrap());
        let mut body = vec![0; length];
        reader.read_exact(&mut body).ok()?;
        request.body = String::from_utf8(body).unwrap();
        Some(request)
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(own, _)| own == name).map(|(_, value)| value.as_str())
    }

    /// `GET /bucket/?tagging`, or `ecr:CreateRepository`.
    pub(crate) fn call(&self) -> String {
        let scope = self.header("authorization").unwrap_or_default();
        let service = scope.split('/').nth(3).unwrap_or_default();
        let target = self.header("x-amz-target").and_then(|target| target.rsplit('.').next());
        let form = self.body.split_once("Action=").and_then(|(_, action)| action.split('&').next());
        match target.or(form) {
            Some(action) => format!("{service}:{action}"),
            None => format!("{} {}", self.method, self.target),
        }
    }
}

impl Answer {
    pub(crate) fn of(status: u16, body: &str) -> Self {
        Self(status, Vec::new(), body.to_owned())
    }

    /// In S3's words.
    pub(crate) fn error(status: u16, code: &str) -> Self {
        Self::of(status, &format!("<Error><Code>{code}</Code></Error>"))
    }

    /// In the words of a service of JSON.
    pub(crate) fn fault(code: &str) -> Self {
        Self::of(400, &format!(r#"{{"__type":"{code}"}}"#))
    }

    pub(crate) fn text(&self, head: bool) -> String {
        let Self(status, headers, body) = self;
        let headers: String = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
        let body = if head { "" } else { body };
        format!(
            "HTTP/1.1 {status} Told\r\n{headers}content-length: {}\r\nconnection: close\r\n\r\n{body}",
            body.len()
        )
    }
}
