//! Why a machine came to nothing: what Auto Scaling, the load balancer and the machine itself say of it.
//!
//! What cannot be read is said to be so, and hides nothing else. "Health checks for instances", Amazon EC2 Auto Scaling User
//! Guide; "Target health reason codes", User Guide for Application Load Balancers.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value as Json, json};
use terrace_account::service::{EC2, LOGS};
use terrace_account::{Account, Call, Refusal, Xml};

use super::group::Health;
use super::refresh::about;
use super::template::MACHINES;
use crate::deployed::{Group, LogGroup};

/// As many lines of a log are told.
const LINES: usize = 10;
/// As much of a line is told.
const WIDTH: usize = 240;

/// What Auto Scaling did and came to nothing with, or had to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Activity {
    /// No machine could be started.
    Unstarted {
        /// The activity.
        id: String,
        why: String,
    },
    /// A machine was taken away because it did not answer.
    Removed { instance: String, why: String },
}

/// What Auto Scaling did since a time (RFC 3339) and came to nothing with.
pub(crate) async fn activities(
    account: &Account,
    group: &Group,
    since: &str,
) -> Result<Vec<Activity>, Refusal> {
    let answer = account.xml(&about(group, "DescribeScalingActivities").with("MaxRecords", "50")).await?;
    let list = answer.find("Activities").map(Xml::children).unwrap_or_default();
    // Of one clock, and in one form as far as the second.
    let second = |text: &str| text.get(..19).unwrap_or_default().to_owned();
    let recent = list.iter().filter(|one| second(one.word("StartTime").unwrap_or_default()) >= second(since));
    Ok(recent.filter_map(activity).collect())
}

fn activity(xml: &Xml) -> Option<Activity> {
    let word = |name: &str| xml.word(name).unwrap_or_default();
    let (status, cause) = (word("StatusCode"), word("Cause"));
    let about = word("Description");
    if about.starts_with("Launching") && matches!(status, "Failed" | "Cancelled") {
        let why = if word("StatusMessage").is_empty() { about } else { word("StatusMessage") };
        return Some(Activity::Unstarted { id: word("ActivityId").to_owned(), why: said(why) });
    }
    let instance = about.strip_prefix("Terminating EC2 instance: ")?.split_whitespace().next()?;
    let checked = cause.contains("health check") || cause.contains("health-check");
    checked.then(|| Activity::Removed { instance: instance.to_owned(), why: said(cause) })
}

/// What a load balancer says of a machine that does not answer.
pub(crate) fn health(health: &Health) -> String {
    let Health { state, reason, about } = health;
    let words: Vec<&str> =
        [state, reason, about].into_iter().map(String::as_str).filter(|text| !text.is_empty()).collect();
    said(&format!("the load balancer finds it {}", words.join(": ")))
}

/// AWS's words, with what they mean where they do not say it.
pub(crate) fn said(words: &str) -> String {
    let meaning = MEANINGS.iter().find(|(word, _)| words.contains(word)).map(|(_, meaning)| meaning);
    let words = plain(words);
    meaning.map_or(words.clone(), |meaning| format!("{words} ({meaning})"))
}

/// What AWS says, and what it means.
const MEANINGS: [(&str, &str); 12] = [
    (
        "InsufficientInstanceCapacity",
        "AWS has no such machine free in this zone: another `machine` in terrace.toml, or later",
    ),
    (
        "do not have sufficient",
        "AWS has no such machine free in this zone: another `machine` in terrace.toml, or later",
    ),
    ("VcpuLimitExceeded", "the account may have no more machines of this kind: ask for a higher quota"),
    ("InstanceLimitExceeded", "the account may have no more machines of this kind: ask for a higher quota"),
    ("Client.InternalError", "mostly a key that Auto Scaling's role may not use for the machine's volume"),
    ("InvalidKMSKey", "the key of the machine's volume cannot be used"),
    ("not authorized", "a permission is missing to whoever releases, or to the machines' role"),
    ("InvalidAMIID", "the image is gone: build it again"),
    ("InsufficientFreeAddressesInSubnet", "the subnet has no address left"),
    ("Target.ResponseCodeMismatch", "the program answers the health check, but not with success"),
    ("Target.Timeout", "nothing answers in time: the program did not start, or listens elsewhere"),
    (
        "Target.FailedHealthChecks",
        "nothing good answers: the program did not start, ended, or answers with an error",
    ),
];

/// What a machine wrote last: into its log, or if nothing reached that, onto its console.
pub(crate) async fn last_words(account: &Account, group: &LogGroup, instance: &str) -> Vec<String> {
    let mut told = Vec::new();
    match log(account, (group.as_str(), instance)).await {
        Ok(lines) => told.extend(lines),
        Err(refusal) if refusal.is_absent() => {}
        Err(refusal) => told.push(format!("its log could not be read: {}", refusal.text())),
    }
    if !told.is_empty() {
        return told;
    }
    match console(account, instance).await {
        Ok(text) => told.extend(last(text.lines(), "console")),
        Err(refusal) => told.push(format!("its console could not be read: {}", refusal.text())),
    }
    if told.is_empty() {
        told.push("it has written nothing yet, neither to its log nor to its console".to_owned());
    }
    told
}

/// What is on a machine's console.
pub(crate) async fn console(account: &Account, instance: &str) -> Result<String, Refusal> {
    let call =
        Call::query(EC2, MACHINES, "GetConsoleOutput").with("InstanceId", instance).with("Latest", "true");
    let answer = account.xml(&call).await?;
    let text = answer.word("output").and_then(|text| STANDARD.decode(text).ok()).unwrap_or_default();
    Ok(String::from_utf8_lossy(&text).into_owned())
}

/// The last lines of a log group's stream.
pub(crate) async fn log(account: &Account, (group, stream): (&str, &str)) -> Result<Vec<String>, Refusal> {
    let fields =
        json!({ "logGroupName": group, "logStreamName": stream, "limit": LINES, "startFromHead": false });
    let answer = account.json(&Call::json(LOGS, ("Logs_20140328", "1.1"), "GetLogEvents", fields)).await?;
    let events = answer.get("events").and_then(Json::as_array);
    let lines = events.into_iter().flatten().filter_map(|event| event.get("message")?.as_str());
    Ok(last(lines, "log"))
}

/// The last lines, each with where it is from.
pub(crate) fn last<'a>(lines: impl Iterator<Item = &'a str>, from: &str) -> Vec<String> {
    let lines: Vec<String> = lines.flat_map(str::lines).map(plain).filter(|line| !line.is_empty()).collect();
    let skipped = lines.len().saturating_sub(LINES);
    lines.into_iter().skip(skipped).map(|line| format!("{from}: {line}")).collect()
}

/// A line as a terminal can have it.
fn plain(line: &str) -> String {
    line.trim().chars().filter(|one| !one.is_control()).take(WIDTH).collect()
}
