//! `terrace audit` as a user meets it: each folder of `audits` that has an `expected.txt` is audited where it lies, and what
//! is said and the exit code are compared. `command.txt` gives arguments, one line a run; without it, it is one run without any.
//! `TERRACE_UPDATE=1` writes what is said; a new folder needs an empty `expected.txt`.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

fn cases() -> Vec<PathBuf> {
    let all = std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/audits")).unwrap();
    let mut cases: Vec<PathBuf> = all.map(|entry| entry.unwrap().path()).collect();
    cases.retain(|case| case.join("expected.txt").is_file());
    cases.sort();
    cases
}

fn shown(case: &Path) -> String {
    let lines = std::fs::read_to_string(case.join("command.txt")).unwrap_or_else(|_| "\n".to_owned());
    let mut all = String::new();
    for line in lines.lines() {
        let output = Command::new(env!("CARGO_BIN_EXE_terrace"))
            .arg("audit")
            .args(line.split_whitespace())
            .current_dir(case)
            .env_clear()
            .stdin(Stdio::null())
            .output()
            .unwrap();
        let _ = writeln!(all, "$ terrace audit {line}");
        all.push_str(&String::from_utf8(output.stdout).unwrap());
        all.push_str(&String::from_utf8(output.stderr).unwrap());
        let _ = writeln!(all, "exit code: {}\n", output.status.code().unwrap());
    }
    all
}

#[test]
fn each_design_gets_its_report() {
    let update = std::env::var_os("TERRACE_UPDATE").is_some();
    let mut wrong = Vec::new();
    for case in cases() {
        let (said, file) = (shown(&case), case.join("expected.txt"));

        let expected = std::fs::read_to_string(&file).unwrap();
        if update {
            std::fs::write(&file, &said).unwrap();
        } else if said != expected {
            wrong.push(format!(
                "----- {} says\n{said}----- and was expected to say\n{expected}",
                case.display()
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(cases().len() >= 8, "the cases are gone");
}
