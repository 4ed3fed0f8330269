//! A public file that is fetched once in a while and kept for this user.
//!
//! GUARANTEE: nothing of the user or the account goes with the request, redirects are not followed, and what is kept has been
//! looked at. Where calls go elsewhere than to AWS (`AWS_ENDPOINT_URL`), nothing is fetched.

use std::path::Path;
use std::time::{Duration, SystemTime};

use terrace_cloud::outside::fetch;

use super::{Event, Told};
use crate::xdg;

/// So long a file is as good as new.
const FRESH: Duration = Duration::from_hours(30 * 24);
/// So long may an answer take.
const PATIENCE: Duration = Duration::from_secs(20);
/// So large may it be, in bytes.
const LARGEST: usize = 4 << 20;

/// The file of this name: as it was fetched within a month, or from this address, or as it was fetched before that.
pub(super) async fn kept(
    name: &str,
    address: &str,
    good: fn(&[u8]) -> bool,
    told: Told<'_>,
) -> Result<Vec<u8>, String> {
    let place = xdg::cache().ok().map(|folder| folder.join(name));
    let before = match &place {
        Some(place) => tokio::fs::read(place).await.ok().filter(|bytes| good(bytes)),
        None => None,
    };
    if let (Some(bytes), Some(place)) = (&before, &place)
        && is_fresh(place)
    {
        return Ok(bytes.clone());
    }
    if std::env::var_os("AWS_ENDPOINT_URL").is_some_and(|endpoint| !endpoint.is_empty()) {
        return Err("AWS_ENDPOINT_URL is set, so nothing is fetched from AWS".to_owned());
    }
    told(Event::Fetching { what: address.to_owned() });
    let bytes = match tokio::time::timeout(PATIENCE, fetch(address, LARGEST)).await {
        Ok(Ok(bytes)) if good(&bytes) => bytes,
        Ok(Ok(_)) => return before.ok_or_else(|| format!("{address} answers with something else")),
        Ok(Err(why)) => return before.ok_or_else(|| format!("{address}: {why}")),
        Err(_) => {
            return before.ok_or_else(|| format!("{address}: no answer within {} s", PATIENCE.as_secs()));
        }
    };
    if let Some(place) = place {
        // Where it cannot be kept it is fetched again.
        let _ = keep(&place, &bytes);
    }
    Ok(bytes)
}

fn is_fresh(place: &Path) -> bool {
    let changed = place.metadata().and_then(|about| about.modified());
    changed.is_ok_and(|changed| SystemTime::now().duration_since(changed).is_ok_and(|age| age < FRESH))
}

/// Written whole beside its place and then put there, so that nobody reads half of it.
fn keep(place: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let folder = place.parent().unwrap_or(Path::new("/"));
    std::fs::create_dir_all(folder)?;
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    std::io::Write::write_all(&mut file, bytes)?;
    file.persist(place).map(drop).map_err(|error| error.error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_is_whole_and_new() {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().join("terrace/list.pem");
        assert!(!is_fresh(&place));
        keep(&place, b"list").unwrap();
        assert_eq!(std::fs::read(&place).unwrap(), b"list");
        assert!(is_fresh(&place));
    }
}
