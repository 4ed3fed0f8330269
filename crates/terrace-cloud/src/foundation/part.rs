//! The parts of the bucket: how each is read, when it is right, and how it is set.
//!
//! "PutBucketVersioning", "PutBucketEncryption", "PutPublicAccessBlock", "PutBucketOwnershipControls", "PutBucketPolicy" and
//! "PutBucketLifecycleConfiguration", Amazon S3 API Reference.

use serde_json::{Value as Json, json};
use terrace_account::Xml;

/// A part of a bucket.
pub(crate) struct Part {
    /// In words.
    pub(crate) called: &'static str,
    /// What follows the question mark.
    pub(crate) query: &'static str,
    /// S3's word for that there is none.
    pub(crate) none: &'static str,
    /// Whether it is right, as it is read.
    pub(crate) right: fn(&str, &Names) -> bool,
    /// What sets it; none if what somebody has set there is to stay.
    pub(crate) text: fn(&Names, Option<&str>) -> Option<String>,
}

/// What the parts need to know.
pub(crate) struct Names {
    pub(crate) bucket: String,
    pub(crate) partition: &'static str,
}

/// The rule that lets nothing in without TLS.
const TLS: &str = "TerraceTlsOnly";
/// The rule for what is no longer current.
const OLD: &str = "terrace-noncurrent";

/// All parts, in the order in which they are set.
pub(crate) const PARTS: &[Part] = &[
    Part {
        called: "block of all public access",
        query: "publicAccessBlock",
        none: "NoSuchPublicAccessBlockConfiguration",
        right: |text, _| {
            let all = ["BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"];
            xml(text).is_some_and(|xml| all.iter().all(|name| xml.is(name)))
        },
        text: |_, _| {
            Some(document(
                "PublicAccessBlockConfiguration",
                "<BlockPublicAcls>true</BlockPublicAcls><IgnorePublicAcls>true</IgnorePublicAcls>\
                 <BlockPublicPolicy>true</BlockPublicPolicy><RestrictPublicBuckets>true</RestrictPublicBuckets>",
            ))
        },
    },
    Part {
        called: "ownership of all objects",
        query: "ownershipControls",
        none: "OwnershipControlsNotFoundError",
        right: |text, _| word(text, "ObjectOwnership").as_deref() == Some("BucketOwnerEnforced"),
        text: |_, _| {
            let rule = "<Rule><ObjectOwnership>BucketOwnerEnforced</ObjectOwnership></Rule>";
            Some(document("OwnershipControls", rule))
        },
    },
    Part {
        called: "versioning",
        query: "versioning",
        none: "",
        right: |text, _| word(text, "Status").as_deref() == Some("Enabled"),
        text: |_, _| Some(document("VersioningConfiguration", "<Status>Enabled</Status>")),
    },
    Part {
        called: "encryption",
        query: "encryption",
        none: "ServerSideEncryptionConfigurationNotFoundError",
        // Whoever has chosen a key of theirs keeps it.
        right: |text, _| word(text, "SSEAlgorithm").is_some(),
        text: |_, _| {
            let rule = "<Rule><ApplyServerSideEncryptionByDefault><SSEAlgorithm>AES256</SSEAlgorithm>\
                        </ApplyServerSideEncryptionByDefault><BucketKeyEnabled>true</BucketKeyEnabled></Rule>";
            Some(document("ServerSideEncryptionConfiguration", rule))
        },
    },
    Part {
        called: "policy, which lets nothing in without TLS",
        query: "policy",
        none: "NoSuchBucketPolicy",
        right: |text, names| statements(text).contains(&tls(names)),
        text: |names, found| {
            // Statements of others stay.
            let mut all = found.map(statements).unwrap_or_default();
            all.retain(|one| one.get("Sid").and_then(Json::as_str) != Some(TLS));
            all.push(tls(names));
            Some(json!({"Version": "2012-10-17", "Statement": all}).to_string())
        },
    },
    Part {
        called: "end of old versions",
        query: "lifecycle",
        none: "NoSuchLifecycleConfiguration",
        right: |text, _| {
            let rules = xml(text);
            let rules = rules.iter().flat_map(|xml| xml.children());
            rules.into_iter().any(|rule| rule.word("ID") == Some(OLD))
        },
        text: |_, found| {
            // Rules of others are not replaced by ours.
            found.is_none().then(|| {
                document(
                    "LifecycleConfiguration",
                    &format!(
                        "<Rule><ID>{OLD}</ID><Filter><Prefix></Prefix></Filter><Status>Enabled</Status>\
                         <NoncurrentVersionExpiration><NewerNoncurrentVersions>10</NewerNoncurrentVersions>\
                         <NoncurrentDays>90</NoncurrentDays></NoncurrentVersionExpiration>\
                         <AbortIncompleteMultipartUpload><DaysAfterInitiation>7</DaysAfterInitiation>\
                         </AbortIncompleteMultipartUpload></Rule>"
                    ),
                )
            })
        },
    },
];

fn tls(names: &Names) -> Json {
    let arn = format!("arn:{}:s3:::{}", names.partition, names.bucket);
    json!({
        "Sid": TLS,
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": [arn, format!("{arn}/*")],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    })
}

fn statements(policy: &str) -> Vec<Json> {
    let policy: Json = serde_json::from_str(policy).unwrap_or_default();
    policy.get("Statement").and_then(Json::as_array).cloned().unwrap_or_default()
}

/// A document in S3's namespace.
pub(crate) fn document(name: &str, inner: &str) -> String {
    format!("<{name} xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">{inner}</{name}>")
}

fn xml(text: &str) -> Option<Xml> {
    Xml::parse(text).ok()
}

fn word(text: &str, name: &str) -> Option<String> {
    xml(text)?.find(name).map(|found| found.own().to_owned()).filter(|found| !found.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_policy_of_others_stays_and_ours_is_put_right() {
        let names = Names { bucket: "b".to_owned(), partition: "aws-cn" };
        let policy = PARTS.iter().find(|part| part.query == "policy").unwrap();
        let bare = (policy.text)(&names, None).unwrap();
        assert!((policy.right)(&bare, &names) && bare.contains("arn:aws-cn:s3:::b/*"), "{bare}");
        let theirs = r#"{"Statement":[{"Sid":"Theirs"},{"Sid":"TerraceTlsOnly","Effect":"Allow"}]}"#;
        assert!(!(policy.right)(theirs, &names));
        let whole = (policy.text)(&names, Some(theirs)).unwrap();
        assert_eq!((statements(&whole).len(), (policy.right)(&whole, &names)), (2, true), "{whole}");
    }

    #[test]
    fn what_sets_a_part_makes_it_right_and_nonsense_is_not() {
        let names = Names { bucket: "b".to_owned(), partition: "aws" };
        for part in PARTS {
            let text = (part.text)(&names, None).unwrap();
            assert!((part.right)(&text, &names), "{}: {text}", part.called);
            for wrong in ["", "{", "<", "<R/>", "[]", "null", "\u{0}"] {
                assert!(!(part.right)(wrong, &names), "{}: {wrong}", part.called);
            }
        }
    }
}
