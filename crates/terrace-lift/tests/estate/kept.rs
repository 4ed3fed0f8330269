//! Secrets, parameters and buckets as other people write them: who reads them, from inside and from outside.

use terrace_aws::inventory::Inventory;

use super::{item, readers};

fn design(items: &[(&str, &[(&str, &str)])]) -> Inventory {
    let mut inventory = Inventory::new();
    for (id, arguments) in items {
        let mut item = item(id, arguments);
        item.region = Some("eu-west-1".to_owned());
        inventory.insert(item);
    }
    inventory
}

fn role(name: &str) -> [(&str, &str); 1] {
    [("name", name)]
}

/// A role `app` with this policy, and the things kept.
fn by(policy: &str, kept: &[(&str, &[(&str, &str)])], of: &str) -> String {
    let role = role("app");
    let inline = [("role", "app"), ("policy", policy)];
    let mut all = kept.to_vec();
    all.extend([("aws_iam_role.app", role.as_slice()), ("aws_iam_role_policy.app", inline.as_slice())]);
    readers(&design(&all), of).join("\n")
}

const PLAIN: (&str, &[(&str, &str)]) =
    ("aws_ssm_parameter.level", &[("name", "/items/prod/app/LOG_LEVEL"), ("type", "String")]);

#[test]
fn a_parameter_is_read_by_any_of_four_actions() {
    let read = |action: &str, path: &str| {
        let policy = format!(
            r#"{{"Statement": [{{"Effect": "Allow", "Action": "{action}", "Resource": "arn:aws:ssm:*:*:parameter{path}"}}]}}"#
        );
        by(&policy, &[PLAIN], "aws_ssm_parameter.level").lines().nth(1).unwrap_or_default().trim().to_owned()
    };
    insta::assert_snapshot!(read("ssm:GetParameter", "/items/prod/app/LOG_LEVEL"), @"aws_iam_role.app reads aws_ssm_parameter.level by ssm:GetParameter [aws_iam_role_policy.app (statement 1)]");
    insta::assert_snapshot!(read("ssm:GetParameters", "/items/prod/*"), @"aws_iam_role.app reads aws_ssm_parameter.level by ssm:GetParameters [aws_iam_role_policy.app (statement 1)]");
    insta::assert_snapshot!(read("ssm:GetParameterHistory", "/*"), @"aws_iam_role.app reads aws_ssm_parameter.level by ssm:GetParameterHistory [aws_iam_role_policy.app (statement 1)]");
    insta::assert_snapshot!(read("ssm:GetParametersByPath", "/items/prod/app"), @"aws_iam_role.app reads aws_ssm_parameter.level by ssm:GetParametersByPath [aws_iam_role_policy.app (statement 1)]");
    insta::assert_snapshot!(read("ssm:GetParametersByPath", "/items"), @"aws_iam_role.app reads aws_ssm_parameter.level by ssm:GetParametersByPath [aws_iam_role_policy.app (statement 1)]");
    insta::assert_snapshot!(read("ssm:GetParametersByPath", "/items/prod/app/LOG_LEVEL"), @"");
    insta::assert_snapshot!(read("ssm:GetParameter", "/items/test/*"), @"");
    insta::assert_snapshot!(read("ssm:PutParameter", "/*"), @"");
}

#[test]
fn a_secure_string_wants_its_key_unless_that_is_aws_s() {
    let policy = r#"{"Statement": [{"Effect": "Allow", "Action": "ssm:GetParameter", "Resource": "*"}]}"#;
    let kept = |key: &'static str| {
        let arguments = [("name", "token"), ("type", "SecureString"), ("key_id", key)];
        let key = [("policy", r#"{"Statement": []}"#)];
        let alias = [("name", "alias/own"), ("target_key_id", "$aws_kms_key.own:key_id")];
        by(
            policy,
            &[
                ("aws_ssm_parameter.token", arguments.as_slice()),
                ("aws_kms_key.own", key.as_slice()),
                ("aws_kms_alias.own", alias.as_slice()),
            ],
            "aws_ssm_parameter.token",
        )
        .lines()
        .next()
        .unwrap_or_default()
        .to_owned()
    };
    insta::assert_snapshot!(kept("alias/aws/ssm"), @"aws_iam_role.app");
    insta::assert_snapshot!(kept("alias/own"), @"");
    insta::assert_snapshot!(kept("$aws_kms_key.own:arn"), @"");
    insta::assert_snapshot!(kept("$data.aws_kms_key.other:arn"), @"aws_iam_role.app depends on the text of the policy <data.aws_kms_key.other.arn>");
}

#[test]
fn patterns_of_secrets_meet_their_suffix() {
    let read = |pattern: &str| {
        let policy = format!(
            r#"{{"Statement": [{{"Effect": "Allow", "Action": "secretsmanager:GetSecretValue",
            "Resource": "arn:aws:secretsmanager:*:*:secret:{pattern}"}}]}}"#
        );
        let all = by(
            &policy,
            &[("aws_secretsmanager_secret.db", &[("name", "prod/db")])],
            "aws_secretsmanager_secret.db",
        );
        all.lines().next().unwrap_or_default().to_owned()
    };
    insta::assert_snapshot!(read("prod/*"), @"aws_iam_role.app");
    insta::assert_snapshot!(read("prod/db-??????"), @"aws_iam_role.app");
    insta::assert_snapshot!(read("prod/db-*"), @"aws_iam_role.app");
    insta::assert_snapshot!(read("prod/db"), @"");
    insta::assert_snapshot!(read("prod/db-AbCdEf"), @"aws_iam_role.app depends on the value of aws_secretsmanager_secret.db.random_suffix, the value of data.aws_caller_identity.this.account_id");
    insta::assert_snapshot!(read("test/*"), @"");
}

/// The readers of a bucket `page` by its policy alone.
fn bucket(statement: &str, block: Option<&str>) -> String {
    let policy = format!("{{\"Statement\": [{statement}]}}");
    let policy = [("bucket", "$aws_s3_bucket.page:id"), ("policy", policy.as_str())];
    let name = [("bucket", "items-page")];
    let mut all: Vec<(&str, &[(&str, &str)])> =
        vec![("aws_s3_bucket.page", name.as_slice()), ("aws_s3_bucket_policy.page", policy.as_slice())];
    let shut = block.map(|value| {
        [("bucket", "items-page"), ("block_public_policy", value), ("restrict_public_buckets", value)]
    });
    if let Some(shut) = &shut {
        all.push(("aws_s3_bucket_public_access_block.page", shut.as_slice()));
    }
    readers(&design(&all), "aws_s3_bucket.page").join("\n")
}

#[test]
fn a_bucket_is_read_through_the_cdn_or_otherwise() {
    let cdn = r#"{"Sid": "Cdn", "Effect": "Allow", "Action": "s3:GetObject", "Resource": "${aws_s3_bucket.page:arn}/*",
        "Principal": {"Service": "cloudfront.amazonaws.com"},
        "Condition": {"StringEquals": {"AWS:SourceArn": "${aws_cloudfront_distribution.main:arn}"}}}"#;
    insta::assert_snapshot!(bucket(cdn, Some("true")), @"
    cloudfront.amazonaws.com (on behalf)
        cloudfront.amazonaws.com reads aws_s3_bucket.page by s3:GetObject [aws_s3_bucket_policy.page (Cdn)]
    ");
    let any = r#"{"Sid": "Open", "Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::items-page/*",
        "Principal": "*"}"#;
    insta::assert_snapshot!(bucket(any, Some("false")), @"
    anyone with an AWS account
        anyone with an AWS account reads aws_s3_bucket.page by s3:GetObject [aws_s3_bucket_policy.page (Open)]
    anyone
        anyone reads aws_s3_bucket.page by s3:GetObject [aws_s3_bucket_policy.page (Open)]
    ");
    insta::assert_snapshot!(bucket(any, Some("true")), @"");
    insta::assert_snapshot!(bucket(any, None), @"
    anyone with an AWS account depends on whether public access to aws_s3_bucket.page is blocked
        anyone with an AWS account reads aws_s3_bucket.page by s3:GetObject [aws_s3_bucket_policy.page (Open)]
    anyone depends on whether public access to aws_s3_bucket.page is blocked
        anyone reads aws_s3_bucket.page by s3:GetObject [aws_s3_bucket_policy.page (Open)]
    ");
    let referer = r#"{"Effect": "Allow", "Action": "s3:Get*", "Resource": "arn:aws:s3:::items-page/*", "Principal": "*",
        "Condition": {"StringLike": {"aws:Referer": "https://example.org/*"}}}"#;
    insta::assert_snapshot!(bucket(referer, Some("false")), @"
    anyone with an AWS account depends on the context key aws:referer
        anyone with an AWS account reads aws_s3_bucket.page by s3:GetObject [aws_s3_bucket_policy.page (statement 1)]
    anyone depends on the context key aws:referer
        anyone reads aws_s3_bucket.page by s3:GetObject [aws_s3_bucket_policy.page (statement 1)]
    ");
    let organisation = r#"{"Effect": "Allow", "Action": "s3:*", "Resource": "*", "Principal": {"AWS": "*"},
        "Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-1234567890"}}}"#;
    insta::assert_snapshot!(bucket(organisation, Some("false")), @"
    anyone with an AWS account depends on the context key aws:principalorgid
        anyone with an AWS account reads aws_s3_bucket.page by s3:GetObject [aws_s3_bucket_policy.page (statement 1)]
    ");
}
