//! What is refused, and how AWS writes it: in JSON, in XML of the query protocol, in that of EC2.

use http::StatusCode;
use serde_json::json;

use super::Answer;
use super::xml::Xml;

/// Which form the asker reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::endpoint) enum Form {
    /// AWS JSON 1.1: SSM, ECS.
    Json,
    /// Query: STS, RDS.
    Query,
    /// EC2's own.
    Ec2,
}

/// An error of AWS.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::endpoint) struct Refusal {
    status: StatusCode,
    code: &'static str,
    message: String,
}

impl Refusal {
    /// The caller's mistake: 400.
    pub(in crate::endpoint) fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self { status: StatusCode::BAD_REQUEST, code, message: message.into() }
    }

    /// With another status.
    pub(in crate::endpoint) fn status(mut self, status: StatusCode) -> Self {
        self.status = status;
        self
    }

    /// Access is denied, in the words of that form.
    pub(in crate::endpoint) fn denied(form: Form, message: impl Into<String>) -> Self {
        let code = match form {
            Form::Json => "AccessDeniedException",
            Form::Query => "AccessDenied",
            Form::Ec2 => "UnauthorizedOperation",
        };
        Self::new(code, message).status(StatusCode::FORBIDDEN)
    }

    /// A value that no call of that kind takes.
    pub(in crate::endpoint) fn invalid(message: impl Into<String>) -> Self {
        Self::new("ValidationException", message)
    }

    /// As an answer.
    pub(in crate::endpoint) fn answer(&self, form: Form, id: &str) -> Answer {
        let text = match form {
            // STS and ECS write `message`, SSM `Message`; SDKs read both.
            Form::Json => json!({ "__type": self.code, "message": self.message }).to_string(),
            Form::Query => {
                let mut xml = Xml::begin("ErrorResponse", None);
                xml.within("Error", |xml| {
                    xml.leaf("Type", "Sender").leaf("Code", self.code).leaf("Message", &self.message);
                });
                xml.leaf("RequestId", id).end()
            }
            Form::Ec2 => {
                let mut xml = Xml::begin("Response", None);
                xml.within("Errors", |xml| {
                    xml.within("Error", |xml| {
                        xml.leaf("Code", self.code).leaf("Message", &self.message);
                    });
                });
                xml.leaf("RequestID", id).end()
            }
        };
        Answer { status: self.status, form, text }
    }
}
