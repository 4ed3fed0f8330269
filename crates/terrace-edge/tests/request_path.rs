//! The law that the fuzz target `request_path` holds: whatever the bytes, nothing panics, and no file outside of
//! the folder is ever opened. Quickly, with inputs that look like attacks.

use std::fs;
use std::io::Read;
use std::os::unix::fs::symlink;

use proptest::prelude::*;
use terrace_edge::fuzzing::{Outcome, Subject};

/// Pieces that paths out of a folder are made of.
fn piece() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => prop::sample::select(vec![
            "/", "..", ".", "%2e", "%2E%2e", "%2f", "%5c", "\\", "//", "secret", "secret.txt", "up", "out", "in",
            "a", "in.txt", "%00", "%c0%ae", "%252e", "..;", ".env", "?", "#", ":", "@", "~", "%", "*",
        ])
        .prop_map(str::to_owned),
        1 => "[ -~]{0,4}".prop_map(|s: String| s),
        1 => any::<char>().prop_map(|c| c.to_string()),
    ]
}

#[test]
fn no_request_leads_out_of_the_folder() {
    let place = tempfile::tempdir().unwrap();
    fs::write(place.path().join("secret.txt"), "SECRET").unwrap();
    let root = place.path().join("site");
    fs::create_dir_all(root.join("a/up")).unwrap();
    fs::write(root.join("in.txt"), "inside").unwrap();
    fs::write(root.join("a/in.txt"), "inside").unwrap();
    fs::write(root.join(".env"), "SECRET").unwrap();
    symlink("../secret.txt", root.join("out")).unwrap();
    symlink("..", root.join("up")).unwrap();
    let subject = Subject::new(&root).unwrap();
    let opened = std::cell::Cell::new(0_u32);
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig {
        cases: 20_000,
        failure_persistence: None,
        ..ProptestConfig::default()
    });
    let pieces = prop::collection::vec(piece(), 0..8);
    runner
        .run(&(pieces, any::<bool>()), |(pieces, whole)| {
            let path = format!("/{}", pieces.concat());
            let outcome = if whole {
                subject.request(format!("GET {path} HTTP/1.1\r\nHost: x\r\n\r\n").as_bytes())
            } else {
                subject.path(&path)
            };
            if let Outcome::Opened(mut file) = outcome {
                opened.set(opened.get() + 1);
                let mut content = String::new();
                file.read_to_string(&mut content).unwrap();
                prop_assert_eq!(content, "inside", "{}", path);
            }
            Ok(())
        })
        .unwrap();
    assert!(opened.get() > 10, "the pieces open files at all: {}", opened.get());
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let subject = Subject::new(std::path::Path::new("/nonexistent")).unwrap();
        let _ = subject.request(&bytes);
    }
}
