//! What can go wrong with a registry, and what to do.

use std::fmt;
use std::time::Duration;

use terrace_image::Digest;
use url::Url;

/// What was asked, and where: the method and the address without its query, which may hold signatures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    method: String,
    address: String,
}

impl Place {
    pub(crate) fn new(method: &http::Method, url: &Url) -> Self {
        let mut url = url.clone();
        url.set_query(None);
        url.set_fragment(None);
        // An address with credentials in it is nobody's to read; failing means that there are none.
        let _ = url.set_username("");
        let _ = url.set_password(None);
        Self { method: method.to_string(), address: url.to_string() }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.method, self.address)
    }
}

/// What went wrong.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RegistryError {
    /// A text that is no registry.
    #[error("`{text}` is no registry: {why}; expected a host such as `ghcr.io` or `127.0.0.1:5000`")]
    Endpoint {
        /// The text.
        text: String,
        /// Why.
        why: &'static str,
    },
    /// Certificates to trust that are none.
    #[error("the certificates to trust a registry by cannot be read: {why}; expected PEM")]
    Roots {
        /// Why.
        why: String,
    },
    /// Nobody answered.
    #[error("{place}: no answer: {why}; check the name, the network and the proxy (HTTPS_PROXY, NO_PROXY)")]
    Unreachable {
        /// What was asked.
        place: Place,
        /// Why.
        why: String,
    },
    /// Who answered could not show a certificate that is trusted.
    #[error("{place}: its certificate is not trusted: {why}; hand in the certificate of who signed it")]
    Untrusted {
        /// What was asked.
        place: Place,
        /// Why.
        why: String,
    },
    /// Nothing moved for too long.
    #[error("{place}: nothing moved for {} s; check the network, or try again", .after.as_secs_f32())]
    Stalled {
        /// What was asked.
        place: Place,
        /// For how long.
        after: Duration,
    },
    /// The credentials are not taken.
    #[error(
        "{place}: the credentials are not taken: {why}; log in anew (ECR: `aws ecr get-login-password` gives a password for 12 hours)"
    )]
    Unauthorised {
        /// What was asked.
        place: Place,
        /// Why.
        why: String,
    },
    /// The credentials are taken and not enough.
    #[error(
        "{place}: not allowed: {why}; ask for the right to push to the repository (ECR: BatchCheckLayerAvailability, InitiateLayerUpload, UploadLayerPart, CompleteLayerUpload, PutImage, BatchGetImage)"
    )]
    Denied {
        /// What was asked.
        place: Place,
        /// Why.
        why: String,
    },
    /// No such repository.
    #[error(
        "{place}: there is no such repository: {why}; make it first (ECR: `aws ecr create-repository`), or check the name"
    )]
    NoRepository {
        /// What was asked.
        place: Place,
        /// Why.
        why: String,
    },
    /// A tag that stays with what it names.
    #[error("{place}: the tag is another image's and cannot be moved: {why}; push under another tag")]
    TagTaken {
        /// What was asked.
        place: Place,
        /// Why.
        why: String,
    },
    /// Refused otherwise.
    #[error("{place}: refused with status {status}{}: {message}; {}", in_brackets(.code), fix(*.status))]
    Refused {
        /// What was asked.
        place: Place,
        /// The status of HTTP.
        status: u16,
        /// The registry's code for it, such as `BLOB_UPLOAD_INVALID`.
        code: String,
        /// What it says.
        message: String,
        /// When to ask again, if it says so.
        again: Option<Duration>,
    },
    /// An answer that the protocol does not have.
    #[error(
        "{place}: an answer that registries do not give: {why}; is it a registry (OCI distribution-spec 1.1)?"
    )]
    Answer {
        /// What was asked.
        place: Place,
        /// What is wrong with it.
        why: String,
    },
    /// Other bytes than were asked for.
    #[error(
        "{place}: other bytes than expected: {found} instead of {expected}; try again, and distrust what is between"
    )]
    OtherBytes {
        /// What was asked.
        place: Place,
        /// What should be there.
        expected: Digest,
        /// What is.
        found: Digest,
    },
    /// Nothing there.
    #[error("{place}: there is no such image or layer; was it deleted, or never pushed?")]
    Missing {
        /// What was asked.
        place: Place,
    },
}

impl RegistryError {
    /// Whether it may be another one soon.
    pub(crate) fn is_passing(&self) -> bool {
        match self {
            Self::Unreachable { .. } | Self::Stalled { .. } => true,
            Self::Refused { status, .. } => is_passing(*status),
            _ => false,
        }
    }

    /// Whether a new upload may go where this one did not.
    pub(crate) fn is_of_upload(&self) -> bool {
        matches!(self, Self::Refused { status: 400 | 404 | 409 | 410 | 416, .. })
    }

    /// How long the registry wants to be left alone.
    pub(crate) fn again(&self) -> Option<Duration> {
        match self {
            Self::Refused { again, .. } => *again,
            _ => None,
        }
    }
}

/// Whether an answer of this status may be another one soon (RFC 9110, RFC 6585).
pub(crate) fn is_passing(status: u16) -> bool {
    matches!(status, 408 | 425 | 429 | 500 | 502 | 503 | 504)
}

fn in_brackets(code: &str) -> String {
    if code.is_empty() { String::new() } else { format!(" ({code})") }
}

/// What may help against a status.
fn fix(status: u16) -> &'static str {
    match status {
        413 => "something on the way takes no part this large: set smaller chunks",
        408 | 425 | 429 => "it was asked too much: wait, then push again",
        500..=599 => "the registry is in trouble: wait, then push again",
        _ => "if it stays so, ask who runs the registry",
    }
}
