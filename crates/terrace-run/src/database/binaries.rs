//! Database servers that this machine has, and the one that suits best.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use terrace_topology::{Engine, EngineVersion};

use super::tool::Tool;
use super::version::{Maker, suitability, told};

/// A database server's programs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Binaries {
    pub(crate) maker: Maker,
    pub(crate) version: EngineVersion,
    /// The server program itself; links are followed, since servers look for their files beside it.
    pub(crate) server: PathBuf,
}

impl Binaries {
    /// What it is, as people say it.
    pub(crate) fn title(&self) -> String {
        format!("{} {}", self.maker.title(), self.version)
    }

    /// Another program of the same folder, or of the folders beside it that packages use; none if it is not there.
    pub(crate) fn beside(&self, name: &str) -> Option<PathBuf> {
        let folder = self.server.parent()?;
        [folder.to_owned(), folder.join("../bin"), folder.join("../scripts")]
            .into_iter()
            .map(|folder| folder.join(name))
            .find(|path| path.is_file())
    }

    /// How well it does what was asked; the best orders last. MariaDB only stands in for MySQL.
    pub(crate) fn rank(&self, asked: &EngineVersion) -> impl Ord + use<> {
        (self.maker != Maker::Mariadb, suitability(asked, &self.version))
    }

    /// Whether it is what was asked for.
    pub(crate) fn is(&self, asked: &EngineVersion) -> bool {
        self.maker != Maker::Mariadb && asked.is_met_by(&self.version)
    }
}

/// Every server for that engine in those folders.
pub(crate) async fn in_folders(engine: Engine, folders: impl IntoIterator<Item = PathBuf>) -> Vec<Binaries> {
    let mut seen = BTreeSet::new();
    let mut found = Vec::new();
    for folder in folders {
        for name in server_names(engine) {
            let Ok(server) = folder.join(name).canonicalize() else { continue };
            if !server.is_file() || !seen.insert(server.clone()) {
                continue;
            }
            if let Some(binaries) = ask(engine, server).await {
                found.push(binaries);
            }
        }
    }
    found
}

async fn ask(engine: Engine, server: PathBuf) -> Option<Binaries> {
    let said = Tool::new(&server).args(["--version"]).ask().await?;
    let (maker, version) = told(&said)?;
    let fits = match engine {
        Engine::Postgres => maker == Maker::Postgresql,
        Engine::Mysql => maker != Maker::Postgresql,
    };
    let binaries = Binaries { maker, version, server };
    // A client's package may bring the server's name without what makes a data folder.
    let whole = match binaries.maker {
        Maker::Postgresql => binaries.beside("initdb").is_some(),
        Maker::Mariadb => super::mariadb::installer(&binaries).is_some(),
        Maker::Mysql => true,
    };
    (fits && whole).then_some(binaries)
}

fn server_names(engine: Engine) -> &'static [&'static str] {
    match engine {
        Engine::Postgres => &["postgres"],
        Engine::Mysql => &["mysqld", "mariadbd"],
    }
}

/// The folders where packages of all kinds put servers, and those of `PATH`.
pub(crate) fn usual_folders(engine: Engine) -> Vec<PathBuf> {
    let mut folders: Vec<PathBuf> =
        std::env::var_os("PATH").map(|path| std::env::split_paths(&path).collect()).unwrap_or_default();
    folders.retain(|folder| folder.is_absolute());
    let patterns: &[(&str, &str, &str)] = match engine {
        Engine::Postgres => &[
            ("/usr/lib/postgresql", "", "bin"),
            ("/usr", "pgsql-", "bin"),
            ("/usr/local", "pgsql", "bin"),
            ("/opt/homebrew/opt", "postgresql", "bin"),
            ("/usr/local/opt", "postgresql", "bin"),
            ("/home/linuxbrew/.linuxbrew/opt", "postgresql", "bin"),
            ("/Applications/Postgres.app/Contents/Versions", "", "bin"),
        ],
        Engine::Mysql => &[
            ("/opt/homebrew/opt", "mysql", "bin"),
            ("/opt/homebrew/opt", "mariadb", "bin"),
            ("/usr/local/opt", "mysql", "bin"),
            ("/usr/local/opt", "mariadb", "bin"),
            ("/usr/local", "mysql", "bin"),
            ("/home/linuxbrew/.linuxbrew/opt", "mysql", "bin"),
            ("/home/linuxbrew/.linuxbrew/opt", "mariadb", "bin"),
        ],
    };
    for (parent, prefix, inner) in patterns {
        folders.extend(children(Path::new(parent), prefix).into_iter().map(|child| child.join(inner)));
    }
    folders.extend(["/usr/sbin", "/usr/libexec", "/usr/local/sbin", "/usr/bin"].map(PathBuf::from));
    folders
}

fn children(parent: &Path, prefix: &str) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(parent) else { return Vec::new() };
    let mut found: Vec<PathBuf> = entries
        .flatten()
        .filter(|entry| entry.file_name().to_string_lossy().starts_with(prefix))
        .map(|entry| entry.path())
        .collect();
    found.sort();
    found
}
