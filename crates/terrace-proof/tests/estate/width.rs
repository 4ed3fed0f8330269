//! What a policy allows beyond what is needed, with a witness.

use terrace_aws::{PolicyDocument, PrincipalKind, Scope, Statement, Text};
use terrace_proof::estate::{Need, Wild, deputies, wider_than, wildcards};

fn policy(actions: &[&str], resources: &[&str]) -> PolicyDocument {
    let mut statement = Statement::allow("One", []).on(resources.iter().map(|one| Text::from(*one)));
    statement.actions = Scope::Only(actions.iter().map(|one| (*one).to_owned()).collect());
    PolicyDocument::Statements(vec![statement])
}

fn beyond(actions: &[&str], resources: &[&str], needed: &[(&str, &str)]) -> Vec<(String, String)> {
    let needed: Vec<Need> = needed
        .iter()
        .map(|(action, resource)| Need { action: (*action).to_owned(), resource: (*resource).into() })
        .collect();
    wider_than(&policy(actions, resources), &needed).into_iter().map(|one| one.witness.unwrap()).collect()
}

#[test]
fn what_is_needed_is_not_beyond() {
    let page = "arn:aws:s3:::page/*";
    assert!(beyond(&["s3:GetObject"], &[page], &[("s3:GetObject", page)]).is_empty());
    assert!(beyond(&["S3:getobject"], &[page], &[("s3:Get*", "arn:aws:s3:::*")]).is_empty());
    // Covered by two needs together, by neither alone.
    let halves = [("s3:GetObject", "arn:aws:s3:::page/*"), ("s3:GetObject", "arn:aws:s3:::logs/*")];
    assert!(beyond(&["s3:GetObject"], &["arn:aws:s3:::page/*", "arn:aws:s3:::logs/*"], &halves).is_empty());
}

#[test]
fn what_is_beyond_has_a_witness() {
    let needed = [("s3:GetObject", "arn:aws:s3:::page/*")];
    let found = beyond(&["s3:GetObject"], &["arn:aws:s3:::*"], &needed);
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].0, "s3:getobject");
    assert!(!found[0].1.starts_with("arn:aws:s3:::page/"), "{found:?}");
    let found = beyond(&["s3:*"], &["arn:aws:s3:::page/*"], &needed);
    assert!(found[0].0.starts_with("s3:") && found[0].0 != "s3:getobject", "{found:?}");
    assert!(found[0].1.starts_with("arn:aws:s3:::page/"), "{found:?}");
    // An action's wildcard does not swallow the colon that ends it.
    let crossed = [("s3:GetObject", "*"), ("*", "arn:aws:s3:::page/*")];
    assert_eq!(beyond(&["*"], &["*"], &crossed).len(), 1);
    assert_eq!(beyond(&["*"], &["*"], &[("*", "*")]).len(), 0);
}

#[test]
fn wildcards_are_told_apart() {
    let found = |actions: &[&str], resources: &[&str]| -> Vec<Wild> {
        wildcards(&policy(actions, resources)).into_iter().map(|one| one.wild).collect()
    };
    assert_eq!(found(&["*"], &["*"]), [Wild::EveryAction, Wild::EveryResource]);
    assert_eq!(found(&["s3:*"], &["arn:aws:s3:::page/*"]), [Wild::EveryActionOfService, Wild::SomeResources]);
    assert_eq!(found(&["s3:Get*", "s3:GetObject"], &["arn:aws:s3:::page"]), [Wild::SomeActions]);
    let mut all_but = Statement::allow("Most", []).on(["*".into()]).to(PrincipalKind::Aws, "*");
    all_but.actions = Scope::AllBut(vec!["iam:*".to_owned()]);
    let found: Vec<Wild> =
        wildcards(&PolicyDocument::Statements(vec![all_but])).into_iter().map(|one| one.wild).collect();
    assert_eq!(found, [Wild::AllActionsBut, Wild::EveryResource, Wild::Everyone]);
}

#[test]
fn a_service_that_another_account_can_send_is_a_deputy_unless_the_policy_says_for_whom() {
    let sent = |service: &str, key: Option<&str>| {
        let mut statement = Statement::allow("Let", ["s3:PutObject"]).to(PrincipalKind::Service, service);
        if let Some(key) = key {
            statement = statement.when("StringEquals", key, ["111122223333".into()]);
        }
        !deputies(&PolicyDocument::Statements(vec![statement])).is_empty()
    };
    assert!(sent("cloudtrail.amazonaws.com", None));
    assert!(sent("cloudtrail.amazonaws.com", Some("aws:RequestedRegion")));
    assert!(!sent("cloudtrail.amazonaws.com", Some("AWS:SourceAccount")));
    assert!(!sent("cloudfront.amazonaws.com", Some("aws:SourceArn")));
    assert!(!sent("ec2.amazonaws.com", None), "its machines are the account's own");
}
