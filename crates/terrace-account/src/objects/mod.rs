//! S3: a bucket's objects, written on conditions, read, listed and deleted.
//!
//! [`Bucket`] is asked at its own host on AWS, and by paths at any other endpoint. Contents are streamed and signed with their
//! digest, so that S3 takes no other bytes than those that were meant.
//!
//! GUARANTEE: what breaks on the way is sent again, for writing the same object twice is writing it once; a conditional write
//! that was cut off and then finds its own object there counts as written.

mod copy;
mod delete;
mod list;
mod name;
mod put;
mod read;

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};

use backon::Retryable as _;

pub use delete::Undeleted;
pub use list::{Listed, Version};
pub use name::{BucketName, Key, NameError};
pub use put::{Condition, Put, Stored, Written};
pub use read::{About, Object};

use crate::sending::{Answer, Told, send};
use crate::service::S3;
use crate::{Account, Content, Refusal, patience, request};

/// An entity tag, with its quotation marks: two contents of a key have two.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ETag(String);

impl ETag {
    /// As it stands in a header.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// As it stands in a header.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ETag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// How a bucket is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// Reads.
    Get,
    /// Reads what is told of it.
    Head,
    /// Writes.
    Put,
    /// Does something.
    Post,
    /// Takes away.
    Delete,
}

impl Method {
    fn name(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Head => "HEAD",
            Self::Put => "PUT",
            Self::Post => "POST",
            Self::Delete => "DELETE",
        }
    }
}

/// A bucket that is asked.
#[derive(Clone, Debug)]
pub struct Bucket {
    account: Account,
    name: BucketName,
    region: String,
    owner: Option<String>,
}

/// One request to a bucket.
pub(crate) struct Asking<'a> {
    pub(crate) method: Method,
    pub(crate) key: Option<&'a Key>,
    pub(crate) query: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) content: &'a Content,
    pub(crate) told: Told<'a>,
}

/// An answer, and whether an earlier try of the same request may have been carried out unseen.
pub(crate) struct Tried {
    pub(crate) outcome: Result<Answer, Refusal>,
    pub(crate) doubtful: bool,
}

impl Bucket {
    /// A bucket in the region where the account is asked.
    pub fn new(account: &Account, name: BucketName) -> Self {
        Self { account: account.clone(), name, region: account.region().to_owned(), owner: None }
    }

    /// In another region.
    #[must_use]
    pub fn within(self, region: &str) -> Self {
        Self { region: region.to_owned(), ..self }
    }

    /// Refused by S3 if it belongs to another account than this (`x-amz-expected-bucket-owner`).
    #[must_use]
    pub fn owned_by(self, account: &str) -> Self {
        Self { owner: Some(account.to_owned()), ..self }
    }

    /// Its name.
    pub fn name(&self) -> &BucketName {
        &self.name
    }

    /// Where it is asked.
    pub fn region(&self) -> &str {
        &self.region
    }

    /// Asks the bucket itself, or a part of it that is no object (`versioning`, `tagging`): the query as it stands in the
    /// address, headers, a text, whose checksum S3 asks for where a part is set.
    ///
    /// # Errors
    /// If S3 refuses, or nobody answers.
    pub async fn ask(
        &self,
        method: Method,
        query: &str,
        headers: &[(&str, &str)],
        text: &str,
    ) -> Result<Answer, Refusal> {
        let content = Content::bytes(text.as_bytes().to_vec());
        let mut headers: Vec<(String, String)> =
            headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        if !query.is_empty() && !text.is_empty() {
            headers.extend(checksum(&content));
        }
        let query = query.to_owned();
        self.tried(&Asking { method, key: None, query, headers, content: &content, told: &|_| {} })
            .await
            .outcome
    }

    pub(crate) async fn tried(&self, asking: &Asking<'_>) -> Tried {
        let doubtful = AtomicBool::new(false);
        let once = || async {
            let outcome = self.once(asking).await;
            // The last try's own doubt is told by its refusal.
            outcome.map_err(|refusal| (refusal.is_doubtful(), refusal))
        };
        let again = |(doubt, refusal): &(bool, Refusal)| {
            let again = patience::passing(refusal) || refusal.is_cut();
            if again && *doubt {
                doubtful.store(true, Ordering::Relaxed);
            }
            again
        };
        let pauses = self.account.patience.pauses();
        let outcome = once.retry(pauses).sleep(tokio::time::sleep).when(again).await;
        let outcome = outcome.map_err(|(_, refusal)| refusal);
        self.account.forget_if_expired(outcome.as_ref().err()).await;
        Tried { outcome, doubtful: doubtful.into_inner() }
    }

    async fn once(&self, asking: &Asking<'_>) -> Result<Answer, Refusal> {
        let mut headers = asking.headers.clone();
        let makes = asking.method == Method::Put && asking.key.is_none() && asking.query.is_empty();
        if let Some(owner) = self.owner.as_ref().filter(|_| !makes) {
            headers.push(("x-amz-expected-bucket-owner".to_owned(), owner.clone()));
        }
        if asking.content.length() > 0 || matches!(asking.method, Method::Put | Method::Post) {
            headers.push(("content-length".to_owned(), asking.content.length().to_string()));
        }
        let (body, moved) = asking.content.body().await.map_err(Refusal::unsent)?;
        let address = self.address(asking.key, &asking.query);
        let request = request::signed(
            (S3, &self.region),
            (asking.method.name(), &address),
            &headers,
            (body, asking.content.sha256()),
            self.account.signer().await?,
        )?;
        let moved = Some(moved).filter(|_| asking.content.length() > 0);
        let silence = self.account.patience.silence;
        send(&self.account.connector, request, (moved, asking.told), silence).await?.good()
    }

    /// By its own host on AWS, unless its name has dots, which no certificate covers.
    fn address(&self, key: Option<&Key>, query: &str) -> String {
        let name = &self.name;
        let key = key.map(Key::encoded).unwrap_or_default();
        let mark = if query.is_empty() { "" } else { "?" };
        let place = match self.account.endpoint() {
            Some(endpoint) => format!("{}/{name}", endpoint.trim_end_matches('/')),
            None => match S3.address(&self.region).split_once("://") {
                Some((scheme, host)) if !name.as_str().contains('.') => format!("{scheme}://{name}.{host}"),
                _ => format!("{}/{name}", S3.address(&self.region)),
            },
        };
        format!("{place}/{key}{mark}{query}")
    }
}

/// Headers with which S3 checks what it is sent.
fn checksum(content: &Content) -> [(String, String); 2] {
    [
        ("x-amz-checksum-sha256".to_owned(), content.sha256().base64()),
        ("x-amz-sdk-checksum-algorithm".to_owned(), "SHA256".to_owned()),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Account, Keys};

    #[test]
    fn a_bucket_has_its_own_host_on_aws_and_a_path_elsewhere() {
        let keys = || Keys::new("AKID", "secret", None);
        let at = |region: &str, endpoint: Option<&str>, name: &str| {
            let mut account = Account::given(region, "http://127.0.0.1:1/", keys());
            if endpoint.is_none() {
                account = account.at_aws();
            }
            let key = Key::new("a b/ä+~?.html").unwrap();
            Bucket::new(&account, name.parse().unwrap()).address(Some(&key), "x=1")
        };
        let key = "a%20b/%C3%A4%2B~%3F.html?x=1";
        assert_eq!(at("eu-west-1", Some(""), "items"), format!("http://127.0.0.1:1/items/{key}"));
        assert_eq!(at("eu-west-1", None, "items"), format!("https://items.s3.eu-west-1.amazonaws.com/{key}"));
        assert_eq!(at("eu-west-1", None, "a.b"), format!("https://s3.eu-west-1.amazonaws.com/a.b/{key}"));
        assert_eq!(
            at("cn-north-1", None, "items"),
            format!("https://items.s3.cn-north-1.amazonaws.com.cn/{key}")
        );
    }
}
