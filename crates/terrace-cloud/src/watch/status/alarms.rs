//! Which of the system's alarms go off.
//!
//! Amazon CloudWatch API Reference, version 2010-08-01: DescribeAlarms, ListTagsForResource. Alarms on what
//! CloudFront measures are in us-east-1, whatever the system's region.

use terrace_account::{Call, Xml, service};

use super::Alarm;
use super::asking::Asking;
use crate::deployed::Names;
use crate::watch::Time;

const VERSION: &str = "2010-08-01";
/// Where CloudFront's metrics are.
const GLOBAL: &str = "us-east-1";

pub(super) async fn look(asking: &Asking<'_>, names: &Names) -> Vec<Alarm> {
    let mut alarms = Vec::new();
    let home = names.region.as_str();
    // CloudFront serves from the other partitions' own regions, or not at all.
    let everywhere = terrace_account::partition(home) == "aws" && home != GLOBAL;
    for region in [home].into_iter().chain(everywhere.then_some(GLOBAL)) {
        alarms.extend(within(asking, names, region).await);
    }
    alarms.sort();
    alarms
}

async fn within(asking: &Asking<'_>, names: &Names, region: &str) -> Vec<Alarm> {
    let call = Call::query(service::CLOUDWATCH, VERSION, "DescribeAlarms")
        .with("StateValue", "ALARM")
        .with("AlarmNamePrefix", &format!("{}-", names.system))
        .within(region);
    let pages = asking.pages(&format!("looking at the alarms in {region}"), &call, "NextToken").await;
    let mut alarms = Vec::new();
    for one in pages.iter().flat_map(|page| page.find("MetricAlarms").map(Xml::children).unwrap_or_default())
    {
        let Some(name) = one.word("AlarmName") else { continue };
        // Another system's or environment's may begin with the same letters; one whose tags may not be read
        // is told.
        if !is_ours(asking, names, one, region).await {
            continue;
        }
        alarms.push(Alarm {
            name: name.to_owned(),
            about: one.word("AlarmDescription").map(str::to_owned),
            why: one.word("StateReason").map(str::to_owned),
            since: one.word("StateUpdatedTimestamp").and_then(Time::read),
        });
    }
    alarms
}

async fn is_ours(asking: &Asking<'_>, names: &Names, alarm: &Xml, region: &str) -> bool {
    let Some(arn) = alarm.word("AlarmArn") else { return true };
    let call = Call::query(service::CLOUDWATCH, VERSION, "ListTagsForResource")
        .with("ResourceARN", arn)
        .within(region);
    let Some(tags) = asking.xml("reading the tags of alarms", &call).await else { return true };
    let tags = tags.find("Tags").map(Xml::children).unwrap_or_default();
    let tag =
        |key: &str| tags.iter().find(|tag| tag.word("Key") == Some(key)).and_then(|tag| tag.word("Value"));
    crate::watch::is_of(names.into(), tag)
}
