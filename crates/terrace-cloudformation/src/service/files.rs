//! EFS, backups, DynamoDB.

use terrace_aws::{Text, Value};

use crate::build::Build;
use crate::datum::Names;
use crate::model::{Field, How, Model, TAGS, model};

pub(super) const MODELS: &[Model] = &[
    model(
        "AWS::EFS::FileSystem",
        "aws_efs_file_system",
        "id",
        &[
            Field("FileSystemTags", "tags", How::Tags),
            Field("LifecyclePolicies", "lifecycle_policy", How::Blocks(&[])),
        ],
    )
    .attributes(&[("FileSystemId", "id")])
    .shape(file_system),
    model(
        "AWS::EFS::MountTarget",
        "aws_efs_mount_target",
        "id",
        &[Field("SecurityGroups", "security_groups", How::List)],
    ),
    model(
        "AWS::EFS::AccessPoint",
        "aws_efs_access_point",
        "id",
        &[Field("AccessPointTags", "tags", How::Tags)],
    )
    .attributes(&[("AccessPointId", "id")]),
    model(
        "AWS::Backup::BackupVault",
        "aws_backup_vault",
        "name",
        &[
            Field("BackupVaultName", "name", How::Same),
            Field("BackupVaultTags", "tags", How::Map),
            Field("EncryptionKeyArn", "kms_key_arn", How::Same),
        ],
    )
    .attributes(&[("BackupVaultArn", "arn"), ("BackupVaultName", "name")]),
    model(
        "AWS::Backup::BackupPlan",
        "aws_backup_plan",
        "id",
        &[Field(
            "BackupPlan",
            "",
            How::Lift(&[
                Field("BackupPlanName", "name", How::Same),
                Field(
                    "BackupPlanRule",
                    "rule",
                    How::Blocks(&[Field("TargetBackupVault", "target_vault_name", How::Same)]),
                ),
            ]),
        )],
    )
    .attributes(&[("BackupPlanId", "id"), ("BackupPlanArn", "arn")]),
    model(
        "AWS::Backup::BackupSelection",
        "aws_backup_selection",
        "id",
        &[Field(
            "BackupSelection",
            "",
            How::Lift(&[
                Field("SelectionName", "name", How::Same),
                Field("Resources", "resources", How::List),
                Field("ListOfTags", "selection_tag", How::Blocks(&[])),
            ]),
        )],
    ),
    model(
        "AWS::DynamoDB::Table",
        "aws_dynamodb_table",
        "name",
        &[
            TAGS,
            Field("TableName", "name", How::Same),
            Field(
                "SSESpecification",
                "server_side_encryption",
                How::Blocks(&[
                    Field("SSEEnabled", "enabled", How::Same),
                    Field("KMSMasterKeyId", "kms_key_arn", How::Same),
                ]),
            ),
            Field(
                "PointInTimeRecoverySpecification",
                "point_in_time_recovery",
                How::Blocks(&[Field("PointInTimeRecoveryEnabled", "enabled", How::Same)]),
            ),
            Field("TimeToLiveSpecification", "ttl", How::Blocks(&[])),
            Field(
                "AttributeDefinitions",
                "attribute",
                How::Blocks(&[
                    Field("AttributeName", "name", How::Same),
                    Field("AttributeType", "type", How::Same),
                ]),
            ),
        ],
    ),
];

fn file_system(build: &mut Build<'_, '_>) {
    if let Some(policy) = build.take("FileSystemPolicy") {
        let own = ("file_system_id", Value::Text(Text::from(build.own("id"))));
        let fields = &[Field("Policy", "policy", How::Json)];
        let policy = policy.under("Policy");
        build.beside("aws_efs_file_system_policy", "Policy", policy, fields, vec![own], &Names::new());
    }
    build.finish();
}
