//! New versions that did not come up.

use terrace_topology::{PartyName, Shape};

use super::topic::Topics;
use crate::lower::Draft;
use crate::resource::{AutoScalingGroup, EcsService, EventRule, EventTarget, InputTransformer};
use crate::{Block, Concern, Json, Label, Name, Ref, Text};

/// The longest name of a rule (EventBridge API, `PutRule`).
const RULE: usize = 64;

pub(super) fn lower(draft: &mut Draft<'_>, topics: &Topics) {
    let (about, pattern, message) = match draft.topology.shape {
        Shape::Containers => containers(draft),
        Shape::Machines => machines(draft),
    };
    let (name, tags) = (draft.naming.of("failed-deploys", RULE), draft.name_tag("failed-deploys"));
    let rule = draft.place(Concern::Observability, &["failed_deploys"]).put(EventRule {
        name: Text::from(name),
        description: Text::from(about),
        event_pattern: pattern,
        tags,
    });
    draft.place(Concern::Observability, &["failed_deploys"]).put(EventTarget {
        rule: rule.attribute(),
        arn: topics.main.attribute(),
        input_transformer: Some(Block(message)),
    });
}

fn texts(all: impl IntoIterator<Item = Text>) -> Json {
    Json::List(all.into_iter().map(Json::Text).collect())
}

fn message(paths: [(&str, &str); 2], template: &str) -> InputTransformer {
    InputTransformer {
        input_paths: paths.into_iter().map(|(name, path)| (name.to_owned(), Text::from(path))).collect(),
        input_template: Text::from(format!("\"{template}\"")),
    }
}

/// The circuit breaker gave a deployment up ("Amazon ECS deployment state change events").
fn containers(draft: &Draft<'_>) -> (&'static str, Json, InputTransformer) {
    let service =
        |party: &PartyName| Text::from(Ref::<EcsService>::new(Label::from_words(&[party.as_str()])));
    let pattern = Json::object([
        ("source", texts([Text::from("aws.ecs")])),
        ("detail-type", texts([Text::from("ECS Deployment State Change")])),
        ("resources", texts(draft.topology.services.keys().map(service))),
        ("detail", Json::object([("eventName", texts([Text::from("SERVICE_DEPLOYMENT_FAILED")]))])),
    ]);
    let message = message(
        [("service", "$.resources[0]"), ("reason", "$.detail.reason")],
        "A deployment of <service> failed and was rolled back: <reason>",
    );
    ("Deployments that were given up and rolled back", pattern, message)
}

/// A machine that did not start, or a replacement that was given up ("Amazon EC2 Auto Scaling event reference").
fn machines(draft: &Draft<'_>) -> (&'static str, Json, InputTransformer) {
    let group = |party: &PartyName| {
        let group = Ref::<AutoScalingGroup>::new(Label::from_words(&[party.as_str()]));
        Text::from(group.attribute::<Name>())
    };
    let parties = std::iter::once(PartyName::web()).chain(draft.topology.services.keys().cloned());
    let groups: Vec<Text> = parties.map(|party| group(&party)).collect();
    let kinds = Json::List(vec![
        Json::text("EC2 Instance Launch Unsuccessful"),
        Json::text("EC2 Auto Scaling Instance Refresh Failed"),
        Json::text("EC2 Auto Scaling Instance Refresh Rollback Started"),
        Json::text("EC2 Auto Scaling Instance Refresh Rollback Failed"),
    ]);
    let pattern = Json::object([
        ("source", texts([Text::from("aws.autoscaling")])),
        ("detail-type", kinds),
        ("detail", Json::object([("AutoScalingGroupName", texts(groups))])),
    ]);
    let message =
        message([("what", "$.detail-type"), ("group", "$.detail.AutoScalingGroupName")], "<what>: <group>");
    ("Machines that did not start, and replacements that were given up", pattern, message)
}
