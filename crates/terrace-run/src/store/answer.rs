//! One request to its answer: who asks, whether they may, what they get.
//!
//! [GetParametersByPath](https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParametersByPath.html),
//! [GetSecretValue](https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetSecretValue.html); errors
//! have the names that AWS gives them.

use std::time::{Duration, SystemTime};

use hyper::StatusCode;
use hyper::http::request::Parts;
use serde::Deserialize;
use serde_json::{Value, json};
use terrace_boot::sign::{CONTENT_TYPE, Unsigned, date};

use super::{Grants, Holdings, REGION};

/// How far a request's clock may be off, as on AWS.
const SKEW: Duration = Duration::from_secs(5 * 60);
/// Headers that browsers send with what a page asked for.
const OF_BROWSERS: [&str; 4] = ["origin", "referer", "sec-fetch-site", "cookie"];

/// What is refused: a status, AWS's name for it, and a reason.
type Refusal = (StatusCode, &'static str, String);

/// Answers a request that came to the address `own`.
pub(super) fn answer(
    head: &Parts,
    body: &[u8],
    own: &str,
    grants: &Grants,
    now: SystemTime,
) -> (StatusCode, String) {
    let outcome = authorise(head, body, own, grants, now).and_then(|(holdings, target)| match target {
        "AmazonSSM.GetParametersByPath" => parameters(holdings, body),
        "secretsmanager.GetSecretValue" => secret(holdings, body),
        _ => Err((StatusCode::BAD_REQUEST, "UnknownOperationException", target.to_owned())),
    });
    match outcome {
        Ok(value) => (StatusCode::OK, value.to_string()),
        Err((status, kind, message)) => (status, json!({ "__type": kind, "message": message }).to_string()),
    }
}

/// Whose request it is, and what it calls.
fn authorise<'a>(
    head: &'a Parts,
    body: &[u8],
    own: &str,
    grants: &'a Grants,
    now: SystemTime,
) -> Result<(&'a Holdings, &'a str), Refusal> {
    let header =
        |name: &str| head.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let refuse = |kind, reason: &str| Err((StatusCode::FORBIDDEN, kind, reason.to_owned()));
    if OF_BROWSERS.iter().any(|name| head.headers.contains_key(*name)) {
        return refuse("AccessDeniedException", "browsers are not answered");
    }
    if header("host") != own {
        return refuse("AccessDeniedException", "this is not the host that was asked for");
    }
    if head.method != hyper::Method::POST || head.uri != "/" || header("content-type") != CONTENT_TYPE {
        return refuse("AccessDeniedException", "only calls are answered: POST /");
    }
    let target = header("x-amz-target");
    let service = if target.starts_with("AmazonSSM.") { "ssm" } else { "secretsmanager" };
    let credential = header("authorization").split_once("Credential=").map_or("", |(_, rest)| rest);
    let access_key_id = credential.split('/').next().unwrap_or_default();
    let Some(grant) = grants.get(access_key_id) else {
        return refuse("UnrecognizedClientException", "the access key is not known");
    };
    let sent = header("x-amz-date");
    let within = date(now.checked_sub(SKEW).unwrap_or(now))..=date(now.checked_add(SKEW).unwrap_or(now));
    let unsigned = Unsigned {
        access_key_id,
        session_token: None,
        region: REGION,
        service,
        host: own,
        target,
        date: sent,
        body,
    };
    // In basic form, dates sort as texts.
    let right = unsigned.authorization(&grant.secret_access_key);
    let same = blake3::hash(right.as_bytes()) == blake3::hash(header("authorization").as_bytes());
    if !same || !within.contains(&sent.to_owned()) {
        return refuse("InvalidSignatureException", "the signature is not right, or not of now");
    }
    Ok((&grant.holdings, target))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct GetParametersByPath {
    path: String,
    #[serde(default = "ten")]
    max_results: usize,
    next_token: Option<String>,
}

fn ten() -> usize {
    10
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct GetSecretValue {
    secret_id: String,
}

fn understood<'a, T: Deserialize<'a>>(body: &'a [u8]) -> Result<T, Refusal> {
    serde_json::from_slice(body)
        .map_err(|error| (StatusCode::BAD_REQUEST, "SerializationException", error.to_string()))
}

fn parameters(holdings: &Holdings, body: &[u8]) -> Result<Value, Refusal> {
    let asked: GetParametersByPath = understood(body)?;
    if asked.path.trim_end_matches('/') != holdings.path.trim_end_matches('/') {
        return Err(denied("ssm:GetParametersByPath", &asked.path));
    }
    let wrong = |what: &str| (StatusCode::BAD_REQUEST, "ValidationException", what.to_owned());
    if !(1..=10).contains(&asked.max_results) {
        return Err(wrong("MaxResults is 1 to 10"));
    }
    let from: usize = match &asked.next_token {
        None => 0,
        Some(token) => token.parse().map_err(|_| wrong("this is no NextToken"))?,
    };
    let page: Vec<Value> = holdings
        .parameters
        .iter()
        .skip(from)
        .take(asked.max_results)
        .map(|(name, value)| {
            json!({
                "Name": format!("{}{name}", holdings.path), "Type": "String", "Value": value, "Version": 1,
                "DataType": "text",
            })
        })
        .collect();
    let next = from.saturating_add(page.len());
    let mut answer = json!({ "Parameters": page });
    if let Some(answer) = answer.as_object_mut().filter(|_| next < holdings.parameters.len()) {
        answer.insert("NextToken".to_owned(), next.to_string().into());
    }
    Ok(answer)
}

fn secret(holdings: &Holdings, body: &[u8]) -> Result<Value, Refusal> {
    let asked: GetSecretValue = understood(body)?;
    match holdings.secrets.get(&asked.secret_id) {
        // As AWS does it for names that a policy does not cover: whether it exists is not said.
        None => Err(denied("secretsmanager:GetSecretValue", &asked.secret_id)),
        Some(secret) => Ok(json!({
            "Name": asked.secret_id, "SecretString": secret.reveal(), "VersionStages": ["AWSCURRENT"],
            "VersionId": "00000000-0000-0000-0000-000000000001",
        })),
    }
}

fn denied(action: &str, resource: &str) -> Refusal {
    let message = format!("not authorized to perform: {action} on resource: {resource}");
    (StatusCode::BAD_REQUEST, "AccessDeniedException", message)
}

#[cfg(test)]
mod tests;
