//! Whatever bytes a client sends, nothing panics, and no file outside of the folder is opened.
//! Run with `cargo +nightly fuzz run request_path`.
#![no_main]

use std::fs;
use std::io::Read;
use std::os::unix::fs::symlink;
use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use terrace_edge::fuzzing::{Outcome, Subject};

static SUBJECT: LazyLock<(tempfile::TempDir, Subject)> = LazyLock::new(|| {
    let place = tempfile::tempdir().expect("a temporary folder");
    fs::write(place.path().join("secret.txt"), "SECRET").expect("a file");
    let root = place.path().join("site");
    fs::create_dir_all(root.join("a")).expect("a folder");
    fs::write(root.join("index.html"), "inside").expect("a file");
    fs::write(root.join("a/b.txt"), "inside").expect("a file");
    fs::write(root.join(".env"), "SECRET").expect("a file");
    symlink("../secret.txt", root.join("out")).expect("a link");
    symlink("..", root.join("up")).expect("a link");
    let subject = Subject::new(&root).expect("a subject");
    (place, subject)
});

fn judge(outcome: Outcome) {
    if let Outcome::Opened(mut file) = outcome {
        let mut content = String::new();
        file.read_to_string(&mut content).expect("a readable file");
        assert_eq!(content, "inside");
    }
}

fuzz_target!(|bytes: &[u8]| {
    judge(SUBJECT.1.request(bytes));
    if let Ok(path) = std::str::from_utf8(bytes) {
        judge(SUBJECT.1.path(path));
        judge(SUBJECT.1.request(format!("GET /{path} HTTP/1.1\r\nHost: x\r\n\r\n").as_bytes()));
    }
});
