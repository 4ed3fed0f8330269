//! What a migration runs, as far as it can be told: two releases with the same digest leave a database alike, so that one can go
//! back from one to the other.

use std::collections::BTreeMap;

use terrace_account::Sha256;
use terrace_cloud::release::record::{App, Digest};
use terrace_topology::PartyName;

use crate::aws::Session;

/// Folders that hold nothing but migrations, as frameworks name them (Django, Alembic, sqlx, Prisma, Rails, Flyway, Knex).
const FOLDERS: [&str; 4] = ["migrations", "migrate", "migration", "versions"];
/// No more is looked at.
const MOST: u64 = 32 * 1024 * 1024;

/// Of the files of migrations, if they are where such files are; else of the code, which may hold them.
pub(super) fn digest(session: &Session, app: &App) -> Digest {
    files(session).unwrap_or_else(|| {
        let web = PartyName::web();
        let code = app.code().into_iter().filter(|(party, _)| *party != web.as_str());
        let text: String = code.map(|(_, digest)| digest.to_string()).collect();
        Digest::of(text.as_bytes())
    })
}

fn files(session: &Session) -> Option<Digest> {
    let mut found: BTreeMap<String, Sha256> = BTreeMap::new();
    let mut read = 0;
    for service in session.designed.topology.services.values() {
        let root = session.project.folder.join(service.root.as_str());
        // What Git ignores is no part of what is written by hand.
        for entry in ignore::WalkBuilder::new(&root).sort_by_file_name(Ord::cmp).build() {
            let entry = entry.ok()?;
            let path = entry.path().strip_prefix(&root).ok()?;
            let within = path.parent().is_some_and(|parent| {
                parent.components().any(|one| FOLDERS.iter().any(|name| one.as_os_str() == *name))
            });
            if !within || !entry.file_type().is_some_and(|kind| kind.is_file()) {
                continue;
            }
            let bytes = std::fs::read(entry.path()).ok()?;
            read += bytes.len() as u64;
            if read > MOST {
                return None;
            }
            found.insert(path.display().to_string(), Sha256::of(&bytes));
        }
    }
    let text: String = found.iter().map(|(path, digest)| format!("{path}\n{digest}\n")).collect();
    (!found.is_empty()).then(|| Digest::of(text.as_bytes()))
}
