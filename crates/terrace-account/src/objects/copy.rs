//! Copying an object within S3, so that its bytes go over no other wire.
//!
//! "CopyObject", Amazon S3 API Reference. The answer may be 200 and tell an error all the same.

use crate::objects::{Asking, Bucket, ETag, Key, Method, Put, Stored};
use crate::{Content, Refusal, Xml};

impl Bucket {
    /// Makes a copy here of an object of this or another bucket of the same owner, with the type, cache rule and metadata that
    /// `how` says; its condition is not heeded. At most 5 GiB.
    ///
    /// # Errors
    /// If S3 refuses, there is no such object, or nobody answers.
    pub async fn copy(&self, (from, source): (&Self, &Key), to: &Key, how: &Put) -> Result<Stored, Refusal> {
        let content = Content::bytes("");
        let mut headers = vec![
            ("x-amz-copy-source".to_owned(), format!("{}/{}", from.name(), source.encoded())),
            ("x-amz-metadata-directive".to_owned(), "REPLACE".to_owned()),
            ("x-amz-checksum-algorithm".to_owned(), "SHA256".to_owned()),
        ];
        if let Some(owner) = &from.owner {
            headers.push(("x-amz-source-expected-bucket-owner".to_owned(), owner.clone()));
        }
        headers.extend(how.told());
        let (method, query) = (Method::Put, String::new());
        let asking = Asking { method, key: Some(to), query, headers, content: &content, told: &|_| {} };
        let answer = self.tried(&asking).await.outcome?;
        let text = answer.text();
        let xml = Xml::parse(&text).map_err(|why| Refusal::unsent(format!("the answer is no XML: {why}")))?;
        if xml.name() == "Error" {
            // What a refusal of this kind would have had as its status.
            return Err(Refusal::answered(500, &text));
        }
        let etag = ETag::new(xml.word("ETag").unwrap_or_default());
        Ok(Stored { etag, version: answer.header("x-amz-version-id").map(str::to_owned) })
    }
}
