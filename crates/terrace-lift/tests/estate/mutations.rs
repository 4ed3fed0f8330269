//! Our own designs, each broken in one way: who reads the password then is found, by the statement that lets them.

use terrace_aws::Value;
use terrace_aws::inventory::{Inventory, Item, Presence, UnknownName};

use super::{example, item, json, lift, readers, readers_of};

const PASSWORD: &str = "aws_db_instance.main";

fn with(file: &str, items: &[Item]) -> Inventory {
    let mut inventory = example(file);
    for item in items {
        inventory.insert(item.clone());
    }
    inventory
}

/// A policy of the web tier's role, of these statements.
fn web_may(statements: &str) -> Item {
    let policy = format!("{{\"Statement\": [{statements}]}}");
    item("aws_iam_role_policy.more", &[("role", "$aws_iam_role.web:name"), ("policy", &policy)])
}

/// Who reads the password beside those who should.
fn more(items: &[Item]) -> String {
    let all = readers(&with("terrace.toml", items), PASSWORD);
    let (own, more): (Vec<_>, Vec<_>) = all
        .into_iter()
        .partition(|one| one.starts_with("aws_iam_role.app\n") || one.starts_with("rds.amazonaws.com"));
    assert_eq!(own.len(), 2, "{own:#?}");
    more.join("\n")
}

const SECRETS: &str = r#"{"Effect": "Allow", "Action": "secretsmanager:*", "Resource": "*"}"#;

#[test]
fn a_wildcard_reads_only_together_with_the_key() {
    insta::assert_snapshot!(more(&[web_may(SECRETS)]), @"");
    let key = r#"{"Effect": "Allow", "Action": "kms:Decrypt", "Resource": "${aws_kms_key.main:arn}"}"#;
    insta::assert_snapshot!(more(&[web_may(&format!("{SECRETS}, {key}"))]), @"
    aws_iam_role.web
        aws_iam_role.web reads aws_db_instance.main by secretsmanager:GetSecretValue [aws_iam_role_policy.more (statement 1); aws_iam_role_policy.more (statement 2); aws_kms_key.main (AccountByItsPolicies)]
    ");
    let other = r#"{"Effect": "Allow", "Action": "kms:Decrypt", "Resource": "${aws_kms_key.other:arn}"}"#;
    let key = item("aws_kms_key.other", &[]);
    insta::assert_snapshot!(more(&[web_may(&format!("{SECRETS}, {other}")), key]), @"");
    let via = r#"{"Effect": "Allow", "Action": "kms:*", "Resource": "*",
        "Condition": {"StringEquals": {"kms:ViaService": "ssm.us-east-1.amazonaws.com"}}}"#;
    insta::assert_snapshot!(more(&[web_may(&format!("{SECRETS}, {via}"))]), @"");
}

#[test]
fn a_pattern_of_names_meets_the_secret_that_it_means() {
    let read = |pattern: &str| {
        let all = format!(
            r#"{{"Effect": "Allow", "Action": "secretsmanager:GetSecretValue", "Resource": "{pattern}"}},
            {{"Effect": "Allow", "Action": "kms:Decrypt", "Resource": "*"}}"#
        );
        more(&[web_may(&all)]).lines().next().unwrap_or_default().to_owned()
    };
    insta::assert_snapshot!(read("arn:aws:secretsmanager:us-east-1:*:secret:rds!db-*"), @"aws_iam_role.web");
    insta::assert_snapshot!(read("arn:aws:secretsmanager:*:*:secret:rds!cluster-*"), @"");
    insta::assert_snapshot!(read("arn:aws:secretsmanager:eu-west-1:*:secret:*"), @"");
    insta::assert_snapshot!(read("arn:aws:secretsmanager:us-east-1:111122223333:secret:*"), @"aws_iam_role.web depends on the value of aws_db_instance.main.random_suffix, the value of aws_db_instance.main.resource_id, the value of data.aws_caller_identity.this.account_id");
}

#[test]
fn whoever_can_hand_the_role_on_reads() {
    let pass = r#"{"Sid": "Pass", "Effect": "Allow", "Action": "iam:PassRole", "Resource": "*"}"#;
    insta::assert_snapshot!(more(&[web_may(pass)]), @"");
    let run = r#"{"Sid": "Run", "Effect": "Allow", "Action": "ec2:RunInstances", "Resource": "*"}"#;
    insta::assert_snapshot!(more(&[web_may(&format!("{pass}, {run}"))]), @"
    aws_iam_role.web
        aws_iam_role.web passes aws_iam_role.app to ec2.amazonaws.com by iam:PassRole and ec2:RunInstances [aws_iam_role_policy.more (Pass); aws_iam_role_policy.more (Run)]
        aws_iam_role.app reads aws_db_instance.main by secretsmanager:GetSecretValue [aws_iam_role_policy.app (OwnSecrets); aws_iam_role_policy.app (DecryptOwnSecrets); aws_kms_key.main (AccountByItsPolicies)]
    ");
    let task = r#"{"Sid": "Run", "Effect": "Allow", "Action": "ecs:*", "Resource": "*"}"#;
    insta::assert_snapshot!(more(&[web_may(&format!("{pass}, {task}"))]), @"");
    let only = r#"{"Effect": "Allow", "Action": "iam:PassRole", "Resource": "*",
        "Condition": {"StringEquals": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}}}"#;
    insta::assert_snapshot!(more(&[web_may(&format!("{only}, {run}"))]), @"");
}

#[test]
fn whoever_can_assume_the_role_reads() {
    let trusting = |who: &str| {
        let mut inventory = example("terrace.toml");
        let mut role = inventory.named("aws_iam_role.app").unwrap().clone();
        let trust = format!(
            r#"{{"Statement": {{"Sid": "Wide", "Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {who}}}}}"#
        );
        role.record.set("assume_role_policy", Value::Json(json(&trust)));
        inventory.insert(role);
        let own = ["aws_iam_role.app\n", "rds.amazonaws.com"];
        let mut all = readers(&inventory, PASSWORD);
        all.retain(|one| !own.iter().any(|own| one.starts_with(own)));
        all.join("\n")
    };
    insta::assert_snapshot!(trusting(r#"{"AWS": "${aws_iam_role.web:arn}"}"#), @"
    aws_iam_role.web
        aws_iam_role.web assumes aws_iam_role.app by sts:AssumeRole [aws_iam_role.app: assume_role_policy (Wide)]
        aws_iam_role.app reads aws_db_instance.main by secretsmanager:GetSecretValue [aws_iam_role_policy.app (OwnSecrets); aws_iam_role_policy.app (DecryptOwnSecrets); aws_kms_key.main (AccountByItsPolicies)]
    ");
    insta::assert_snapshot!(trusting(r#"{"AWS": "*"}"#), @"
    aws_iam_role.builder
        aws_iam_role.builder assumes aws_iam_role.app by sts:AssumeRole [aws_iam_role.app: assume_role_policy (Wide)]
        aws_iam_role.app reads aws_db_instance.main by secretsmanager:GetSecretValue [aws_iam_role_policy.app (OwnSecrets); aws_iam_role_policy.app (DecryptOwnSecrets); aws_kms_key.main (AccountByItsPolicies)]
    aws_iam_role.data_monitoring
        aws_iam_role.data_monitoring assumes aws_iam_role.app by sts:AssumeRole [aws_iam_role.app: assume_role_policy (Wide)]
        aws_iam_role.app reads aws_db_instance.main by secretsmanager:GetSecretValue [aws_iam_role_policy.app (OwnSecrets); aws_iam_role_policy.app (DecryptOwnSecrets); aws_kms_key.main (AccountByItsPolicies)]
    aws_iam_role.flows
        aws_iam_role.flows assumes aws_iam_role.app by sts:AssumeRole [aws_iam_role.app: assume_role_policy (Wide)]
        aws_iam_role.app reads aws_db_instance.main by secretsmanager:GetSecretValue [aws_iam_role_policy.app (OwnSecrets); aws_iam_role_policy.app (DecryptOwnSecrets); aws_kms_key.main (AccountByItsPolicies)]
    aws_iam_role.web
        aws_iam_role.web assumes aws_iam_role.app by sts:AssumeRole [aws_iam_role.app: assume_role_policy (Wide)]
        aws_iam_role.app reads aws_db_instance.main by secretsmanager:GetSecretValue [aws_iam_role_policy.app (OwnSecrets); aws_iam_role_policy.app (DecryptOwnSecrets); aws_kms_key.main (AccountByItsPolicies)]
    anyone with an AWS account
        anyone with an AWS account assumes aws_iam_role.app by sts:AssumeRole [aws_iam_role.app: assume_role_policy (Wide)]
        aws_iam_role.app reads aws_db_instance.main by secretsmanager:GetSecretValue [aws_iam_role_policy.app (OwnSecrets); aws_iam_role_policy.app (DecryptOwnSecrets); aws_kms_key.main (AccountByItsPolicies)]
    ");
    insta::assert_snapshot!(trusting(r#"{"AWS": "arn:aws:iam::444455556666:root"}"#), @"
    arn:aws:iam::444455556666:root
        arn:aws:iam::444455556666:root assumes aws_iam_role.app by sts:AssumeRole [aws_iam_role.app: assume_role_policy (Wide)]
        aws_iam_role.app reads aws_db_instance.main by secretsmanager:GetSecretValue [aws_iam_role_policy.app (OwnSecrets); aws_iam_role_policy.app (DecryptOwnSecrets); aws_kms_key.main (AccountByItsPolicies)]
    ");
    insta::assert_snapshot!(trusting(r#"{"Federated": "arn:aws:iam::111122223333:oidc-provider/ci"}"#), @"");
    insta::assert_snapshot!(trusting(r#"{"Service": "ec2.amazonaws.com"}"#), @"");
}

#[test]
fn whoever_runs_commands_on_its_machines_reads() {
    let send = |resource: &str| {
        format!(
            r#"{{"Sid": "Send", "Effect": "Allow", "Action": "ssm:SendCommand", "Resource": "{resource}"}}"#
        )
    };
    insta::assert_snapshot!(more(&[web_may(&send("*"))]), @"
    aws_iam_role.web
        aws_iam_role.web runs commands as aws_iam_role.app on aws_autoscaling_group.app by ssm:SendCommand [aws_iam_role_policy.more (Send)]
        aws_iam_role.app reads aws_db_instance.main by secretsmanager:GetSecretValue [aws_iam_role_policy.app (OwnSecrets); aws_iam_role_policy.app (DecryptOwnSecrets); aws_kms_key.main (AccountByItsPolicies)]
    ");
    insta::assert_snapshot!(more(&[web_may(&send("arn:aws:ssm:*:*:document/*"))]), @"");
    let start = r#"{"Effect": "Allow", "Action": "ssm:StartSession", "Resource": "arn:aws:ec2:*:*:instance/*",
        "Condition": {"StringEquals": {"ssm:resourceTag/Name": "items-app"}}}"#;
    insta::assert_snapshot!(more(&[web_may(start)]), @"
    aws_iam_role.web
        aws_iam_role.web runs commands as aws_iam_role.app on aws_autoscaling_group.app by ssm:StartSession [aws_iam_role_policy.more (statement 1)]
        aws_iam_role.app reads aws_db_instance.main by secretsmanager:GetSecretValue [aws_iam_role_policy.app (OwnSecrets); aws_iam_role_policy.app (DecryptOwnSecrets); aws_kms_key.main (AccountByItsPolicies)]
    ");
}

#[test]
fn whoever_can_change_who_may_reads() {
    let may = |action: &str| {
        web_may(&format!(r#"{{"Sid": "Change", "Effect": "Allow", "Action": "{action}", "Resource": "*"}}"#))
    };
    insta::assert_snapshot!(more(&[may("iam:PutRolePolicy")]), @"
    aws_iam_role.web
        aws_iam_role.web gives aws_iam_role.web any permission by iam:PutRolePolicy [aws_iam_role_policy.more (Change)]
        aws_iam_role.web reads aws_db_instance.main by secretsmanager:GetSecretValue [any policy (Everything); aws_kms_key.main (AccountByItsPolicies)]
    ");
    insta::assert_snapshot!(more(&[may("iam:UpdateAssumeRolePolicy")]), @"
    aws_iam_role.web
        aws_iam_role.web takes over aws_iam_role.app by iam:UpdateAssumeRolePolicy [aws_iam_role_policy.more (Change)]
        aws_iam_role.app reads aws_db_instance.main by secretsmanager:GetSecretValue [aws_iam_role_policy.app (OwnSecrets); aws_iam_role_policy.app (DecryptOwnSecrets); aws_kms_key.main (AccountByItsPolicies)]
    ");
    insta::assert_snapshot!(more(&[may("kms:PutKeyPolicy")]), @"");
    insta::assert_snapshot!(more(&[may("secretsmanager:PutResourcePolicy")]), @"");
    insta::assert_snapshot!(more(&[may("*")]), @"
    aws_iam_role.web
        aws_iam_role.web reads aws_db_instance.main by secretsmanager:GetSecretValue [aws_iam_role_policy.more (Change); aws_kms_key.main (AccountByItsPolicies)]
    ");
}

#[test]
fn policies_reach_people_by_every_way_of_attaching_them() {
    let user = item("aws_iam_user.ann", &[("name", "ann")]);
    let group = item("aws_iam_group.staff", &[("name", "staff")]);
    let member = item(
        "aws_iam_user_group_membership.ann",
        &[("user", "ann"), ("groups", "[$aws_iam_group.staff:name]")],
    );
    let attach = item(
        "aws_iam_group_policy_attachment.staff",
        &[("group", "staff"), ("policy_arn", "arn:aws:iam::aws:policy/AdministratorAccess")],
    );
    insta::assert_snapshot!(more(&[user.clone(), group.clone(), member.clone(), attach.clone()]), @"
    aws_iam_user.ann
        aws_iam_user.ann reads aws_db_instance.main by secretsmanager:GetSecretValue [aws_iam_group_policy_attachment.staff: AdministratorAccess (statement 1); aws_kms_key.main (AccountByItsPolicies)]
    ");
    insta::assert_snapshot!(more(&[user.clone(), group.clone(), attach]), @"");
    let own = item(
        "aws_iam_policy.all",
        &[
            ("name", "all"),
            ("policy", r#"{"statement": {"effect": "allow", "action": ["*"], "resource": "*"}}"#),
        ],
    );
    let attach = item(
        "aws_iam_policy_attachment.all",
        &[("users", "[ann]"), ("policy_arn", "$aws_iam_policy.all:arn"), ("name", "x")],
    );
    insta::assert_snapshot!(more(&[user.clone(), own.clone(), attach]), @"
    aws_iam_user.ann
        aws_iam_user.ann reads aws_db_instance.main by secretsmanager:GetSecretValue [aws_iam_policy.all (statement 1); aws_kms_key.main (AccountByItsPolicies)]
    ");
    let boundary = item(
        "aws_iam_policy.fence",
        &[
            ("name", "fence"),
            ("policy", r#"{"Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}"#),
        ],
    );
    let role = item(
        "aws_iam_role.fenced",
        &[
            ("name", "fenced"),
            ("managed_policy_arns", "[$aws_iam_policy.all:arn]"),
            ("permissions_boundary", "$aws_iam_policy.fence:arn"),
        ],
    );
    insta::assert_snapshot!(more(&[own, boundary, role]), @"");
    let unknown = item(
        "aws_iam_user_policy_attachment.ann",
        &[("user", "ann"), ("policy_arn", "arn:aws:iam::aws:policy/SomethingNew")],
    );
    insta::assert_snapshot!(more(&[user, unknown]), @"
    aws_iam_user.ann depends on the text of the policy aws_iam_user_policy_attachment.ann: SomethingNew
        aws_iam_user.ann reads aws_db_instance.main by secretsmanager:GetSecretValue [aws_kms_key.main (AccountByItsPolicies)]
    ");
}

#[test]
fn a_policy_that_is_there_only_perhaps_is_depended_on() {
    let all = r#"{"Effect": "Allow", "Action": "*", "Resource": "*"}"#;
    let mut perhaps = web_may(all);
    perhaps.presence = Presence::Depends([UnknownName::new("var.debug")].into());
    insta::assert_snapshot!(more(&[perhaps]), @"
    aws_iam_role.web depends on the value of var.debug
        aws_iam_role.web reads aws_db_instance.main by secretsmanager:GetSecretValue [aws_iam_role_policy.more (statement 1); aws_kms_key.main (AccountByItsPolicies)]
    ");
}

#[test]
fn the_statement_s_place_is_known() {
    let inventory =
        with("terrace.toml", &[web_may(r#"{"Effect": "Allow", "Action": "*", "Resource": "*"}"#)]);
    let all = readers_of(&lift(&inventory), PASSWORD);
    let web = all.iter().find(|reader| reader.who.to_string() == "aws_iam_role.web").unwrap();
    let rest = &web.how[0].rests[0];
    let place = inventory.get(rest.item.as_ref().unwrap()).unwrap().place(&rest.path).unwrap();
    assert_eq!((place.to_string().as_str(), rest.statement), ("more.tf:7", 0));
    assert!(web.is_direct());
}

#[test]
fn commands_in_containers_need_a_service_that_lets_them() {
    let ann = item("aws_iam_user.ann", &[("name", "ann"), ("arn", "arn:aws:iam::111122223333:user/ann")]);
    let policy = r#"{"Statement": {"Effect": "Allow", "Action": "ecs:ExecuteCommand", "Resource": "*"}}"#;
    let policy = item("aws_iam_user_policy.ann", &[("user", "$aws_iam_user.ann:name"), ("policy", policy)]);
    let mut inventory = with("terrace.fargate.toml", &[ann, policy]);
    let mut service = inventory.named("aws_ecs_service.app").unwrap().clone();
    let mut ann = |allowed: bool| {
        service.record.set("enable_execute_command", Value::Bool(allowed));
        inventory.insert(service.clone());
        let all = readers(&inventory, "aws_rds_cluster.main");
        all.into_iter().filter(|one| one.contains("ann")).collect::<Vec<_>>().join("\n")
    };
    insta::assert_snapshot!(ann(false), @"");
    insta::assert_snapshot!(ann(true), @"
    aws_iam_user.ann
        aws_iam_user.ann runs commands as aws_iam_role.app_task on aws_ecs_service.app by ecs:ExecuteCommand [aws_iam_user_policy.ann (statement 1)]
        aws_iam_role.app_task reads aws_rds_cluster.main by secretsmanager:GetSecretValue [aws_iam_role_policy.app_task (DatabaseSecret); aws_iam_role_policy.app_task (DecryptDatabaseSecret); aws_kms_key.main (AccountByItsPolicies)]
    ");
}

#[test]
fn a_secret_that_rds_keeps_can_have_a_policy_of_its_own() {
    let opened = |who: &str| {
        let policy = format!(
            r#"{{"Statement": [{{"Sid": "Open", "Effect": "Allow", "Action": "secretsmanager:GetSecretValue",
            "Principal": {who}, "Resource": "*"}}]}}"#
        );
        let arn = "$aws_db_instance.main:master_user_secret[0].secret_arn";
        more(&[
            item("aws_secretsmanager_secret_policy.open", &[("secret_arn", arn), ("policy", &policy)]),
            web_may(r#"{"Effect": "Allow", "Action": "kms:Decrypt", "Resource": "*"}"#),
        ])
    };
    insta::assert_snapshot!(opened(r#"{"AWS": "${aws_iam_role.web:arn}"}"#), @"
    aws_iam_role.web
        aws_iam_role.web reads aws_db_instance.main by secretsmanager:GetSecretValue [aws_secretsmanager_secret_policy.open (Open); aws_iam_role_policy.more (statement 1); aws_kms_key.main (AccountByItsPolicies)]
    ");
    // Another account reads the secret's text only if the key's policy admits it as well.
    insta::assert_snapshot!(opened(r#"{"AWS": "444455556666"}"#), @"
    444455556666 depends on the value of data.aws_caller_identity.this.account_id
        444455556666 reads aws_db_instance.main by secretsmanager:GetSecretValue [aws_secretsmanager_secret_policy.open (Open); aws_kms_key.main (AccountByItsPolicies)]
    ");
}
