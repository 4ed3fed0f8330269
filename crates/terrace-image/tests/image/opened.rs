//! Images that other tools have made: read from the archive that they leave, and given more.

use std::collections::BTreeMap;

use bytes::Bytes;
use terrace_image::{
    Architecture, Compression, Digest, Executable, Image, Index, MediaType, Node, Recipe, Start, Tree, layout,
};

use crate::given::{both, everything, path, program};

/// A tar file of files, as every tool writes one.
fn archive(files: &BTreeMap<String, Bytes>) -> Bytes {
    let mut builder = tar::Builder::new(Vec::new());
    for (name, bytes) in files {
        let mut header = tar::Header::new_gnu();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o644);
        builder.append_data(&mut header, name, &**bytes).unwrap();
    }
    builder.into_inner().unwrap().into()
}

fn alone(architecture: Architecture) -> Image {
    everything(program(architecture)).image().unwrap()
}

/// The same layout with Docker's names of everything, and its digests computed anew.
fn as_docker(image: &Image) -> BTreeMap<String, Bytes> {
    let mut files = BTreeMap::new();
    let mut put = |bytes: Bytes| {
        let digest = Digest::of(&bytes);
        files.insert(format!("blobs/sha256/{}", digest.hex()), bytes.clone());
        (digest, bytes.len())
    };
    let manifest = String::from_utf8(image.manifest().bytes().to_vec())
        .unwrap()
        .replace("vnd.oci.image.manifest.v1+json", "vnd.docker.distribution.manifest.v2+json")
        .replace("vnd.oci.image.config.v1+json", "vnd.docker.container.image.v1+json")
        .replace("vnd.oci.image.layer.v1.tar+gzip", "vnd.docker.image.rootfs.diff.tar.gzip");
    for blob in image.blobs() {
        put(blob.bytes().clone());
    }
    let (digest, size) = put(manifest.into());
    let index = format!(
        "{{\"schemaVersion\":2,\"manifests\":[{{\"mediaType\":\"application/vnd.docker.distribution.manifest.v2+json\",\
         \"digest\":\"{digest}\",\"size\":{size}}}]}}"
    );
    files.insert("index.json".to_owned(), index.into());
    files
}

#[test]
fn an_image_that_is_saved_is_the_same_when_it_is_opened() {
    let index = both();
    for image in index.images() {
        for files in [layout("latest", &index), layout("latest", &Index::new(vec![image.clone()]).unwrap())] {
            let opened = Image::open(&archive(&files.unwrap()), image.architecture()).unwrap();
            assert_eq!(opened.manifest(), image.manifest());
            assert!(opened.blobs().eq(image.blobs()));
            assert_eq!(opened.start().unwrap().arguments, ["--quiet"]);
        }
    }
}

#[test]
fn dockers_own_types_become_those_of_the_specification_and_layers_stay() {
    let image = alone(Architecture::Amd64);
    let opened = Image::open(&archive(&as_docker(&image)), Architecture::Amd64).unwrap();
    assert_eq!(opened, Image::open(&archive(&as_docker(&image)), Architecture::Amd64).unwrap());
    assert_eq!(opened.manifest(), image.manifest());
    assert!(opened.blobs().eq(image.blobs()));
}

#[test]
fn layers_that_are_not_packed_are_packed() {
    let plain =
        |compression| everything(program(Architecture::Arm64)).compression(compression).image().unwrap();
    let files = layout("latest", &Index::new(vec![plain(Compression::None)]).unwrap()).unwrap();
    let opened = Image::open(&archive(&files), Architecture::Arm64).unwrap();
    assert_eq!(opened.manifest(), plain(Compression::Gzip).manifest());
    assert!(opened.layers().iter().all(|layer| *layer.blob().media_type() == MediaType::LayerGzip));
}

#[test]
fn more_lies_on_top_and_it_starts_otherwise() {
    let image = alone(Architecture::Amd64);
    let files = Tree::default().with(path("/usr/local/bin/boot"), Node::program("boot")).unwrap();
    let was = image.start().unwrap();
    let start = Start {
        entrypoint: vec!["/usr/local/bin/boot".to_owned(), "--".to_owned()],
        arguments: was.entrypoint.into_iter().chain(was.arguments).collect(),
    };
    let over = image.over("boot", &files, &start).unwrap();
    assert_eq!(over, image.over("boot", &files, &start).unwrap());
    assert_eq!(over.start().unwrap(), start);
    assert_eq!(over.layers().len(), image.layers().len() + 1);
    assert!(image.layers().iter().zip(over.layers()).all(|(was, now)| was.blob() == now.blob()));
    let config: serde_json::Value = serde_json::from_slice(over.config().bytes()).unwrap();
    let was: serde_json::Value = serde_json::from_slice(image.config().bytes()).unwrap();
    assert_eq!(config.pointer("/config/Env"), was.pointer("/config/Env"));
    assert_eq!(config.pointer("/config/User"), was.pointer("/config/User"));
    let diffs: Vec<String> = over.layers().iter().map(|layer| layer.diff().to_string()).collect();
    assert_eq!(config.pointer("/rootfs/diff_ids"), Some(&serde_json::json!(diffs)));
    // What is on top is still an image that every reader takes.
    let again = layout("latest", &Index::new(vec![over.clone()]).unwrap()).unwrap();
    assert_eq!(Image::open(&archive(&again), Architecture::Amd64).unwrap().manifest(), over.manifest());
}

#[test]
fn what_is_not_for_these_machines_or_damaged_is_refused() {
    let (amd, arm) = (Architecture::Amd64, Architecture::Arm64);
    let whole = layout("latest", &Index::new(vec![alone(arm)]).unwrap()).unwrap();
    let without = |name: &str| {
        let mut files = whole.clone();
        files.retain(|file, _| !file.contains(name));
        archive(&files)
    };
    let config = alone(arm).config().digest().hex();
    let mut other = whole.clone();
    other.insert(format!("blobs/sha256/{config}"), "{}".into());
    let cut = archive(&whole);
    let cases = [
        (archive(&whole), amd),
        (without("index.json"), arm),
        (without(&config), arm),
        (archive(&other), arm),
        (cut.slice(..700), arm),
        (Bytes::from_static(b"no archive at all, and long enough to be asked about"), arm),
        (Bytes::new(), arm),
    ];
    let said: Vec<String> =
        cases.iter().map(|(bytes, asked)| Image::open(bytes, *asked).unwrap_err().to_string()).collect();
    insta::assert_snapshot!(said.join("\n").replace(&config, "CONFIG"), @r"
    there is no image for linux/amd64 in it, only for linux/arm64; build with `--platform linux/amd64`
    this is no image layout: it has no index.json, as what Docker saves before version 25; save the image once more, with Docker 25 or later, podman or buildah
    this is no image layout: blobs/sha256/CONFIG is not in it; save the image once more, with Docker 25 or later, podman or buildah
    this is no image layout: blobs/sha256/CONFIG is not what its name says; save the image once more, with Docker 25 or later, podman or buildah
    this is no image layout: it is cut off; save the image once more, with Docker 25 or later, podman or buildah
    this is no image layout: failed to read entire block; save the image once more, with Docker 25 or later, podman or buildah
    this is no image layout: it has no index.json, as what Docker saves before version 25; save the image once more, with Docker 25 or later, podman or buildah
    ");
}

proptest::proptest! {
    #[test]
    fn no_bytes_make_it_panic(cuts: [u16; 3], bytes: Vec<u8>) {
        let mut archive = archive(&as_docker(&alone(Architecture::Amd64))).to_vec();
        for (cut, byte) in cuts.iter().zip(bytes) {
            let at = usize::from(*cut) % archive.len();
            archive[at] = byte;
        }
        // It opens, or it says why not.
        drop(Image::open(&archive.into(), Architecture::Amd64));
    }
}

#[test]
fn an_image_of_nothing_starts_nothing() {
    let program: Executable = program(Architecture::Amd64);
    let image = Recipe::new(path("/a"), program).image().unwrap();
    let bare = image.over("nothing", &Tree::default(), &Start::default()).unwrap();
    assert_eq!(bare.start().unwrap(), Start::default());
}
