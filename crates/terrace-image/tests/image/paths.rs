//! Trees of any paths, packed and read again.

use std::collections::BTreeMap;
use std::io::Read as _;

use proptest::prelude::*;
use terrace_image::{Compression, ImagePath, Layer, Mode, Node, Owner, Timestamp, Tree};

/// What an archive says of an entry: its type, permissions, owner and group, time, size, target, bytes.
type Entry = (u8, u32, u64, u64, u64, u64, String, Vec<u8>);

fn read(layer: &Layer) -> Vec<(String, Entry)> {
    let mut archive = tar::Archive::new(flate2::read::GzDecoder::new(&**layer.blob().bytes()));
    let entries = archive.entries().unwrap();
    entries
        .map(|entry| {
            let mut entry = entry.unwrap();
            let mut bytes = Vec::new();
            entry.read_to_end(&mut bytes).unwrap();
            let header = entry.header();
            let target =
                entry.link_name().unwrap().map(|path| path.to_str().unwrap().to_owned()).unwrap_or_default();
            let path = String::from_utf8(entry.path_bytes().into_owned()).unwrap();
            let (user, group) = (header.uid().unwrap(), header.gid().unwrap());
            let (kind, mode) = (header.entry_type().as_byte(), header.mode().unwrap());
            (path, (kind, mode, user, group, header.mtime().unwrap(), header.size().unwrap(), target, bytes))
        })
        .collect()
}

fn name() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => "[a-c]{1,2}",
        2 => "[a-z]{90,110}",
        1 => "[äß€ 😀.\\\\-]{1,60}",
    ]
    .prop_filter("a name", |name| name != "." && name != ".." && name.len() <= 255)
}

fn node() -> impl Strategy<Value = Node> {
    let owner = || (0..=u32::MAX, 0..=u32::MAX).prop_map(|(user, group)| Owner { user, group });
    let mode = || (0..=0o1777_u32).prop_map(|bits| Mode::new(bits).unwrap());
    prop_oneof![
        (prop::collection::vec(any::<u8>(), 0..1200), mode(), owner())
            .prop_map(|(bytes, mode, owner)| Node::File { bytes: bytes.into(), mode, owner }),
        (mode(), owner()).prop_map(|(mode, owner)| Node::Directory { mode, owner }),
        "[a-z]{1,5}(/[a-z]{1,60}){0,3}".prop_map(|target| Node::Link { target }),
    ]
}

proptest! {
    #[test]
    fn what_went_in_comes_out_sorted_with_the_directories_above(
        nodes in prop::collection::vec((prop::collection::vec(name(), 1..4), node()), 0..12),
        time in 0_u64..=0o777_7777_7777,
    ) {
        let mut tree = Tree::default();
        for (names, node) in nodes {
            let _ = tree.insert(ImagePath::new(&format!("/{}", names.join("/"))).unwrap(), node);
        }
        let layer = Layer::pack("any", &tree, Timestamp::new(time).unwrap(), Compression::Gzip).unwrap();
        let mut expected: BTreeMap<ImagePath, (String, Entry)> = BTreeMap::new();
        for (path, node) in tree.iter() {
            let text = path.as_str().strip_prefix('/').unwrap();
            for parent in path.parents() {
                let text = format!("{}/", parent.as_str().strip_prefix('/').unwrap());
                expected.entry(parent).or_insert((text, (b'5', 0o755, 0, 0, time, 0, String::new(), Vec::new())));
            }
            let (text, entry) = match node {
                Node::File { bytes, mode, owner } => {
                    let (user, group) = (owner.user.into(), owner.group.into());
                    let entry = (b'0', mode.bits(), user, group, time, bytes.len() as u64, String::new(), bytes.to_vec());
                    (text.to_owned(), entry)
                }
                Node::Directory { mode, owner } => {
                    let (user, group) = (owner.user.into(), owner.group.into());
                    (format!("{text}/"), (b'5', mode.bits(), user, group, time, 0, String::new(), Vec::new()))
                }
                Node::Link { target } => (text.to_owned(), (b'2', 0o777, 0, 0, time, 0, target.clone(), Vec::new())),
            };
            expected.insert(path.clone(), (text, entry));
        }
        prop_assert_eq!(read(&layer), expected.into_values().collect::<Vec<_>>());
    }
}
