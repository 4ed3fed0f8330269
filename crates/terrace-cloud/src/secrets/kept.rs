//! Which secrets there are, who reads them, and when they changed; never their values.

use futures_util::future::join_all;
use serde::Serialize;
use serde_json::{Value as Json, json};
use terrace_account::{Account, Call, service};

use super::TARGET;
use crate::deployed::{Database, Party, SecretId};
use crate::release::Pace;
use crate::watch::{Time, WatchError};

/// A setting that is a secret, as the manifest has it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Reference {
    /// Who reads it.
    pub party: Party,
    /// The setting's name: `SESSION_KEY`.
    pub setting: String,
    /// Where its value is.
    pub secret: SecretId,
    /// Whether the system made it; else it was there before.
    pub generated: bool,
}

/// Who reads a secret.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Reader {
    /// The tier.
    pub party: String,
    /// By this name; none where it reads it itself.
    pub setting: Option<String>,
}

/// Whose a secret is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// The system's own.
    System,
    /// It was there before.
    Outside,
    /// RDS keeps it.
    Database,
}

/// A secret without its value.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Kept {
    /// Its name or ARN.
    pub secret: String,
    /// Whose it is.
    pub origin: Origin,
    /// Who reads it.
    pub readers: Vec<Reader>,
    /// Whether it is there, and not about to be deleted.
    pub there: bool,
    /// When its value changed last.
    pub changed: Option<Time>,
    /// The day when it was read last.
    pub read: Option<Time>,
}

/// All secrets that the system reads, its database's among them, in the order of their names.
///
/// # Errors
/// If AWS refuses or does not answer.
pub async fn list(
    account: &Account,
    database: Option<&Database>,
    references: &[Reference],
) -> Result<Vec<Kept>, WatchError> {
    let mut all: Vec<Kept> = Vec::new();
    for one in references {
        let reader = Reader { party: one.party.to_string(), setting: Some(one.setting.clone()) };
        match all.iter_mut().find(|kept| kept.secret == one.secret.as_str()) {
            Some(kept) => kept.readers.push(reader),
            None => {
                let origin = if one.generated { Origin::System } else { Origin::Outside };
                all.push(unseen(&one.secret, origin, vec![reader]));
            }
        }
    }
    if let Some(secret) = database.and_then(|database| database.secret.as_ref()) {
        let readers = references.iter().map(|one| Reader { party: one.party.to_string(), setting: None });
        all.push(unseen(secret, Origin::Database, readers.collect()));
    }
    let seen = join_all(all.into_iter().map(|kept| look(account, kept))).await;
    let mut all = seen.into_iter().collect::<Result<Vec<_>, _>>()?;
    for kept in &mut all {
        kept.readers.sort();
        kept.readers.dedup();
    }
    all.sort();
    Ok(all)
}

fn unseen(secret: &SecretId, origin: Origin, readers: Vec<Reader>) -> Kept {
    Kept { secret: secret.to_string(), origin, readers, there: false, changed: None, read: None }
}

async fn look(account: &Account, kept: Kept) -> Result<Kept, WatchError> {
    let call = Call::json(service::SECRETS, TARGET, "DescribeSecret", json!({"SecretId": kept.secret}));
    let found = match account.json(&call).await {
        Ok(found) => found,
        Err(refusal) if refusal.is_absent() => return Ok(kept),
        Err(refusal) => {
            return Err(WatchError::new(format!("looking at the secret {}", kept.secret), refusal));
        }
    };
    let time = |name: &str| found.get(name).and_then(Json::as_f64).and_then(Time::of_seconds);
    let there = found.get("DeletedDate").is_none_or(Json::is_null);
    Ok(Kept { there, changed: time("LastChangedDate"), read: time("LastAccessedDate"), ..kept })
}

/// Waits until a secret's value is another than at `before`; whether it is.
///
/// # Errors
/// If AWS refuses or does not answer.
pub async fn until_changed(
    account: &Account,
    secret: &SecretId,
    before: Option<Time>,
    pace: Pace,
) -> Result<bool, WatchError> {
    for _ in 0..pace.most {
        let now = look(account, unseen(secret, Origin::Database, Vec::new())).await?;
        if now.changed.is_some() && now.changed != before {
            return Ok(true);
        }
        pace.wait().await;
    }
    Ok(false)
}
