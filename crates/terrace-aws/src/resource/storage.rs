//! Buckets, and everything that S3 keeps apart from them.

use crate::define::{block, resource, words};
use crate::{Arn, Block, Blocks, PolicyDocument, Ref, Text};

use super::{KmsKey, Tags};

words! {
    /// Who owns what is put into a bucket.
    ObjectOwnership {
        BucketOwnerEnforced = "BucketOwnerEnforced",
        BucketOwnerPreferred = "BucketOwnerPreferred",
        ObjectWriter = "ObjectWriter",
    }
    /// Whether former versions of objects are kept.
    VersioningStatus {
        Enabled = "Enabled",
        Suspended = "Suspended",
        Disabled = "Disabled",
    }
    /// With which kind of key objects are encrypted.
    SseAlgorithm {
        Aes256 = "AES256",
        Kms = "aws:kms",
    }
    /// Whether a rule of a lifecycle is in force.
    RuleStatus {
        Enabled = "Enabled",
        Disabled = "Disabled",
    }
}

block! {
    /// Who owns what is put into a bucket.
    OwnershipRule {
        object_ownership: ObjectOwnership,
    }

    /// Whether former versions are kept.
    VersioningConfiguration {
        status: VersioningStatus,
    }

    /// The key that encrypts what says nothing of a key.
    DefaultEncryption {
        sse_algorithm: SseAlgorithm,
        kms_master_key_id: Option<Ref<KmsKey, Arn>>,
    }

    /// How objects are encrypted.
    EncryptionRule {
        apply_server_side_encryption_by_default: Block<DefaultEncryption>,
        bucket_key_enabled: Option<bool>,
    }

    /// Which objects a rule is about; all of them if it does not say.
    LifecycleFilter {
        prefix: Option<Text>,
    }

    /// When objects go.
    Expiration {
        days: u32,
    }

    /// When former versions go.
    NoncurrentVersionExpiration {
        noncurrent_days: u32,
    }

    /// When uploads that nobody ended go.
    AbortIncompleteUpload {
        days_after_initiation: u32,
    }

    /// What becomes of objects in time.
    LifecycleRule {
        id: Text,
        status: RuleStatus,
        filter: Block<LifecycleFilter>,
        expiration: Option<Block<Expiration>>,
        noncurrent_version_expiration: Option<Block<NoncurrentVersionExpiration>>,
        abort_incomplete_multipart_upload: Option<Block<AbortIncompleteUpload>>,
    }
}

resource! {
    /// A bucket.
    Bucket(Managed "aws_s3_bucket") {
        bucket: Text,
        force_destroy: bool,
        tags: Tags,
    }

    /// What keeps a bucket from ever being public.
    BucketPublicAccessBlock(Managed "aws_s3_bucket_public_access_block") {
        bucket: Ref<Bucket>,
        block_public_acls: bool,
        block_public_policy: bool,
        ignore_public_acls: bool,
        restrict_public_buckets: bool,
    }

    /// Whose the objects are.
    BucketOwnership(Managed "aws_s3_bucket_ownership_controls") {
        bucket: Ref<Bucket>,
        rule: Block<OwnershipRule>,
    }

    /// Whether former versions of objects are kept.
    BucketVersioning(Managed "aws_s3_bucket_versioning") {
        bucket: Ref<Bucket>,
        versioning_configuration: Block<VersioningConfiguration>,
    }

    /// How objects are encrypted.
    BucketEncryption(Managed "aws_s3_bucket_server_side_encryption_configuration") {
        bucket: Ref<Bucket>,
        rule: Block<EncryptionRule>,
    }

    /// What becomes of objects in time.
    BucketLifecycle(Managed "aws_s3_bucket_lifecycle_configuration") {
        bucket: Ref<Bucket>,
        rule: Blocks<LifecycleRule>,
    }

    /// Who may do what with a bucket.
    BucketPolicy(Managed "aws_s3_bucket_policy") {
        bucket: Ref<Bucket>,
        policy: PolicyDocument,
    }
}
