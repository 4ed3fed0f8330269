//! Folders as archives, and their sums.

use std::fs;
use std::io::Read as _;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::Path;

use terrace_cloud::release::machines::{Archive, Artifact, SETTINGS};

use crate::ground::artifact;

fn fill(folder: &Path, names: &[&str]) {
    for name in names {
        let path = folder.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, format!("this is {name}")).unwrap();
    }
}

fn listed(archive: &Archive) -> String {
    let mut tar = Vec::new();
    flate2::read::GzDecoder::new(archive.bytes().as_ref()).read_to_end(&mut tar).unwrap();
    let mut lines = String::new();
    for entry in tar::Archive::new(tar.as_slice()).entries().unwrap() {
        let entry = entry.unwrap();
        let header = entry.header();
        assert_eq!((header.uid().unwrap(), header.gid().unwrap(), header.mtime().unwrap()), (0, 0, 0));
        let link = entry.link_name().unwrap().map(|to| format!(" -> {}", to.display())).unwrap_or_default();
        lines.push_str(&format!("{:o} {}{link}\n", header.mode().unwrap(), entry.path().unwrap().display()));
    }
    lines
}

#[tokio::test]
async fn the_same_folder_is_the_same_bytes_however_it_came_to_be() {
    let (one, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let mut names = ["main.py", "lib/z.py", "lib/a.py", ".env", "bin/run"];
    for folder in [one.path(), other.path()] {
        fill(folder, &names);
        names.reverse();
        let mode = if folder == one.path() { 0o700 } else { 0o777 };
        fs::set_permissions(folder.join("bin/run"), fs::Permissions::from_mode(mode)).unwrap();
        symlink("../main.py", folder.join("lib/main.py")).unwrap();
    }
    let pack = async |folder: &Path| Archive::of(folder, |path| path != ".env").await.unwrap();
    let (first, second) = (pack(one.path()).await, pack(other.path()).await);
    assert_eq!(first.bytes(), second.bytes());
    insta::assert_snapshot!(listed(&first), @"
    755 bin/
    755 bin/run
    755 lib/
    644 lib/a.py
    777 lib/main.py -> ../main.py
    644 lib/z.py
    644 main.py
    ");
    fs::write(one.path().join("main.py"), "another").unwrap();
    assert_ne!(pack(one.path()).await.bytes(), second.bytes());
}

#[tokio::test]
async fn what_cannot_be_released_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let why = async |at: &Path| {
        let failure = Archive::of(at, |_| true).await.unwrap_err();
        failure
            .to_string()
            .replace(&folder.path().canonicalize().unwrap().display().to_string(), "…")
            .replace(&folder.path().display().to_string(), "…")
    };
    let place = |name: &str| {
        let path = folder.path().join(name);
        fs::create_dir(&path).unwrap();
        path
    };
    let mut told = vec![why(&place("empty")).await, why(&folder.path().join("absent")).await];
    for (name, target) in [("absolute", "/etc/passwd"), ("above", "../empty/x"), ("dangling", "a/../../b")] {
        let path = place(name);
        symlink(target, path.join("link")).unwrap();
        told.push(why(&path).await);
    }
    insta::assert_snapshot!(told.join("\n\n"), @"
    what was built has something in it that cannot be released
      …/empty: there is nothing in it to release
    in force: what was in force before
    next: take it out of the build, or list in `files` what the release needs

    what was built could not be read
      …/absent: No such file or directory (os error 2)
    in force: what was in force before
    next: build it first, or correct its folder

    what was built has something in it that cannot be released
      …/absolute/link: it is a link that leads out of the folder, to /etc/passwd
    in force: what was in force before
    next: take it out of the build, or list in `files` what the release needs

    what was built has something in it that cannot be released
      …/above/link: it is a link that leads out of the folder, to ../empty/x
    in force: what was in force before
    next: take it out of the build, or list in `files` what the release needs

    what was built has something in it that cannot be released
      …/dangling/link: it is a link that leads out of the folder, to a/../../b
    in force: what was in force before
    next: take it out of the build, or list in `files` what the release needs
    ");
}

#[test]
fn an_artifact_is_named_by_its_sums() {
    let made = artifact("page");
    insta::assert_snapshot!(format!("{}\n{}", made.digest(), made.sums()), @"
    sha256:3b719b3ececf542eef74212d481bc0ed5243b0981272fc48b42b01a47a431164
    3660315a9af3df255d8f19ab077e4797822b41488a0e2a04bc6af71213c23274  app.tar.gz
    706abe3c90152075e656b661079730facf323f3ebccda7547ee1935c90845a09  terrace-boot
    ");
    assert_eq!(made.code(), made.digest());
    let with = |settings: &'static str| {
        let files = [("app.tar.gz", "page"), (SETTINGS, settings), ("terrace-boot", "ELF")];
        let files = files.map(|(name, text)| (name.to_owned(), terrace_account::Content::bytes(text)));
        Artifact::of(files.into()).unwrap()
    };
    let (one, other) = (with("{}"), with(r#"{"LOG_LEVEL":"debug"}"#));
    assert_ne!(one.digest(), other.digest());
    assert_eq!((one.code(), other.code()), (made.digest(), made.digest()), "a setting is no code");
    for name in ["", ".hidden", "a b", "a/b", "SHA256SUMS", "ä"] {
        let files = [(name.to_owned(), terrace_account::Content::bytes("x"))];
        assert!(Artifact::of(files.into()).is_err(), "{name}");
    }
}
