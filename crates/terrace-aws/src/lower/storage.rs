//! Private buckets, all made alike.
//!
//! GUARANTEE: nothing in them is ever public, nothing leaves them but over TLS, former versions are kept for a
//! while, and what nobody ended or needs any more goes by itself.

use super::{Draft, endpoints};
use crate::catalog::limits;
use crate::resource::{
    AbortIncompleteUpload, Bucket, BucketEncryption, BucketLifecycle, BucketOwnership, BucketPolicy,
    BucketPublicAccessBlock, BucketVersioning, DefaultEncryption, EncryptionRule, Expiration, KmsKey,
    LifecycleFilter, LifecycleRule, NoncurrentVersionExpiration, ObjectOwnership, OwnershipRule, RuleStatus,
    SseAlgorithm, VersioningConfiguration, VersioningStatus,
};
use crate::{Arn, Block, Blocks, Concern, Label, PolicyDocument, PrincipalKind, Ref, Statement, Text};

/// What a bucket is for, and what is special about it.
pub(crate) struct Wish {
    /// The last part of its name, and its label: `page`.
    pub(crate) part: &'static str,
    /// Where it belongs.
    pub(crate) concern: Concern,
    /// Why it is there, a line each.
    pub(crate) why: Vec<&'static str>,
    /// The key that encrypts it; none is S3's own.
    pub(crate) key: Option<Ref<KmsKey, Arn>>,
    /// After how many days objects go; none is never.
    pub(crate) expires: Option<u32>,
    /// After how many days former versions go.
    pub(crate) former: u32,
    /// Who may do what with it, beside the account itself.
    pub(crate) statements: Vec<Statement>,
}

/// A bucket that is there.
pub(crate) struct Made {
    pub(crate) bucket: Ref<Bucket>,
    /// What has to be there before somebody else is told to write into it.
    pub(crate) policy: Ref<BucketPolicy>,
}

/// The bucket of a part, before it is there: for statements about it.
pub(crate) fn bucket(part: &str) -> Ref<Bucket> {
    Ref::new(Label::from_words(&[part]))
}

/// The objects of a bucket below a prefix (`""`, `logs/`), as a policy names them.
pub(crate) fn objects(bucket: &Ref<Bucket>, prefix: &str) -> Text {
    Text::from(bucket.attribute::<Arn>()).then(format!("/{prefix}*"))
}

/// `items-prod-page-us-east-1-123456789012`: bucket names are shared by all accounts and regions.
fn name(draft: &Draft<'_>, part: &str) -> Text {
    let region = draft.topology.region.as_str();
    let account = 12;
    let room = limits::BUCKET.saturating_sub(region.len() + account + 2);
    Text::from(format!("{}-{region}-", draft.naming.of(part, room))).then(endpoints::account())
}

pub(crate) fn private(draft: &mut Draft<'_>, wish: Wish) -> Made {
    let Wish { part, concern, why, key, expires, former, statements } = wish;
    let (name, tags, keep) = (name(draft, part), draft.name_tag(part), draft.topology.production);
    let mut place = draft.place(concern, &[part]);
    for line in why {
        place = place.why(line);
    }
    let bucket = place.put(Bucket { bucket: name, force_destroy: !keep, tags });
    let closed = draft.place(concern, &[part]).put(BucketPublicAccessBlock {
        bucket: bucket.clone(),
        block_public_acls: true,
        block_public_policy: true,
        ignore_public_acls: true,
        restrict_public_buckets: true,
    });
    let rule = OwnershipRule { object_ownership: ObjectOwnership::BucketOwnerEnforced };
    draft.place(concern, &[part]).put(BucketOwnership { bucket: bucket.clone(), rule: Block(rule) });
    let algorithm = if key.is_some() { SseAlgorithm::Kms } else { SseAlgorithm::Aes256 };
    draft.place(concern, &[part]).put(BucketEncryption {
        bucket: bucket.clone(),
        rule: Block(EncryptionRule {
            bucket_key_enabled: key.is_some().then_some(true),
            apply_server_side_encryption_by_default: Block(DefaultEncryption {
                sse_algorithm: algorithm,
                kms_master_key_id: key,
            }),
        }),
    });
    let versioning = draft.place(concern, &[part]).put(BucketVersioning {
        bucket: bucket.clone(),
        versioning_configuration: Block(VersioningConfiguration { status: VersioningStatus::Enabled }),
    });
    draft.place(concern, &[part]).after(versioning.address()).put(BucketLifecycle {
        bucket: bucket.clone(),
        rule: Blocks(vec![LifecycleRule {
            id: Text::from("tidy"),
            status: RuleStatus::Enabled,
            filter: Block(LifecycleFilter { prefix: None }),
            expiration: expires.map(|days| Block(Expiration { days })),
            noncurrent_version_expiration: Some(Block(NoncurrentVersionExpiration {
                noncurrent_days: former,
            })),
            abort_incomplete_multipart_upload: Some(Block(AbortIncompleteUpload {
                days_after_initiation: 3,
            })),
        }]),
    });
    let mut all = statements;
    all.push(
        Statement::deny("TlsOnly", ["s3:*"])
            .to(PrincipalKind::Aws, "*")
            .on([Text::from(bucket.attribute::<Arn>()), objects(&bucket, "")])
            .when("Bool", "aws:SecureTransport", [Text::from("false")]),
    );
    // S3 refuses two changes of a bucket's access at a time.
    let policy = draft
        .place(concern, &[part])
        .after(closed.address())
        .put(BucketPolicy { bucket: bucket.clone(), policy: PolicyDocument::Statements(all) });
    Made { bucket, policy }
}
