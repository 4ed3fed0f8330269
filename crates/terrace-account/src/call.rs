//! What is asked: a service, an action, and fields in the form that the service takes.

use std::fmt;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value as Json;

use crate::Service;

/// Unreserved in a URL, RFC 3986.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// A path's part, encoded.
pub fn encoded(text: &str) -> String {
    utf8_percent_encode(text, ENCODED).to_string()
}

/// One call. What it sends may be a secret, so `Debug` shows its name alone.
#[derive(Clone)]
pub struct Call<'a> {
    pub(crate) service: Service,
    /// As IAM calls it: `DescribeVpcs`.
    action: &'a str,
    body: Body<'a>,
    /// Where, if not where the account is asked.
    pub(crate) region: Option<&'a str>,
}

#[derive(Clone)]
enum Body<'a> {
    /// A form that is answered in XML, of a version of the interface.
    Query { version: &'static str, fields: Vec<(String, String)> },
    /// JSON to a target: `AmazonEC2ContainerServiceV20141113`.
    Target { target: &'static str, version: &'static str, fields: Json },
    /// A path that is read.
    Path { path: &'a str, query: &'a str },
    /// A path at which something is done.
    Rest {
        method: &'static str,
        path: &'a str,
        query: &'a str,
        headers: Vec<(&'static str, String)>,
        body: String,
    },
}

impl fmt::Debug for Call<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Call").field("name", &self.permission()).finish_non_exhaustive()
    }
}

/// A call as HTTP has it.
pub(crate) struct Written {
    pub(crate) method: &'static str,
    /// Path and query.
    pub(crate) path: String,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: String,
}

impl<'a> Call<'a> {
    /// Of a service that takes forms (EC2, RDS, IAM, STS, …), of this version of its interface.
    pub fn query(service: Service, version: &'static str, action: &'a str) -> Self {
        Self { service, action, body: Body::Query { version, fields: Vec::new() }, region: None }
    }

    /// Of a service that takes JSON (ECS, SSM, Secrets Manager, …): its target's name and the version of JSON, `1.0` or `1.1`.
    pub fn json(
        service: Service,
        (target, version): (&'static str, &'static str),
        action: &'a str,
        fields: Json,
    ) -> Self {
        Self { service, action, body: Body::Target { target, version, fields }, region: None }
    }

    /// Of a service that has paths (S3, CloudFront, Lambda); the query as it stands in the address.
    pub fn path(service: Service, action: &'a str, path: &'a str, query: &'a str) -> Self {
        Self { service, action, body: Body::Path { path, query }, region: None }
    }

    /// With a field.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        match &mut self.body {
            Body::Query { fields, .. } => fields.push((name.to_owned(), value.to_owned())),
            Body::Target { fields, .. } => {
                if let Some(fields) = fields.as_object_mut() {
                    fields.insert(name.to_owned(), value.into());
                }
            }
            Body::Path { .. } | Body::Rest { .. } => {}
        }
        self
    }

    /// Of a service that has paths, by a method (`POST`, `PUT`, `DELETE`); path and query as they stand in the address.
    pub fn rest(
        service: Service,
        action: &'a str,
        method: &'static str,
        (path, query): (&'a str, &'a str),
    ) -> Self {
        let body = Body::Rest { method, path, query, headers: Vec::new(), body: String::new() };
        Self { service, action, body, region: None }
    }

    /// With a header (`if-match`), if it is of that form.
    #[must_use]
    pub fn header(mut self, name: &'static str, value: &str) -> Self {
        if let Body::Rest { headers, .. } = &mut self.body {
            headers.push((name, value.to_owned()));
        }
        self
    }

    /// With a body of a media type, if it is of that form.
    #[must_use]
    pub fn sent(mut self, media_type: &str, text: &str) -> Self {
        if let Body::Rest { headers, body, .. } = &mut self.body {
            headers.push(("content-type", media_type.to_owned()));
            text.clone_into(body);
        }
        self
    }

    /// Whether it only reads, by its name.
    pub(crate) fn reads(&self) -> bool {
        ["Describe", "List", "Get", "Head", "BatchGet", "Filter"]
            .iter()
            .any(|word| self.action.starts_with(word))
    }

    /// In another region.
    #[must_use]
    pub fn within(self, region: &'a str) -> Self {
        Self { region: Some(region), ..self }
    }

    /// As IAM calls it: `ec2:DescribeVpcs`.
    pub fn permission(&self) -> String {
        format!("{}:{}", self.service.name(), self.action)
    }

    /// As HTTP has it.
    pub(crate) fn written(&self) -> Written {
        match &self.body {
            Body::Query { version, fields } => {
                let mut form = format!("Action={}&Version={version}", self.action);
                for (name, value) in fields {
                    form.push_str(&format!("&{}={}", encoded(name), encoded(value)));
                }
                let kind = "application/x-www-form-urlencoded".to_owned();
                Written {
                    method: "POST",
                    path: "/".to_owned(),
                    headers: vec![("content-type", kind)],
                    body: form,
                }
            }
            Body::Target { target, version, fields } => Written {
                method: "POST",
                path: "/".to_owned(),
                headers: vec![
                    ("content-type", format!("application/x-amz-json-{version}")),
                    ("x-amz-target", format!("{target}.{}", self.action)),
                ],
                body: fields.to_string(),
            },
            Body::Path { path, query } => {
                Written { method: "GET", path: joined(path, query), headers: Vec::new(), body: String::new() }
            }
            Body::Rest { method, path, query, headers, body } => {
                Written { method, path: joined(path, query), headers: headers.clone(), body: body.clone() }
            }
        }
    }
}

fn joined(path: &str, query: &str) -> String {
    let mark = if query.is_empty() { "" } else { "?" };
    format!("{path}{mark}{query}")
}
