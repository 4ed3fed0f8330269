//! `terrace audit --certificate` and `--check` as a user meets them: every design of `audits` that can be read gets a
//! certificate that holds, and one that was changed is refused.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

fn run(case: &Path, arguments: &[&str]) -> (i32, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_terrace"))
        .arg("audit")
        .args(arguments)
        .current_dir(case)
        .env_clear()
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

fn audits() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/audits")
}

#[test]
fn every_design_that_is_read_gets_a_certificate_that_holds() {
    let folder = tempfile::tempdir().unwrap();
    let mut cases: Vec<PathBuf> =
        std::fs::read_dir(audits()).unwrap().map(|entry| entry.unwrap().path()).collect();
    cases.sort();
    let mut held = 0;
    for case in cases {
        let file = folder.path().join(format!("{}.json", case.file_name().unwrap().display()));
        let file = file.to_str().unwrap();
        let (code, _, said) = run(&case, &["--certificate", file]);
        if code == 64 {
            assert!(!Path::new(file).exists(), "{}: {said}", case.display());
            continue;
        }
        let (code, checked, said) = run(folder.path(), &["--check", file]);
        assert_eq!((code, said.as_str()), (0, ""), "{}: {checked}", case.display());
        assert!(checked.contains(" claims hold, "), "{checked}");
        held += 1;
    }
    assert!(held >= 8, "{held} certificates");
}

#[test]
fn a_certificate_that_was_changed_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("ours.json");
    let name = file.to_str().unwrap();
    assert_eq!(run(&audits().join("own-ec2"), &["--certificate", name]).0, 0);
    let mut certificate: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(&file).unwrap()).unwrap();
    let claims = certificate["claims"].as_array_mut().unwrap();
    let database = claims.iter_mut().filter_map(|claim| claim.get_mut("only_opened_by")).next_back().unwrap();
    database["openers"] = serde_json::json!([]);
    std::fs::write(&file, certificate.to_string()).unwrap();
    let (code, said, _) = run(folder.path(), &["--check", "ours.json"]);
    assert_eq!(code, 1, "{said}");
    insta::assert_snapshot!(said, @"ours.json: a claim about `aws_db_instance.main` is wrong: `aws_autoscaling_group.app` can open a conversation to `aws_db_instance.main`: tcp 10.0.64.4:49152 → 10.0.8.4:5432");

    std::fs::write(&file, "{}").unwrap();
    let (code, _, said) = run(folder.path(), &["--check", "ours.json"]);
    assert_eq!(code, 64, "{said}");
    assert!(said.contains("missing field `version`"), "{said}");
    let (code, _, said) = run(folder.path(), &["--check", "nothing.json"]);
    assert_eq!(code, 64, "{said}");
}
