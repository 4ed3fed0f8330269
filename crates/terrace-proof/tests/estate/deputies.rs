//! Services that a policy lets in without saying for whom they must act.

use terrace_aws::{PolicyDocument, PrincipalKind, Statement};
use terrace_proof::estate::deputies;

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
