//! What other readers find in an image: the types of `oci-spec`, and Python's archives and hashes.

use std::fs;
use std::path::Path;
use std::process::Command;

use bytes::Bytes;
use insta::assert_snapshot;
use oci_spec::image::{Arch, ImageConfiguration, ImageIndex, ImageManifest};
use terrace_image::{Architecture, Certificates, Index, TimeZones, layout};

use crate::given::{both, everything, program, skipped, write};

#[test]
fn the_types_of_another_crate_read_every_document() {
    let index = both();
    let found = ImageIndex::from_reader(&**index.document().bytes()).unwrap();
    assert_eq!(found.manifests().len(), 2);
    for (image, named) in index.images().iter().zip(found.manifests()) {
        let architecture = image.architecture().to_string();
        assert_eq!(named.platform().as_ref().unwrap().architecture().to_string(), architecture);
        assert_eq!(named.digest().to_string(), image.manifest().digest().to_string());
        let manifest = ImageManifest::from_reader(&**image.manifest().bytes()).unwrap();
        assert_eq!(manifest.config().digest().to_string(), image.config().digest().to_string());
        let configuration = ImageConfiguration::from_reader(&**image.config().bytes()).unwrap();
        assert_eq!(configuration.architecture(), &Arch::from(architecture.as_str()));
        assert_eq!(configuration.rootfs().diff_ids().len(), manifest.layers().len());
        assert_eq!(configuration.history().as_ref().unwrap().len(), manifest.layers().len());
        let execution = configuration.config().as_ref().unwrap();
        assert_eq!(execution.user().as_deref(), Some("65532:65532"));
        assert_eq!(execution.exposed_ports().as_ref().unwrap(), &["8000/tcp"]);
    }
    let top = layout("latest", &index).unwrap();
    assert_eq!(ImageIndex::from_reader(&*top["index.json"]).unwrap().manifests().len(), 1);
}

/// Knows of images only what the specification says, and shares no code with us.
const READER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/read.py");

#[test]
fn python_finds_every_digest_right_and_these_files() {
    let folder = tempfile::tempdir().unwrap();
    write(&both(), folder.path());
    let Ok(output) = Command::new("python3").arg(READER).arg(folder.path()).output() else {
        return skipped("there is no python3 to read an image with");
    };
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_snapshot!(String::from_utf8(output.stdout).unwrap(), @"
    image for linux/amd64
    layer: users and directories
      d 0755 0:0 1700000000 0 app
      d 0755 0:0 1700000000 0 etc
      - 0644 0:0 1700000000 27 etc/group
      - 0644 0:0 1700000000 94 etc/passwd
      d 0755 0:0 1700000000 0 home
      d 0700 65532:65532 1700000000 0 home/nonroot
      d 1777 0:0 1700000000 0 tmp
    layer: certificates
      d 0755 0:0 1700000000 0 etc
      d 0755 0:0 1700000000 0 etc/ssl
      d 0755 0:0 1700000000 0 etc/ssl/certs
      - 0644 0:0 1700000000 59 etc/ssl/certs/ca-certificates.crt
    layer: time zones
      d 0755 0:0 1700000000 0 usr
      d 0755 0:0 1700000000 0 usr/share
      d 0755 0:0 1700000000 0 usr/share/zoneinfo
      d 0755 0:0 1700000000 0 usr/share/zoneinfo/Europe
      - 0644 0:0 1700000000 12 usr/share/zoneinfo/Europe/Berlin
      - 0644 0:0 1700000000 9 usr/share/zoneinfo/UTC
      - 0644 0:0 1700000000 8 usr/share/zoneinfo/zone.tab
    layer: assets
      d 0755 0:0 1700000000 0 app
      d 0755 0:0 1700000000 0 app/assets
      - 0644 0:0 1700000000 15 app/assets/index.html
      l 0777 0:0 1700000000 0 app/assets/latest -> index.html
    layer: program /app/items-api
      d 0755 0:0 1700000000 0 app
      - 0755 0:0 1700000000 125 app/items-api
    image for linux/arm64
    layer: users and directories
      d 0755 0:0 1700000000 0 app
      d 0755 0:0 1700000000 0 etc
      - 0644 0:0 1700000000 27 etc/group
      - 0644 0:0 1700000000 94 etc/passwd
      d 0755 0:0 1700000000 0 home
      d 0700 65532:65532 1700000000 0 home/nonroot
      d 1777 0:0 1700000000 0 tmp
    layer: certificates
      d 0755 0:0 1700000000 0 etc
      d 0755 0:0 1700000000 0 etc/ssl
      d 0755 0:0 1700000000 0 etc/ssl/certs
      - 0644 0:0 1700000000 59 etc/ssl/certs/ca-certificates.crt
    layer: time zones
      d 0755 0:0 1700000000 0 usr
      d 0755 0:0 1700000000 0 usr/share
      d 0755 0:0 1700000000 0 usr/share/zoneinfo
      d 0755 0:0 1700000000 0 usr/share/zoneinfo/Europe
      - 0644 0:0 1700000000 12 usr/share/zoneinfo/Europe/Berlin
      - 0644 0:0 1700000000 9 usr/share/zoneinfo/UTC
      - 0644 0:0 1700000000 8 usr/share/zoneinfo/zone.tab
    layer: assets
      d 0755 0:0 1700000000 0 app
      d 0755 0:0 1700000000 0 app/assets
      - 0644 0:0 1700000000 15 app/assets/index.html
      l 0777 0:0 1700000000 0 app/assets/latest -> index.html
    layer: program /app/items-api
      d 0755 0:0 1700000000 0 app
      - 0755 0:0 1700000000 125 app/items-api
    ");
}

/// Every file below a folder by its name from there, links followed, as whoever packs a machine's time zones finds them.
fn files(folder: &Path, name: &str, found: &mut Vec<(String, Bytes)>) {
    for entry in fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let (path, own) = (entry.path(), entry.file_name().into_string().unwrap());
        match fs::metadata(&path) {
            // Debian has them all twice more, for other counts of seconds.
            Ok(about) if about.is_dir() && matches!(own.as_str(), "posix" | "right") => {}
            Ok(about) if about.is_dir() => files(&path, &format!("{name}{own}/"), found),
            Ok(_) => found.push((format!("{name}{own}"), fs::read(&path).unwrap().into())),
            // A link to nowhere, such as `localtime` of a machine without one.
            Err(_) => {}
        }
    }
}

#[test]
fn the_certificates_and_time_zones_of_a_machine_are_taken() {
    let (pem, zones) = (Path::new("/etc/ssl/certs/ca-certificates.crt"), Path::new("/usr/share/zoneinfo"));
    if !pem.exists() || !zones.join("UTC").exists() {
        return skipped("this machine has no certificates or no time zones (ca-certificates, tzdata)");
    }
    let mut found = Vec::new();
    files(zones, "", &mut found);
    let pem = fs::read(pem).unwrap();
    let recipe = everything(program(Architecture::Amd64))
        .certificates(Certificates::new(pem).unwrap())
        .time_zones(TimeZones::new(found).unwrap());
    let image = recipe.image().unwrap();
    let folder = tempfile::tempdir().unwrap();
    write(&Index::new(vec![image]).unwrap(), folder.path());
    let Ok(output) = Command::new("python3").arg(READER).arg(folder.path()).output() else { return };
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(String::from_utf8(output.stdout).unwrap().contains("usr/share/zoneinfo/Europe/Berlin\n"));
}
