//! The time zones that an application knows by name.

use std::collections::BTreeMap;

use bytes::Bytes;

use crate::error::ImageError;
use crate::path::ImagePath;
use crate::tree::{Node, Tree};

/// A zoneinfo tree: compiled zones (TZif, RFC 9636) by name (`Europe/Berlin`), with the few tables that come with them.
///
/// It is put at `/usr/share/zoneinfo`, where Go, chrono-tz's and C libraries look. Debian's `tzdata` is such a tree; links in it
/// are given as the bytes that they lead to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TimeZones(Tree);

const PLACE: &str = "/usr/share/zoneinfo";

/// What stands beside the zones in the tz database and its packages.
const TABLES: [&str; 9] = [
    "iso3166.tab",
    "zone.tab",
    "zone1970.tab",
    "zonenow.tab",
    "tzdata.zi",
    "leapseconds",
    "leap-seconds.list",
    "posixrules",
    "+VERSION",
];

impl TimeZones {
    /// Zones by their names, which are paths without a slash at the start.
    pub fn new(files: impl IntoIterator<Item = (String, Bytes)>) -> Result<Self, ImageError> {
        let mut tree = Tree::default();
        let sorted: BTreeMap<String, Bytes> = files.into_iter().collect();
        if !sorted.values().any(|bytes| bytes.starts_with(b"TZif")) {
            return Err(ImageError::TimeZones {
                name: ".".to_owned(),
                why: "there is no compiled zone in it",
            });
        }
        for (name, bytes) in sorted {
            if !bytes.starts_with(b"TZif") && !TABLES.contains(&name.as_str()) {
                return Err(ImageError::TimeZones {
                    name,
                    why: "it is no compiled zone (it does not begin with `TZif`)",
                });
            }
            tree.insert(ImagePath::new(&format!("{PLACE}/{name}"))?, Node::file(bytes))?;
        }
        Ok(Self(tree))
    }

    /// The layer's files.
    pub(crate) fn tree(&self) -> &Tree {
        &self.0
    }
}
