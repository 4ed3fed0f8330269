//! One alarm on one metric.

use std::collections::BTreeMap;

use terrace_topology::Region;

use crate::catalog::limits;
use crate::lower::Draft;
use crate::resource::{Comparison, FewSamples, MetricAlarm, MissingData, Statistic, Tags, Topic};
use crate::{Blocks, Concern, Milli, Ref, Text};

/// What is made of the values of one period.
#[derive(Clone, Copy)]
pub(super) enum Made {
    /// A plain statistic.
    Of(Statistic),
    /// This percentile, such as `p95`.
    Percentile(&'static str),
}

/// What is watched.
pub(super) struct Watch {
    /// The last part of its name, `app-unhealthy`; its label as well.
    pub(super) part: String,
    /// What it means when it goes off, for whoever gets the mail.
    pub(super) about: String,
    /// `AWS/RDS`
    pub(super) namespace: &'static str,
    /// `CPUUtilization`
    pub(super) metric: &'static str,
    /// Of what.
    pub(super) dimensions: BTreeMap<String, Text>,
    /// How the values of a period become one.
    pub(super) made: Made,
    /// Seconds of a period, and how many of them in a row it takes.
    pub(super) periods: (u32, u32),
    /// Which side of the threshold is bad.
    pub(super) comparison: Comparison,
    /// The threshold, in thousandths.
    pub(super) threshold: i64,
    /// What no value means.
    pub(super) missing: MissingData,
}

/// Dimensions by name.
pub(super) fn dimensions<const N: usize>(all: [(&str, Text); N]) -> BTreeMap<String, Text> {
    all.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

impl Watch {
    /// Puts the alarm into the system's own region.
    pub(super) fn put(self, draft: &mut Draft<'_>, topic: &Ref<Topic>) {
        let region = draft.topology.region.clone();
        self.put_in(draft, topic, region);
    }

    /// Puts the alarm where its metric is.
    pub(super) fn put_in(self, draft: &mut Draft<'_>, topic: &Ref<Topic>, region: Region) {
        let alarm_name = draft.naming.of(&self.part, limits::ALARM);
        let (statistic, percentile) = match self.made {
            Made::Of(statistic) => (Some(statistic), None),
            Made::Percentile(percentile) => (None, Some(percentile)),
        };
        draft.place(Concern::Observability, &[&self.part]).in_region(region).put(MetricAlarm {
            alarm_name: Text::from(alarm_name),
            alarm_description: Text::from(self.about),
            namespace: Some(Text::from(self.namespace)),
            metric_name: Some(Text::from(self.metric)),
            dimensions: self.dimensions,
            statistic,
            extended_statistic: percentile.map(Text::from),
            period: Some(self.periods.0),
            evaluation_periods: self.periods.1,
            datapoints_to_alarm: None,
            comparison_operator: self.comparison,
            threshold: Milli(self.threshold),
            treat_missing_data: self.missing,
            evaluate_low_sample_count_percentiles: percentile.map(|_| FewSamples::Ignore),
            alarm_actions: vec![topic.attribute()],
            ok_actions: vec![topic.attribute()],
            metric_query: Blocks::default(),
            tags: Tags::new(),
        });
    }
}
