//! Logs, alarms, budgets, and whom they tell.

use std::collections::BTreeMap;

use crate::define::{block, resource, words};
use crate::{Arn, Block, Blocks, Json, Milli, Name, PolicyDocument, Ref, Text};

use super::{KmsKey, Tags};

words! {
    /// How what is measured is compared with a threshold.
    Comparison {
        AtLeast = "GreaterThanOrEqualToThreshold",
        Above = "GreaterThanThreshold",
        Below = "LessThanThreshold",
        AtMost = "LessThanOrEqualToThreshold",
    }
    /// What is made of the values of one period.
    Statistic {
        Average = "Average",
        Maximum = "Maximum",
        Minimum = "Minimum",
        SampleCount = "SampleCount",
        Sum = "Sum",
    }
    /// What a period without values counts as.
    MissingData {
        Breaching = "breaching",
        Ignore = "ignore",
        Missing = "missing",
        NotBreaching = "notBreaching",
    }
    /// What percentiles of few values count as.
    FewSamples {
        Evaluate = "evaluate",
        Ignore = "ignore",
    }
    /// How a subscriber is told.
    SubscriptionProtocol {
        Email = "email",
    }
    /// What a budget counts.
    BudgetType {
        Cost = "COST",
    }
    /// For how long a budget is.
    BudgetPeriod {
        Monthly = "MONTHLY",
        Quarterly = "QUARTERLY",
        Annually = "ANNUALLY",
    }
    /// When a budget's notification is sent.
    BudgetComparison {
        Above = "GREATER_THAN",
        Below = "LESS_THAN",
        Equal = "EQUAL_TO",
    }
    /// Whether a notification goes by what was spent or by what will have been.
    BudgetNotificationType {
        Actual = "ACTUAL",
        Forecasted = "FORECASTED",
    }
    /// In what a threshold of a budget is given.
    BudgetThreshold {
        Percentage = "PERCENTAGE",
        Absolute = "ABSOLUTE_VALUE",
    }
}

block! {
    /// What is measured, for an expression.
    QueriedMetric {
        namespace: Text,
        metric_name: Text,
        dimensions: BTreeMap<String, Text>,
        period: u32,
        stat: Text,
    }

    /// A metric, or what is reckoned of others.
    MetricQuery {
        id: Text,
        expression: Option<Text>,
        label: Option<Text>,
        return_data: Option<bool>,
        metric: Option<Block<QueriedMetric>>,
    }

    /// What is sent in an event's place.
    InputTransformer {
        input_paths: BTreeMap<String, Text>,
        input_template: Text,
    }

    /// Who is told when a budget is passed by how much.
    BudgetNotification {
        notification_type: BudgetNotificationType,
        comparison_operator: BudgetComparison,
        threshold: u32,
        threshold_type: BudgetThreshold,
        subscriber_email_addresses: Vec<Text>,
        subscriber_sns_topic_arns: Vec<Ref<Topic, Arn>>,
    }
}

resource! {
    /// Log lines of one source.
    LogGroup(Managed "aws_cloudwatch_log_group") {
        name: Text,
        retention_in_days: u32,
        kms_key_id: Option<Ref<KmsKey, Arn>>,
        tags: Tags,
    }

    /// Messages, and those who get them.
    Topic(Managed "aws_sns_topic") {
        name: Text,
        kms_master_key_id: Option<Ref<KmsKey, Arn>>,
        tags: Tags,
    }

    /// Who may send messages to a topic.
    TopicPolicy(Managed "aws_sns_topic_policy") {
        arn: Ref<Topic, Arn>,
        policy: PolicyDocument,
    }

    /// Someone who gets a topic's messages.
    TopicSubscription(Managed "aws_sns_topic_subscription") {
        topic_arn: Ref<Topic, Arn>,
        protocol: SubscriptionProtocol,
        endpoint: Text,
    }

    /// A threshold of something measured, and who is told when it is passed.
    MetricAlarm(Managed "aws_cloudwatch_metric_alarm") {
        alarm_name: Text,
        alarm_description: Text,
        namespace: Option<Text>,
        metric_name: Option<Text>,
        dimensions: BTreeMap<String, Text>,
        statistic: Option<Statistic>,
        extended_statistic: Option<Text>,
        period: Option<u32>,
        evaluation_periods: u32,
        datapoints_to_alarm: Option<u32>,
        comparison_operator: Comparison,
        threshold: Milli,
        treat_missing_data: MissingData,
        evaluate_low_sample_count_percentiles: Option<FewSamples>,
        alarm_actions: Vec<Ref<Topic, Arn>>,
        ok_actions: Vec<Ref<Topic, Arn>>,
        metric_query: Blocks<MetricQuery>,
        tags: Tags,
    }

    /// Events of an account that something is done with.
    EventRule(Managed "aws_cloudwatch_event_rule") {
        name: Text,
        description: Text,
        event_pattern: Json,
        tags: Tags,
    }

    /// What is done with events of a rule.
    EventTarget(Managed "aws_cloudwatch_event_target") {
        rule: Ref<EventRule, Name>,
        arn: Ref<Topic, Arn>,
        input_transformer: Option<Block<InputTransformer>>,
    }

    /// What may be spent before somebody is told.
    Budget(Managed "aws_budgets_budget") {
        name: Text,
        budget_type: BudgetType,
        limit_amount: Text,
        limit_unit: Text,
        time_unit: BudgetPeriod,
        notification: Blocks<BudgetNotification>,
        tags: Tags,
    }
}
