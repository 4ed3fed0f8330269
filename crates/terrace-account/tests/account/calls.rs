//! Calls to a server on loopback that answers by a script.

use crate::scripted::{Answer, Server};
use insta::assert_snapshot;
use serde_json::json;
use terrace_account::service::{EC2, ECS, S3, SSM, SSMMESSAGES};
use terrace_account::{Account, Call, Keys};

const ECS_TARGET: (&str, &str) = ("AmazonEC2ContainerServiceV20141113", "1.1");

fn account(server: &Server) -> Account {
    Account::given("eu-west-1", &server.address, Keys::new("AKIDEXAMPLE", "very-secret", None))
}

/// Futures that a task of another thread may drive.
fn sent<F: Future + Send>(future: F) -> F {
    future
}

#[tokio::test]
async fn what_passes_is_asked_again_and_nothing_else_is() {
    let slow = r#"{"__type":"com.amazonaws.ssm#ThrottlingException","message":"Rate exceeded"}"#;
    let cases: [(&str, &[Answer<'_>], Option<&str>, usize); 5] = [
        ("throttled, then well", &[(400, slow), (200, "{}")], None, 2),
        ("not there, then well", &[(503, "<html>"), (200, "{}")], None, 2),
        (
            "not known",
            &[(400, r#"{"__type":"TargetNotConnected"}"#), (200, "{}")],
            Some("TargetNotConnected"),
            1,
        ),
        ("denied", &[(400, r#"{"__type":"AccessDeniedException"}"#)], Some("AccessDeniedException"), 1),
        ("no JSON", &[(200, "<html>")], Some("the answer is no JSON: expected value at line 1 column 1"), 1),
    ];
    for (name, script, refused, asked) in cases {
        let server = Server::start(script);
        let call = Call::json(SSM, ("AmazonSSM", "1.1"), "StartSession", json!({"Target": "i-1"}));
        let result = sent(account(&server).json(&call)).await;
        assert_eq!(result.err().map(|refusal| refusal.text()).as_deref(), refused, "{name}");
        assert_eq!(server.asked().len(), asked, "{name}");
    }
}

#[tokio::test]
async fn each_form_of_call_as_the_service_reads_it() {
    let server = Server::start(&[(200, "{}"), (200, "<DescribeInstancesResponse/>"), (200, "")]);
    let account = account(&server);
    account.json(&Call::json(ECS, ECS_TARGET, "ListTasks", json!({"cluster": "items"}))).await.unwrap();
    let call = Call::query(EC2, "2016-11-15", "DescribeInstances").with("Filter.1.Name", "tag:a b&c");
    account.xml(&call).await.unwrap();
    account
        .text(&Call::path(S3, "GetBucketPolicy", "/a%20bucket", "policy").within("us-east-1"))
        .await
        .unwrap();
    assert_snapshot!(server.asked().join("\n\n"), @r#"
    POST / HTTP/1.1
    content-type: application/x-amz-json-1.1
    x-amz-target: AmazonEC2ContainerServiceV20141113.ListTasks
    signed for eu-west-1/ecs/aws4_request
    {"cluster":"items"}

    POST / HTTP/1.1
    content-type: application/x-www-form-urlencoded
    signed for eu-west-1/ec2/aws4_request
    Action=DescribeInstances&Version=2016-11-15&Filter.1.Name=tag%3Aa%20b%26c

    GET /a%20bucket?policy HTTP/1.1
    signed for us-east-1/s3/aws4_request
    "#);
}

#[tokio::test]
async fn pages_are_turned_until_there_is_no_more_or_one_is_refused() {
    let (one, two) = (r#"{"taskArns":["a"],"nextToken":"2"}"#, r#"{"taskArns":["b"],"nextToken":""}"#);
    let server = Server::start(&[(200, one), (200, two)]);
    let call = Call::json(ECS, ECS_TARGET, "ListTasks", json!({"cluster": "items"}));
    let pages = sent(account(&server).sheets(&call, ("nextToken", "nextToken"))).await.whole().unwrap();
    assert_eq!(pages.len(), 2);
    assert!(server.asked().last().unwrap().ends_with(r#"{"cluster":"items","nextToken":"2"}"#));

    let server = Server::start(&[(200, one), (400, r#"{"__type":"ClusterNotFoundException"}"#)]);
    let pages = account(&server).sheets(&call, ("nextToken", "nextToken")).await;
    assert_eq!((pages.read.len(), pages.stopped.as_ref().unwrap().is_absent()), (1, true));

    let xml =
        "<DescribeInstancesResponse><reservationSet/><nextToken>on</nextToken></DescribeInstancesResponse>";
    let server = Server::start(&[(200, xml), (200, xml)]);
    let call = Call::query(EC2, "2016-11-15", "DescribeInstances");
    let pages = sent(account(&server).pages(&call, ("nextToken", "NextToken"))).await;
    assert_eq!((pages.read.len(), pages.stopped), (2, None));
}

#[tokio::test]
async fn nobody_who_answers_is_told_apart_from_a_refusal() {
    let server = Server::start(&[]);
    let account = account(&server);
    drop(server);
    let refusal = account.text(&Call::path(S3, "ListAllMyBuckets", "/", "")).await.unwrap_err();
    assert!(refusal.is_unanswered() && !refusal.is_denied() && !refusal.is_expired(), "{refusal:?}");

    for address in ["", "nowhere", "/", "http://", "http:///x", "unix:/x", "http://a b/"] {
        let account = Account::given("eu-west-1", address, Keys::new("AKID", "secret", None));
        let refusal = account.text(&Call::path(S3, "ListAllMyBuckets", "/", "")).await.unwrap_err();
        assert!(refusal.is_unanswered(), "{address}: {refusal}");
        assert!(account.sign(SSMMESSAGES, "GET", address).await.is_err(), "{address}");
    }
}

/// The test runs itself once more, in an environment whose proxy leads nowhere.
#[tokio::test]
async fn this_machine_is_asked_without_a_proxy() {
    const ADDRESS: &str = "TERRACE_TEST_ASKS";
    if let Ok(address) = std::env::var(ADDRESS) {
        let account = Account::given("eu-west-1", &address, Keys::new("AKID", "secret", None));
        account.text(&Call::path(S3, "ListAllMyBuckets", "/", "")).await.unwrap();
        return;
    }
    let server = Server::start(&[(200, "")]);
    let mut again = std::process::Command::new(std::env::current_exe().unwrap());
    again.args(["--exact", "calls::this_machine_is_asked_without_a_proxy"]).env(ADDRESS, &server.address);
    for name in ["http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"] {
        again.env(name, "http://nowhere.invalid:1");
    }
    let output = again.env_remove("NO_PROXY").env_remove("no_proxy").output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    assert_eq!(server.asked().len(), 1);
}

#[tokio::test]
async fn the_start_of_a_websocket_is_signed_bare() {
    let keys = Keys::new("AKIDEXAMPLE", "very-secret", Some("a-token"));
    let account = Account::given("eu-west-1", "http://127.0.0.1:1", keys);
    let url = "wss://ssmmessages.eu-west-1.amazonaws.com/v1/data-channel/me@example.com-0a1?role=publish_subscribe&cell-number=AAEAAb%2F%3D";
    let headers = sent(account.sign(SSMMESSAGES, "GET", url)).await.unwrap();
    let value = |name: &str| {
        let header = headers.iter().find(|(own, _)| own == name);
        header.unwrap_or_else(|| panic!("there is no {name}")).1.to_str().unwrap().to_owned()
    };
    let (date, authorization) = (value("x-amz-date"), value("authorization"));
    assert_eq!((headers.len(), value("x-amz-security-token").as_str()), (3, "a-token"));

    // By the steps of "Create a signed AWS API request", written anew.
    let digest = |bytes: &[u8]| hex(ring::digest::digest(&ring::digest::SHA256, bytes).as_ref());
    let canonical = format!(
        "GET\n/v1/data-channel/me%40example.com-0a1\ncell-number=AAEAAb%2F%3D&role=publish_subscribe\n\
         host:ssmmessages.eu-west-1.amazonaws.com\nx-amz-date:{date}\nx-amz-security-token:a-token\n\n\
         host;x-amz-date;x-amz-security-token\n{}",
        digest(b"")
    );
    let day = date.split('T').next().unwrap();
    let scope = format!("{day}/eu-west-1/ssmmessages/aws4_request");
    let text = format!("AWS4-HMAC-SHA256\n{date}\n{scope}\n{}", digest(canonical.as_bytes()));
    let key = scope.split('/').fold(b"AWS4very-secret".to_vec(), |key, part| mac(&key, part));
    let signature = hex(&mac(&key, &text));
    assert_eq!(
        authorization,
        format!(
            "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/{scope}, \
             SignedHeaders=host;x-amz-date;x-amz-security-token, Signature={signature}"
        )
    );
    let presigned = "wss://host.example/x?role=a&X-Amz-Signature=0";
    assert_eq!(account.sign(SSMMESSAGES, "GET", presigned).await.unwrap(), Vec::new());
}

#[test]
fn no_secret_is_shown() {
    let keys = Keys::new("AKIDEXAMPLE", "very-secret", Some("a-token"));
    let shown = format!("{keys:?}");
    let account = Account::given("eu-west-1", "http://127.0.0.1:1", keys);
    let secret = Call::json(SSM, ("AmazonSSM", "1.1"), "PutParameter", json!({"Value": "very-secret"}));
    let shown = format!("{shown}{account:?}{secret:?}");
    assert!(!shown.contains("very-secret") && !shown.contains("a-token"), "{shown}");
}

fn mac(key: &[u8], text: &str) -> Vec<u8> {
    let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, key);
    ring::hmac::sign(&key, text.as_bytes()).as_ref().to_vec()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
