//! How images run: a program that says what it finds, in the hands of other people's tools, where they are installed.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;
use terrace_image::{Architecture, Executable, Index};

use crate::given::{both, everything, skipped, write};

const SOURCE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/programs/inside.rs");

/// Whether this machine has all of these programs.
fn has(programs: &[&str]) -> bool {
    let lacks = programs.iter().find(|program| Command::new(program).arg("--version").output().is_err());
    lacks.iter().for_each(|program| skipped(&format!("there is no `{program}`")));
    lacks.is_none()
}

fn said(output: Output) -> String {
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    String::from_utf8(output.stdout).unwrap()
}

/// A layout of an image of the program, for this machine.
fn layout() -> Option<(TempDir, PathBuf)> {
    let (architecture, target) = match std::env::consts::ARCH {
        "x86_64" => (Architecture::Amd64, "x86_64-unknown-linux-gnu"),
        "aarch64" => (Architecture::Arm64, "aarch64-unknown-linux-gnu"),
        other => {
            skipped(&format!("no images are made for {other}"));
            return None;
        }
    };
    let folder = tempfile::tempdir().unwrap();
    let (program, layout) = (folder.path().join("inside"), folder.path().join("layout"));
    let rustc = std::env::var("RUSTC").unwrap_or_else(|_| "rustc".to_owned());
    let built = Command::new(rustc)
        .args([
            "--edition",
            "2024",
            "-C",
            "strip=symbols",
            "-C",
            "target-feature=+crt-static",
            "--target",
            target,
            SOURCE,
            "-o",
        ])
        .arg(&program)
        .output()
        .unwrap();
    said(built);
    let program = Executable::new(fs::read(program).unwrap(), architecture).unwrap();
    write(&Index::new(vec![everything(program).image().unwrap()]).unwrap(), &layout);
    Some((folder, layout))
}

fn named(layout: &Path) -> String {
    format!("{}:latest", layout.display())
}

/// A program in a world of mounts of its own, with control groups of the second version, which is all that crun knows.
/// None where that is not allowed.
fn apart(program: &str) -> Option<Command> {
    let probe = Command::new("unshare")
        .args(["--mount", "mount", "-t", "cgroup2", "none", "/sys/fs/cgroup"])
        .output();
    if !probe.is_ok_and(|output| output.status.success()) {
        skipped("mounts of its own take root (CAP_SYS_ADMIN) and `unshare`");
        return None;
    }
    let mut command = Command::new("unshare");
    let script = r#"mount -t cgroup2 none /sys/fs/cgroup && exec "$0" "$@""#;
    command.args(["--mount", "sh", "-c", script, program]);
    Some(command)
}

const FOUND: &str = r#"Uid: 65532
Gid: 65532
arguments ["/app/items-api", "--quiet"]
directory Some("/app")
HOME Some("/home/nonroot")
HOST Some("0.0.0.0")
LOG_LEVEL Some("info")
SSL_CERT_FILE Some("/etc/ssl/certs/ca-certificates.crt")
/app/assets/latest Some(15)
/etc/ssl/certs/ca-certificates.crt Some(59)
/usr/share/zoneinfo/Europe/Berlin Some(12)
/tmp Some("1777 0:0")
/home/nonroot Some("700 65532:65532")
/app Some("755 0:0")
/app/items-api Some("755 0:0")
/etc/passwd Some("644 0:0")
writes /tmp/a: true
writes /home/nonroot/a: true
writes /app/a: false
writes /etc/a: false
shell false
"#;

#[test]
fn unpacked_by_umoci_and_run_by_crun_it_has_what_it_needs_and_no_more() {
    if !has(&["umoci", "crun"]) {
        return;
    }
    let (Some((folder, layout)), Some(mut crun)) = (layout(), apart("crun")) else { return };
    let bundle = folder.path().join("bundle");
    said(Command::new("umoci").args(["unpack", "--image", &named(&layout)]).arg(&bundle).output().unwrap());
    // umoci asks for a terminal and for limits that need control groups.
    let config = bundle.join("config.json");
    let mut asked: serde_json::Value = serde_json::from_slice(&fs::read(&config).unwrap()).unwrap();
    *asked.pointer_mut("/process/terminal").unwrap() = false.into();
    asked.pointer_mut("/linux").unwrap().as_object_mut().unwrap().remove("resources").unwrap();
    fs::write(config, asked.to_string()).unwrap();
    let name = format!("terrace-image-{}", std::process::id());
    crun.arg("--root").arg(folder.path().join("state")).args([
        "--cgroup-manager=disabled",
        "run",
        "--bundle",
    ]);
    assert_eq!(said(crun.arg(&bundle).arg(name).output().unwrap()), FOUND);
}

#[test]
fn run_by_podman_it_is_the_same() {
    if !has(&["podman"]) {
        return;
    }
    let (Some((folder, layout)), Some(mut podman)) = (layout(), apart("podman")) else { return };
    for (option, place) in [("--root", "storage"), ("--runroot", "state"), ("--tmpdir", "temporary")] {
        podman.arg(option).arg(folder.path().join(place));
    }
    podman.args([
        "--storage-driver=vfs",
        "--cgroup-manager=cgroupfs",
        "--events-backend=none",
        "run",
        "--rm",
        "--quiet",
    ]);
    podman.args([
        "--network=none",
        "--cgroups=disabled",
        "--ulimit=nofile=1024:1024",
        "--ulimit=nproc=1000:1000",
    ]);
    // It makes a name of the path, and names are small letters.
    podman.current_dir(layout.parent().unwrap()).arg("oci:layout:latest");
    assert_eq!(said(podman.output().unwrap()), FOUND);
}

#[test]
fn skopeo_finds_the_digests_that_we_say() {
    if !has(&["skopeo"]) {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let index = both();
    write(&index, folder.path());
    for image in index.images() {
        let inspect = Command::new("skopeo")
            .args(["--override-arch", image.architecture().as_str(), "inspect", "--config", "--raw"])
            .arg(format!("oci:{}", named(folder.path())))
            .output()
            .unwrap();
        assert_eq!(said(inspect).trim_end().as_bytes(), &**image.config().bytes());
    }
    // It checks every digest on the way.
    let [from, to] = ["", "/copy"].map(|place| format!("oci:{}{place}:latest", folder.path().display()));
    said(Command::new("skopeo").args(["copy", "--all", "--quiet", &from, &to]).output().unwrap());
    let copied = fs::read(folder.path().join("copy/index.json")).unwrap();
    let copied: serde_json::Value = serde_json::from_slice(&copied).unwrap();
    let digest = copied.pointer("/manifests/0/digest").and_then(|digest| digest.as_str());
    assert_eq!(digest, Some(index.document().digest().to_string().as_str()));
}
