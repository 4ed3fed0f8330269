//! The folder that the cases ask for, with everything in it that must never be served.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, SystemTime};

/// When every file in it was last changed: Thu, 01 Jan 2026 00:00:00 GMT.
pub(crate) const MODIFIED: Duration = Duration::from_secs(1_767_225_600);

/// A folder with a secret beside it.
pub(crate) struct Folder {
    place: tempfile::TempDir,
}

impl Folder {
    /// Writes it.
    pub(crate) fn new() -> Self {
        let this = Self { place: tempfile::tempdir().unwrap() };
        fs::write(this.place.path().join("secret.txt"), "SECRET").unwrap();
        let script = "export const answer = 42; // a line that repeats itself\n".repeat(40);
        for (name, content) in [
            ("index.html", "<!doctype html><title>page</title>\n".to_owned()),
            ("hello.txt", "hello, world\n".to_owned()),
            ("probe.txt", "PROBE".to_owned()),
            ("empty.txt", String::new()),
            ("sp ace.txt", "space".to_owned()),
            ("sub/index.html", "<!doctype html><title>sub</title>\n".to_owned()),
            ("bare/file.txt", "bare".to_owned()),
            ("assets/app-BhX3f9a1.js", script.clone()),
            ("assets/plain.js", script.clone()),
            ("ahead.js", script),
            ("ahead.js.br", "BROTLI".to_owned()),
            ("ahead.js.gz", "GZIP".to_owned()),
            (".env", "SECRET".to_owned()),
            (".git/config", "SECRET".to_owned()),
            (".well-known/security.txt", "contact".to_owned()),
            ("big.bin", "0123456789abcdef".repeat(200_000)),
        ] {
            this.write(name, &content);
        }
        symlink("../secret.txt", this.path().join("leak.txt")).unwrap();
        symlink("..", this.path().join("up")).unwrap();
        symlink("hello.txt", this.path().join("alias.txt")).unwrap();
        assert!(Command::new("mkfifo").arg(this.path().join("pipe.txt")).status().unwrap().success());
        this
    }

    /// Where it is.
    pub(crate) fn path(&self) -> PathBuf {
        self.place.path().join("site")
    }

    /// Writes a file with the usual time of change.
    pub(crate) fn write(&self, name: &str, content: &str) {
        let path = self.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, content).unwrap();
        touch(&path, SystemTime::UNIX_EPOCH + MODIFIED);
    }
}

/// Sets the time of change.
pub(crate) fn touch(path: &Path, time: SystemTime) {
    fs::File::options().write(true).open(path).unwrap().set_modified(time).unwrap();
}
