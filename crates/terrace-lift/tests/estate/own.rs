//! What Terrace builds: who reads the database's password, every other secret, the parameters and the buckets.

use terrace_lift::estate::lift;
use terrace_proof::estate::{Permissions, Verdict};

use super::{example, readers};

#[test]
fn on_machines_only_the_api_s_role_reads_the_password() {
    let all = readers(&example("terrace.toml"), "aws_db_instance.main");
    insta::assert_snapshot!(all.join("\n"), @"
    aws_iam_role.app
        aws_iam_role.app reads aws_db_instance.main by secretsmanager:GetSecretValue [aws_iam_role_policy.app (OwnSecrets); aws_iam_role_policy.app (DecryptOwnSecrets); aws_kms_key.main (AccountByItsPolicies)]
    rds.amazonaws.com (on behalf)
        rds.amazonaws.com keeps aws_db_instance.main []
    ");
}

#[test]
fn in_containers_only_the_api_s_roles_read_the_password() {
    let all = readers(&example("terrace.fargate.toml"), "aws_rds_cluster.main");
    insta::assert_snapshot!(all.join("\n"), @"
    aws_iam_role.app_execution
        aws_iam_role.app_execution reads aws_rds_cluster.main by secretsmanager:GetSecretValue [aws_iam_role_policy.app_execution (OwnSecrets); aws_iam_role_policy.app_execution (DecryptOwnSecrets); aws_kms_key.main (AccountByItsPolicies)]
    aws_iam_role.app_task
        aws_iam_role.app_task reads aws_rds_cluster.main by secretsmanager:GetSecretValue [aws_iam_role_policy.app_task (DatabaseSecret); aws_iam_role_policy.app_task (DecryptDatabaseSecret); aws_kms_key.main (AccountByItsPolicies)]
    rds.amazonaws.com (on behalf)
        rds.amazonaws.com keeps aws_rds_cluster.main []
    ");
}

/// Who reads what, one line each; without the steps.
fn everything(file: &str) -> String {
    let lifted = lift(&example(file));
    let permissions = Permissions::new(&lifted.estate);
    let mut lines = Vec::new();
    for holding in &lifted.estate.holdings {
        let readers = permissions.readers(&holding.id).unwrap();
        let names: Vec<String> = readers
            .iter()
            .map(|reader| match &reader.verdict {
                Verdict::Allowed => reader.who.to_string(),
                Verdict::Depends(on) => format!("{} ({on:?})", reader.who),
            })
            .collect();
        lines.push(format!("{}: {}", holding.id, names.join(", ")));
    }
    assert!(lifted.unread.is_empty(), "{:?}", lifted.unread);
    lines.join("\n")
}

#[test]
fn everything_that_is_kept_has_the_readers_that_it_should_have() {
    insta::assert_snapshot!(everything("terrace.toml"), @"
    aws_db_instance.main: aws_iam_role.app, rds.amazonaws.com
    aws_ssm_parameter.api_host: aws_iam_role.web
    aws_ssm_parameter.app_host: aws_iam_role.app
    aws_ssm_parameter.app_log_level: aws_iam_role.app
    aws_ssm_parameter.app_port: aws_iam_role.app
    aws_s3_bucket.artifacts: aws_iam_role.builder
    aws_s3_bucket.logs:
    ");
    insta::assert_snapshot!(everything("terrace.fargate.toml"), @r#"
    aws_rds_cluster.main: aws_iam_role.app_execution, aws_iam_role.app_task, rds.amazonaws.com
    aws_ssm_parameter.app_log_level: aws_iam_role.app_execution
    aws_s3_bucket.logs: 
    aws_s3_bucket.page: cloudfront.amazonaws.com ({Key("aws:securetransport")})
    "#);
}

#[test]
fn nobody_hands_a_role_on_and_no_service_can_be_sent() {
    for file in ["terrace.toml", "terrace.fargate.toml"] {
        let lifted = lift(&example(file));
        let passings = Permissions::new(&lifted.estate).passings();
        assert!(passings.is_empty(), "{file}: {passings:#?}");
        let sent: Vec<String> =
            lifted.estate.deputies().iter().map(|one| format!("{} in {}", one.service, one.rest)).collect();
        insta::allow_duplicates! { insta::assert_snapshot!(sent.join("\n"), @""); }
    }
}
