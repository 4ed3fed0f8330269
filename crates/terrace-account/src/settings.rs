//! Whose account, where, and why it could not be opened.

use std::time::SystemTime;

use aws_credential_types::Credentials;

/// Which account, and where; each that is not given is taken from the environment and the shared configuration files.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    /// The region.
    pub region: Option<String>,
    /// A profile of the shared configuration files.
    pub profile: Option<String>,
    /// Where all calls go instead of AWS (`http://127.0.0.1:5000`). `AWS_ENDPOINT_URL` does the same.
    pub endpoint: Option<String>,
}

/// Credentials that are at hand: those of an endpoint on this machine, for example.
///
/// GUARANTEE: the secret is wiped when it is let go, and `Debug` does not show it.
#[derive(Clone, Debug)]
pub struct Keys(pub(crate) Credentials);

impl Keys {
    /// An access key's id, its secret, and the token of a session if it belongs to one.
    pub fn new(id: &str, secret: &str, token: Option<&str>) -> Self {
        Self(Credentials::new(id, secret, token.map(str::to_owned), None, "given"))
    }

    /// As the environment of a program that is to ask AWS itself: names and values.
    pub fn environment(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let token = self.0.session_token().map(|token| ("AWS_SESSION_TOKEN", token));
        let pair = [
            ("AWS_ACCESS_KEY_ID", self.0.access_key_id()),
            ("AWS_SECRET_ACCESS_KEY", self.0.secret_access_key()),
        ];
        pair.into_iter().chain(token)
    }

    /// When they end, if they do.
    pub fn end(&self) -> Option<SystemTime> {
        self.0.expiry()
    }
}

/// Why nothing can be asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AccountError {
    /// Nobody said where.
    #[error("no region is set: give one with --region, in AWS_REGION, or in the profile")]
    Region,
    /// Nobody to ask as.
    #[error(
        "no AWS credentials were found ({0}): run `aws configure` or `aws sso login`, or set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
    )]
    Credentials(String),
    /// Somebody whom AWS does not know.
    #[error("AWS does not accept these credentials ({0}): renew them, for example with `aws sso login`")]
    Refused(String),
    /// Nobody answers.
    #[error(
        "{address} cannot be reached ({why}): is there a network, is the region right, is a proxy needed (HTTPS_PROXY)?"
    )]
    Unreachable {
        /// Who was asked.
        address: String,
        /// What happened.
        why: String,
    },
}
