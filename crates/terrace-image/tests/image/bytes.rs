//! The bytes themselves.

use insta::assert_snapshot;
use terrace_image::{Architecture, Compression, Index, Timestamp};

use crate::given::{both, everything, program};

/// Were these to change, every image of every user would be sent anew: it must be meant, and be told in the release notes.
#[test]
fn the_digests_are_what_they_were() {
    let index = both();
    let mut told = format!("index {}\n", index.document().digest());
    for image in index.images() {
        told += &format!("{} {}\n", image.architecture(), image.manifest().digest());
        for layer in image.layers() {
            told += &format!("  {} {}\n", layer.title(), layer.blob().digest());
        }
    }
    assert_snapshot!(told, @"
    index sha256:660b7c48c01156c8b91765d86902bde915175a4a17a41fae2ec3d73b9144f36e
    amd64 sha256:e9dd4c7ffb0b386a8aa298352b78787540af03bd31f525849823466d8de8ff03
      users and directories sha256:af7808bcaaffd6a7d50e35c0114f001416b17eec46c4b47d2e329ef3caedf0df
      certificates sha256:169a301c05688a87940a5169f80877e8c3d524f753e4dd708466553a710340a4
      time zones sha256:080983aeccaeff0357bacd7c1b5010f99d35f85b57bd2066b6e99cf13c2b9eaa
      assets sha256:6300e3327c4663ad318f2941a19560fa9499069047d3c71cbf1dff6bfa9616b2
      program /app/items-api sha256:dbb4e8ea3c8289368ea47c47711b3dbcf3ed7142a9b7719cc6dd5284d2855924
    arm64 sha256:847128771d1e037121e5cafe3a00a6d4517e0e8cb9df30edb6b06297da3326c8
      users and directories sha256:af7808bcaaffd6a7d50e35c0114f001416b17eec46c4b47d2e329ef3caedf0df
      certificates sha256:169a301c05688a87940a5169f80877e8c3d524f753e4dd708466553a710340a4
      time zones sha256:080983aeccaeff0357bacd7c1b5010f99d35f85b57bd2066b6e99cf13c2b9eaa
      assets sha256:6300e3327c4663ad318f2941a19560fa9499069047d3c71cbf1dff6bfa9616b2
      program /app/items-api sha256:418bde5723e9fe18bad961dd8a33fbbbf9a4a1ca57bb4e9cb6dc577df2a6654e
    ");
}

#[test]
fn the_configuration_and_the_manifest_read_like_this() {
    let image = everything(program(Architecture::Arm64)).image().unwrap();
    let read = |bytes: &[u8]| {
        let value: serde_json::Value = serde_json::from_slice(bytes).unwrap();
        serde_json::to_string_pretty(&value).unwrap()
    };
    assert_snapshot!(read(image.config().bytes()), @r#"
    {
      "architecture": "arm64",
      "config": {
        "Cmd": [
          "--quiet"
        ],
        "Entrypoint": [
          "/app/items-api"
        ],
        "Env": [
          "HOST=0.0.0.0",
          "LOG_LEVEL=info",
          "SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt"
        ],
        "ExposedPorts": {
          "8000/tcp": {}
        },
        "Labels": {
          "com.example.team": "shop",
          "org.opencontainers.image.revision": "0123abc",
          "org.opencontainers.image.title": "items-api"
        },
        "StopSignal": "SIGTERM",
        "User": "65532:65532",
        "WorkingDir": "/app"
      },
      "created": "2023-11-14T22:13:20Z",
      "history": [
        {
          "comment": "users and directories",
          "created": "2023-11-14T22:13:20Z",
          "created_by": "terrace"
        },
        {
          "comment": "certificates",
          "created": "2023-11-14T22:13:20Z",
          "created_by": "terrace"
        },
        {
          "comment": "time zones",
          "created": "2023-11-14T22:13:20Z",
          "created_by": "terrace"
        },
        {
          "comment": "assets",
          "created": "2023-11-14T22:13:20Z",
          "created_by": "terrace"
        },
        {
          "comment": "program /app/items-api",
          "created": "2023-11-14T22:13:20Z",
          "created_by": "terrace"
        }
      ],
      "os": "linux",
      "rootfs": {
        "diff_ids": [
          "sha256:b958b5518b46c2acc1f946958dc44e6267673864b94587ae99c769dce1ee4c6d",
          "sha256:99357d6a2b488988a693b4e7721affc3e4e0f51d02ba01f65a0f99d198dca00a",
          "sha256:83db1e9156f07768e46467c8ec413272945786edeaa3faf6d8ac2a4bb49de310",
          "sha256:93f3a311023c7b57a6507b8699f263f9ec8bae683eca5864fea08d83b808151d",
          "sha256:ed7d79f675293ceef10e6677a11a4dc7287c35accb7c51de3e263302ece1cc45"
        ],
        "type": "layers"
      }
    }
    "#);
    assert_snapshot!(read(image.manifest().bytes()), @r#"
    {
      "annotations": {
        "com.example.team": "shop",
        "org.opencontainers.image.created": "2023-11-14T22:13:20Z",
        "org.opencontainers.image.revision": "0123abc",
        "org.opencontainers.image.title": "items-api"
      },
      "config": {
        "digest": "sha256:ea109202218f4274597255bfd56f577eee73a4233fa45e97d907f8e786b68954",
        "mediaType": "application/vnd.oci.image.config.v1+json",
        "size": 1293
      },
      "layers": [
        {
          "digest": "sha256:af7808bcaaffd6a7d50e35c0114f001416b17eec46c4b47d2e329ef3caedf0df",
          "mediaType": "application/vnd.oci.image.layer.v1.tar+gzip",
          "size": 254
        },
        {
          "digest": "sha256:169a301c05688a87940a5169f80877e8c3d524f753e4dd708466553a710340a4",
          "mediaType": "application/vnd.oci.image.layer.v1.tar+gzip",
          "size": 194
        },
        {
          "digest": "sha256:080983aeccaeff0357bacd7c1b5010f99d35f85b57bd2066b6e99cf13c2b9eaa",
          "mediaType": "application/vnd.oci.image.layer.v1.tar+gzip",
          "size": 243
        },
        {
          "digest": "sha256:6300e3327c4663ad318f2941a19560fa9499069047d3c71cbf1dff6bfa9616b2",
          "mediaType": "application/vnd.oci.image.layer.v1.tar+gzip",
          "size": 180
        },
        {
          "digest": "sha256:418bde5723e9fe18bad961dd8a33fbbbf9a4a1ca57bb4e9cb6dc577df2a6654e",
          "mediaType": "application/vnd.oci.image.layer.v1.tar+gzip",
          "size": 170
        }
      ],
      "mediaType": "application/vnd.oci.image.manifest.v1+json",
      "schemaVersion": 2
    }
    "#);
}

#[test]
fn only_the_layer_of_the_program_changes_with_the_program() {
    let [one, other] =
        Architecture::ALL.map(|architecture| everything(program(architecture)).image().unwrap());
    let changed: Vec<&str> = one
        .layers()
        .iter()
        .zip(other.layers())
        .filter(|(one, other)| one.blob() != other.blob())
        .map(|(layer, _)| layer.title())
        .collect();
    assert_eq!(changed, ["program /app/items-api"]);
}

#[test]
fn without_compression_the_archives_are_the_same_and_the_blobs_are_the_archives() {
    let recipe = everything(program(Architecture::Amd64));
    let (packed, plain) = (recipe.image().unwrap(), recipe.compression(Compression::None).image().unwrap());
    for (packed, plain) in packed.layers().iter().zip(plain.layers()) {
        assert_eq!(packed.diff(), plain.diff());
        assert_eq!(plain.blob().digest(), plain.diff());
        assert_ne!(packed.blob().digest(), packed.diff());
    }
}

#[test]
fn nothing_but_what_is_given_changes_the_bytes() {
    let image = |time| everything(program(Architecture::Amd64)).time(time).image().unwrap();
    let (early, late) = (Timestamp::default(), Timestamp::new(0o777_7777_7777).unwrap());
    assert_eq!(image(early), image(early));
    assert_ne!(image(early).manifest().digest(), image(late).manifest().digest());
}

#[test]
fn the_order_in_which_architectures_come_does_not_matter() {
    let mut images = both().images().to_vec();
    images.reverse();
    assert_eq!(Index::new(images).unwrap(), both());
}
