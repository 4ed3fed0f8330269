//! Where credentials and the region come from.

use serde_json::json;

use crate::support::{Aws, Stage};

#[test]
fn an_instance_has_them_from_its_metadata() {
    let stage = Stage::new();
    stage.aws.parameter("/a/X", "1");
    stage.aws.world().instance.push_back("ASIAONE");
    let config = stage.file("boot.json", &json!({"parameters": "/a/"}).to_string());
    let ended = stage.nobody().args(["--config", config.to_str().unwrap()]).variables();
    assert_eq!(ended.variables().get("X"), Some(&"1"));
    let seen = stage.aws.world().seen.clone();
    assert_eq!((seen[0].method.as_str(), seen[0].path.as_str()), ("PUT", "/latest/api/token"));
    let call = seen.last().unwrap();
    let authorization = &call.headers["authorization"];
    assert!(authorization.contains("Credential=ASIAONE/") && authorization.contains("/eu-north-1/ssm/"));
    assert_eq!(call.headers["x-amz-security-token"], "planted-session-ASIAONE");
}

#[test]
fn those_that_expire_meanwhile_are_asked_for_again() {
    let stage = Stage::new();
    stage.aws.secret("s", "planted");
    stage.aws.world().instance.extend(["ASIAOLD", "ASIANEW"]);
    stage.aws.world().expired.insert("ASIAOLD".to_owned());
    let config = stage.file("boot.json", &json!({"secrets": {"KEY": {"secret": "s"}}}).to_string());
    let ended = stage.nobody().args(["--config", config.to_str().unwrap()]).variables();
    assert_eq!(ended.variables().get("KEY"), Some(&"planted"));
    assert!(!ended.err.contains("planted"), "{}", ended.err);
}

#[test]
fn a_container_has_them_from_its_endpoint() {
    for by_file in [false, true] {
        let stage = Stage::new();
        stage.aws.parameter("/a/X", "1");
        stage.aws.world().container = Some(("ASIATASK", "Bearer planted-token"));
        let mut program = stage.nobody();
        program
            .env("AWS_REGION", "eu-west-3")
            .env("TERRACE_PARAMETERS", "/a/")
            .env("AWS_CONTAINER_CREDENTIALS_FULL_URI", &format!("{}/container", stage.aws.url));
        if by_file {
            let token = stage.file("token", "Bearer planted-token\n");
            program.env("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", token.to_str().unwrap());
        } else {
            program.env("AWS_CONTAINER_AUTHORIZATION_TOKEN", "Bearer planted-token");
        }
        assert_eq!(program.variables().variables().get("X"), Some(&"1"));
        let call = stage.aws.world().seen.last().unwrap().clone();
        assert!(call.headers["authorization"].contains("Credential=ASIATASK/"));
    }
}

/// Over HTTPS the service must be who it says it is.
#[test]
fn a_service_is_verified() {
    let (aws, certificate) = Aws::start_secure();
    aws.parameter("/a/X", "1");
    let stage = Stage { folder: tempfile::tempdir().unwrap(), aws };
    let bundle = stage.file("bundle.pem", &certificate);
    let elsewhere = stage.aws.url.replace("localhost", "127.0.0.1");
    for (bundle, url, code) in
        [(Some(&bundle), &stage.aws.url, 0), (None, &stage.aws.url, 114), (Some(&bundle), &elsewhere, 114)]
    {
        let mut program = stage.program(&json!({"parameters": "/a/", "limit": 1}));
        if let Some(bundle) = bundle {
            program.env("AWS_CA_BUNDLE", bundle.to_str().unwrap());
        }
        let ended = program.env("AWS_ENDPOINT_URL", url).variables();
        assert_eq!(ended.code, Some(code), "{}", ended.err);
        assert_eq!(ended.err.contains("invalid peer certificate"), code != 0, "{}", ended.err);
    }
    let ended = stage.program(&json!({"parameters": "/a/"})).env("AWS_CA_BUNDLE", "/nowhere.pem").variables();
    assert_eq!(ended.code, Some(110), "{}", ended.err);
    assert!(ended.err.contains("AWS_CA_BUNDLE names `/nowhere.pem`, which cannot be read"), "{}", ended.err);
}

/// A task on ECS may be told nothing else.
#[test]
fn the_region_may_stand_in_the_secrets_own_names() {
    let stage = Stage::new();
    let arn = "arn:aws:secretsmanager:ap-south-1:123456789012:secret:items/key-AbCdEf";
    stage.aws.secret(arn, "planted");
    let config = json!({"secrets": {"KEY": {"secret": arn}}});
    let ended = stage.program(&config).env("AWS_REGION", "").variables();
    assert_eq!(ended.variables().get("KEY"), Some(&"planted"));
    let call = stage.aws.world().seen.last().unwrap().clone();
    assert!(call.headers["authorization"].contains("/ap-south-1/secretsmanager/"));
}
