//! What a tunnel asks of the control plane, and what to do when it refuses.

use std::future::Future;

use http::{HeaderName, HeaderValue};
use terrace_net::Port;

use super::{Grant, GrantError, SessionId, Target};
use crate::permission::{AGENT_NEEDS, CHANNEL, Refused, Statement};
use crate::wire::StreamUrl;

/// Session Manager's control plane. Nothing of it carries a connection's bytes.
pub trait Control: Send + Sync + 'static {
    /// `ssm:StartSession`; the agent is told which port of this machine leads to it, and does nothing with that.
    fn start(&self, local: Option<Port>) -> impl Future<Output = Result<Grant, ControlError>> + Send;
    /// `ssm:ResumeSession`: a new token and a new address for the same session.
    fn resume(&self, session: &SessionId) -> impl Future<Output = Result<Grant, ControlError>> + Send;
    /// `ssm:TerminateSession`.
    fn terminate(&self, session: &SessionId) -> impl Future<Output = Result<(), ControlError>> + Send;
    /// The headers that sign the upgrade to a channel; afresh each time, none if nobody wants a signature.
    fn sign(
        &self,
        session: &SessionId,
        url: &StreamUrl,
    ) -> impl Future<Output = Result<Vec<(HeaderName, HeaderValue)>, ControlError>> + Send;
    /// The region, for what is said of permissions.
    fn region(&self) -> &str;
}

/// Why the control plane did not do what it was asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ControlError {
    /// The target has no agent that is connected.
    #[error("{target} is not connected to Session Manager ({says})")]
    NotConnected {
        /// Which.
        target: Target,
        /// AWS's words.
        says: String,
    },
    /// AWS refuses.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// What was answered is not understood.
    #[error("the answer to {action} is not understood: {why}")]
    Unreadable {
        /// `ssm:StartSession`.
        action: String,
        /// Why not.
        why: GrantError,
    },
    /// There is one session, and it is over.
    #[error("the session that was handed over has ended; start a new one")]
    Spent,
}

impl ControlError {
    /// Whether asking again may help, perhaps after somebody has renewed the credentials.
    pub const fn is_passing(&self) -> bool {
        matches!(self, Self::Refused(refused) if refused.is_passing())
    }

    /// What to do about it, a sentence each.
    pub fn help(&self) -> Vec<String> {
        match self {
            Self::NotConnected { .. } => vec![
                "if its task or instance was replaced, look for the new one".to_owned(),
                format!(
                    "a task needs `enableExecuteCommand` when it starts, an instance needs the agent; {AGENT_NEEDS}"
                ),
            ],
            Self::Refused(refused) => refused.help(),
            Self::Unreadable { .. } | Self::Spent => Vec::new(),
        }
    }

    /// That a channel may not be opened: the statement that allows it.
    pub(crate) fn channel_denied(region: &str, session: &SessionId, says: &str) -> Self {
        let statement = Statement::allow("OwnSessions", &[CHANNEL], [session.own(region)]).text();
        let (action, who, needed) = (CHANNEL.to_owned(), "you".to_owned(), format!(" ({says})"));
        Self::Refused(Refused::Denied { action, who, needed, statement })
    }
}
