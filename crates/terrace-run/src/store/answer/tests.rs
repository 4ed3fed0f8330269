//! A service gets its own, and nobody gets anything else.

use std::collections::BTreeMap;

use hyper::Request;
use terrace_boot::Secret;

use super::super::Grant;
use super::*;

const OWN: &str = "127.0.0.1:4711";

fn grants() -> Grants {
    let holdings = |party: &str| Holdings {
        path: format!("/items/local/{party}/"),
        parameters: (0..12).map(|n| (format!("P{n:02}"), format!("{party} {n}"))).collect(),
        secrets: BTreeMap::from([(
            format!("items/local/{party}/KEY"),
            Secret::new(format!("key of {party}")),
        )]),
    };
    let grant = |party: &str| Grant {
        secret_access_key: Secret::new(format!("{party}!")),
        holdings: holdings(party),
    };
    Grants::from([("APP".to_owned(), grant("app")), ("MAIL".to_owned(), grant("mail"))])
}

/// A request, and what differs in it from one that is right.
struct Call<'a> {
    key: &'a str,
    secret: &'a str,
    target: &'a str,
    body: &'a str,
    /// Of the clock, seconds.
    late: u64,
    headers: &'a [(&'a str, &'a str)],
    method: &'a str,
}

const RIGHT: Call<'_> = Call {
    key: "APP",
    secret: "app!",
    target: "secretsmanager.GetSecretValue",
    body: r#"{"SecretId": "items/local/app/KEY"}"#,
    late: 0,
    headers: &[],
    method: "POST",
};

impl Call<'_> {
    fn answer(&self) -> (u16, Value) {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_800_000_000);
        let sent = date(now - Duration::from_secs(self.late));
        let service = if self.target.starts_with("AmazonSSM.") { "ssm" } else { "secretsmanager" };
        let unsigned = Unsigned {
            access_key_id: self.key,
            session_token: None,
            region: REGION,
            service,
            host: OWN,
            target: self.target,
            date: &sent,
            body: self.body.as_bytes(),
        };
        let mut request = Request::builder()
            .method(self.method)
            .uri("/")
            .header("host", OWN)
            .header("content-type", CONTENT_TYPE)
            .header("x-amz-target", self.target)
            .header("x-amz-date", &sent)
            .header("authorization", unsigned.authorization(&Secret::new(self.secret.to_owned())))
            .body(())
            .unwrap();
        for (name, value) in self.headers {
            let name: hyper::header::HeaderName = name.parse().unwrap();
            request.headers_mut().insert(name, value.parse().unwrap());
        }
        let (head, ()) = request.into_parts();
        let (status, text) = answer(&head, self.body.as_bytes(), OWN, &grants(), now);
        (status.as_u16(), serde_json::from_str(&text).unwrap())
    }
}

#[test]
fn a_service_reads_its_own() {
    let (status, value) = RIGHT.answer();
    assert_eq!((status, &value["SecretString"]), (200, &json!("key of app")));
    let target = "AmazonSSM.GetParametersByPath";
    let first = Call { target, body: r#"{"Path": "/items/local/app/", "WithDecryption": true}"#, ..RIGHT };
    let (status, value) = first.answer();
    assert_eq!((status, value["Parameters"].as_array().unwrap().len()), (200, 10));
    let body = format!(r#"{{"Path": "/items/local/app", "NextToken": {}}}"#, value["NextToken"]);
    let (_, value) = Call { target, body: &body, ..RIGHT }.answer();
    let rest: Vec<_> = value["Parameters"].as_array().unwrap().iter().map(|p| p["Name"].clone()).collect();
    assert_eq!(rest, [json!("/items/local/app/P10"), json!("/items/local/app/P11")]);
    assert_eq!(value["NextToken"], Value::Null);
}

#[test]
fn nothing_else_is_answered() {
    let by_path = "AmazonSSM.GetParametersByPath";
    let cases = [
        (
            "another's secret",
            Call { body: r#"{"SecretId": "items/local/mail/KEY"}"#, ..RIGHT },
            "AccessDeniedException",
        ),
        (
            "another's parameters",
            Call { target: by_path, body: r#"{"Path": "/items/local/mail/"}"#, ..RIGHT },
            "AccessDeniedException",
        ),
        (
            "all parameters",
            Call { target: by_path, body: r#"{"Path": "/"}"#, ..RIGHT },
            "AccessDeniedException",
        ),
        ("an unknown key", Call { key: "NOBODY", ..RIGHT }, "UnrecognizedClientException"),
        ("a wrong signature", Call { secret: "mail!", ..RIGHT }, "InvalidSignatureException"),
        ("an old request", Call { late: 301, ..RIGHT }, "InvalidSignatureException"),
        ("a body that was not signed", Call { headers: &[("authorization", "x")], ..RIGHT }, "Unrecognized"),
        (
            "another host",
            Call { headers: &[("host", "evil.example:4711")], ..RIGHT },
            "AccessDeniedException",
        ),
        (
            "a page in a browser",
            Call { headers: &[("origin", "http://localhost:8080")], ..RIGHT },
            "AccessDeniedException",
        ),
        (
            "a browser",
            Call { headers: &[("sec-fetch-site", "cross-site")], ..RIGHT },
            "AccessDeniedException",
        ),
        ("a form", Call { headers: &[("content-type", "text/plain")], ..RIGHT }, "AccessDeniedException"),
        ("another method", Call { method: "GET", ..RIGHT }, "AccessDeniedException"),
        (
            "another call",
            Call { target: "secretsmanager.DeleteSecret", ..RIGHT },
            "UnknownOperationException",
        ),
        ("no JSON", Call { body: "{", ..RIGHT }, "SerializationException"),
    ];
    for (what, call, kind) in cases {
        let (status, value) = call.answer();
        assert!(status >= 400, "{what}: {value}");
        assert!(value["__type"].as_str().unwrap().starts_with(kind), "{what}: {value}");
        assert!(!value.to_string().contains("key of"), "{what}: {value}");
    }
}
