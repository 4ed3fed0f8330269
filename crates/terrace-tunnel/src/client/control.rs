//! What a tunnel asks of the control plane, and what to do when it refuses.

use std::future::Future;

use http::{HeaderName, HeaderValue};
use terrace_net::Port;

use super::{Grant, GrantError, SessionId, Target};
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
    #[error(
        "{target} is not connected to Session Manager ({says}). If its task or instance was replaced, look for the new one. A task needs `enableExecuteCommand` when it starts, and a role that allows ssmmessages:CreateControlChannel, CreateDataChannel, OpenControlChannel and OpenDataChannel; an instance needs the agent and AmazonSSMManagedInstanceCore. Both need a way to ssmmessages: an endpoint in the VPC, or a NAT gateway"
    )]
    NotConnected {
        /// Which.
        target: Target,
        /// AWS's words.
        says: String,
    },
    /// A permission is missing.
    #[error(
        "you may not do {action} ({says}). Whoever administers the account can allow it with this statement:\n{statement}"
    )]
    Denied {
        /// `ssm:StartSession`.
        action: String,
        /// AWS's words.
        says: String,
        /// The statement to add to a policy of the caller.
        statement: String,
    },
    /// A permission is missing, and allowing it is not enough.
    #[error(
        "you may not do {action} ({says}): {by} forbids it, so that another statement does not help; ask whoever administers it"
    )]
    Forbidden {
        /// `ssm:StartSession`.
        action: String,
        /// AWS's words.
        says: String,
        /// What forbids it.
        by: String,
    },
    /// The credentials were good once.
    #[error("your AWS credentials have expired ({0}): renew them, for example with `aws sso login`")]
    Expired(String),
    /// The credentials are not known.
    #[error(
        "AWS does not know your credentials ({0}): look at AWS_PROFILE, AWS_ACCESS_KEY_ID and `aws configure list`"
    )]
    Unknown(String),
    /// The clock is wrong.
    #[error(
        "this machine's clock is wrong by AWS's ({0}): set it, for example with `timedatectl set-ntp true`"
    )]
    Clock(String),
    /// Nobody answers.
    #[error("Session Manager cannot be reached ({0}): is this machine online, and is HTTPS_PROXY needed?")]
    Unreachable(String),
    /// AWS refuses for another reason.
    #[error("{action} was refused: {says}")]
    Refused {
        /// `ssm:StartSession`.
        action: String,
        /// AWS's words.
        says: String,
        /// It may go well a little later.
        passing: bool,
    },
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
        match self {
            Self::Expired(_) | Self::Unreachable(_) => true,
            Self::Refused { passing, .. } => *passing,
            _ => false,
        }
    }

    /// That a channel may not be opened: the statement that allows it.
    pub(crate) fn channel_denied(region: &str, session: &SessionId, says: String) -> Self {
        let action = CHANNEL.to_owned();
        let statement = statement(&[CHANNEL], &[session.own(region)]);
        Self::Denied { action, says, statement }
    }
}

/// What opens a channel.
pub(super) const CHANNEL: &str = "ssmmessages:OpenDataChannel";

/// A statement that allows actions on resources, as it stands in a policy.
pub(super) fn statement(actions: &[&str], resources: &[String]) -> String {
    serde_json::json!({ "Effect": "Allow", "Action": actions, "Resource": resources }).to_string()
}
