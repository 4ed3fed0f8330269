//! Expressions of `tests/found/expressions`, each with the JSON of its value after `=> `.
//!
//! What stands there is what Terraform says: `TERRACE_UPDATE=1` asks it anew. `ERROR` is what it refuses; a value that we
//! do not tell although Terraform does is marked `=> … (not told)`, so that nobody takes it for a success.

use std::path::Path;
use std::process::Command;

use serde_json::Value as Printed;
use terrace_aws::inventory::{ItemId, Tree};
use terrace_aws::{Json, Value};
use terrace_terraform::found::{Given, folder};

const REFUSED: &str = "ERROR";
const NOT_TOLD: &str = " (not told)";

struct Case {
    expression: String,
    expected: String,
}

fn files() -> Vec<(std::path::PathBuf, Vec<Case>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/found/expressions");
    let mut all: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    all.sort();
    all.into_iter().map(|path| (path.clone(), read(&std::fs::read_to_string(path).unwrap()))).collect()
}

/// An expression ends with its value, or with an empty line outside of a heredoc.
fn read(text: &str) -> Vec<Case> {
    let mut all = Vec::new();
    let mut lines: Vec<&str> = Vec::new();
    let mut flush = |lines: &mut Vec<&str>, expected: &str| {
        let expression = lines.join("\n");
        if !expression.trim().is_empty() {
            all.push(Case {
                expression: expression.trim_matches('\n').to_owned(),
                expected: expected.to_owned(),
            });
        }
        lines.clear();
    };
    for line in text.lines() {
        let begun = lines.iter().filter(|line| line.contains("<<")).count();
        let heredoc = begun > lines.iter().filter(|line| line.trim() == "EOT").count();
        if let Some(expected) = line.strip_prefix("=> ") {
            flush(&mut lines, expected);
        } else if line.is_empty() && !heredoc {
            flush(&mut lines, "");
        } else {
            lines.push(line);
        }
    }
    flush(&mut lines, "");
    all
}

fn outputs(cases: &[Case]) -> String {
    let one = |(at, case): (usize, &Case)| {
        format!(
            "locals {{\n  e{at} = try(jsonencode({}\n  ), \"{REFUSED}\")\n}}\noutput \"e{at}\" {{\n  value = local.e{at}\n}}\n",
            case.expression
        )
    };
    cases.iter().enumerate().map(one).collect()
}

/// What we say of each; none where we do not tell.
fn ours(cases: &[Case]) -> Vec<Option<String>> {
    let mut tree = Tree::new();
    tree.insert("main.tf", outputs(cases));
    let all = folder(&tree, "", &Given::default()).unwrap_or_else(|found| {
        panic!("{:?}", found.iter().map(|one| one.message().to_owned()).collect::<Vec<_>>())
    });
    let said = |at: usize| {
        let item = all.get(&ItemId::new("terraform_output", format!("output.e{at}"))).unwrap();
        match item.record.get("value")? {
            Value::Json(json) => Some(json_text(json)?.to_string()),
            Value::Text(text) => Some(text.literal()?.to_owned()),
            _ => None,
        }
    };
    (0..cases.len()).map(said).collect()
}

fn json_text(json: &Json) -> Option<Printed> {
    Some(match json {
        Json::Null => Printed::Null,
        Json::Bool(is) => Printed::from(*is),
        Json::Int(number) => Printed::from(*number),
        Json::Text(text) => Printed::from(text.literal()?),
        Json::List(items) => Printed::Array(items.iter().map(json_text).collect::<Option<_>>()?),
        Json::Object(fields) => Printed::Object(
            fields.iter().map(|(key, item)| Some((key.clone(), json_text(item)?))).collect::<Option<_>>()?,
        ),
    })
}

/// An inventory's JSON has whole numbers only; others are texts there.
fn same(ours: &str, expected: &str) -> bool {
    fn plain(value: Printed) -> Printed {
        match value {
            Printed::Number(number) if number.as_i64().is_none() => Printed::from(number.to_string()),
            Printed::Array(items) => items.into_iter().map(plain).collect(),
            Printed::Object(fields) => fields.into_iter().map(|(key, item)| (key, plain(item))).collect(),
            other => other,
        }
    }
    match (serde_json::from_str(ours), serde_json::from_str(expected)) {
        (Ok(a), Ok(b)) => plain(a) == plain(b),
        _ => ours == expected,
    }
}

#[test]
fn expressions_have_the_values_that_terraform_gives_them() {
    let mut wrong = Vec::new();
    for (path, cases) in files() {
        for (case, ours) in cases.iter().zip(ours(&cases)) {
            let fits = match (ours.as_deref(), case.expected.strip_suffix(NOT_TOLD)) {
                (None, Some(_)) => true,
                (Some(ours), None) => same(ours, &case.expected),
                _ => false,
            };
            if !fits {
                let ours = ours.unwrap_or_else(|| "nothing".to_owned());
                wrong.push(format!("{}\n  {}\n  we say {ours}", case.expression, case.expected));
            }
        }
        assert!(!cases.is_empty(), "{} has no expressions", path.display());
    }
    assert!(wrong.is_empty(), "{} differ:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn what_is_written_there_is_what_terraform_says() {
    use std::io::Write as _;

    if !Command::new("terraform").arg("version").output().is_ok_and(|output| output.status.success()) {
        let line = "\nSKIPPED: the values of expressions: there is no `terraform` on the PATH\n";
        drop(std::io::stderr().write_all(line.as_bytes()));
        return;
    }
    for (path, cases) in files() {
        let said = terraforms(&cases);
        if std::env::var_os("TERRACE_UPDATE").is_some() {
            let marked = cases.iter().zip(&said).zip(ours(&cases)).map(|((case, said), ours)| {
                let mark = if ours.is_none() { NOT_TOLD } else { "" };
                format!("{}\n=> {said}{mark}\n", case.expression)
            });
            std::fs::write(path, marked.collect::<Vec<_>>().join("\n")).unwrap();
            continue;
        }
        for (case, said) in cases.iter().zip(&said) {
            assert_eq!(said, case.expected.trim_end_matches(NOT_TOLD), "{}", case.expression);
        }
    }
}

fn terraforms(cases: &[Case]) -> Vec<String> {
    let folder = tempfile::TempDir::new().unwrap();
    let run = |arguments: &[&str]| {
        let mut command = Command::new("terraform");
        command.args(arguments).arg("-no-color").current_dir(folder.path());
        // No settings of this machine.
        command.env("TF_CLI_CONFIG_FILE", folder.path().join("terraform.rc"));
        command.env("CHECKPOINT_DISABLE", "1").env("TF_IN_AUTOMATION", "1");
        let output = command.output().unwrap();
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        (output.status.success(), said, String::from_utf8_lossy(&output.stderr).into_owned())
    };
    std::fs::write(folder.path().join("terraform.rc"), "").unwrap();
    std::fs::write(folder.path().join("main.tf"), outputs(cases)).unwrap();
    let (done, said, wrong) = run(&["apply", "-auto-approve", "-input=false"]);
    assert!(done, "{said}{wrong}");
    let (_, said, _) = run(&["output", "-json"]);
    let said: Printed = serde_json::from_str(&said).unwrap();
    let one = |at: usize| {
        said.get(format!("e{at}")).and_then(|output| output.get("value")?.as_str().map(str::to_owned))
    };
    (0..cases.len()).map(|at| one(at).unwrap_or_else(|| REFUSED.to_owned())).collect()
}
