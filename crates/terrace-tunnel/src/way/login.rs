//! The password that RDS keeps, read when somebody asks for it.
//!
//! AWS Secrets Manager API Reference: GetSecretValue; "JSON structure of AWS Secrets Manager database credential secrets".

use std::fmt;

use serde::{Deserialize, Deserializer};
use serde_json::json;
use terrace_account::{Call, service};
use zeroize::Zeroizing;

use super::{Database, KeptSecret, Search, WayError};
use crate::permission::Statement;

const TARGET: (&str, &str) = ("secretsmanager", "1.1");

/// A user and its password; `Debug` does not show the password, and it is wiped when it is let go.
#[derive(Clone, PartialEq, Eq)]
pub struct Login {
    /// The user.
    pub user: String,
    /// Its password.
    pub password: Zeroizing<String>,
}

impl fmt::Debug for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Login").field("user", &self.user).finish_non_exhaustive()
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Answer {
    #[serde(deserialize_with = "wiped")]
    secret_string: Zeroizing<String>,
}

#[derive(Deserialize)]
struct Kept {
    username: String,
    #[serde(deserialize_with = "wiped")]
    password: Zeroizing<String>,
}

fn wiped<'de, D: Deserializer<'de>>(from: D) -> Result<Zeroizing<String>, D::Error> {
    String::deserialize(from).map(Zeroizing::new)
}

/// What reading a secret needs.
fn may_read(kept: &KeptSecret) -> Statement {
    Statement::allow("ReadThePassword", &["secretsmanager:GetSecretValue"], [kept.arn.clone()])
}

/// What decrypting a secret needs.
fn may_decrypt(kept: &KeptSecret) -> Statement {
    let key = kept.key.clone().unwrap_or_else(|| "*".to_owned());
    Statement::allow("DecryptThePassword", &["kms:Decrypt"], [key])
}

impl Search<'_> {
    /// The user and the password of a database.
    ///
    /// # Errors
    /// If RDS keeps none, or it may not be read.
    pub async fn login(&self, database: &Database) -> Result<Login, WayError> {
        let kept = database.secret.as_ref().ok_or_else(|| WayError::NoSecret(database.id.clone()))?;
        let call = Call::json(service::SECRETS, TARGET, "GetSecretValue", json!({ "SecretId": kept.arn }));
        let answer = self.account().secret(&call).await.map_err(|refusal| {
            // AWS does not name the key's permission.
            let of_key = refusal.message().contains("KMS") && refusal.denial().is_none();
            self.refused(&call, &refusal, || if of_key { may_decrypt(kept) } else { may_read(kept) })
        })?;
        // What is wrong with it in detail would quote it.
        let odd = |_| WayError::OddSecret(kept.arn.clone());
        let answer: Answer = serde_json::from_str(&answer).map_err(odd)?;
        let Kept { username, password } = serde_json::from_str(&answer.secret_string).map_err(odd)?;
        Ok(Login { user: username, password })
    }
}
