//! Base64 as Terraform and AWS write it (RFC 4648, section 4).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// Text in base64.
pub fn encode(text: &str) -> String {
    STANDARD.encode(text)
}

/// The text that was encoded, if it was text.
pub(crate) fn decode(encoded: &str) -> Option<String> {
    String::from_utf8(STANDARD.decode(encoded).ok()?).ok()
}
