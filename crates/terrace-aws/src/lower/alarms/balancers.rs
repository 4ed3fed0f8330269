//! What requests meet: targets that are not well, errors, slow answers, processors at their end.

use terrace_topology::{PartyName, Shape};

use super::topic::Topics;
use super::watch::{Made, Watch, dimensions};
use crate::catalog::limits;
use crate::lower::{Draft, page};
use crate::resource::{
    AutoScalingGroup, Comparison, EcsCluster, EcsService, LoadBalancer, MetricAlarm, MetricQuery,
    MissingData, QueriedMetric, Statistic, Tags, TargetGroup,
};
use crate::{ArnSuffix, Block, Blocks, Concern, Label, Milli, Name, Ref, Text};

/// Seconds of a period: five minutes, within which a restart or a burst is over.
const PERIOD: u32 = 300;

/// Minutes in which a target may be unwell: a replacement takes less.
const UNHEALTHY_MINUTES: u32 = 5;

/// Per cent of a period's requests that fail, and how many it has to be: with few requests one error says little.
const ERROR_SHARE: i64 = 5;
const ERRORS_LEAST: u32 = 5;

/// Answers of a period that the load balancer itself had to make since no target could.
const UNANSWERED: i64 = 10;

/// Thousandths of a second within which 95 of 100 answers are there: beyond, people notice.
const SLOW: i64 = 2_000;

/// Periods in a row for what comes and goes with load.
const PERSISTENT: u32 = 3;

/// Per cent of processors: above every target that scaling keeps, so that it means scaling has reached its end.
const BUSY: i64 = 90;

/// Per cent of requests that CloudFront answers with an error.
const CDN_ERROR_SHARE: i64 = 5;

const ALB: &str = "AWS/ApplicationELB";

pub(super) fn lower(draft: &mut Draft<'_>, topics: &Topics) {
    let services: Vec<PartyName> = draft.topology.services.keys().cloned().collect();
    match draft.topology.shape {
        Shape::Machines => {
            balancer(draft, topics, "public");
            balancer(draft, topics, "internal");
            targets(draft, topics, &PartyName::web(), "public");
            machines(draft, topics, &PartyName::web());
            for party in &services {
                targets(draft, topics, party, "internal");
                machines(draft, topics, party);
            }
        }
        Shape::Containers => {
            balancer(draft, topics, "main");
            for party in &services {
                targets(draft, topics, party, "main");
                tasks(draft, topics, party);
            }
        }
    }
    cdn(draft, topics);
}

fn labelled<T: crate::ResourceType>(label: &str) -> Ref<T> {
    Ref::new(Label::from_words(&[label]))
}

fn suffix<T: crate::ResourceType>(reference: &Ref<T>) -> Text {
    Text::from(reference.attribute::<ArnSuffix>())
}

fn targets(draft: &mut Draft<'_>, topics: &Topics, party: &PartyName, balancer: &str) {
    let group = labelled::<TargetGroup>(party.as_str());
    Watch {
        part: format!("{party}-unhealthy"),
        about: format!("Some of {party} do not answer their health check."),
        namespace: ALB,
        metric: "UnHealthyHostCount",
        dimensions: dimensions([
            ("LoadBalancer", suffix(&labelled::<LoadBalancer>(balancer))),
            ("TargetGroup", suffix(&group)),
        ]),
        made: Made::Of(Statistic::Maximum),
        periods: (60, UNHEALTHY_MINUTES),
        comparison: Comparison::AtLeast,
        threshold: 1_000,
        missing: MissingData::NotBreaching,
    }
    .put(draft, &topics.main);
}

fn balancer(draft: &mut Draft<'_>, topics: &Topics, balancer: &str) {
    let which = if balancer == "main" { String::new() } else { format!("{balancer} ") };
    let of = dimensions([("LoadBalancer", suffix(&labelled::<LoadBalancer>(balancer)))]);
    errors(draft, topics, balancer, &which);
    Watch {
        part: format!("{balancer}-unanswered"),
        about: format!(
            "The {which}load balancer answers in place of targets that are away, time out or break off."
        ),
        namespace: ALB,
        metric: "HTTPCode_ELB_5XX_Count",
        dimensions: of.clone(),
        made: Made::Of(Statistic::Sum),
        periods: (PERIOD, 1),
        comparison: Comparison::AtLeast,
        threshold: UNANSWERED * 1_000,
        missing: MissingData::NotBreaching,
    }
    .put(draft, &topics.main);
    Watch {
        part: format!("{balancer}-slow"),
        about: format!(
            "Behind the {which}load balancer, one answer in twenty takes longer than two seconds."
        ),
        namespace: ALB,
        metric: "TargetResponseTime",
        dimensions: of,
        made: Made::Percentile("p95"),
        periods: (PERIOD, PERSISTENT),
        comparison: Comparison::Above,
        threshold: SLOW,
        missing: MissingData::NotBreaching,
    }
    .put(draft, &topics.main);
}

/// The share of requests that targets answer with an error: reckoned of two metrics.
fn errors(draft: &mut Draft<'_>, topics: &Topics, balancer: &str, which: &str) {
    let metric = |id: &str, name: &str| MetricQuery {
        id: Text::from(id),
        expression: None,
        label: None,
        return_data: None,
        metric: Some(Block(QueriedMetric {
            namespace: Text::from(ALB),
            metric_name: Text::from(name),
            dimensions: dimensions([("LoadBalancer", suffix(&labelled::<LoadBalancer>(balancer)))]),
            period: PERIOD,
            stat: Text::from("Sum"),
        })),
    };
    let part = format!("{balancer}-errors");
    let alarm_name = draft.naming.of(&part, limits::ALARM);
    draft
        .place(Concern::Observability, &[&part])
        .why("A share, since what is many depends on the traffic; and a few at least, since one of two says nothing.")
        .put(MetricAlarm {
            alarm_name: Text::from(alarm_name),
            alarm_description: Text::from(format!(
                "Behind the {which}load balancer, more than {ERROR_SHARE} % of requests end in an error (5xx)."
            )),
            namespace: None,
            metric_name: None,
            dimensions: dimensions([]),
            statistic: None,
            extended_statistic: None,
            period: None,
            evaluation_periods: 1,
            datapoints_to_alarm: None,
            comparison_operator: Comparison::Above,
            threshold: Milli(ERROR_SHARE * 1_000),
            treat_missing_data: MissingData::NotBreaching,
            evaluate_low_sample_count_percentiles: None,
            alarm_actions: vec![topics.main.attribute()],
            ok_actions: vec![topics.main.attribute()],
            metric_query: Blocks(vec![
                MetricQuery {
                    id: Text::from("share"),
                    expression: Some(Text::from(format!("IF(errors >= {ERRORS_LEAST}, 100 * errors / requests, 0)"))),
                    label: Some(Text::from("Requests that end in an error, %")),
                    return_data: Some(true),
                    metric: None,
                },
                metric("errors", "HTTPCode_Target_5XX_Count"),
                metric("requests", "RequestCount"),
            ]),
            tags: Tags::new(),
        });
}

fn busy(
    draft: &mut Draft<'_>,
    topics: &Topics,
    party: &PartyName,
    namespace: &'static str,
    of: std::collections::BTreeMap<String, Text>,
) {
    Watch {
        part: format!("{party}-busy"),
        about: format!("The processors of {party} have no room left, and scaling has not given them any."),
        namespace,
        metric: "CPUUtilization",
        dimensions: of,
        made: Made::Of(Statistic::Average),
        periods: (PERIOD, PERSISTENT),
        comparison: Comparison::Above,
        threshold: BUSY * 1_000,
        missing: MissingData::NotBreaching,
    }
    .put(draft, &topics.main);
}

fn machines(draft: &mut Draft<'_>, topics: &Topics, party: &PartyName) {
    let group = labelled::<AutoScalingGroup>(party.as_str()).attribute::<Name>();
    busy(draft, topics, party, "AWS/EC2", dimensions([("AutoScalingGroupName", Text::from(group))]));
}

fn tasks(draft: &mut Draft<'_>, topics: &Topics, party: &PartyName) {
    let cluster = labelled::<EcsCluster>("main").attribute::<Name>();
    let service = labelled::<EcsService>(party.as_str()).attribute::<Name>();
    let of = dimensions([("ClusterName", Text::from(cluster)), ("ServiceName", Text::from(service))]);
    busy(draft, topics, party, "AWS/ECS", of);
}

fn cdn(draft: &mut Draft<'_>, topics: &Topics) {
    let Some((topic, region)) = &topics.cdn else { return };
    Watch {
        part: "cdn-errors".to_owned(),
        about: format!("CloudFront answers more than {CDN_ERROR_SHARE} % of requests with an error (5xx)."),
        namespace: "AWS/CloudFront",
        metric: "5xxErrorRate",
        dimensions: dimensions([
            ("DistributionId", Text::from(page::distribution())),
            ("Region", Text::from("Global")),
        ]),
        made: Made::Of(Statistic::Average),
        periods: (PERIOD, PERSISTENT),
        comparison: Comparison::Above,
        threshold: CDN_ERROR_SHARE * 1_000,
        missing: MissingData::NotBreaching,
    }
    .put_in(draft, topic, region.clone());
}
