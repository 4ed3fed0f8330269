//! What it means when AWS refuses a call, and what to do.

use terrace_account::Refusal;

use super::statement::Statement;

/// Why AWS did not answer a call.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// A permission is missing.
    #[error("you may not do {action} ({says})")]
    Denied {
        /// `ecs:ListTasks`.
        action: String,
        /// AWS's words.
        says: String,
        /// The statement that allows it, as JSON.
        statement: String,
    },
    /// A permission is missing, and allowing it is not enough.
    #[error("you may not do {action} ({says})")]
    Forbidden {
        /// `ecs:ListTasks`.
        action: String,
        /// AWS's words.
        says: String,
        /// What forbids it: `a service control policy`.
        by: String,
    },
    /// The credentials were good once.
    #[error("your AWS credentials have expired ({0})")]
    Expired(String),
    /// The credentials are not known.
    #[error("AWS does not know your credentials ({0})")]
    Unknown(String),
    /// The clock is wrong.
    #[error("this machine's clock is wrong by AWS's ({0})")]
    Clock(String),
    /// Nobody answers.
    #[error("AWS cannot be reached for {action} ({says})")]
    Unreachable {
        /// `ecs:ListTasks`.
        action: String,
        /// What happened.
        says: String,
    },
    /// AWS refuses for another reason.
    #[error("AWS refused {action} ({says})")]
    Other {
        /// `ecs:ListTasks`.
        action: String,
        /// AWS's words.
        says: String,
    },
}

impl Refused {
    /// What a refusal of a call means; `statement` is the one that allows the call.
    pub(super) fn of(action: &str, refusal: &Refusal, statement: impl FnOnce() -> Statement) -> Self {
        let (action, says) = (action.to_owned(), refusal.text());
        if refusal.is_expired() {
            return Self::Expired(says);
        }
        if refusal.is_unknown() {
            return Self::Unknown(says);
        }
        if refusal.is_skewed() {
            return Self::Clock(says);
        }
        if refusal.is_unanswered() {
            return Self::Unreachable { action, says };
        }
        if !refusal.is_denied() {
            return Self::Other { action, says };
        }
        let denial = refusal.denial();
        if let Some(by) = denial.as_ref().and_then(|denial| denial.forbidden_by.clone()) {
            return Self::Forbidden { action, says, by };
        }
        // What was denied may be a second thing that the call needs: a key, for example.
        let statement = match denial {
            Some(denial) if denial.action != action => {
                let resource = denial.resource.unwrap_or_else(|| "*".to_owned());
                Statement::allow("TerraceTunnel", &[&denial.action], [resource])
            }
            _ => statement(),
        };
        Self::Denied { action, says, statement: statement.text() }
    }

    /// What to do.
    pub fn help(&self) -> Vec<String> {
        let one = |text: &str| vec![text.to_owned()];
        match self {
            Self::Denied { statement, .. } => vec![
                format!("whoever administers the account can allow it with this statement:\n{statement}"),
                "`terrace tunnel --policy` prints everything that a tunnel needs".to_owned(),
            ],
            Self::Forbidden { by, .. } => {
                vec![format!(
                    "{by} forbids it, so that allowing it is not enough; ask whoever administers it"
                )]
            }
            Self::Expired(_) => one("renew them, for example with `aws sso login`"),
            Self::Unknown(_) => one(
                "look at AWS_PROFILE, AWS_ACCESS_KEY_ID and `aws configure list`, or give another --profile",
            ),
            Self::Clock(_) => one("set it, for example with `timedatectl set-ntp true`"),
            Self::Unreachable { .. } => {
                one("is there a network, is the region right, is a proxy needed (HTTPS_PROXY)?")
            }
            Self::Other { .. } => Vec::new(),
        }
    }
}
