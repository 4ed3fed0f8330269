//! What is kept and told: keys, secrets, buckets, logs and alarms.

use terrace_aws::resource::{FlowLog, LogGroup, MetricAlarm, TrafficType};
use terrace_aws::{Address, Arn, Concern, Ref, Text};

use crate::ledger::{Entry, Ledger};
use crate::prices::Item;
use crate::{Assumption, Quantity};

const MILLION: u64 = 1_000_000;

/// What is left of a log once it is kept, in hundredths: logs are stored compressed ("Amazon CloudWatch pricing").
const COMPRESSED: u64 = 15;

pub(super) fn key(ledger: &mut Ledger<'_>, address: &Address) {
    ledger.charge(Entry::new(address, Concern::Secrets, "Keys", Item::Key, Quantity::whole(1)));
    let calls = ledger.assume(Assumption::KeyCalls).share(1, MILLION);
    ledger.charge(Entry::new(address, Concern::Secrets, "Uses of keys", Item::KeyCalls, calls));
}

pub(super) fn secret(ledger: &mut Ledger<'_>, address: &Address, what: &str) {
    ledger.charge(Entry::new(address, Concern::Secrets, what, Item::Secret, Quantity::whole(1)));
    let calls = ledger.assume(Assumption::SecretCalls).share(1, MILLION);
    ledger.charge(Entry::new(address, Concern::Secrets, "Readings of secrets", Item::SecretCalls, calls));
}

pub(super) fn bucket(ledger: &mut Ledger<'_>, address: &Address) {
    let here = match address.label().as_str() {
        "logs" => Concern::Observability,
        "page" | "assets" => Concern::Web,
        _ => Concern::App,
    };
    let size = ledger.assume(Assumption::Bucket);
    let calls = ledger.assume(Assumption::BucketCalls).share(1, MILLION);
    let name = address.label();
    ledger.charge(Entry::new(address, here, format!("Bucket of {name}"), Item::ObjectStorage, size));
    let what = format!("Writes to the bucket of {name}");
    ledger.charge(Entry::new(address, here, what, Item::ObjectWrites, calls));
    let what = format!("Reads of the bucket of {name}");
    ledger.charge(Entry::new(address, here, what, Item::ObjectReads, calls));
}

/// What is written is paid for once, what is kept each month; after as many months as it is kept for, so much is
/// there.
pub(super) fn log(ledger: &mut Ledger<'_>, address: &Address, group: &LogGroup) {
    let here = Concern::Observability;
    let whole = ledger.assume(Assumption::Logs);
    let written = if is_quiet(ledger, address, group) { whole.share(1, 10) } else { whole };
    let kept = written.share(u64::from(group.retention_in_days) * COMPRESSED, 30 * 100);
    ledger.charge(Entry::new(address, here, "Logs, written", Item::LogIngestion, written));
    ledger.charge(Entry::new(address, here, "Logs, kept", Item::LogStorage, kept));
}

/// Whether few lines come: what AWS itself writes, what is said in shells, and connections that were refused.
fn is_quiet(ledger: &Ledger<'_>, address: &Address, group: &LogGroup) -> bool {
    let own = Text::from(Ref::<LogGroup, Arn>::new(address.label().clone()));
    let mut flows = ledger.graph.all::<FlowLog>().filter(|(_, log)| log.log_destination == own);
    let refused = flows.any(|(_, log)| log.traffic_type == TrafficType::Reject);
    let by_aws = group.name.literal().is_some_and(|name| name.starts_with("/aws/"));
    refused || by_aws || address.label().as_str() == "exec"
}

/// An alarm costs for each metric it looks at.
pub(super) fn alarm(ledger: &mut Ledger<'_>, address: &Address, alarm: &MetricAlarm) {
    let queried = alarm.metric_query.0.iter().filter(|query| query.metric.is_some()).count();
    let metrics = u64::try_from(queried).unwrap_or(u64::MAX).max(1);
    let quantity = Quantity::whole(metrics);
    ledger.charge(Entry::new(address, Concern::Observability, "Metrics of alarms", Item::Alarm, quantity));
}
