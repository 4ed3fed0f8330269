//! Keys, secrets and parameters.

use crate::define::{resource, words};
use crate::{Arn, GeneratedPassword, KeyId, PolicyDocument, Ref, Text};

use super::Tags;

words! {
    /// How a parameter is kept.
    ParameterType {
        String = "String",
        StringList = "StringList",
        SecureString = "SecureString",
    }
}

resource! {
    /// A key that encrypts what is kept.
    KmsKey(Managed "aws_kms_key") {
        description: Text,
        enable_key_rotation: bool,
        deletion_window_in_days: u32,
        policy: PolicyDocument,
        tags: Tags,
    }

    /// A name for a key.
    KmsAlias(Managed "aws_kms_alias") {
        name: Text,
        target_key_id: Ref<KmsKey, KeyId>,
    }

    /// A place for a secret; what it is stands in its versions.
    Secret(Managed "aws_secretsmanager_secret") {
        name: Text,
        description: Text,
        kms_key_id: Option<Ref<KmsKey, Arn>>,
        recovery_window_in_days: u32,
        tags: Tags,
    }

    /// A secret's value, which Terraform writes and never keeps: it is sent anew when its version changes.
    SecretVersion(Managed "aws_secretsmanager_secret_version") {
        secret_id: Ref<Secret>,
        secret_string_wo: Ref<RandomPassword, GeneratedPassword>,
        secret_string_wo_version: u32,
    }

    /// A secret that somebody else made.
    ExistingSecret(Data "aws_secretsmanager_secret") {
        name: Text,
    }

    /// Random characters, made by AWS during a run and kept nowhere.
    RandomPassword(Ephemeral "aws_secretsmanager_random_password") {
        password_length: u32,
        exclude_punctuation: bool,
    }

    /// A plain setting.
    Parameter(Managed "aws_ssm_parameter") {
        name: Text,
        description: Option<Text>,
        r#type: ParameterType,
        value: Text,
        tags: Tags,
    }
}
