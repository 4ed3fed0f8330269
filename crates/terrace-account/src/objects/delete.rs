//! Deleting objects, one or many.
//!
//! "DeleteObject" and "DeleteObjects", Amazon S3 API Reference.

use crate::objects::{Asking, Bucket, Key, Method, checksum};
use crate::{Content, Refusal, Xml, encoded};

/// One request deletes as many.
const AT_ONCE: usize = 1000;

/// An object that was not deleted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Undeleted {
    /// Its key, as S3 tells it.
    pub key: String,
    /// S3's word for why: `AccessDenied`.
    pub code: String,
    /// What S3 says.
    pub message: String,
}

impl Bucket {
    /// Deletes an object, or one version of it for good; that there is none is no error.
    ///
    /// # Errors
    /// If S3 refuses, or nobody answers.
    pub async fn delete(&self, key: &Key, version: Option<&str>) -> Result<(), Refusal> {
        let query = version.map(|version| format!("versionId={}", encoded(version))).unwrap_or_default();
        let content = Content::bytes("");
        let (method, headers) = (Method::Delete, Vec::new());
        let asking = Asking { method, key: Some(key), query, headers, content: &content, told: &|_| {} };
        match self.tried(&asking).await.outcome {
            Err(refusal) if !matches!(refusal.code(), "NoSuchKey" | "NoSuchVersion") => Err(refusal),
            _ => Ok(()),
        }
    }

    /// Deletes many, or versions of them; gives those that could not be deleted.
    ///
    /// # Errors
    /// If S3 refuses a whole request, or nobody answers.
    pub async fn delete_all(&self, all: &[(Key, Option<String>)]) -> Result<Vec<Undeleted>, Refusal> {
        let (many, odd): (Vec<_>, Vec<_>) = all.iter().partition(|(key, _)| key.is_text());
        let mut left = Vec::new();
        for some in many.chunks(AT_ONCE) {
            let content = Content::bytes(document(some));
            let mut headers = vec![("content-type".to_owned(), "application/xml".to_owned())];
            headers.extend(checksum(&content));
            let query = "delete".to_owned();
            let (method, key) = (Method::Post, None);
            let asking = Asking { method, key, query, headers, content: &content, told: &|_| {} };
            let answer = self.tried(&asking).await.outcome?;
            let answer = Xml::parse(&answer.text())
                .map_err(|why| Refusal::unsent(format!("the answer is no XML: {why}")))?;
            for one in answer.children().iter().filter(|one| one.name() == "Error") {
                let word = |name: &str| one.word(name).unwrap_or_default().to_owned();
                left.push(Undeleted { key: word("Key"), code: word("Code"), message: word("Message") });
            }
        }
        for (key, version) in odd {
            self.delete(key, version.as_deref()).await?;
        }
        Ok(left)
    }
}

fn document(all: &[&(Key, Option<String>)]) -> String {
    let mut text = "<Delete xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Quiet>true</Quiet>".to_owned();
    for (key, version) in all {
        text.push_str(&format!("<Object><Key>{}</Key>", escaped(key.as_str())));
        if let Some(version) = version {
            text.push_str(&format!("<VersionId>{}</VersionId>", escaped(version)));
        }
        text.push_str("</Object>");
    }
    text + "</Delete>"
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
