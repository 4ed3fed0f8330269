//! Every file in `tests/rules/cases` is a design in Terraform and, in its last lines (`#~`), what is found in it.
//!
//! Dropping a file in adds a case. With `TERRACE_UPDATE=1` the expectations are written anew, to be read in the diff.
//! A first line `#@ RULE, RULE` says which rules are asked; without it, all are.

use std::path::PathBuf;

use crate::{own, words};

const MARK: &str = "#~";

fn told(text: &str) -> String {
    let asked: Option<Vec<&str>> =
        text.lines().next().and_then(|line| line.strip_prefix("#@ ")).map(|line| line.split(", ").collect());
    let found = own::found(&words::terraform(text));
    let of_asked = |name: &str| asked.as_ref().is_none_or(|asked| asked.contains(&name));
    found
        .iter()
        .filter(|one| of_asked(one.rule.name.as_str()))
        .map(|one| format!("{MARK} {}\n", own::line(one)))
        .collect()
}

#[test]
fn every_case_says_what_is_expected() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/rules/cases");
    let mut files: Vec<PathBuf> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    assert!(files.len() >= 8, "{} cases were found", files.len());
    let mut wrong = String::new();
    for path in files {
        let text = std::fs::read_to_string(&path).unwrap();
        let lines = |marked: bool| -> String {
            text.lines()
                .filter(|line| line.starts_with(MARK) == marked)
                .map(|line| format!("{line}\n"))
                .collect()
        };
        let (design, expected) = (lines(false), lines(true));
        let said = told(&design);
        if said == expected {
            continue;
        }
        if std::env::var_os("TERRACE_UPDATE").is_some() {
            std::fs::write(&path, design + &said).unwrap();
        } else {
            wrong += &format!("== {}\n-- expected\n{expected}-- said\n{said}", path.display());
        }
    }
    assert!(wrong.is_empty(), "{wrong}\nTERRACE_UPDATE=1 writes the expectations anew");
}

#[test]
fn no_value_of_a_secret_is_ever_told() {
    let design = include_str!("cases/secrets.tf");
    let told = format!("{:#?}", own::found(&words::terraform(design)));
    let secrets = [
        "tok-live-82hd72hs",
        "9f8e7d6c5b4a3210",
        "s3cr3t-of-npm",
        "hunter2x",
        "0123456789abcdefghij",
        "2093847561",
    ];
    for secret in secrets {
        assert!(design.contains(secret), "{secret} is not in the case");
        assert!(!told.contains(secret.get(2..7).unwrap()), "{secret} is told");
    }
}
