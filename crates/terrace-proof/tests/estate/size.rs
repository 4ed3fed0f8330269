//! Policies that nobody could have on AWS, and accounts that are too large, end as "depends".

use terrace_aws::{Scope, Statement, Text};

use super::{account, arn, readers, role};

fn many(actions: Vec<String>, resources: Vec<Text>) -> Statement {
    let mut statement = Statement::allow("Many", []).on(resources);
    statement.actions = Scope::Only(actions);
    statement
}

fn perhaps(statements: Vec<Statement>) {
    let mut estate = account();
    role(&mut estate, "app", statements, Vec::new());
    let (sure, perhaps) = readers(&estate);
    assert!(sure.is_empty(), "{sure:?}");
    assert_eq!(perhaps.into_iter().collect::<Vec<_>>(), ["aws_iam_role.app"]);
}

#[test]
fn thousands_of_statements_are_not_read() {
    perhaps((0..20_000).map(|n| many(vec![format!("s3:Get{n}")], vec!["*".into()])).collect());
    perhaps(vec![many((0..50_000).map(|n| format!("s3:Get{n}*")).collect(), vec!["*".into()])]);
}

#[test]
fn patterns_of_many_wildcards_are_not_compared() {
    let pattern = format!("arn:aws:secretsmanager:*:*:secret:{}", "*a".repeat(1000));
    perhaps(vec![many(vec!["secretsmanager:GetSecretValue".to_owned()], vec![pattern.into()])]);
    let action = format!("secretsmanager:{}", "*a".repeat(5000));
    perhaps(vec![many(vec![action], vec!["*".into()])]);
}

#[test]
fn an_account_in_which_everyone_trusts_everyone_comes_to_an_end() {
    let mut estate = account();
    for n in 0..40 {
        let trust = Statement::allow("All", ["sts:AssumeRole"]).to(terrace_aws::PrincipalKind::Aws, "*");
        let mut more: Vec<Statement> = (0..40)
            .map(|n| {
                many(
                    vec![format!("sts:Assume{n}*"), "sts:AssumeRole".to_owned()],
                    vec![arn(&format!("r{n}"))],
                )
            })
            .collect();
        if n == 39 {
            more.push(many(vec!["secretsmanager:GetSecretValue".to_owned()], vec!["*".into()]));
        }
        role(&mut estate, &format!("r{n}"), more, vec![trust]);
    }
    let (sure, perhaps) = readers(&estate);
    assert_eq!(sure.len(), 41, "every role, and anyone with an account");
    assert!(perhaps.is_empty());
}
