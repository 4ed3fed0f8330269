//! Secrets where more people read them than should.

use super::places::{self, Spot};
use super::text::{self, Secret};
use crate::rules::answer::Answer;
use crate::{Finding, Findings, Rule, RuleName, Severity, Subject};

/// The rule.
pub(in crate::rules) const RULE: Rule = Rule {
    name: RuleName::new("secrets-in-plain"),
    property: "no secret stands in user data, environments, parameters, tags, outputs, files or providers",
    severity: Severity::High,
    what: "Looks at user data (also in base64 and made by `templatefile`), environments and commands of containers, functions \
           and builds, parameters of type String, tags, outputs that are not sensitive, documents, objects, and the \
           arguments of providers and backends. Finds keys and tokens by their form, addresses with a password, \
           values under a secret's name, and the values of attributes that are secret (`random_password.x.result`). \
           The ARN or name of a secret is none, and neither is a stand-in such as `changeme`. Of a document that is \
           only told by its references, these alone are judged. No value is ever shown.",
    why: "Whoever may describe the resource, read the state or the repository, or send a request from the machine to its metadata \
          service reads the secret, and it stays in every former version.",
    example: r#"resource "aws_lambda_function" "api" {
  function_name = "api"
  role          = "arn:aws:iam::111122223333:role/api"
  environment {
    variables = {
      DB_PASSWORD = "correct-horse-battery"
    }
  }
}"#,
    fix: r#"resource "aws_secretsmanager_secret" "db" {
  name = "db"
}

resource "aws_lambda_function" "api" {
  function_name = "api"
  role          = "arn:aws:iam::111122223333:role/api"
  environment {
    variables = {
      DB_PASSWORD_ARN = aws_secretsmanager_secret.db.arn
    }
  }
}"#,
    sources: &[
        "AWS Secrets Manager User Guide, \"AWS Secrets Manager best practices\"",
        "Amazon ECS Developer Guide, \"Pass sensitive data to an Amazon ECS container\"",
        "Amazon EC2 User Guide, \"Run commands when you launch an EC2 instance with user data input\"",
    ],
    check,
};

fn check(subject: &Subject<'_>, findings: &mut Findings) {
    for spot in places::all(subject.inventory) {
        findings.examine();
        let secrets = match &spot.name {
            Some(name) => text::named(subject.inventory, name, &spot.text).into_iter().collect(),
            None => text::script(subject.inventory, &spot.text),
        };
        for secret in secrets {
            say(&spot, secret, findings);
        }
    }
}

fn say(spot: &Spot<'_>, secret: Secret, findings: &mut Findings) {
    let (item, what) = (spot.item.id(), &spot.what);
    let (message, answer) = match secret {
        Secret::Literal(seen) => (format!("{what} of `{item}` holds {}", seen.0), Answer::Bad),
        Secret::Of(attribute) => {
            (format!("{what} of `{item}` holds the value of `{attribute}` in plain"), Answer::Bad)
        }
        Secret::Maybe(on) => (format!("{what} of `{item}` holds a secret"), Answer::Open(on)),
    };
    answer.say(findings, || {
        let fix = format!("in `{item}`: {}", spot.fix);
        Finding::about(spot.item, &spot.path, message, fix).weighing(spot.weight)
    });
}
