//! The table of AWS's own policies.

use terrace_aws::{Effect, PolicyDocument, Scope};
use terrace_proof::estate::{Holding, HoldingKind, Permissions, Verdict, aws_policy};

use super::{ACCOUNT, account, id, role};

#[test]
fn policies_are_found_by_their_arn_in_every_partition() {
    let core = aws_policy("arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore").unwrap();
    assert_eq!((core.version, core.date, core.in_part), ("v2", "2019-05-23", false));
    assert!(aws_policy("arn:aws-cn:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy").is_some());
    assert!(aws_policy("arn:aws:iam::aws:policy/AmazonECSTaskExecutionRolePolicy").is_none(), "has a path");
    assert!(aws_policy("arn:aws:iam::111122223333:policy/AdministratorAccess").is_none(), "an account's own");
    assert!(aws_policy("arn:aws:iam::aws:policy/ReadOnlyAccess").unwrap().in_part);
}

#[test]
fn every_row_reads_as_statements() {
    let table = include_str!("../../src/estate/managed.txt");
    let mut count = 0;
    for line in table.lines().filter_map(|line| line.strip_prefix("policy ")) {
        let words: Vec<&str> = line.split(' ').collect();
        let arn = format!("arn:aws:iam::aws:policy{}{}", words[1], words[0]);
        let policy = aws_policy(&arn).unwrap();
        assert_eq!(policy.name, words[0]);
        let PolicyDocument::Statements(all) = policy.document else { panic!("not written so") };
        assert!(!all.is_empty(), "{arn}");
        for statement in all {
            let (Scope::Only(actions) | Scope::AllBut(actions)) = &statement.actions;
            let Some(Scope::Only(resources)) = &statement.resources else { panic!("not written so") };
            assert_eq!(statement.effect, Effect::Allow, "{arn}");
            assert!(!actions.is_empty() && !resources.is_empty(), "{arn}");
            assert!(actions.iter().all(|one| one == "*" || one.contains(':')), "{arn}: {actions:?}");
            let is_arn = |text: &str| text == "*" || text.starts_with("arn:");
            assert!(resources.iter().all(|one| is_arn(one.literal().unwrap())), "{arn}: {resources:?}");
            assert!(statement.conditions.iter().all(|one| !one.values.is_empty()), "{arn}");
        }
        count += 1;
    }
    assert!(count > 30, "{count}");
}

#[test]
fn an_instance_s_core_policy_reads_every_parameter_and_no_secret() {
    let core = aws_policy("arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore").unwrap().document;
    let PolicyDocument::Statements(core) = core else { panic!("not written so") };
    let mut estate = account();
    let name = "/app/password";
    estate.holdings.push(Holding {
        id: id("aws_ssm_parameter", "password"),
        kind: HoldingKind::Parameter { name: name.into() },
        arn: format!("arn:aws:ssm:eu-west-1:{ACCOUNT}:parameter{name}").into(),
        ..estate.holdings[0].clone()
    });
    role(&mut estate, "agent", core, Vec::new());
    let permissions = Permissions::new(&estate);
    let readers = |kind: &str, name: &str| -> Vec<(String, Verdict)> {
        let readers = permissions.readers(&id(kind, name)).unwrap();
        readers.into_iter().map(|one| (one.who.to_string(), one.verdict)).collect()
    };
    let agent = ("aws_iam_role.agent".to_owned(), Verdict::Allowed);
    assert_eq!(readers("aws_ssm_parameter", "password"), [agent]);
    assert_eq!(readers("aws_secretsmanager_secret", "db"), []);
}
