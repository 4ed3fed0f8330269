//! The exports of the examples, to the byte, reviewed like code.
//!
//! `tests/golden/NAME/` holds the files; its `from` names the manifest, from the root of the repository, and an
//! environment if one is meant. A second line `apart` means what a deployment applies, with the foundation apart: kept are
//! the files that differ from the export's. Dropping in a folder with a `from` adds a case; `TERRACE_UPDATE=1` writes the
//! files anew, to be read in the diff.

#![expect(clippy::disallowed_methods, reason = "cases are files, and an environment variable rewrites them")]
#![expect(clippy::panic, reason = "a test that cannot go on fails")]
#![expect(clippy::unwrap_used, reason = "a test that cannot read its case has failed")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use terrace_aws::Foundation;

fn exported(manifest: &Path, environment: Option<&str>, on: Foundation) -> BTreeMap<String, String> {
    let text = std::fs::read_to_string(manifest).unwrap();
    let parsed = terrace_manifest::parse(&text, environment);
    let topology = parsed.topology.unwrap_or_else(|| panic!("{manifest:?}: {:#?}", parsed.diagnostics));
    let design =
        terrace_aws::lower_on(&topology, on).unwrap_or_else(|refusals| panic!("{manifest:?}: {refusals:#?}"));
    let files = terrace_terraform::emit(&design).unwrap();
    files.into_iter().map(|(name, text)| (name.to_string(), text)).collect()
}

fn kept(folder: &Path) -> BTreeMap<String, PathBuf> {
    std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "tf"))
        .map(|path| (path.file_name().unwrap().to_str().unwrap().to_owned(), path))
        .collect()
}

#[test]
fn exports_are_what_was_reviewed() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let root = here.join("../..");
    let update = std::env::var_os("TERRACE_UPDATE").is_some();
    let mut wrong = Vec::new();
    let mut cases = 0;
    for entry in std::fs::read_dir(here.join("tests/golden")).unwrap() {
        let folder = entry.unwrap().path();
        cases += 1;
        let from = std::fs::read_to_string(folder.join("from")).unwrap();
        let (first, more) = from.split_once('\n').unwrap();
        let mut words = first.split_whitespace();
        let (manifest, environment) = (root.join(words.next().unwrap()), words.next());
        let mut files = exported(&manifest, environment, Foundation::Within);
        if more.trim() == "apart" {
            let within = files;
            files = exported(&manifest, environment, Foundation::Apart);
            assert!(within.keys().all(|name| files.contains_key(name) || name == "variables.tf"));
            files.retain(|name, text| within.get(name) != Some(text));
        }
        let exported = files;
        let kept = kept(&folder);
        if update {
            kept.values().for_each(|path| std::fs::remove_file(path).unwrap());
            exported.iter().for_each(|(name, text)| std::fs::write(folder.join(name), text).unwrap());
            continue;
        }
        let names: Vec<&String> = kept.keys().collect();
        assert_eq!(names, exported.keys().collect::<Vec<_>>(), "{}: the files", folder.display());
        for (name, text) in &exported {
            let there = std::fs::read_to_string(folder.join(name)).unwrap();
            if there != *text {
                let line = there.lines().zip(text.lines()).position(|(a, b)| a != b);
                let line = line.unwrap_or_else(|| there.lines().count().min(text.lines().count()));
                wrong.push(format!(
                    "{name} of {}, line {}:\n- {}\n+ {}",
                    folder.display(),
                    line + 1,
                    there.lines().nth(line).unwrap_or("(end)"),
                    text.lines().nth(line).unwrap_or("(end)")
                ));
            }
        }
    }
    assert!(cases >= 3, "{cases} golden exports were found");
    assert!(wrong.is_empty(), "{}\nTERRACE_UPDATE=1 writes them anew; read the diff", wrong.join("\n"));
}
