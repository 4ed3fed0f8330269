//! Signature Version 4 for the one form of request that is sent here: `POST /`, no query, JSON 1.1.
//!
//! "Create a signed AWS API request", <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html>.
//! The crates that sign every form (`aws-sigv4`, `reqsign`) bring some sixty others; this needs a hash.

use std::fmt::Write as _;
use std::time::SystemTime;

use ring::digest::{SHA256, digest};
use ring::hmac::{HMAC_SHA256, Key, Tag, sign};

use crate::Secret;

/// The media type of what is sent.
pub const CONTENT_TYPE: &str = "application/x-amz-json-1.1";

/// A request that is to be signed, or was.
#[derive(Clone, Copy, Debug)]
pub struct Unsigned<'a> {
    /// Who signs.
    pub access_key_id: &'a str,
    /// The token that goes with temporary credentials.
    pub session_token: Option<&'a Secret>,
    /// `eu-central-1`
    pub region: &'a str,
    /// The service's signing name: `ssm`, `secretsmanager`.
    pub service: &'a str,
    /// The `Host` header.
    pub host: &'a str,
    /// The `X-Amz-Target` header.
    pub target: &'a str,
    /// The `X-Amz-Date` header.
    pub date: &'a str,
    /// What is sent.
    pub body: &'a [u8],
}

impl Unsigned<'_> {
    /// The `Authorization` header.
    pub fn authorization(&self, secret_access_key: &Secret) -> String {
        let day = self.date.get(..8).unwrap_or_default();
        let scope = format!("{day}/{}/{}/aws4_request", self.region, self.service);
        let (headers, names) = self.canonical_headers();
        let request = zeroize::Zeroizing::new(format!(
            "POST\n/\n\n{}\n{names}\n{}",
            *headers,
            hexadecimal(digest(&SHA256, self.body))
        ));
        let request = hexadecimal(digest(&SHA256, request.as_bytes()));
        let text = format!("AWS4-HMAC-SHA256\n{}\n{scope}\n{request}", self.date);
        let first = zeroize::Zeroizing::new(format!("AWS4{}", secret_access_key.reveal()));
        let mut key = hmac(first.as_bytes(), day);
        for part in [self.region, self.service, "aws4_request"] {
            key = hmac(key.as_ref(), part);
        }
        let signature = hexadecimal(hmac(key.as_ref(), &text));
        format!(
            "AWS4-HMAC-SHA256 Credential={}/{scope}, SignedHeaders={names}, Signature={signature}",
            self.access_key_id
        )
    }

    fn canonical_headers(&self) -> (zeroize::Zeroizing<String>, &'static str) {
        let mut text = zeroize::Zeroizing::new(format!(
            "content-type:{CONTENT_TYPE}\nhost:{}\nx-amz-date:{}\n",
            self.host, self.date
        ));
        let names = match self.session_token {
            Some(token) => {
                // Writing to a `String` cannot fail.
                let _ = writeln!(text, "x-amz-security-token:{}", token.reveal());
                "content-type;host;x-amz-date;x-amz-security-token;x-amz-target"
            }
            None => "content-type;host;x-amz-date;x-amz-target",
        };
        let _ = writeln!(text, "x-amz-target:{}", self.target);
        (text, names)
    }
}

fn hmac(key: &[u8], text: &str) -> Tag {
    sign(&Key::new(HMAC_SHA256, key), text.as_bytes())
}

fn hexadecimal(bytes: impl AsRef<[u8]>) -> String {
    bytes.as_ref().iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// A moment as the `X-Amz-Date` header has it: `20150830T123600Z`.
pub fn date(at: SystemTime) -> String {
    humantime::format_rfc3339_seconds(at).to_string().replace(['-', ':'], "")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What botocore 1.43 signs for the same request.
    #[test]
    fn it_signs_as_the_published_libraries_do() {
        let secret = Secret::new("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY".to_owned());
        let token = Secret::new("SESSIONTOKEN".to_owned());
        let unsigned = Unsigned {
            access_key_id: "AKIDEXAMPLE",
            session_token: None,
            region: "eu-central-1",
            service: "ssm",
            host: "ssm.eu-central-1.amazonaws.com",
            target: "AmazonSSM.GetParametersByPath",
            date: "20150830T123600Z",
            body: br#"{"Path":"/items/prod/app/","WithDecryption":true}"#,
        };
        assert_eq!(
            unsigned.authorization(&secret),
            "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/eu-central-1/ssm/aws4_request, \
             SignedHeaders=content-type;host;x-amz-date;x-amz-target, \
             Signature=9a97779a5172589b8b8def45865af136ac866f3828440c4f0c15b2e7929d9862"
        );
        let with_token = Unsigned { session_token: Some(&token), ..unsigned };
        assert!(with_token.authorization(&secret).ends_with(
            "SignedHeaders=content-type;host;x-amz-date;x-amz-security-token;x-amz-target, \
             Signature=85e7f475a10b30f24acec11cc4af7c66215ad35e84af1456d74b97ef4ea23e0e"
        ));
    }

    #[test]
    fn dates_have_the_basic_form() {
        let at = SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(1_440_938_160);
        assert_eq!(date(at), "20150830T123600Z");
    }
}
