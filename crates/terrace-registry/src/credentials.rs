//! Who asks.

use std::fmt;

use zeroize::Zeroizing;

/// What a registry is shown. Wiped when it is let go; never printed.
#[derive(Clone, Default)]
pub enum Credentials {
    /// Nothing.
    #[default]
    Anonymous,
    /// A name and a password or token: for ECR `AWS` and what `ecr:GetAuthorizationToken` gives, decoded.
    Basic {
        /// The name.
        user: String,
        /// The password or token.
        password: Zeroizing<String>,
    },
    /// A token that the registry takes as it is.
    Bearer(Zeroizing<String>),
}

impl Credentials {
    /// A name and a password.
    pub fn basic(user: impl Into<String>, password: impl Into<String>) -> Self {
        Self::Basic { user: user.into(), password: Zeroizing::new(password.into()) }
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Anonymous => f.write_str("Anonymous"),
            Self::Basic { user, .. } => f.debug_struct("Basic").field("user", user).finish_non_exhaustive(),
            Self::Bearer(_) => f.write_str("Bearer(..)"),
        }
    }
}
