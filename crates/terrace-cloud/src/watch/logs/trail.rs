//! One request through all tiers.

use std::collections::BTreeSet;

use terrace_account::Account;

use super::{Line, Logs, RequestId, Wanted};
use crate::watch::WatchError;

/// No request has more lines that anyone reads.
const LINES: usize = 10_000;
/// How often is looked again by what lines tell of the request's other names.
const ROUNDS: usize = 3;
/// No request has more names; a line that names many is about none of them.
const NAMES: usize = 8;

/// The lines about one request, in the order of time: those that name it, and those that name it as a line
/// among them does, by its trace for example.
///
/// # Errors
/// If CloudWatch refuses or does not answer.
pub async fn trail(account: &Account, wanted: &Wanted, id: RequestId) -> Result<Vec<Line>, WatchError> {
    let mut wanted = Wanted { matching: wanted.matching.clone().request(id), ..wanted.clone() };
    let mut round = 0;
    loop {
        let lines = read(Logs::new(account, wanted.clone())).await?;
        round += 1;
        let known = &wanted.matching;
        let told: BTreeSet<RequestId> =
            lines.iter().flat_map(|line| RequestId::within(&line.message)).collect();
        let more: Vec<RequestId> = told.into_iter().filter(|id| !known.knows(id)).collect();
        if more.is_empty() || round >= ROUNDS || known.requests() + more.len() > NAMES {
            return Ok(lines);
        }
        wanted.matching = more.into_iter().fold(wanted.matching, super::Matching::request);
    }
}

async fn read(mut logs: Logs<'_>) -> Result<Vec<Line>, WatchError> {
    let mut lines = Vec::new();
    while let Some(line) = logs.next().await? {
        lines.push(line);
        if lines.len() >= LINES {
            break;
        }
    }
    Ok(lines)
}
