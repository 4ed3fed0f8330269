//! A certificate for `localhost`, `127.0.0.1` and `::1`, made once and kept readable by its owner only.
//!
//! It signs nothing but itself (no certificate authority is made, so its key can vouch for nobody else), lasts
//! 90 days and is made anew a month before it ends.

use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{self, Write};
use std::net::{Ipv4Addr, Ipv6Addr};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use rcgen::{CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, KeyPair, SanType};

use crate::error::EdgeError;

const DAY: Duration = Duration::from_secs(24 * 3600);
const LIFE: Duration = Duration::from_secs(90 * 24 * 3600);
const RENEW_BEFORE: Duration = Duration::from_secs(30 * 24 * 3600);

/// The chain and the key in PEM form; made if they are missing, unusable, exposed or near their end.
pub(super) fn ensure(folder: &Path) -> Result<(Vec<u8>, Vec<u8>), EdgeError> {
    let (chain, key) = (folder.join("localhost.crt"), folder.join("localhost.key"));
    if is_current(&chain, SystemTime::now())
        && is_private(&key)
        && let (Ok(chain), Ok(key)) = (fs::read(&chain), fs::read(&key))
    {
        return Ok((chain, key));
    }
    make(folder, &chain, &key)
}

/// Whether a certificate file was made recently enough. Its own time of change says when, and is all that can be
/// said without reading ASN.1; the file is written by nobody but us.
fn is_current(chain: &Path, now: SystemTime) -> bool {
    let Ok(made) = fs::metadata(chain).and_then(|m| m.modified()) else { return false };
    now.duration_since(made).is_ok_and(|age| age.saturating_add(RENEW_BEFORE) < LIFE)
}

fn is_private(key: &Path) -> bool {
    fs::symlink_metadata(key).is_ok_and(|m| {
        m.is_file() && m.permissions().mode() & 0o077 == 0 && m.uid() == rustix::process::geteuid().as_raw()
    })
}

fn make(folder: &Path, chain: &Path, key: &Path) -> Result<(Vec<u8>, Vec<u8>), EdgeError> {
    let wrong = |e: rcgen::Error| EdgeError::Certificate(e.to_string());
    let pair = KeyPair::generate().map_err(wrong)?;
    let mut parameters = CertificateParams::new(vec!["localhost".to_owned()]).map_err(wrong)?;
    parameters.subject_alt_names.push(SanType::IpAddress(Ipv4Addr::LOCALHOST.into()));
    parameters.subject_alt_names.push(SanType::IpAddress(Ipv6Addr::LOCALHOST.into()));
    let mut name = DistinguishedName::new();
    name.push(DnType::CommonName, "localhost");
    parameters.distinguished_name = name;
    parameters.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    let now = SystemTime::now();
    // A day back, for clocks that are behind.
    parameters.not_before = (now - DAY).into();
    parameters.not_after = (now + LIFE).into();
    let certificate = parameters.self_signed(&pair).map_err(wrong)?;
    let (chain_pem, key_pem) = (certificate.pem(), pair.serialize_pem());
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)
        .map_err(|source| EdgeError::File { path: folder.to_owned(), source })?;
    // The key first: a certificate without its key would be taken for current.
    write_private(key, key_pem.as_bytes())?;
    write_private(chain, chain_pem.as_bytes())?;
    Ok((chain_pem.into_bytes(), key_pem.into_bytes()))
}

/// Writes beside and renames, so that nobody ever reads half a file or one with other permissions.
fn write_private(path: &Path, bytes: &[u8]) -> Result<(), EdgeError> {
    let beside = PathBuf::from(format!("{}.{}.new", path.display(), std::process::id()));
    let write = || -> io::Result<()> {
        let _ = fs::remove_file(&beside);
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&beside)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&beside, path)
    };
    write().map_err(|source| EdgeError::File { path: path.to_owned(), source })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_made_once_kept_private_and_renewed() {
        let place = tempfile::tempdir().unwrap();
        let folder = place.path().join("tls");
        let first = ensure(&folder).unwrap();
        assert_eq!(ensure(&folder).unwrap(), first);
        for name in ["localhost.crt", "localhost.key"] {
            let mode = fs::metadata(folder.join(name)).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600, "{name}");
        }
        assert_eq!(fs::metadata(&folder).unwrap().permissions().mode() & 0o777, 0o700);

        let chain = folder.join("localhost.crt");
        assert!(is_current(&chain, SystemTime::now() + 59 * DAY));
        assert!(!is_current(&chain, SystemTime::now() + 61 * DAY));
        let file = fs::File::options().write(true).open(&chain).unwrap();
        file.set_modified(SystemTime::now() - 61 * DAY).unwrap();
        let second = ensure(&folder).unwrap();
        assert_ne!(second, first);

        fs::set_permissions(folder.join("localhost.key"), fs::Permissions::from_mode(0o644)).unwrap();
        assert_ne!(ensure(&folder).unwrap(), second);
    }
}
