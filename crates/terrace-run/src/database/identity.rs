//! As whom a database server runs: the current user, or, for root, one that may do nothing else.

use std::os::unix::fs::MetadataExt;
use std::path::Path;

use nix::unistd::{Uid, User};
use terrace_topology::Engine;

use crate::leash::Identity;

/// No user to become was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "a database server never runs as root, and there is no user `postgres`, `mysql` or `nobody` to run it as"
)]
pub struct NoIdentityError;

/// Whom to become: nobody else for an ordinary user; for root, the user that the engine's packages make, else
/// `nobody`. The user must have an entry in the user database, which PostgreSQL looks for.
pub(crate) fn choose(engine: Engine) -> Result<Option<Identity>, NoIdentityError> {
    if !Uid::effective().is_root() {
        return Ok(None);
    }
    let own = match engine {
        Engine::Postgres => "postgres",
        Engine::Mysql => "mysql",
    };
    [own, "nobody"]
        .into_iter()
        .find_map(|name| User::from_name(name).ok().flatten())
        .filter(|user| !user.uid.is_root())
        .map(|user| Some(Identity { uid: user.uid.as_raw(), gid: user.gid.as_raw() }))
        .ok_or(NoIdentityError)
}

/// Whether that user may pass through every folder on the way to `path`, itself included. An ordinary user always
/// may: it is the one who made it.
pub(crate) fn reaches(identity: Option<Identity>, path: &Path) -> bool {
    let Some(identity) = identity else { return true };
    path.ancestors().all(|folder| {
        let Ok(found) = std::fs::metadata(folder) else { return false };
        let bit = if found.uid() == identity.uid {
            0o100
        } else if found.gid() == identity.gid {
            0o010
        } else {
            0o001
        };
        found.mode() & bit != 0
    })
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_closed_folder_on_the_way_stops_a_stranger() {
        let folder = tempfile::tempdir().unwrap();
        let inner = folder.path().join("inner");
        std::fs::create_dir(&inner).unwrap();
        let stranger = Some(Identity { uid: 54321, gid: 54321 });
        let outside = reaches(stranger, folder.path().parent().unwrap());
        for (mode, expected) in [(0o700, false), (0o711, outside)] {
            std::fs::set_permissions(folder.path(), PermissionsExt::from_mode(mode)).unwrap();
            assert_eq!(reaches(stranger, &inner), expected, "{mode:o}");
            assert!(reaches(None, &inner));
        }
    }
}
