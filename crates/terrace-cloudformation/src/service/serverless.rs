//! AWS::Serverless: what its transform makes of a function, an API and a table, as far as a reader needs it.

use terrace_aws::{Json, Reference, Text, Value};

use super::functions::{ENVIRONMENT, NETWORK};
use crate::build::Build;
use crate::datum::{Content, Datum, Names, alternatives};
use crate::model::{Field, How, Model, model};

const FUNCTION: &[Field] = &[
    Field("Tags", "tags", How::Map),
    ENVIRONMENT,
    Field("VpcConfig", "vpc_config", NETWORK),
    Field("InlineCode", "zip_file", How::Same),
];

pub(super) const MODELS: &[Model] = &[
    model("AWS::Serverless::Function", "aws_lambda_function", "function_name", FUNCTION).shape(function),
    model(
        "AWS::Serverless::SimpleTable",
        "aws_dynamodb_table",
        "name",
        &[Field("TableName", "name", How::Same), Field("Tags", "tags", How::Map)],
    ),
    model("AWS::Serverless::LayerVersion", "aws_lambda_layer_version", "arn", &[]),
    model(
        "AWS::Serverless::Api",
        "aws_api_gateway_rest_api",
        "id",
        &[Field("Tags", "tags", How::Map), Field("DefinitionBody", "body", How::Json)],
    )
    .attributes(&[("RootResourceId", "root_resource_id")]),
    model(
        "AWS::Serverless::HttpApi",
        "aws_apigatewayv2_api",
        "id",
        &[Field("Tags", "tags", How::Map), Field("DefinitionBody", "body", How::Json)],
    ),
];

/// A function has what `Globals` says unless it says it itself, and a role of its own unless it names one.
fn function(build: &mut Build<'_, '_>) {
    if let Some(globals) = build.scope.template.globals.get("Function") {
        let globals = build.scope.evaluate(globals);
        if let (Content::Map(own), Content::Map(all)) = (&mut build.properties.content, globals.content) {
            for (key, value) in all {
                if !own.iter().any(|(known, _)| *known == key) {
                    own.push((key, value));
                }
            }
        }
    }
    let policies = alternatives(build.take("Policies"));
    if let Some(Datum { content: Content::Map(events), .. }) = build.take("Events") {
        for (name, event) in events {
            let kind = event.get("Type").and_then(Datum::literal).unwrap_or_default();
            unread(
                build,
                &format!("Events.{name}"),
                &format!("is an event of type {kind}, which is not modelled"),
            );
        }
    }
    if build.properties.get("Role").is_none() {
        role(build, policies);
    }
    build.finish();
}

/// The role that the transform makes: Lambda may assume it, it may write logs, and what the function's policies say.
fn role(build: &mut Build<'_, '_>, policies: Vec<(Names, Datum)>) {
    let line = build.at.line;
    let statement = Json::object([
        ("Effect", Json::text("Allow")),
        ("Principal", Json::object([("Service", Json::text("lambda.amazonaws.com"))])),
        ("Action", Json::text("sts:AssumeRole")),
    ]);
    let trust =
        Json::object([("Version", Json::text("2012-10-17")), ("Statement", Json::List(vec![statement]))]);
    let nothing = || Datum::new(line, Content::Map(Vec::new()));
    let trust = vec![("assume_role_policy", Value::Json(trust))];
    let id = build.beside("aws_iam_role", "Role", nothing(), &[], trust, &Names::new());
    let own = |attribute: &str| Value::Text(Text::from(Reference::to_item(id.clone(), attribute)));
    build.set("role", own("arn"));
    let mut managed = vec!["AWSLambdaBasicExecutionRole"];
    if build.properties.get("VpcConfig").is_some() {
        managed.push("AWSLambdaVPCAccessExecutionRole");
    }
    for name in managed {
        let arn = format!("arn:aws:iam::aws:policy/service-role/{name}");
        let arguments = vec![("role", own("name")), ("policy_arn", Value::Text(Text::from(arn)))];
        let name = format!("Role/{name}");
        build.beside("aws_iam_role_policy_attachment", &name, nothing(), &[], arguments, &Names::new());
    }
    for (index, (names, policy)) in policies.into_iter().enumerate() {
        let name = format!("Role/policies[{index}]");
        if policy.get("Statement").is_some() {
            let map = policy.under("Policy");
            let fields = &[Field("Policy", "policy", How::Json)];
            build.beside("aws_iam_role_policy", &name, map, fields, vec![("role", own("name"))], &names);
            continue;
        }
        match &policy.content {
            Content::Map(entries) => {
                let template = entries.first().map_or("", |(name, _)| name.as_str());
                unread(build, &name, &format!("is the policy template {template}, which is not modelled"));
            }
            _ => {
                let text = policy.to_text();
                let arn = match text.literal() {
                    Some(short) if !short.starts_with("arn:") => {
                        Text::from(format!("arn:aws:iam::aws:policy/{short}"))
                    }
                    _ => text,
                };
                let arguments = vec![("role", own("name")), ("policy_arn", Value::Text(arn))];
                build.beside("aws_iam_role_policy_attachment", &name, nothing(), &[], arguments, &names);
            }
        }
    }
}

fn unread(build: &Build<'_, '_>, what: &str, why: &str) {
    build.scope.pass_over(format!("{}{}/{what}", build.scope.prefix, build.name), why, build.at);
}
