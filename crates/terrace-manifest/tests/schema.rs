//! The editors' schema and the decoder say the same, as far as a schema can.

#![expect(
    clippy::disallowed_methods,
    reason = "cases are files, and an environment variable rewrites what is expected"
)]
#![expect(clippy::unwrap_used, reason = "a test that cannot read its case has failed")]

use std::sync::LazyLock;

use proptest::prelude::*;
use serde_json::Value;
use terrace_manifest::{code, json_schema, parse};

fn schema() -> Value {
    serde_json::from_str(&json_schema()).unwrap()
}

fn as_json(text: &str) -> Option<Value> {
    let table: toml::Table = text.parse().ok()?;
    Some(serde_json::to_value(table).unwrap())
}

/// Codes of what two values say of each other, which no schema sees.
fn is_beyond_schemas(code: terrace_diag::Code) -> bool {
    [code::CONTRADICTION, code::NETWORK, code::SERVES_PROJECT, code::SHADOWED_PAGE].contains(&code)
}

#[test]
fn the_schema_is_a_schema() {
    assert!(jsonschema::meta::is_valid(&schema()));
    assert!(!json_schema().contains("null"), "every default and example is a value");
}

#[test]
fn the_committed_schema_is_the_generated_one() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../schema/terrace.schema.json");
    if std::env::var_os("TERRACE_UPDATE").is_some() {
        std::fs::create_dir_all(concat!(env!("CARGO_MANIFEST_DIR"), "/../../schema")).unwrap();
        std::fs::write(path, json_schema()).unwrap();
    }
    let committed = std::fs::read_to_string(path).unwrap();
    assert!(committed == json_schema(), "schema/terrace.schema.json is stale: TERRACE_UPDATE=1 writes it");
}

#[test]
fn schema_and_decoder_agree_on_every_case() {
    let validator = jsonschema::validator_for(&schema()).unwrap();
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cases");
    let mut judged = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let text = std::fs::read_to_string(&path).unwrap();
        let Some(json) = as_json(&text) else { continue };
        let parsed = parse(&text, None);
        let errors: Vec<_> = parsed
            .diagnostics
            .iter()
            .filter(|d| d.severity() == terrace_diag::Severity::Error && !is_beyond_schemas(d.code()))
            .collect();
        let is_valid = validator.is_valid(&json);
        let said: Vec<String> = validator.iter_errors(&json).map(|e| e.to_string()).collect();
        assert_eq!(is_valid, errors.is_empty(), "{}: schema {said:?}, decoder {errors:?}", path.display());
        judged += 1;
    }
    assert!(judged > 40, "{judged} cases were judged");
}

#[test]
fn the_examples_satisfy_both() {
    let validator = jsonschema::validator_for(&schema()).unwrap();
    let examples = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples");
    let mut judged = 0;
    for example in std::fs::read_dir(examples).unwrap().map(|e| e.unwrap().path()).filter(|p| p.is_dir()) {
        for entry in std::fs::read_dir(&example).unwrap().map(|e| e.unwrap().path()) {
            let name = entry.file_name().unwrap().to_string_lossy().into_owned();
            if !name.starts_with("terrace") || !name.ends_with(".toml") {
                continue;
            }
            let text = std::fs::read_to_string(&entry).unwrap();
            let parsed = parse(&text, None);
            assert!(parsed.diagnostics.is_empty(), "{}: {:?}", entry.display(), parsed.diagnostics);
            assert!(validator.is_valid(&as_json(&text).unwrap()), "{}", entry.display());
            judged += 1;
        }
    }
    assert!(judged >= 2, "{judged} examples were found");
}

/// Where a form is used, as a manifest with a hole.
const HOLES: &[&str] = &[
    "name = {}",
    "region = {}",
    "domain = {}",
    "account = {}",
    "data.migrate = {}",
    "web.root = {}",
    "web.build = {}",
    "app.paths = [{}]",
    "app.health = {}",
    "app.variables.X = {}",
    "app.secrets.X.secret = {}",
    "data.version = {}",
    "data.class = {}",
    "app.machine = {}",
    "app.runtime = {}",
    "app.files = [{}]",
    "alerts.email = {}",
    "network.cidr = {}",
    "network.subnets.app = [{}]",
    "zones = [{}, \"z\"]",
    "zone = {}",
    "app.variables.{} = \"x\"",
    "environments.{}.zones = 3",
];

/// The schema without its complaints about what is missing.
static FORMS: LazyLock<jsonschema::Validator> = LazyLock::new(|| {
    let mut schema = schema();
    schema.as_object_mut().unwrap().remove("required");
    for table in ["web", "app", "data"] {
        let table =
            schema.pointer_mut(&format!("/properties/{table}")).and_then(Value::as_object_mut).unwrap();
        table.remove("required");
        table.remove("anyOf");
    }
    jsonschema::validator_for(&schema).unwrap()
});

fn texts() -> impl Strategy<Value = String> {
    let pieces = prop::sample::select(vec![
        "a",
        "b9",
        "-",
        "--",
        "_",
        ".",
        "..",
        "/",
        "//",
        "*",
        "/*",
        "~",
        ":",
        "C:",
        "1",
        "16",
        "0",
        "00",
        "65535",
        "us",
        "east",
        "us-east-1",
        "123456789012",
        "t3",
        "small",
        "db.",
        "python3.",
        "nodejs",
        "10.0.0.0",
        "255.1.",
        "256.",
        "/16",
        "/24",
        "example.com",
        "api",
        " ",
        "\t",
        "\u{7}",
        "\u{85}",
        "é",
        "日",
        "A",
        "Z",
        "@",
        "+",
        "=",
        "#",
        "\"",
        "\\",
        "<",
        "PORT",
        "DB_HOST",
        "$",
        "%20",
        "?x=1",
        "\n",
        "\u{feff}",
    ]);
    prop::collection::vec(pieces, 0..6).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(20_000) })]

    #[test]
    fn patterns_say_what_the_types_say(hole in prop::sample::select(HOLES.to_vec()), text in texts()) {
        let quoted = Value::String(text.clone()).to_string().replace('\u{7f}', "\\u007f");
        let manifest = hole.replace("{}", &quoted);
        let Some(json) = as_json(&manifest) else { return Ok(()) };
        let decoder = parse(&manifest, None).diagnostics.into_iter().find(|d| {
            [code::INVALID_VALUE, code::RESERVED_NAME].contains(&d.code())
        });
        let schema = &*FORMS;
        let said: Vec<String> = schema.iter_errors(&json).map(|e| e.to_string()).collect();
        prop_assert_eq!(said.is_empty(), decoder.is_none(), "{}: schema {:?}, decoder {:?}", manifest, said, decoder);
    }
}
