//! Buckets: what CloudFormation has in one resource, Terraform has in several.

use terrace_aws::{Text, Value};

use crate::build::Build;
use crate::datum::{Datum, alternatives};
use crate::model::{Field, How, Model, TAGS, model};

pub(super) const MODELS: &[Model] = &[
    model("AWS::S3::Bucket", "aws_s3_bucket", "id", &[TAGS, Field("BucketName", "bucket", How::Same)])
        .attributes(&[
            ("DomainName", "bucket_domain_name"),
            ("RegionalDomainName", "bucket_regional_domain_name"),
            ("WebsiteURL", "website_endpoint"),
        ])
        .shape(bucket),
    model(
        "AWS::S3::BucketPolicy",
        "aws_s3_bucket_policy",
        "id",
        &[Field("PolicyDocument", "policy", How::Json)],
    ),
    model(
        "AWS::S3::AccessPoint",
        "aws_s3_access_point",
        "name",
        &[
            Field("Policy", "policy", How::Json),
            Field("VpcConfiguration", "vpc_configuration", How::Blocks(&[])),
        ],
    ),
];

/// A part of a bucket that is a resource of its own.
struct Part {
    property: &'static str,
    name: &'static str,
    terraform: &'static str,
    fields: &'static [Field],
}

const PARTS: &[Part] = &[
    Part {
        property: "PublicAccessBlockConfiguration",
        name: "PublicAccessBlock",
        terraform: "aws_s3_bucket_public_access_block",
        fields: &[],
    },
    Part {
        property: "BucketEncryption",
        name: "Encryption",
        terraform: "aws_s3_bucket_server_side_encryption_configuration",
        fields: &[Field(
            "ServerSideEncryptionConfiguration",
            "rule",
            How::Blocks(&[Field(
                "ServerSideEncryptionByDefault",
                "apply_server_side_encryption_by_default",
                How::Blocks(&[Field("KMSMasterKeyID", "kms_master_key_id", How::Same)]),
            )]),
        )],
    },
    Part {
        property: "OwnershipControls",
        name: "OwnershipControls",
        terraform: "aws_s3_bucket_ownership_controls",
        fields: &[Field("Rules", "rule", How::Blocks(&[]))],
    },
    Part {
        property: "LoggingConfiguration",
        name: "Logging",
        terraform: "aws_s3_bucket_logging",
        fields: &[
            Field("DestinationBucketName", "target_bucket", How::Same),
            Field("LogFilePrefix", "target_prefix", How::Same),
        ],
    },
    Part {
        property: "WebsiteConfiguration",
        name: "Website",
        terraform: "aws_s3_bucket_website_configuration",
        fields: &[],
    },
    Part {
        property: "CorsConfiguration",
        name: "Cors",
        terraform: "aws_s3_bucket_cors_configuration",
        fields: &[Field(
            "CorsRules",
            "cors_rule",
            How::Blocks(&[
                Field("ExposedHeaders", "expose_headers", How::Same),
                Field("MaxAge", "max_age_seconds", How::Same),
            ]),
        )],
    },
    Part {
        property: "LifecycleConfiguration",
        name: "Lifecycle",
        terraform: "aws_s3_bucket_lifecycle_configuration",
        fields: &[Field("Rules", "rule", How::Blocks(&[]))],
    },
    Part {
        property: "NotificationConfiguration",
        name: "Notification",
        terraform: "aws_s3_bucket_notification",
        fields: &[],
    },
    Part {
        property: "ReplicationConfiguration",
        name: "Replication",
        terraform: "aws_s3_bucket_replication_configuration",
        fields: &[Field("Rules", "rule", How::Blocks(&[]))],
    },
    Part {
        property: "AccelerateConfiguration",
        name: "Accelerate",
        terraform: "aws_s3_bucket_accelerate_configuration",
        fields: &[Field("AccelerationStatus", "status", How::Same)],
    },
];

/// Each part becomes an item; of one that depends on something, each possibility.
fn bucket(build: &mut Build<'_, '_>) {
    for part in PARTS {
        let value = build.take(part.property);
        piece(build, part.terraform, part.name, value, part.fields);
    }
    // `versioning_configuration` is a block of its own in Terraform.
    let versioning =
        build.take("VersioningConfiguration").map(|value| value.under("VersioningConfiguration"));
    piece(build, "aws_s3_bucket_versioning", "Versioning", versioning, &[]);
    let acl = build.take("AccessControl").map(|value| match value.literal() {
        Some(word) => Datum::text(value.line, crate::model::snake(&word).replace('_', "-")),
        None => value,
    });
    piece(build, "aws_s3_bucket_acl", "AccessControl", acl.map(|value| value.under("Acl")), &[]);
    build.finish();
}

fn piece(build: &mut Build<'_, '_>, terraform: &str, name: &str, value: Option<Datum>, fields: &[Field]) {
    let all = alternatives(value);
    let several = all.len() > 1;
    for (index, (names, value)) in all.into_iter().enumerate() {
        let name = if several { format!("{name}[{index}]") } else { name.to_owned() };
        let bucket = ("bucket", Value::Text(Text::from(build.own("id"))));
        build.beside(terraform, &name, value, fields, vec![bucket], &names);
    }
}
