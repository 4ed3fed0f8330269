//! Where values stand that more people read than should read a secret.

use terrace_aws::inventory::{Inventory, Item, Told, View};
use terrace_aws::{Field as _, Json, Text, Value};

use super::base64;
use super::text;
use crate::Severity;

/// A value in such a place.
#[derive(Clone, Debug)]
pub(super) struct Spot<'a> {
    pub(super) item: &'a Item,
    pub(super) path: String,
    /// What it is: "the environment variable `DB_PASSWORD`", "the user data".
    pub(super) what: String,
    /// The name that the value stands under; none for a script.
    pub(super) name: Option<String>,
    pub(super) text: Text,
    /// How it is mended, as an order, without the resource.
    pub(super) fix: &'static str,
    pub(super) weight: Severity,
}

const READ: &str =
    "keep the secret in Secrets Manager and let the machine read it by its role when it starts";
const TASK: &str = "move it from `environment` to `secrets` and name the ARN of a secret there";
const FUNCTION: &str =
    "keep the secret in Secrets Manager, hand over its ARN, and let the function read it by its role";
const BUILD: &str =
    "set its `type` to `SECRETS_MANAGER` or `PARAMETER_STORE` and its `value` to the secret's name";
const PARAMETER: &str = "set `type = \"SecureString\"` and write the value with `value_wo`";
const AWAY: &str = "take it out, make the secret invalid, and keep a new one in Secrets Manager";

/// Arguments that are scripts or documents.
const SCRIPTS: [(&str, &str, &str, &str); 17] = [
    ("aws_instance", "user_data", "the user data", READ),
    ("aws_instance", "user_data_base64", "the user data", READ),
    ("aws_spot_instance_request", "user_data", "the user data", READ),
    ("aws_launch_template", "user_data", "the user data", READ),
    ("aws_launch_configuration", "user_data", "the user data", READ),
    ("aws_launch_configuration", "user_data_base64", "the user data", READ),
    ("aws_lightsail_instance", "user_data", "the user data", READ),
    ("aws_imagebuilder_component", "data", "the document", READ),
    ("aws_ssm_document", "content", "the document", AWAY),
    ("aws_s3_object", "content", "the content", AWAY),
    ("aws_s3_object", "content_base64", "the content", AWAY),
    ("aws_s3_bucket_object", "content", "the content", AWAY),
    ("aws_cloudfront_function", "code", "the code", AWAY),
    ("aws_sfn_state_machine", "definition", "the definition", AWAY),
    ("aws_batch_job_definition", "container_properties", "the container", AWAY),
    ("aws_cloudwatch_event_target", "input", "the input", AWAY),
    ("aws_appsync_resolver", "code", "the code", AWAY),
];

/// Arguments that are values by name: the type, the blocks they stand in, the argument, and what a value is called.
const MAPS: [(&str, &[&str], &str, &str); 9] = [
    ("aws_lambda_function", &["environment"], "variables", FUNCTION),
    ("aws_amplify_app", &[], "environment_variables", AWAY),
    ("aws_amplify_branch", &[], "environment_variables", AWAY),
    ("aws_glue_job", &[], "default_arguments", AWAY),
    ("aws_mwaa_environment", &[], "airflow_configuration_options", AWAY),
    ("aws_api_gateway_stage", &[], "variables", AWAY),
    ("aws_apigatewayv2_stage", &[], "stage_variables", AWAY),
    ("aws_sagemaker_model", &["primary_container"], "environment", AWAY),
    (
        "aws_apprunner_service",
        &["source_configuration", "image_repository", "image_configuration"],
        "runtime_environment_variables",
        AWAY,
    ),
];

/// Blocks with a name and a value.
const PAIRS: [(&str, &[&str], &str, &str); 2] = [
    ("aws_codebuild_project", &["environment"], "environment_variable", BUILD),
    ("aws_elastic_beanstalk_environment", &[], "setting", AWAY),
];

/// Every value in such a place.
pub(super) fn all(inventory: &Inventory) -> Vec<Spot<'_>> {
    let mut found = Vec::new();
    for (of, argument, what, fix) in SCRIPTS {
        for item in inventory.all(of) {
            if let Some(value) = item.view().get(argument) {
                scripts(item, argument, what, fix, value, &mut found);
            }
        }
    }
    for (of, blocks, argument, fix) in MAPS {
        for item in inventory.all(of) {
            let Some(view) = inner(item.view(), blocks) else { continue };
            let path = blocks.iter().chain([&argument]).copied().collect::<Vec<_>>().join(".");
            pairs_of(item, &path, fix, view.get(argument), &mut found);
        }
    }
    for (of, blocks, argument, fix) in PAIRS {
        for item in inventory.all(of) {
            let Some(view) = inner(item.view(), blocks) else { continue };
            for (at, pair) in view.blocks(argument).known().unwrap_or_default().into_iter().enumerate() {
                let kept = matches!(pair.literal("type"), Told::Is(kind) if kind != "PLAINTEXT");
                let (Told::Is(name), Some(value), false) = (pair.literal("name"), pair.get("value"), kept)
                else {
                    continue;
                };
                let path = blocks.iter().map(|block| format!("{block}.")).collect::<String>();
                variable(
                    item,
                    &format!("{path}{argument}[{at}].value"),
                    &name,
                    whole(value),
                    fix,
                    &mut found,
                );
            }
        }
    }
    for item in inventory.all("aws_ecs_task_definition") {
        containers(item, &mut found);
    }
    for item in inventory.all("aws_ssm_parameter") {
        parameter(item, &mut found);
    }
    terraform(inventory, &mut found);
    tags(inventory, &mut found);
    found
}

fn inner<'a>(view: View<'a>, blocks: &[&str]) -> Option<View<'a>> {
    blocks.iter().try_fold(view, |view, block| view.block(block).known())
}

/// A value as one text: what is made of several is only told by its references.
fn whole(value: &Value) -> Text {
    match value {
        Value::Text(text) | Value::Base64(text) | Value::Json(Json::Text(text)) => text.clone(),
        Value::Json(json) => {
            let mut parts = Vec::new();
            text::leaves("", json, &mut parts);
            parts
                .into_iter()
                .fold(Text::new(), |all, (name, part)| all.then(name).then("=").then(part.clone()).then("\n"))
        }
        other => {
            let mut references = Vec::new();
            other.references(&mut references);
            if references.is_empty() { Text::new() } else { Text::opaque(references.into_iter().collect()) }
        }
    }
}

fn scripts<'a>(
    item: &'a Item,
    path: &str,
    what: &str,
    fix: &'static str,
    value: &Value,
    found: &mut Vec<Spot<'a>>,
) {
    let mut text = whole(value);
    if let Some(decoded) = text.literal().and_then(base64::decode) {
        text = Text::from(decoded);
    }
    let (path, what) = (path.to_owned(), what.to_owned());
    found.push(Spot { item, path, what, name: None, text, fix, weight: Severity::High });
}

fn variable<'a>(
    item: &'a Item,
    path: &str,
    name: &str,
    text: Text,
    fix: &'static str,
    found: &mut Vec<Spot<'a>>,
) {
    let what = format!("the environment variable `{name}`");
    let (path, name) = (path.to_owned(), Some(name.to_owned()));
    found.push(Spot { item, path, what, name, text, fix, weight: Severity::High });
}

/// Values by name, in a map or in a document.
fn pairs_of<'a>(
    item: &'a Item,
    path: &str,
    fix: &'static str,
    value: Option<&Value>,
    found: &mut Vec<Spot<'a>>,
) {
    match value {
        Some(Value::Map(map)) => {
            for (name, value) in map {
                variable(item, &format!("{path}.{name}"), name, whole(value), fix, found);
            }
        }
        Some(Value::Blocks(blocks)) => {
            for (name, value) in blocks.iter().flat_map(|block| block.iter()) {
                variable(item, &format!("{path}.{name}"), name, whole(value), fix, found);
            }
        }
        Some(Value::Json(Json::Object(fields))) => {
            for (name, value) in fields {
                variable(
                    item,
                    &format!("{path}.{name}"),
                    name,
                    whole(&Value::Json(value.clone())),
                    fix,
                    found,
                );
            }
        }
        // Of a map that is only told by what it is made of, a secret in it is seen.
        Some(other) => scripts(item, path, "the environment", fix, other, found),
        None => {}
    }
}

fn field<'j>(json: &'j Json, name: &str) -> Option<&'j Json> {
    let Json::Object(fields) = json else { return None };
    fields.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value)
}

fn containers<'a>(item: &'a Item, found: &mut Vec<Spot<'a>>) {
    let path = "container_definitions";
    let Some(value) = item.view().get(path) else { return };
    let Ok(Json::List(all)) = Json::read(Some(value)) else {
        return scripts(item, path, "the environment", TASK, value, found);
    };
    for (at, container) in all.iter().enumerate() {
        if let Some(Json::List(pairs)) = field(container, "environment") {
            for pair in pairs {
                let (Some(Json::Text(name)), Some(value)) = (field(pair, "name"), field(pair, "value"))
                else {
                    continue;
                };
                let path = format!("{path}[{at}].environment");
                variable(item, &path, &name.to_string(), whole(&Value::Json(value.clone())), TASK, found);
            }
        }
        for argument in ["command", "entryPoint", "healthCheck"] {
            if let Some(value) = field(container, argument) {
                let mut parts = Vec::new();
                text::leaves("", value, &mut parts);
                let text =
                    parts.into_iter().fold(Text::new(), |all, (_, part)| all.then(part.clone()).then(" "));
                let (path, what) = (format!("{path}[{at}].{argument}"), "the command".to_owned());
                found.push(Spot { item, path, what, name: None, text, fix: TASK, weight: Severity::High });
            }
        }
    }
}

fn parameter<'a>(item: &'a Item, found: &mut Vec<Spot<'a>>) {
    let view = item.view();
    if matches!(view.literal("type"), Told::Is(kind) if kind == "SecureString") {
        return;
    }
    let name = match view.text("name") {
        Told::Is(name) => name.to_string(),
        _ => item.id().name().to_owned(),
    };
    // The last part of a path is the parameter's own name.
    let own = name.rsplit('/').next().unwrap_or(&name).to_owned();
    for argument in ["value", "insecure_value"] {
        if let Some(value) = view.get(argument) {
            let (path, what) = (argument.to_owned(), format!("the parameter `{name}`"));
            let text = whole(value);
            found.push(Spot {
                item,
                path,
                what,
                name: Some(own.clone()),
                text,
                fix: PARAMETER,
                weight: Severity::High,
            });
        }
    }
}

/// Outputs that are shown, and credentials of providers and backends.
fn terraform<'a>(inventory: &'a Inventory, found: &mut Vec<Spot<'a>>) {
    for item in inventory.all("terraform_output") {
        if item.view().bool("sensitive") == Told::Is(true) {
            continue;
        }
        let name = item.id().name().rsplit('.').next().unwrap_or_default().to_owned();
        if let Some(value) = item.view().get("value") {
            let (path, what, text) = ("value".to_owned(), "the output".to_owned(), whole(value));
            let fix = "set `sensitive = true`, or take the output out";
            found.push(Spot { item, path, what, name: Some(name), text, fix, weight: Severity::Medium });
        }
    }
    for item in ["terraform_provider", "terraform_backend"].into_iter().flat_map(|of| inventory.all(of)) {
        for (argument, value) in item.view().iter() {
            let name = if argument == "access_key" { "secret_key" } else { argument };
            let (path, what) = (argument.to_owned(), format!("`{argument}`"));
            let fix = "take it out and let Terraform find credentials in its environment; make the old ones invalid";
            let (name, text) = (Some(name.to_owned()), whole(value));
            found.push(Spot { item, path, what, name, text, fix, weight: Severity::Critical });
        }
    }
}

fn tags<'a>(inventory: &'a Inventory, found: &mut Vec<Spot<'a>>) {
    for item in inventory.items() {
        let Some(Value::Map(tags)) = item.view().get("tags") else { continue };
        for (name, value) in tags {
            let (path, what, text) = (format!("tags.{name}"), format!("the tag `{name}`"), whole(value));
            let name = Some(name.clone());
            found.push(Spot { item, path, what, name, text, fix: AWAY, weight: Severity::High });
        }
    }
}
