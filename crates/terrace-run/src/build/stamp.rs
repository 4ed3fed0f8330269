//! What a good build was made of, and what it made: if both are as they were, it need not run again.

use std::ffi::{OsStr, OsString};
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use terrace_topology::CommandLine;

use super::sources::{Sources, hash_of_everything};
use crate::state::{read_private, replace_private};

/// Settings of the environment that builders are known to read: whole names, and beginnings that end in `_`.
const SETTINGS: [&str; 22] = [
    "BASE_URL",
    "CARGO_BUILD_",
    "CARGO_ENCODED_RUSTFLAGS",
    "CARGO_PROFILE_",
    "CARGO_TARGET_",
    "CFLAGS",
    "CGO_ENABLED",
    "GATSBY_",
    "GOARCH",
    "GOFLAGS",
    "GOOS",
    "NEXT_PUBLIC_",
    "NG_APP_",
    "NODE_ENV",
    "NODE_OPTIONS",
    "NUXT_",
    "PUBLIC_",
    "PUBLIC_URL",
    "REACT_APP_",
    "RUSTFLAGS",
    "VITE_",
    "VUE_APP_",
];

/// What goes into a build.
pub(super) fn ingredients(
    sources: &Sources,
    command: &CommandLine,
    environment: impl IntoIterator<Item = (OsString, OsString)>,
) -> blake3::Hash {
    let mut settings: Vec<(OsString, OsString)> =
        environment.into_iter().filter(|(name, _)| is_setting(name)).collect();
    settings.sort();
    let mut hasher = blake3::Hasher::new_derive_key("terrace 1 build ingredients");
    hasher.update(sources.hash().as_bytes());
    for text in std::iter::once(OsStr::new(command.as_str()))
        .chain(settings.iter().flat_map(|(name, value)| [name.as_os_str(), value.as_os_str()]))
    {
        hasher.update(&(text.len() as u64).to_le_bytes()).update(text.as_bytes());
    }
    hasher.finalize()
}

fn is_setting(name: &OsStr) -> bool {
    let Some(name) = name.to_str() else { return false };
    SETTINGS.iter().any(|known| name == *known || (known.ends_with('_') && name.starts_with(known)))
}

/// What came out of a build; none if something that must be there is not.
pub(super) fn products(paths: &[PathBuf]) -> Option<blake3::Hash> {
    let mut hasher = blake3::Hasher::new_derive_key("terrace 1 build products");
    for path in paths {
        if !is_there(path) {
            return None;
        }
        hasher.update(hash_of_everything(path).as_bytes());
    }
    Some(hasher.finalize())
}

/// Whether there is such a file, or such a folder with something in it.
pub(super) fn is_there(path: &Path) -> bool {
    path.is_file() || std::fs::read_dir(path).is_ok_and(|mut entries| entries.next().is_some())
}

/// The stamp of a build, as it is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stamp {
    pub(super) ingredients: blake3::Hash,
    pub(super) products: blake3::Hash,
}

impl Stamp {
    /// The one of the last good build. What cannot be read is none: then it is built again.
    pub(super) fn read(path: &Path) -> Option<Self> {
        let text = read_private(path).ok()??;
        let mut words = text.split_whitespace().map(blake3::Hash::from_hex);
        let (Some(Ok(ingredients)), Some(Ok(products)), None) = (words.next(), words.next(), words.next())
        else {
            return None;
        };
        Some(Self { ingredients, products })
    }

    pub(super) fn write(self, path: &Path) -> io::Result<()> {
        replace_private(path, format!("{} {}\n", self.ingredients, self.products).as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stamp_reads_as_it_was_written_and_nonsense_is_none() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("web.stamp");
        let stamp = Stamp { ingredients: blake3::hash(b"a"), products: blake3::hash(b"b") };
        assert_eq!(Stamp::read(&path), None);
        stamp.write(&path).unwrap();
        assert_eq!(Stamp::read(&path), Some(stamp));
        for nonsense in ["", "x", "00 00", &format!("{0} {0} {0}", stamp.products)] {
            replace_private(&path, nonsense.as_bytes()).unwrap();
            assert_eq!(Stamp::read(&path), None, "{nonsense}");
        }
    }

    #[test]
    fn the_command_and_the_settings_of_builders_count() {
        let folder = tempfile::tempdir().unwrap();
        let sources = Sources::new(folder.path(), None);
        let with = |command: &str, settings: &[(&str, &str)]| {
            let settings = settings.iter().map(|(n, v)| (OsString::from(n), OsString::from(v)));
            ingredients(&sources, &command.parse().unwrap(), settings)
        };
        let plain = with("make", &[]);
        assert_eq!(plain, with("make", &[("PATH", "/bin"), ("VITESSE", "x"), ("NODE_ENVY", "x")]));
        assert_ne!(plain, with("make all", &[]));
        assert_ne!(plain, with("make", &[("VITE_API", "x")]));
        assert_ne!(with("make", &[("VITE_API", "x")]), with("make", &[("VITE_API", "y")]));
        assert_eq!(
            with("make", &[("VITE_A", "x"), ("NODE_ENV", "y")]),
            with("make", &[("NODE_ENV", "y"), ("VITE_A", "x")])
        );
    }
}
