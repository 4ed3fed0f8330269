//! Cases, a file each: what is given, a line, what is told. `TERRACE_UPDATE=1` writes what is told now.

use std::path::Path;
use std::{env, fs};

const LINE: &str = "\n---\n";

/// Plays each file of a folder beside this one, and compares what is told.
pub(crate) async fn each(folder: &str, play: impl AsyncFn(&str) -> String) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/machines").join(folder);
    let mut files: Vec<_> = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    assert!(!files.is_empty());
    for path in files {
        let text = fs::read_to_string(&path).unwrap();
        let (given, expected) = text.split_once(LINE).unwrap_or((text.trim_end(), ""));
        let now = play(given).await + "\n";
        if env::var_os("TERRACE_UPDATE").is_some() {
            fs::write(&path, format!("{given}{LINE}{now}")).unwrap();
        } else {
            assert_eq!(now, expected, "{}", path.display());
        }
    }
}
