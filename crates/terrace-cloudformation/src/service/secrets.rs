//! Secrets, parameters, keys.

use terrace_aws::{Text, Value};

use crate::build::Build;
use crate::datum::Names;
use crate::model::{Field, How, Model, TAGS, model};

pub(super) const MODELS: &[Model] = &[
    model(
        "AWS::SecretsManager::Secret",
        "aws_secretsmanager_secret",
        "arn",
        &[TAGS, Field("Id", "id", How::Drop)],
    )
    .attributes(&[("Id", "arn")])
    .shape(secret),
    model(
        "AWS::SecretsManager::ResourcePolicy",
        "aws_secretsmanager_secret_policy",
        "id",
        &[Field("SecretId", "secret_arn", How::Same), Field("ResourcePolicy", "policy", How::Json)],
    ),
    model(
        "AWS::SecretsManager::SecretTargetAttachment",
        "aws_secretsmanager_secret_target_attachment",
        "=SecretId",
        &[],
    ),
    model(
        "AWS::SecretsManager::RotationSchedule",
        "aws_secretsmanager_secret_rotation",
        "=SecretId",
        &[
            Field("RotationLambdaARN", "rotation_lambda_arn", How::Same),
            Field("RotationRules", "rotation_rules", How::Blocks(&[])),
        ],
    ),
    model("AWS::SSM::Parameter", "aws_ssm_parameter", "name", &[Field("Tags", "tags", How::Map)]),
    model(
        "AWS::KMS::Key",
        "aws_kms_key",
        "key_id",
        &[
            TAGS,
            Field("KeyPolicy", "policy", How::Json),
            Field("PendingWindowInDays", "deletion_window_in_days", How::Same),
            Field("KeySpec", "customer_master_key_spec", How::Same),
            Field("Enabled", "is_enabled", How::Same),
        ],
    ),
    model("AWS::KMS::Alias", "aws_kms_alias", "name", &[Field("AliasName", "name", How::Same)]),
    model(
        "AWS::KMS::ReplicaKey",
        "aws_kms_replica_key",
        "key_id",
        &[TAGS, Field("KeyPolicy", "policy", How::Json)],
    ),
];

/// A value that stands in the template is a version of the secret.
fn secret(build: &mut Build<'_, '_>) {
    if let Some(value) = build.take("SecretString") {
        let own = ("secret_id", Value::Text(Text::from(build.own("id"))));
        let map = value.under("SecretString");
        build.beside("aws_secretsmanager_secret_version", "Value", map, &[], vec![own], &Names::new());
    }
    build.finish();
}
