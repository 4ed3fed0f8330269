//! Why the foundation cannot be used, and what to do.

use std::time::Duration;

use terrace_account::Refusal;
use terrace_account::objects::NameError;

use crate::foundation::Entry;

/// Why the foundation cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FoundationError {
    /// AWS refuses, or nobody answers.
    #[error("{doing}: {refusal}")]
    Refused {
        /// What was being done: `reading the tags of the bucket b`.
        doing: String,
        /// AWS's words.
        refusal: Refusal,
    },
    /// The bucket is another account's, or may not be looked at.
    #[error(
        "the bucket {bucket} exists and is not open to you: it belongs to another account than {account}, or s3:ListBucket and s3:GetBucketTagging are missing"
    )]
    NotOurs {
        /// Its name.
        bucket: String,
        /// Whose it should be.
        account: String,
    },
    /// The bucket is elsewhere.
    #[error("the bucket {bucket} is in {found}, and this deployment is for {expected}")]
    Elsewhere {
        /// Its name.
        bucket: String,
        /// Where it is.
        found: String,
        /// Where it should be.
        expected: String,
    },
    /// Somebody made it, not Terrace.
    #[error("{what} exists already and was not made for this: it has no tag `{tag}`")]
    Stranger {
        /// `the bucket b`.
        what: String,
        /// Key and value.
        tag: String,
        /// What gives it the tag.
        adopt: String,
    },
    /// It was made by a newer Terrace.
    #[error("the bucket {bucket} was made by a newer Terrace (foundation {found}; this one knows {known})")]
    Newer {
        /// Its name.
        bucket: String,
        /// What its tag says.
        found: String,
        /// What this program makes.
        known: u32,
    },
    /// A deployment of the same system is under way.
    #[error("{} deploys this system since {} (step: {}){}", .entry.holder.by, .entry.at, .entry.step, seen(.age))]
    Busy {
        /// Whose it is, and how far.
        entry: Box<Entry>,
        /// Since when nothing was heard from it.
        age: Option<Duration>,
    },
    /// Somebody else has taken the journal over.
    #[error("another deployment has taken over ({by}); this one stops here")]
    Lost {
        /// Who.
        by: String,
    },
    /// A file of the foundation is not what it should be.
    #[error("s3://{bucket}/{key} is not as Terrace wrote it: {why}")]
    Edited {
        /// The bucket.
        bucket: String,
        /// The file's key.
        key: String,
        /// What is wrong.
        why: String,
    },
    /// An answer of AWS's that is not as its reference says.
    #[error("{doing}: {why}")]
    Odd {
        /// What was being done.
        doing: String,
        /// What was expected.
        why: String,
    },
    /// A name that AWS does not take.
    #[error(transparent)]
    Name(NameError),
}

fn seen(age: &Option<Duration>) -> String {
    age.map(|age| format!(", last heard of {} s ago", age.as_secs())).unwrap_or_default()
}

impl FoundationError {
    pub(crate) fn refused(doing: impl Into<String>) -> impl FnOnce(Refusal) -> Self {
        let doing = doing.into();
        move |refusal| Self::Refused { doing, refusal }
    }

    /// What to do, one thing a line: the next command to type, where there is one.
    pub fn help(&self) -> Vec<String> {
        let one = |text: String| vec![text];
        match self {
            Self::Refused { refusal, .. } if refusal.is_expired() => {
                one("renew the credentials (`aws sso login`) and run the same command again: it goes on from here".to_owned())
            }
            Self::Refused { refusal, .. } => match refusal.denial() {
                Some(denial) => {
                    let who = denial.who.as_deref().unwrap_or("this identity");
                    one(match denial.forbidden_by {
                        Some(by) => format!("{by} forbids {} to {who}: whoever keeps it can change that", denial.action),
                        None => format!("allow {} to {who}, then run the same command again: it goes on from here", denial.action),
                    })
                }
                None => one("run the same command again: it goes on from here".to_owned()),
            },
            Self::NotOurs { bucket, account } => one(format!(
                "look whose it is: `aws s3api head-bucket --bucket {bucket} --expected-bucket-owner {account}`"
            )),
            Self::Elsewhere { bucket, .. } => {
                one(format!("if nothing needs it any more: `aws s3 rb s3://{bucket}`, then deploy again"))
            }
            Self::Stranger { adopt, .. } => {
                one(format!("if it is meant for this, say so: `{adopt}`; otherwise take it away, or deploy under another name"))
            }
            Self::Newer { .. } => one("install the newest Terrace, and deploy with it".to_owned()),
            Self::Busy { entry, .. } => vec![
                format!("it runs on {}; wait for it, or end it there", entry.holder.machine),
                "a deployment that was killed is gone on with two minutes after it was heard of last".to_owned(),
            ],
            Self::Lost { .. } => one("`terrace status` tells what is in force now".to_owned()),
            Self::Edited { bucket, key, .. } => one(format!(
                "the bucket keeps earlier versions: `aws s3api list-object-versions --bucket {bucket} --prefix {key}`"
            )),
            Self::Odd { .. } => one("run the same command again".to_owned()),
            Self::Name(_) => one("is the region right?".to_owned()),
        }
    }
}
