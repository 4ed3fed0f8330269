//! Policies as people write them, and what cannot be read of them.

use terrace_aws::inventory::Inventory;
use terrace_aws::{Reference, Text, Value};

use super::{item, json, lift, readers, to};

/// The readers of a secret by a role with this policy.
fn by(policy: Value) -> String {
    let mut inventory = Inventory::new();
    let mut role = item("aws_iam_role.app", &[("name", "app")]);
    role.record.set("tags", Value::Opaque(Vec::new()));
    let mut inline = item("aws_iam_role_policy.app", &[("role", "$aws_iam_role.app:id")]);
    inline.record.set("policy", policy);
    inventory.insert(role);
    inventory.insert(inline);
    inventory.insert(item("aws_secretsmanager_secret.db", &[("name_prefix", "prod/db-")]));
    readers(&inventory, "aws_secretsmanager_secret.db").join("\n")
}

fn text(policy: &str) -> Value {
    Value::Text(policy.into())
}

#[test]
fn a_policy_is_read_in_whatever_form_it_is_written() {
    let all = [
        Value::Json(json(
            r#"{"Statement": {"Effect": "Allow", "Action": "secretsmanager:GetSecretValue", "Resource": "*"}}"#,
        )),
        Value::Json(json(
            r#"{"version": "2012-10-17", "statement": [[{"effect": "allow", "action": ["secretsmanager:Get*"],
            "resource": ["*", null], "sid": null, "comment": "mine"}]]}"#,
        )),
        text(r#"{"Statement": [{"Effect": "Allow", "Action": "secretsmanager:*", "Resource": "*"}]}"#),
        Value::Text(
            Text::from(r#"{"Statement": [{"Effect": "Allow", "Action": "secretsmanager:*", "Resource": ""#)
                .then(to("aws_secretsmanager_secret.db", "arn"))
                .then(r#""}]}"#),
        ),
    ];
    for policy in all {
        insta::allow_duplicates! {
            insta::assert_snapshot!(by(policy), @"
            aws_iam_role.app
                aws_iam_role.app reads aws_secretsmanager_secret.db by secretsmanager:GetSecretValue [aws_iam_role_policy.app (statement 1)]
            ");
        }
    }
}

#[test]
fn what_cannot_be_read_is_depended_on_by_name() {
    let reader = |policy: Value| by(policy).lines().next().unwrap_or_default().to_owned();
    insta::assert_snapshot!(reader(text("not JSON")), @"aws_iam_role.app depends on the text of the policy aws_iam_role_policy.app");
    insta::assert_snapshot!(reader(Value::Opaque(vec![])), @"aws_iam_role.app depends on the text of the policy aws_iam_role_policy.app");
    insta::assert_snapshot!(reader(Value::Bool(true)), @"aws_iam_role.app depends on the text of the policy aws_iam_role_policy.app");
    // One statement of several; the other is read, and its number stays.
    let half = r#"{"Statement": [{"Effect": "Perhaps"},
        {"Effect": "Allow", "Action": "secretsmanager:GetSecretValue", "Resource": "arn:aws:secretsmanager:*:*:secret:prod/db-*"}]}"#;
    insta::assert_snapshot!(by(Value::Json(json(half))), @"
    aws_iam_role.app depends on the text of the policy aws_iam_role_policy.app, statement 1
        aws_iam_role.app reads aws_secretsmanager_secret.db by secretsmanager:GetSecretValue [aws_iam_role_policy.app (statement 2)]
    ");
    insta::assert_snapshot!(reader(text(r#"{"Statement": []}"#)), @"");
}

#[test]
fn who_is_not_in_the_design_is_listed() {
    let mut inventory = Inventory::new();
    inventory.insert(item(
        "aws_iam_role_policy_attachment.other",
        &[("role", "elsewhere"), ("policy_arn", "arn:aws:iam::aws:policy/AdministratorAccess")],
    ));
    let mut untold =
        item("aws_iam_policy_attachment.many", &[("policy_arn", "arn:aws:iam::aws:policy/IAMFullAccess")]);
    untold.record.set(
        "roles",
        Value::Opaque(vec![Reference::unknown(terrace_aws::inventory::UnknownName::new("var.roles"))]),
    );
    inventory.insert(untold);
    let unread: Vec<String> =
        lift(&inventory).unread.iter().map(|one| format!("{} {}", one.what, one.why)).collect();
    insta::assert_snapshot!(unread.join("\n"), @"
    aws_iam_role_policy_attachment.other is for somebody who is not in the design
    aws_iam_policy_attachment.many is for people who are not told
    ");
}
