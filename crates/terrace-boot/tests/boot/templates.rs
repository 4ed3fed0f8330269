//! Configuration files of programs that read no environment.

use serde_json::{Value, json};

use crate::support::Stage;

#[test]
fn a_parameter_goes_into_a_file_and_a_secret_never() {
    let stage = Stage::new();
    stage.aws.parameter("/items/prod/web/API_HOST", "internal-\"x\".elb");
    stage.aws.secret("s", "planted");
    {
        let sealed = ("planted".to_owned(), "SecureString");
        stage.aws.world().parameters.insert("/items/prod/web/SEALED".to_owned(), sealed);
    }
    let config = json!({"parameters": "/items/prod/web/", "secrets": {"KEY": {"secret": "s"}}});
    let out = stage.folder.path().join("edge.json");
    for (text, code, said) in [
        (r#"{"targets": ["${API_HOST}:80"], "price": "$$1"}"#, 0, ""),
        ("{\n\"key\": \"${KEY}\"}", 117, "line 2: `KEY` is no plain parameter"),
        ("${SEALED}", 117, "`SEALED` is no plain parameter"),
        ("${NOPE}", 117, "there is no parameter `NOPE`"),
    ] {
        let template = stage.file("edge.json.in", text);
        let pair = format!("{}={}", template.display(), out.display());
        let ended =
            stage.program(&config).args(["--template", &pair, "--", "cat", out.to_str().unwrap()]).run();
        assert_eq!(ended.code, Some(code), "{}", ended.err);
        assert!(ended.err.contains(said), "{}", ended.err);
        if code == 0 {
            let value: Value = serde_json::from_str(&ended.out).unwrap();
            assert_eq!(value, json!({"targets": ["internal-\"x\".elb:80"], "price": "$1"}));
        }
    }
    assert!(!std::fs::read_to_string(out).unwrap().contains("planted"));
}
