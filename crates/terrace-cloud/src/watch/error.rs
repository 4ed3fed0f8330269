//! Why something could not be told.

use terrace_account::Refusal;

/// Why something could not be told.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{doing}: {refusal}; {}", self.next())]
pub struct WatchError {
    /// What was being done: `reading the log group /items/app`.
    pub doing: String,
    /// AWS's words.
    pub refusal: Refusal,
}

impl WatchError {
    pub(crate) fn new(doing: impl Into<String>, refusal: Refusal) -> Self {
        Self { doing: doing.into(), refusal }
    }

    /// Whether the same may well be answered in a moment: a cut, a throttle, a fault of AWS's own.
    pub fn is_passing(&self) -> bool {
        self.refusal.is_throttled() || self.refusal.is_doubtful()
    }

    /// What to do about it.
    pub fn next(&self) -> String {
        let refusal = &self.refusal;
        if refusal.is_expired() {
            return "the credentials have expired: renew them (`aws sso login`), then type the same again"
                .to_owned();
        }
        if let Some(denial) = refusal.denial() {
            let on = denial.resource.map(|resource| format!(" on {resource}")).unwrap_or_default();
            return match denial.forbidden_by {
                Some(by) => format!("{} is forbidden by {by}", denial.action),
                None => format!("allow {}{on}", denial.action),
            };
        }
        if refusal.is_unknown() || refusal.is_denied() {
            return "look whose credentials these are (`aws sts get-caller-identity`)".to_owned();
        }
        if refusal.is_absent() {
            return "it is not there: look whether account, region and environment are right, or deploy first".to_owned();
        }
        "type the same again".to_owned()
    }
}

/// Whether nothing else will be answered either: no credentials, no network.
pub(super) fn is_hopeless(refusal: &Refusal) -> bool {
    refusal.is_expired() || refusal.is_unknown() || refusal.is_unanswered() || refusal.is_skewed()
}
