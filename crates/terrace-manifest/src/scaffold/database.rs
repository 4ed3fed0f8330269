//! Databases: by the drivers in use, and by the containers that people start for them.

use std::collections::BTreeMap;

use terrace_topology::{Engine, EngineVersion};

use super::text::{lies_in, name_of};
use super::{Fact, FolderView, package};

/// What was seen of one engine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) engine: Engine,
    /// The version that a Compose file starts.
    pub(super) version: Option<EngineVersion>,
    /// Each sign of it: a word, and the file that it stands in.
    pub(super) signs: Vec<Fact>,
}

/// Packages that speak to one engine only, by the file that lists them.
const DRIVERS: &[(&str, Engine, &[&str])] = &[
    (
        "Cargo.toml",
        Engine::Postgres,
        &[
            "tokio-postgres",
            "deadpool-postgres",
            "diesel-async/postgres",
            "sqlx-postgres",
            "\"postgres\"",
            "postgres =",
        ],
    ),
    ("Cargo.toml", Engine::Mysql, &["mysql_async", "sqlx-mysql", "\"mysql\"", "mysql ="]),
    ("requirements.txt", Engine::Postgres, &["psycopg", "asyncpg", "pg8000"]),
    (
        "requirements.txt",
        Engine::Mysql,
        &["pymysql", "mysqlclient", "aiomysql", "asyncmy", "mysql-connector"],
    ),
    (
        "go.mod",
        Engine::Postgres,
        &[
            "github.com/lib/pq",
            "github.com/jackc/pgx",
            "gorm.io/driver/postgres",
            "github.com/go-pg/pg",
            "bun/driver/pgdriver",
        ],
    ),
    ("go.mod", Engine::Mysql, &["github.com/go-sql-driver/mysql", "gorm.io/driver/mysql"]),
    ("schema.prisma", Engine::Postgres, &["\"postgresql\"", "\"postgres\""]),
    ("schema.prisma", Engine::Mysql, &["\"mysql\""]),
    ("settings.py", Engine::Postgres, &["django.db.backends.postgresql"]),
    ("settings.py", Engine::Mysql, &["django.db.backends.mysql"]),
];

const NODE: &[(Engine, &[&str])] = &[
    (
        Engine::Postgres,
        &[
            "pg",
            "pg-promise",
            "postgres",
            "@neondatabase/serverless",
            "slonik",
            "@prisma/adapter-pg",
            "pg-native",
        ],
    ),
    (Engine::Mysql, &["mysql", "mysql2", "mariadb", "@prisma/adapter-mariadb"]),
];

/// Every engine of which something was seen within one folder, or beside it in a Compose file; the surest first.
pub(super) fn all(folder: &FolderView, root: &str) -> Vec<Found> {
    let mut signs: BTreeMap<Engine, Vec<Fact>> = BTreeMap::new();
    let mut add = |engine: Engine, word: &str, path: &str| {
        let word = word.trim_matches(['"', ' ', '=']);
        let sign = Fact { what: format!("{}, by `{word}`", engine.title()), evidence: path.to_owned() };
        signs.entry(engine).or_default().push(sign);
    };
    for path in folder.paths().filter(|path| lies_in(path, root)) {
        let Some(text) = folder.text(path) else { continue };
        let text = text.to_ascii_lowercase();
        for (_, engine, words) in DRIVERS.iter().filter(|(file, ..)| lists(path, file)) {
            if let Some(word) = words.iter().find(|word| text.contains(**word)) {
                add(*engine, word, path);
            }
        }
    }
    for package in package::all(folder).iter().filter(|p| lies_in(&p.path(), root)) {
        for (engine, names) in NODE {
            if let Some(name) = names.iter().find(|name| package.needs(name)) {
                add(*engine, name, &package.path());
            }
        }
    }
    let mut versions: BTreeMap<Engine, EngineVersion> = BTreeMap::new();
    for (engine, version, image, path) in containers(folder) {
        add(engine, image, path);
        versions.extend(version.map(|version| (engine, version)));
    }
    let mut found: Vec<Found> = signs
        .into_iter()
        .map(|(engine, signs)| Found { engine, version: versions.get(&engine).cloned(), signs })
        .collect();
    found.sort_by_key(|found| (std::cmp::Reverse(found.signs.len()), found.engine));
    found
}

fn lists(path: &str, file: &str) -> bool {
    let name = name_of(path);
    let is_python = matches!(name, "requirements.txt" | "pyproject.toml" | "Pipfile" | "setup.py");
    name == file || (file == "requirements.txt" && is_python)
}

/// `image: postgres:16-alpine` in a Compose file.
fn containers(folder: &FolderView) -> Vec<(Engine, Option<EngineVersion>, &str, &str)> {
    let is_compose = |path: &&str| {
        let name = name_of(path);
        (name.starts_with("docker-compose") || name.starts_with("compose")) && name.ends_with("ml")
    };
    let mut all = Vec::new();
    for path in folder.paths().filter(is_compose) {
        for line in folder.text(path).unwrap_or_default().lines() {
            let Some(image) = line.trim().strip_prefix("image:") else { continue };
            let image = image.trim().trim_matches(['"', '\'']);
            let (name, tag) = image.split_once(':').unwrap_or((image, ""));
            let engine = match name_of(name) {
                "postgres" | "postgresql" | "postgis" => Engine::Postgres,
                "mysql" | "mariadb" => Engine::Mysql,
                _ => continue,
            };
            let numbers = tag.split(|c: char| !(c.is_ascii_digit() || c == '.')).next().unwrap_or_default();
            // MariaDB counts its versions in its own way, which no MySQL has.
            let version = if name_of(name) == "mariadb" { None } else { numbers.parse().ok() };
            all.push((engine, version, image, path));
        }
    }
    all
}

/// Databases that Terrace does not run, if the project uses one.
pub(super) fn other(folder: &FolderView, root: &str) -> Option<&'static str> {
    const OTHERS: &[(&str, &str)] = &[
        ("mongoose", "MongoDB"),
        ("mongodb", "MongoDB"),
        ("pymongo", "MongoDB"),
        ("better-sqlite3", "SQLite"),
        ("rusqlite", "SQLite"),
        ("aiosqlite", "SQLite"),
        ("sqlite3", "SQLite"),
        ("go-sqlite3", "SQLite"),
    ];
    let lists = [
        "package.json",
        "Cargo.toml",
        "requirements.txt",
        "pyproject.toml",
        "Pipfile",
        "go.mod",
        "settings.py",
    ];
    folder
        .paths()
        .filter(|path| lies_in(path, root) && lists.contains(&name_of(path)))
        .filter_map(|path| folder.text(path))
        .find_map(|text| OTHERS.iter().find(|(word, _)| text.contains(word)).map(|(_, name)| *name))
}
