//! Answers to calls: SSM, ECS, RDS, STS and EC2, as far as the documented steps into a private database go.
//!
//! GUARANTEE: what is not answered says so and says what is, in the form that the caller's SDK reads. No answer names
//! anything that the system's shape does not have.

pub(super) mod call;
mod ec2;
mod ecs;
mod rds;
pub(super) mod refusal;
mod ssm;
mod sts;
mod xml;

use http::StatusCode;
use serde_json::Value;

use self::call::{Input, Operation};
use self::refusal::{Form, Refusal};
pub(super) use self::sts::USER;
use self::xml::Xml;
use super::sessions::Sessions;
use super::system::{Place, System};

/// What all answers are made from.
#[derive(Clone, Copy)]
pub(super) struct World<'a> {
    pub(super) system: &'a System,
    pub(super) place: &'a Place,
    pub(super) sessions: &'a Sessions,
}

/// An answer in the form that was asked for.
#[derive(Clone, Debug)]
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) form: Form,
    pub(super) text: String,
}

impl Answer {
    /// Its media type.
    pub(super) fn content_type(&self) -> &'static str {
        match self.form {
            Form::Json => "application/x-amz-json-1.1",
            Form::Query => "text/xml",
            Form::Ec2 => "text/xml;charset=UTF-8",
        }
    }
}

/// The form in which a service answers.
pub(super) fn form(service: &str) -> Form {
    match service {
        "rds" | "sts" => Form::Query,
        "ec2" => Form::Ec2,
        _ => Form::Json,
    }
}

/// Answers a call.
pub(super) fn answer(world: World<'_>, operation: &Operation, input: &Input, id: &str) -> Answer {
    let form = form(&operation.service);
    let name = operation.name.as_str();
    let outcome = match operation.service.as_str() {
        "ssm" => ssm::answer(world, name, input).map(|value| value.to_string()),
        "ecs" => ecs::answer(world, name, input).map(|value: Value| value.to_string()),
        "rds" => rds::answer(world, name, input, id),
        "sts" => sts::answer(world, name, id),
        "ec2" => ec2::answer(world, name, input, id),
        service => Err(unknown(form, &format!("{service}:{name}"))),
    };
    match outcome {
        Ok(text) => Answer { status: StatusCode::OK, form, text },
        Err(refusal) => refusal.answer(form, id),
    }
}

/// An operation that is not answered here.
pub(super) fn unknown(form: Form, name: &str) -> Refusal {
    let all = [ssm::ANSWERED, ecs::ANSWERED, rds::ANSWERED, sts::ANSWERED, ec2::ANSWERED].concat();
    let name: String = name.chars().take(100).collect();
    let message = format!(
        "{name} is not answered by the rehearsal endpoint of `terrace up` (this is not AWS); it answers {}",
        all.join(", ")
    );
    let code = match form {
        Form::Json => "UnknownOperationException",
        Form::Query | Form::Ec2 => "InvalidAction",
    };
    Refusal::new(code, message)
}

/// An answer of the query protocol.
fn query(action: &str, namespace: &str, id: &str, result: impl FnOnce(&mut Xml)) -> String {
    let mut xml = Xml::begin(&format!("{action}Response"), Some(namespace));
    xml.within(&format!("{action}Result"), result);
    xml.within("ResponseMetadata", |xml| {
        xml.leaf("RequestId", id);
    });
    xml.end()
}
