//! Whether a thing is gone that the list of tags still names, where that can be asked cheaply.
//!
//! Amazon S3 API Reference: HeadBucket, ListObjectVersions; CloudWatch Logs: DescribeLogGroups; CloudWatch:
//! DescribeAlarms; Secrets Manager: DescribeSecret.

use serde_json::{Value as Json, json};
use terrace_account::objects::Bucket;
use terrace_account::{Account, Call, Refusal, Xml, service};

use super::Thing;
use crate::watch::WatchError;

pub(super) async fn is_gone(account: &Account, one: &Thing) -> Result<bool, WatchError> {
    let parts: Vec<&str> = one.arn.splitn(7, ':').collect();
    let part = |nth: usize| parts.get(nth).copied().unwrap_or_default();
    let (of, region) = (part(2), Some(part(3)).filter(|region| !region.is_empty()));
    let region = region.unwrap_or_else(|| account.region());
    let last = one.arn.rsplit(':').next().unwrap_or_default();
    let answer = match (of, part(5)) {
        ("s3", name) => bucket(account, name).await,
        ("logs", "log-group") => group(account, region, part(6).trim_end_matches(":*")).await,
        ("cloudwatch", "alarm") => alarm(account, region, last).await,
        ("secretsmanager", "secret") => secret(account, region, &one.arn).await,
        _ => Ok(false),
    };
    match answer {
        Ok(gone) => Ok(gone),
        Err(refusal) if refusal.is_absent() => Ok(true),
        // May not be looked at: then it counts as there.
        Err(refusal) if refusal.is_denied() => Ok(false),
        Err(refusal) => Err(WatchError::new(format!("looking at {} {}", one.kind.what, one.name), refusal)),
    }
}

async fn bucket(account: &Account, name: &str) -> Result<bool, Refusal> {
    let Ok(name) = name.parse() else { return Ok(false) };
    Bucket::new(account, name).list("").await.map(|_| false)
}

async fn group(account: &Account, region: &str, name: &str) -> Result<bool, Refusal> {
    let fields = json!({"logGroupNamePrefix": name});
    let call =
        Call::json(service::LOGS, ("Logs_20140328", "1.1"), "DescribeLogGroups", fields).within(region);
    let answer = account.json(&call).await?;
    let all = answer.get("logGroups").and_then(Json::as_array).map(Vec::as_slice).unwrap_or_default();
    Ok(!all.iter().any(|one| one.get("logGroupName").and_then(Json::as_str) == Some(name)))
}

async fn alarm(account: &Account, region: &str, name: &str) -> Result<bool, Refusal> {
    let call = Call::query(service::CLOUDWATCH, "2010-08-01", "DescribeAlarms")
        .with("AlarmNames.member.1", name)
        .within(region);
    let answer = account.xml(&call).await?;
    Ok(answer.find("MetricAlarms").map(Xml::children).unwrap_or_default().is_empty())
}

/// One that is to be deleted some day stays listed as what fades.
async fn secret(account: &Account, region: &str, arn: &str) -> Result<bool, Refusal> {
    let fields = json!({"SecretId": arn});
    let call =
        Call::json(service::SECRETS, ("secretsmanager", "1.1"), "DescribeSecret", fields).within(region);
    account.json(&call).await.map(|_| false)
}
