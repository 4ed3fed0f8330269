//! What refusals mean: answers as AWS's services word them (common errors of each API's reference, and "Access denied error
//! messages" of the IAM User Guide).

use crate::scripted::Server;
use insta::assert_snapshot;
use terrace_account::service::{IMAGEBUILDER, S3};
use terrace_account::{Account, Call, Keys, Refusal};

const TASK: &str = "arn:aws:ecs:eu-west-1:123456789012:task/items/7412261320c54ef9a1ae606175e9bec1";
const WHO: &str = "arn:aws:sts::123456789012:assumed-role/developer/anna";

async fn refused(status: u16, body: &str) -> Refusal {
    let server = Server::start(&[(status, body)]);
    let account = Account::given("eu-west-1", &server.address, Keys::new("AKID", "secret", None));
    account.text(&Call::path(S3, "ListAllMyBuckets", "/", "")).await.unwrap_err()
}

/// What is true of a refusal, in one line.
fn meaning(refusal: &Refusal) -> String {
    let facts = [
        ("absent", refusal.is_absent()),
        ("denied", refusal.is_denied()),
        ("expired", refusal.is_expired()),
        ("unknown", refusal.is_unknown()),
        ("skewed", refusal.is_skewed()),
        ("unanswered", refusal.is_unanswered()),
    ];
    let facts: Vec<&str> = facts.into_iter().filter(|(_, is)| *is).map(|(name, _)| name).collect();
    let denial = refusal.denial().map(|denial| {
        let or = |word: Option<String>| word.unwrap_or_else(|| "-".to_owned());
        let (who, resource, by) = (or(denial.who), or(denial.resource), or(denial.forbidden_by));
        format!("\n    {who} {} {resource} {by}", denial.action)
    });
    let facts = if facts.is_empty() { "something else".to_owned() } else { facts.join(" ") };
    format!("{} {}: {facts}{}", refusal.status(), refusal.code(), denial.unwrap_or_default())
}

#[tokio::test]
async fn what_refusals_mean() {
    let json = |code: &str, message: &str| format!(r#"{{"__type":"{code}","message":"{message}"}}"#);
    let xml = |code: &str, message: &str| {
        format!("<R><Error><Code>{code}</Code><Message>{message}</Message></Error></R>")
    };
    let cases = [
        (400, json("com.amazonaws.ecs#ClusterNotFoundException", "Cluster not found.")),
        (404, xml("DBInstanceNotFound", "DBInstance items-data not found.")),
        (
            400,
            json(
                "AccessDeniedException",
                &format!(
                    "User: {WHO} is not authorized to perform: ssm:StartSession on resource: {TASK} because no \
                     identity-based policy allows the ssm:StartSession action"
                ),
            ),
        ),
        (
            403,
            xml(
                "UnauthorizedOperation",
                &format!(
                    "You are not authorized to perform this operation. User: {WHO} is not authorized to perform: \
                     ec2:DescribeInstances because no identity-based policy allows the ec2:DescribeInstances action"
                ),
            ),
        ),
        (
            400,
            json(
                "AccessDeniedException",
                &format!(
                    "User: {WHO} is not authorized to perform: ssm:StartSession on resource: {TASK} with an explicit \
                     deny in a service control policy: arn:aws:organizations::1:policy/o-1/service_control_policy/p-1"
                ),
            ),
        ),
        (
            403,
            xml(
                "AccessDenied",
                &format!("User: {WHO} is not authorized to perform: rds:DescribeDBInstances on resource: *."),
            ),
        ),
        (403, xml("AccessDenied", "Access Denied")),
        (403, "<html>a proxy</html>".to_owned()),
        (400, json("ExpiredTokenException", "The security token included in the request is expired")),
        (403, xml("ExpiredToken", "The security token included in the request is expired")),
        (400, xml("RequestExpired", "Request has expired.")),
        (400, json("UnrecognizedClientException", "The security token included in the request is invalid.")),
        (403, xml("InvalidClientTokenId", "The security token included in the request is invalid.")),
        (401, xml("AuthFailure", "AWS was not able to validate the provided access credentials")),
        (
            403,
            xml(
                "SignatureDoesNotMatch",
                "Signature expired: 20261121T000000Z is now earlier than 20261121T010000Z",
            ),
        ),
        (
            400,
            json("InvalidSignatureException", "Signature not yet current: 20261121T020000Z is still later"),
        ),
        (400, json("TargetNotConnected", "ecs:items_1_1 is not connected.")),
        (400, r#"{"__type":"AccessDeniedException","Message":"is not authorized to perform: "}"#.to_owned()),
        (
            400,
            r#"{"__type":"AccessDeniedException","Message":"is not authorized to perform: nothing at all"}"#
                .to_owned(),
        ),
        (418, "\u{0}\u{fffd}".to_owned()),
    ];
    let mut told = String::new();
    for (status, body) in cases {
        told.push_str(&meaning(&refused(status, &body).await));
        told.push('\n');
    }
    assert_snapshot!(told, @"
    400 ClusterNotFoundException: absent
    404 DBInstanceNotFound: absent
    400 AccessDeniedException: denied
        arn:aws:sts::123456789012:assumed-role/developer/anna ssm:StartSession arn:aws:ecs:eu-west-1:123456789012:task/items/7412261320c54ef9a1ae606175e9bec1 -
    403 UnauthorizedOperation: denied
        arn:aws:sts::123456789012:assumed-role/developer/anna ec2:DescribeInstances - -
    400 AccessDeniedException: denied
        arn:aws:sts::123456789012:assumed-role/developer/anna ssm:StartSession arn:aws:ecs:eu-west-1:123456789012:task/items/7412261320c54ef9a1ae606175e9bec1 a service control policy: arn:aws:organizations::1:policy/o-1/service_control_policy/p-1
    403 AccessDenied: denied
        arn:aws:sts::123456789012:assumed-role/developer/anna rds:DescribeDBInstances - -
    403 AccessDenied: denied
    403 : denied
    400 ExpiredTokenException: expired
    403 ExpiredToken: expired
    400 RequestExpired: expired
    400 UnrecognizedClientException: unknown
    403 InvalidClientTokenId: unknown
    401 AuthFailure: unknown
    403 SignatureDoesNotMatch: skewed
    400 InvalidSignatureException: skewed
    400 TargetNotConnected: something else
    400 AccessDeniedException: denied
    400 AccessDeniedException: denied
    418 : something else
    ");
}

#[tokio::test]
async fn a_message_without_end_is_told_in_part() {
    let refusal = refused(400, &format!(r#"{{"code":"{0}","message":"{0}"}}"#, "é".repeat(100_000))).await;
    assert_eq!(refusal.to_string().chars().count(), 602);
}

#[tokio::test]
async fn a_code_may_stand_in_a_header() {
    let told =
        |code: &str, body: &str| terrace_stand_in::Answer::of(404, body).with("x-amzn-ErrorType", code);
    let script = [
        told("InvalidRequestException:http://internal.amazon.com/coral/", r#"{"message":"no such image"}"#),
        told("other", r#"{"__type":"com.amazonaws.ecs#ClientException:http://internal/","message":"why"}"#),
    ];
    let server = Server::told(script.into());
    let account = Account::given("eu-west-1", &server.address, Keys::new("AKID", "secret", None));
    for text in ["InvalidRequestException: no such image", "ClientException: why"] {
        let call = Call::path(
            IMAGEBUILDER,
            "GetImage",
            "/GetImage",
            "imageBuildVersionArn=arn:aws:imagebuilder:eu-west-1:123456789012:image/items/1.0.0/1",
        );
        assert_eq!(account.json(&call).await.unwrap_err().text(), text);
    }
}
