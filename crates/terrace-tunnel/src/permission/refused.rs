//! What it means when AWS refuses a call, and what to do.

use terrace_account::Refusal;

use super::statement::Statement;

/// Why AWS did not answer a call.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// A permission is missing.
    #[error("{who} may not do {action}{needed}")]
    Denied {
        /// `ecs:ListTasks`.
        action: String,
        /// Who asked, as AWS calls it; `you` if it does not say.
        who: String,
        /// What the action is for, or all that AWS says; often empty.
        needed: String,
        /// The statement that allows it, as JSON.
        statement: String,
    },
    /// A permission is missing, and allowing it is not enough.
    #[error("{who} may not do {action}: {by} forbids it")]
    Forbidden {
        /// `ecs:ListTasks`.
        action: String,
        /// Who asked.
        who: String,
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
    #[error("AWS does not answer {action} ({says})")]
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
        /// It may go well a little later.
        passing: bool,
    },
}

impl Refused {
    /// What a refusal of a call means; `statement` is the one that allows the call.
    pub(crate) fn of(action: &str, refusal: &Refusal, statement: impl FnOnce() -> Statement) -> Self {
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
            let throttled = refusal.status() == 429 || refusal.code().contains("Throttl");
            return Self::Other { action, says, passing: throttled || refusal.status() >= 500 };
        }
        let Some(denial) = refusal.denial() else {
            let (who, needed) = ("you".to_owned(), format!(" ({says})"));
            return Self::Denied { action, who, needed, statement: statement().text() };
        };
        let who = denial.who.unwrap_or_else(|| "you".to_owned());
        if let Some(by) = denial.forbidden_by {
            return Self::Forbidden { action: denial.action, who, by };
        }
        if denial.action == action {
            return Self::Denied { action, who, needed: String::new(), statement: statement().text() };
        }
        // Something else that the call needs: a key, for example.
        let resource = denial.resource.unwrap_or_else(|| "*".to_owned());
        let statement = Statement::allow("TerraceTunnel", &[&denial.action], [resource]).text();
        Self::Denied { action: denial.action, who, needed: format!(", which {action} needs"), statement }
    }

    /// Whether asking again may help, perhaps after somebody has renewed the credentials.
    pub const fn is_passing(&self) -> bool {
        match self {
            Self::Expired(_) | Self::Unreachable { .. } => true,
            Self::Other { passing, .. } => *passing,
            _ => false,
        }
    }

    /// What to do.
    pub fn help(&self) -> Vec<String> {
        let one = |text: &str| vec![text.to_owned()];
        match self {
            Self::Denied { statement, .. } => vec![
                format!("whoever administers the account can allow it with this statement:\n{statement}"),
                "`terrace tunnel --policy` and `terrace exec --policy` print all that they need".to_owned(),
            ],
            Self::Forbidden { .. } => {
                one("allowing it would not be enough; ask whoever administers what forbids it")
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
