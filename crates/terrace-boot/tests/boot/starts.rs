//! What the application finds, and that nobody else does.

use serde_json::json;

use crate::support::{Fault, Stage};

/// A file with a certificate in it.
pub(crate) fn bundle(stage: &Stage) -> String {
    let made = rcgen::generate_simple_self_signed(vec!["rds".to_owned()]).unwrap();
    stage.file("rds-ca.pem", &made.cert.pem()).to_str().unwrap().to_owned()
}

#[test]
fn the_application_finds_parameters_secrets_the_database_and_where_to_listen() {
    let stage = Stage::new();
    // Three pages of them.
    for number in 0..23 {
        stage.aws.parameter(&format!("/items/prod/app/P{number}"), &format!("value {number} = é\n\"'$x"));
    }
    stage.aws.parameter("/items/prod/app/deeper/P99", "not directly below");
    stage.aws.parameter("/items/prod/application", "elsewhere");
    stage.aws.secret("items/session", "planted-session-key");
    stage.aws.secret("items/mail", r#"{"api_key": "planted-mail-key", "port": 25}"#);
    stage.aws.secret("rds", r#"{"username": "items", "password": "planted p@ss/word"}"#);
    let ca = bundle(&stage);
    let config = json!({
        "parameters": "/items/prod/app/",
        "secrets": {
            "SESSION_KEY": {"secret": "items/session"},
            "MAIL_KEY": {"secret": "items/mail", "key": "api_key"},
            "MAIL_PORT": {"secret": "items/mail", "key": "port"},
        },
        "database": {
            "engine": "postgres", "host": "db.internal", "port": 5432, "name": "items", "secret": "rds", "ca": ca,
        },
        "port": 8000,
    });
    let ended = stage.program(&config).env("KEPT", "yes").variables();
    let found = ended.variables();
    for number in 0..23 {
        assert_eq!(found[format!("P{number}").as_str()], format!("value {number} = é\n\"'$x"));
    }
    let url = format!(
        "postgres://items:planted%20p%40ss%2Fword@db.internal:5432/items?sslmode=verify-full&sslrootcert={ca}"
    );
    for (name, value) in [
        ("SESSION_KEY", "planted-session-key"),
        ("MAIL_KEY", "planted-mail-key"),
        ("MAIL_PORT", "25"),
        ("DB_HOST", "db.internal"),
        ("DB_PORT", "5432"),
        ("DB_NAME", "items"),
        ("DB_USER", "items"),
        ("DB_PASSWORD", "planted p@ss/word"),
        ("DB_CA", &ca),
        ("DATABASE_URL", &url),
        ("HOST", "0.0.0.0"),
        ("PORT", "8000"),
        ("KEPT", "yes"),
    ] {
        assert_eq!(found.get(name), Some(&value), "{name}");
    }
    assert!(!found.contains_key("P99") && !found.contains_key("TERRACE_LIMIT"), "{found:?}");
    let seen = stage.aws.world().seen.clone();
    let secrets = seen.iter().filter(|seen| seen.target() == "secretsmanager.GetSecretValue");
    assert_eq!(secrets.count(), 3, "each secret is asked for once");

    // Names are said, values never; and nothing was written.
    assert!(ended.err.contains("MAIL_KEY") && !ended.err.contains("planted"), "{}", ended.err);
    let files: Vec<_> = std::fs::read_dir(stage.folder.path()).unwrap().map(|f| f.unwrap().path()).collect();
    assert_eq!(files.len(), 2, "{files:?}");
    for file in files {
        assert!(!std::fs::read_to_string(file).unwrap().contains("planted"));
    }
}

#[test]
fn a_container_is_configured_by_its_environment() {
    let stage = Stage::new();
    stage.aws.parameter("/items/prod/app/LOG_LEVEL", "info");
    stage.aws.parameter("/items/prod/app/HOST", "10.0.0.7");
    stage.aws.secret("s", "planted");
    stage.aws.secret("rds", r#"{"username": "u", "password": "planted"}"#);
    let ca = bundle(&stage);
    let database =
        json!({"engine": "mysql", "host": "db", "port": 3306, "name": "items", "secret": "rds", "ca": ca});
    let ended = stage
        .bare()
        .env("TERRACE_PARAMETERS", "/items/prod/app/")
        .env("TERRACE_SECRETS", r#"{"KEY": {"secret": "s"}}"#)
        .env("TERRACE_DATABASE", &database.to_string())
        .env("PORT", "8080")
        .variables();
    let found = ended.variables();
    let url = format!("mysql://u:planted@db:3306/items?ssl-mode=VERIFY_IDENTITY&ssl-ca={ca}");
    for (name, value) in [
        ("LOG_LEVEL", "info"),
        ("HOST", "10.0.0.7"),
        ("PORT", "8080"),
        ("KEY", "planted"),
        ("DATABASE_URL", &url),
    ] {
        assert_eq!(found.get(name), Some(&value), "{name}");
    }
    assert!(found.keys().all(|name| !name.starts_with("TERRACE_")), "{found:?}");
}

#[test]
fn plain_settings_come_with_the_release() {
    let stage = Stage::new();
    stage.aws.secret("s", "planted");
    let level = "with \"quotes\", é and\nlines";
    let settings = json!({"LOG_LEVEL": level, "HOST": "10.0.0.7", "EMPTY": ""});
    let file = stage.file("settings.json", &settings.to_string());
    let secrets = json!({"KEY": {"secret": "s"}});
    let on_a_machine =
        stage.program(&json!({"settings": file, "secrets": secrets, "port": 8000})).variables();
    let in_a_container = stage
        .bare()
        .env("TERRACE_SETTINGS", &settings.to_string())
        .env("TERRACE_SECRETS", &secrets.to_string())
        .env("PORT", "8000")
        .env("HOST", "0.0.0.0")
        .env("LOG_LEVEL", "the task definition's own")
        .variables();
    for ended in [on_a_machine, in_a_container] {
        let found = ended.variables();
        for (name, value) in
            [("LOG_LEVEL", level), ("HOST", "10.0.0.7"), ("EMPTY", ""), ("PORT", "8000"), ("KEY", "planted")]
        {
            assert_eq!(found.get(name), Some(&value), "{name}");
        }
        assert!(found.keys().all(|name| !name.starts_with("TERRACE_")), "{found:?}");
    }
}

#[test]
fn what_the_release_and_a_parameter_or_secret_both_give_is_refused() {
    let stage = Stage::new();
    stage.aws.parameter("/items/prod/app/LOG_LEVEL", "info");
    stage.aws.secret("s", "planted");
    let file = stage.file("settings.json", r#"{"LOG_LEVEL": "debug", "KEY": "k"}"#);
    for (config, other) in [
        (
            json!({"settings": file, "parameters": "/items/prod/app/"}),
            "parameter `/items/prod/app/LOG_LEVEL`",
        ),
        (json!({"settings": file, "secrets": {"KEY": {"secret": "s"}}}), "secret `s`"),
    ] {
        let ended = stage.program(&config).variables();
        assert_eq!(ended.out, "");
        assert!(ended.err.contains("is given twice") && ended.err.contains(other), "{}", ended.err);
    }
}

#[test]
fn with_nothing_to_read_nobody_is_asked() {
    let stage = Stage::new();
    let ended = stage.nobody().args(["--quiet", "--shell", "echo \"on $HOST\"; exit 7"]).run();
    assert_eq!((ended.code, ended.out.as_str(), ended.err.as_str()), (Some(7), "on 0.0.0.0", ""));
    assert!(stage.aws.world().seen.is_empty());
}

#[test]
fn it_becomes_the_command() {
    let stage = Stage::new();
    stage.aws.secret("s", "planted-value");
    let config = json!({"secrets": {"KEY": {"secret": "s"}}});
    let app = stage.file("app", "echo $$; read never");
    let line = format!("sh {}", app.display());
    let started = stage.program(&config).args(["--shell", &line]).start();
    assert_eq!(started.line(), started.pid().to_string(), "nothing stays in between");
    let ended = started.ended();
    assert!(!ended.err.contains("planted"), "{}", ended.err);
}

#[test]
fn it_waits_while_aws_is_busy() {
    let stage = Stage::new();
    stage.aws.parameter("/a/X", "1");
    for kind in ["ThrottlingException", "InternalServerError"] {
        let status = if kind == "ThrottlingException" { 400 } else { 500 };
        stage.aws.fault("AmazonSSM.GetParametersByPath", Fault { status, kind, message: "Rate exceeded" });
    }
    let ended = stage.program(&json!({"parameters": "/a/"})).variables();
    assert_eq!(ended.variables().get("X"), Some(&"1"));
    assert_eq!(stage.aws.world().seen.len(), 3);
}

#[test]
fn credentials_may_come_through_a_pipe() {
    use std::io::Write;
    use std::process::{Command, Stdio};

    let stage = Stage::new();
    stage.aws.secret("s", "planted");
    let config = json!({
        "region": "local", "endpoint": stage.aws.url, "host": "127.0.0.1",
        "credentials": {"access_key_id": "AKIAPLANTED", "secret_access_key": "planted-secret-access-key"},
        "secrets": {"KEY": {"secret": "s"}},
    });
    let mut child = Command::new(env!("CARGO_BIN_EXE_terrace-boot"))
        .args(["--quiet", "--config", "-", "--shell", "cat; env"])
        .env_clear()
        .env("PATH", "/usr/bin:/bin")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(config.to_string().as_bytes()).unwrap();
    let out = String::from_utf8(child.wait_with_output().unwrap().stdout).unwrap();
    assert!(out.contains("KEY=planted\n") && out.contains("HOST=127.0.0.1\n"), "{out}");
    assert!(!out.contains("AKIA") && !out.contains("access"), "{out}");
}
