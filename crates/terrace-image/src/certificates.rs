//! The certificates that an application trusts.

use bytes::Bytes;

use crate::error::ImageError;
use crate::path::{ImagePath, PathError};
use crate::tree::{Node, Tree};

/// A bundle of CA certificates in PEM (RFC 7468), such as Debian's `/etc/ssl/certs/ca-certificates.crt` or Mozilla's list.
///
/// It is put where Go, OpenSSL and rustls-native-certs look, and `SSL_CERT_FILE` names it for OpenSSL built elsewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Certificates(Bytes);

/// Where it is in the image; the first place that Go looks at, and Debian's and Alpine's.
pub(crate) const BUNDLE: &str = "/etc/ssl/certs/ca-certificates.crt";

const BEGIN: &str = "-----BEGIN CERTIFICATE-----";
const END: &str = "-----END CERTIFICATE-----";

impl Certificates {
    /// A bundle with at least one certificate, each with its end, and with no key in it.
    pub fn new(pem: impl Into<Bytes>) -> Result<Self, ImageError> {
        let pem = pem.into();
        let wrong = |why| Err(ImageError::Certificates { why });
        let Ok(text) = std::str::from_utf8(&pem) else {
            return wrong("they are not text (DER is not taken)");
        };
        let lines = || text.lines().map(str::trim_end);
        if lines().any(|line| line.starts_with("-----BEGIN ") && line.ends_with("PRIVATE KEY-----")) {
            return wrong("there is a private key among them, which no image may hold");
        }
        let (begun, ended) =
            (lines().filter(|line| *line == BEGIN).count(), lines().filter(|line| *line == END).count());
        if begun == 0 {
            return wrong("there is no `-----BEGIN CERTIFICATE-----` in them");
        }
        if begun != ended {
            return wrong("the last certificate is cut off");
        }
        Ok(Self(pem))
    }

    /// The layer's files.
    pub(crate) fn tree(&self) -> Result<Tree, ImageError> {
        Tree::default().with(Self::path()?, Node::file(self.0.clone()))
    }

    /// Where the bundle is in the image.
    fn path() -> Result<ImagePath, PathError> {
        ImagePath::new(BUNDLE)
    }
}
