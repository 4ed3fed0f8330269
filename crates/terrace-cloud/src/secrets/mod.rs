//! Values that only the system reads: set, listed, replaced.
//!
//! AWS Secrets Manager API Reference: DescribeSecret, CreateSecret, PutSecretValue,
//! GetRandomPassword; Amazon RDS:
//! ModifyDBInstance, ModifyDBCluster with RotateMasterUserPassword. What reads a value reads it when it
//! starts: [`restart()`] has that done.
//!
//! GUARANTEE: no value is read from AWS except one that AWS makes up and that is set at once; none is told,
//! in errors neither; the same change that is begun again, because nobody knows whether it came through, is
//! made once.

mod kept;
mod restart;
mod value;

use std::time::SystemTime;

use serde::Serialize;
use serde_json::{Value as Json, json};
use terrace_account::{Account, Call, Refusal, Sha256, service};
use zeroize::Zeroizing;

use crate::deployed::{Database, DatabaseKind, SecretId};
use crate::watch::WatchError;
pub use kept::{Kept, Origin, Reader, Reference, list, until_changed};
pub use restart::{Restart, Restarted, restart};
pub use value::{Value, ValueError};

const TARGET: (&str, &str) = ("secretsmanager", "1.1");
/// How often a change is sent again of which nobody knows whether it came through.
const TRIES: u32 = 3;
/// Letters and digits in a value that is made up: about 190 bits.
const CHARACTERS: u32 = 32;

/// A value that was set.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Changed {
    /// The secret's ARN.
    pub arn: String,
    /// Its new version.
    pub version: String,
}

/// Why a value was not replaced.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RotateError {
    /// AWS refuses, or does not answer.
    #[error(transparent)]
    Refused(#[from] WatchError),
    /// AWS made up nothing.
    #[error(
        "Secrets Manager was asked to make up a value, and its answer has none; the value from before is in force"
    )]
    Nothing,
}

/// Sets a value; `at` tells this change from others.
///
/// # Errors
/// If AWS refuses or does not answer.
pub async fn set(
    account: &Account,
    secret: &SecretId,
    value: &Value,
    at: SystemTime,
) -> Result<Changed, WatchError> {
    let fields = json!({
        "SecretId": secret.as_str(), "ClientRequestToken": token(secret, at), "SecretString": value.reveal(),
    });
    let call = Call::json(service::SECRETS, TARGET, "PutSecretValue", fields);
    let answer = repeated(account, &call).await.map_err(|refusal| refused(secret, refusal))?;
    Ok(changed(&answer))
}

/// Made of no part of the value: whoever may list versions reads it.
fn token(secret: &SecretId, at: SystemTime) -> String {
    let since = at.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_nanos();
    Sha256::of(format!("{secret} {since}").as_bytes()).to_string()
}

fn changed(answer: &Json) -> Changed {
    let word = |name: &str| answer.get(name).and_then(Json::as_str).unwrap_or_default().to_owned();
    Changed { arn: word("ARN"), version: word("VersionId") }
}

/// Makes a secret that there is none of yet, with its first value; `at` tells this from others.
///
/// # Errors
/// If AWS refuses or does not answer.
pub async fn create(
    account: &Account,
    (secret, about): (&SecretId, &str),
    value: &Value,
    at: SystemTime,
) -> Result<Changed, WatchError> {
    let fields = json!({
        "Name": secret.as_str(), "Description": about,
        "ClientRequestToken": token(secret, at), "SecretString": value.reveal(),
    });
    let call = Call::json(service::SECRETS, TARGET, "CreateSecret", fields);
    let answer = repeated(account, &call).await;
    answer
        .map(|answer| changed(&answer))
        .map_err(|refusal| WatchError::new(format!("making the secret {secret}"), refusal))
}

/// Replaces a value by one that AWS makes up, of letters and digits.
///
/// # Errors
/// If AWS refuses or does not answer.
pub async fn rotate(account: &Account, secret: &SecretId, at: SystemTime) -> Result<Changed, RotateError> {
    let fields = json!({"PasswordLength": CHARACTERS, "ExcludePunctuation": true});
    let call = Call::json(service::SECRETS, TARGET, "GetRandomPassword", fields);
    let answer = account.secret(&call).await;
    let answer = answer.map_err(|refusal| WatchError::new("having a value made up", refusal))?;
    let value = value::made_up(&answer).ok_or(RotateError::Nothing)?;
    Ok(set(account, secret, &value, at).await?)
}

/// Has RDS replace the password that it keeps itself; the secret follows in a few minutes.
///
/// # Errors
/// If AWS refuses or does not answer.
pub async fn rotate_database(account: &Account, database: &Database) -> Result<(), WatchError> {
    let (action, field) = match database.kind {
        DatabaseKind::Instance => ("ModifyDBInstance", "DBInstanceIdentifier"),
        DatabaseKind::Cluster => ("ModifyDBCluster", "DBClusterIdentifier"),
    };
    let call = Call::query(service::RDS, "2014-10-31", action)
        .with(field, database.id.as_str())
        .with("RotateMasterUserPassword", "true")
        .with("ApplyImmediately", "true");
    let answer = account.xml(&call).await;
    answer.map(drop).map_err(|refusal| {
        WatchError::new(format!("replacing the password of the database {}", database.id), refusal)
    })
}

fn refused(secret: &SecretId, refusal: Refusal) -> WatchError {
    WatchError::new(format!("setting the secret {secret}"), refusal)
}

/// Sends a call that carries a token, and so is carried out once, until somebody says what became of it.
async fn repeated(account: &Account, call: &Call<'_>) -> Result<Json, Refusal> {
    let mut last = account.json(call).await;
    for _ in 1..TRIES {
        match last {
            Err(refusal) if refusal.is_doubtful() => last = account.json(call).await,
            other => return other,
        }
    }
    last
}

/// As text that is wiped when it is let go.
type Wiped = Zeroizing<String>;
