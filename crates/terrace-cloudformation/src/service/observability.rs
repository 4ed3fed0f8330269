//! Logs, alarms, trails.

use crate::model::{Field, How, Model, TAGS, model};

pub(super) const MODELS: &[Model] = &[
    // CloudFormation's ARN of a log group ends with what stands for all of its streams.
    model(
        "AWS::Logs::LogGroup",
        "aws_cloudwatch_log_group",
        "name",
        &[TAGS, Field("LogGroupName", "name", How::Same)],
    )
    .attributes(&[("Arn", "arn+:*")]),
    model(
        "AWS::Logs::LogStream",
        "aws_cloudwatch_log_stream",
        "name",
        &[Field("LogStreamName", "name", How::Same)],
    ),
    model(
        "AWS::Logs::ResourcePolicy",
        "aws_cloudwatch_log_resource_policy",
        "policy_name",
        &[Field("PolicyDocument", "policy_document", How::Json)],
    ),
    model("AWS::Logs::MetricFilter", "aws_cloudwatch_log_metric_filter", "id", &[]),
    model("AWS::Logs::SubscriptionFilter", "aws_cloudwatch_log_subscription_filter", "id", &[]),
    model("AWS::Logs::QueryDefinition", "aws_cloudwatch_query_definition", "id", &[]),
    model(
        "AWS::CloudWatch::Alarm",
        "aws_cloudwatch_metric_alarm",
        "alarm_name",
        &[
            TAGS,
            Field("OKActions", "ok_actions", How::List),
            Field("AlarmActions", "alarm_actions", How::List),
            Field("Dimensions", "dimensions", How::Blocks(&[])),
            Field("Metrics", "metric_query", How::Blocks(&[])),
        ],
    ),
    model("AWS::CloudWatch::CompositeAlarm", "aws_cloudwatch_composite_alarm", "alarm_name", &[]),
    model("AWS::CloudWatch::Dashboard", "aws_cloudwatch_dashboard", "dashboard_name", &[]),
    model(
        "AWS::CloudTrail::Trail",
        "aws_cloudtrail",
        "id",
        &[TAGS, Field("TrailName", "name", How::Same), Field("KMSKeyId", "kms_key_id", How::Same)],
    ),
    // These make nothing that anybody could reach.
    model("AWS::CDK::Metadata", "AWS::CDK::Metadata", "id", &[]),
    model("AWS::CloudFormation::WaitCondition", "AWS::CloudFormation::WaitCondition", "id", &[]),
    model("AWS::CloudFormation::WaitConditionHandle", "AWS::CloudFormation::WaitConditionHandle", "id", &[]),
    model("AWS::SSM::Association", "aws_ssm_association", "id", &[]),
    model("AWS::SSM::Document", "aws_ssm_document", "name", &[TAGS, Field("Content", "content", How::Json)]),
];
