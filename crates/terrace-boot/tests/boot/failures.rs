//! Every way not to start: its exit code, and one line that helps.

use serde_json::{Value, json};

use crate::support::{Ended, Fault, Program, Stage};

const DENIED: Fault = Fault {
    status: 400,
    kind: "AccessDeniedException",
    message: "User: arn:aws:sts::1:assumed-role/app/i-1 is not authorized to perform: ssm:GetParametersByPath on \
              resource: arn:aws:ssm:eu-central-1:1:parameter/a/ because no identity-based policy allows it",
};
const NO_KEY: Fault = Fault {
    status: 400,
    kind: "AccessDeniedException",
    message: "User: arn:aws:sts::1:assumed-role/app/i-1 is not authorized to perform: kms:Decrypt on resource: \
              arn:aws:kms:eu-central-1:1:key/k because no resource-based policy allows it",
};
const BUSY: Fault = Fault { status: 400, kind: "ThrottlingException", message: "Rate exceeded" };
const SKEWED: Fault = Fault { status: 400, kind: "InvalidSignatureException", message: "Signature expired" };

struct Case {
    what: &'static str,
    config: Value,
    set: fn(&Stage, &mut Program),
    code: i32,
    said: &'static [&'static str],
}

fn case(
    what: &'static str,
    config: Value,
    set: fn(&Stage, &mut Program),
    code: i32,
    said: &'static [&'static str],
) -> Case {
    Case { what, config, set, code, said }
}

fn nothing(_: &Stage, _: &mut Program) {}

#[test]
fn each_is_told_in_one_line_with_its_own_code() {
    let parameters = || json!({"parameters": "/a/"});
    let secret = || json!({"secrets": {"KEY": {"secret": "s", "key": "k"}}});
    let database = |ca: &str| {
        json!({"database": {
            "engine": "postgres", "host": "db", "port": 5432, "name": "d", "secret": "s", "ca": ca,
        }})
    };
    let cases = [
        case(
            "a permission is missing",
            parameters(),
            |stage, _| stage.aws.fault("AmazonSSM.GetParametersByPath", DENIED),
            112,
            &["ssm:GetParametersByPath on /a/ is denied", "`arn:aws:ssm:eu-central-1:1:parameter/a/`"],
        ),
        case(
            "the key of a secret may not be used",
            secret(),
            |stage, _| stage.aws.fault("secretsmanager.GetSecretValue", NO_KEY),
            112,
            &["the secret `s` is denied", "allow `kms:Decrypt` on `arn:aws:kms:eu-central-1:1:key/k`"],
        ),
        case("a secret is not there", secret(), nothing, 113, &["the secret `s` is not there"]),
        case(
            "a secret has no such key",
            secret(),
            |stage, _| stage.aws.secret("s", r#"{"other": "planted"}"#),
            113,
            &["the secret `s` has no key `k`"],
        ),
        case(
            "a secret is no object",
            secret(),
            |stage, _| stage.aws.secret("s", "planted"),
            113,
            &["the secret `s` is no JSON object"],
        ),
        case(
            "static credentials have expired",
            parameters(),
            |stage, _| {
                stage.aws.world().expired.insert("AKIAPLANTED".to_owned());
            },
            111,
            &["the credentials have expired"],
        ),
        case(
            "half of the credentials is missing",
            parameters(),
            |_, program| {
                program.env("AWS_SECRET_ACCESS_KEY", "");
            },
            111,
            &["AWS_SECRET_ACCESS_KEY is not"],
        ),
        case(
            "the instance has no profile",
            parameters(),
            |_, program| {
                program.env("AWS_ACCESS_KEY_ID", "");
            },
            111,
            &["the instance has no profile"],
        ),
        case(
            "the container may not ask there",
            parameters(),
            |_, program| {
                program
                    .env("AWS_ACCESS_KEY_ID", "")
                    .env("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://credentials.example/x");
            },
            111,
            &["over http only"],
        ),
        case(
            "the clock is wrong",
            parameters(),
            |stage, _| stage.aws.fault("AmazonSSM.GetParametersByPath", SKEWED),
            111,
            &["clock"],
        ),
        case(
            "AWS stays busy",
            json!({"parameters": "/a/", "limit": 1}),
            |stage, _| (0..200).for_each(|_| stage.aws.fault("AmazonSSM.GetParametersByPath", BUSY)),
            114,
            &["within 1 s", "ThrottlingException: Rate exceeded"],
        ),
        case(
            "nobody listens",
            json!({"parameters": "/a/", "limit": 1}),
            |_, program| {
                program.env("AWS_ENDPOINT_URL", "http://127.0.0.1:1");
            },
            114,
            &["http://127.0.0.1:1/ cannot be reached", "VPC endpoint"],
        ),
        case(
            "no certificates",
            database("/nowhere/ca.pem"),
            nothing,
            115,
            &["`/nowhere/ca.pem`", "truststore.pki.rds.amazonaws.com"],
        ),
        case(
            "no TLS to a database elsewhere",
            json!({"database": {
                "engine": "postgres", "host": "db", "port": 1, "name": "d", "secret": "s", "tls": false,
            }}),
            nothing,
            110,
            &["`tls` cannot be off"],
        ),
        case(
            "a parameter that becomes no variable",
            parameters(),
            |stage, _| stage.aws.parameter("/a/log-level", "planted"),
            116,
            &["the parameter `/a/log-level`", "no name of a variable"],
        ),
        case(
            "a name that is given twice",
            json!({"parameters": "/a/", "secrets": {"KEY": {"secret": "s"}}}),
            |stage, _| {
                stage.aws.parameter("/a/KEY", "planted");
                stage.aws.secret("s", "planted");
            },
            116,
            &["`KEY` is given twice: by the parameter `/a/KEY` and by the secret `s`"],
        ),
        case(
            "a configuration that is none",
            json!({"secret": {}}),
            nothing,
            110,
            &["unknown field `secret`"],
        ),
    ];
    for Case { what, config, set, code, said } in cases {
        let stage = Stage::new();
        let mut program = stage.program(&config);
        set(&stage, &mut program);
        let ended = program.variables();
        expect(what, &ended, code, said);
    }
}

fn expect(what: &str, ended: &Ended, code: i32, said: &[&str]) {
    assert_eq!((ended.code, ended.out.as_str()), (Some(code), ""), "{what}: {}", ended.err);
    assert_eq!(ended.err.lines().count(), 1, "{what}: {}", ended.err);
    for text in said {
        assert!(ended.err.contains(text), "{what}: {text} not in {}", ended.err);
    }
    assert!(!ended.err.contains("planted"), "{what}: {}", ended.err);
}

#[test]
fn the_database_needs_a_login_in_its_secret() {
    let stage = Stage::new();
    stage.aws.secret("s", r#"{"user": "planted", "password": "planted"}"#);
    let config = json!({"database": {
        "engine": "postgres", "host": "127.0.0.1", "port": 5432, "name": "d", "secret": "s", "tls": false,
    }});
    let ended = stage.program(&config).variables();
    expect("no username", &ended, 116, &["the secret `s` is no JSON with `username` and `password`"]);
}

#[test]
fn commands_that_cannot_be_run_are_told_as_shells_tell_them() {
    let stage = Stage::new();
    let plain = stage.file("plain", "text");
    for (command, code) in [("/nowhere/app", 127), (plain.to_str().unwrap(), 126)] {
        let ended = stage.nobody().args(["--quiet", "--", command]).run();
        expect(command, &ended, code, &[command]);
    }
}

#[test]
fn arguments_that_are_not_understood_are_named() {
    let stage = Stage::new();
    for (args, said) in [
        (&[][..], "there is no command"),
        (&["app"][..], "`app` is not understood"),
        (&["--config"][..], "--config"),
        (&["--template", "x", "--", "app"][..], "expected IN=OUT"),
        (&["--shell", "a", "b"][..], "the line is one argument"),
        (&["--"][..], "something is expected after it"),
        (&["--config", "/nowhere/boot.json", "--", "app"][..], "`/nowhere/boot.json` cannot be read"),
    ] {
        let ended = stage.nobody().args(args.iter().copied()).run();
        expect(&format!("{args:?}"), &ended, 110, &[said]);
    }
}
