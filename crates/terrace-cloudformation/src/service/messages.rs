//! Topics, queues, events.

use terrace_aws::{Text, Value};

use crate::build::Build;
use crate::datum::{Datum, Names, alternatives};
use crate::model::{Field, How, Model, TAGS, model};

const POLICY: &[Field] = &[Field("PolicyDocument", "policy", How::Json)];

pub(super) const MODELS: &[Model] = &[
    model(
        "AWS::SNS::Topic",
        "aws_sns_topic",
        "arn",
        &[TAGS, Field("TopicName", "name", How::Same), Field("DataProtectionPolicy", "", How::Drop)],
    )
    .attributes(&[("TopicName", "name"), ("TopicArn", "arn")])
    .shape(topic),
    model(
        "AWS::SNS::Subscription",
        "aws_sns_topic_subscription",
        "arn",
        &[
            Field("FilterPolicy", "filter_policy", How::Json),
            Field("RedrivePolicy", "redrive_policy", How::Json),
        ],
    ),
    model("AWS::SNS::TopicPolicy", "aws_sns_topic_policy", "id", POLICY)
        .shape(|build| policies(build, "Topics", "arn")),
    model(
        "AWS::SNS::TopicInlinePolicy",
        "aws_sns_topic_policy",
        "id",
        &[Field("TopicArn", "arn", How::Same), Field("PolicyDocument", "policy", How::Json)],
    ),
    model(
        "AWS::SQS::Queue",
        "aws_sqs_queue",
        "url",
        &[
            TAGS,
            Field("QueueName", "name", How::Same),
            Field("RedrivePolicy", "redrive_policy", How::Json),
            Field("RedriveAllowPolicy", "redrive_allow_policy", How::Json),
            Field("VisibilityTimeout", "visibility_timeout_seconds", How::Same),
            Field("MessageRetentionPeriod", "message_retention_seconds", How::Same),
        ],
    )
    .attributes(&[("QueueName", "name"), ("QueueUrl", "url")]),
    model("AWS::SQS::QueuePolicy", "aws_sqs_queue_policy", "id", POLICY)
        .shape(|build| policies(build, "Queues", "queue_url")),
    model(
        "AWS::SQS::QueueInlinePolicy",
        "aws_sqs_queue_policy",
        "id",
        &[Field("Queue", "queue_url", How::Same), Field("PolicyDocument", "policy", How::Json)],
    ),
    model(
        "AWS::Events::Rule",
        "aws_cloudwatch_event_rule",
        "name",
        &[Field("EventPattern", "event_pattern", How::Json)],
    )
    .shape(event_rule),
    model(
        "AWS::Events::EventBus",
        "aws_cloudwatch_event_bus",
        "name",
        &[TAGS, Field("Policy", "policy", How::Json)],
    ),
    model("AWS::Kinesis::Stream", "aws_kinesis_stream", "name", &[TAGS]),
    model("AWS::KinesisFirehose::DeliveryStream", "aws_kinesis_firehose_delivery_stream", "name", &[TAGS]),
    model(
        "AWS::StepFunctions::StateMachine",
        "aws_sfn_state_machine",
        "arn",
        &[
            TAGS,
            Field("DefinitionString", "definition", How::Json),
            Field("Definition", "definition", How::Json),
        ],
    ),
];

fn topic(build: &mut Build<'_, '_>) {
    let subscriptions = alternatives(build.take("Subscription"));
    for (index, (names, subscription)) in subscriptions.into_iter().enumerate() {
        let own = ("topic_arn", Value::Text(Text::from(build.own("arn"))));
        let name = format!("subscriptions[{index}]");
        build.beside("aws_sns_topic_subscription", &name, subscription, &[], vec![own], &names);
    }
    build.finish();
}

/// One policy on several topics or queues is a policy on each.
fn policies(build: &mut Build<'_, '_>, property: &str, argument: &str) {
    let all = alternatives(build.take(property));
    let several = all.len() > 1;
    for (index, (names, of)) in all.into_iter().enumerate() {
        if !several && names.is_empty() {
            build.argument(argument, of, How::Same);
            build.finish();
            return;
        }
        let properties = build.properties.clone();
        let of = (argument, Value::Text(of.to_text()));
        build.beside(build.model.terraform, &index.to_string(), properties, POLICY, vec![of], &names);
    }
}

fn event_rule(build: &mut Build<'_, '_>) {
    let targets = build.take("Targets").map(Datum::elements).unwrap_or_default();
    for (index, target) in targets.into_iter().enumerate() {
        let own = ("rule", Value::Text(Text::from(build.own("name"))));
        let fields =
            &[Field("Id", "target_id", How::Same), Field("EcsParameters", "ecs_target", How::Blocks(&[]))];
        let name = format!("targets[{index}]");
        build.beside("aws_cloudwatch_event_target", &name, target, fields, vec![own], &Names::new());
    }
    build.finish();
}
