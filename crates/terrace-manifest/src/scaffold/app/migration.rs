//! Migrations: which command brings the database's tables to what the app expects.
//!
//! An app that migrates by itself when it starts has none, as far as its sources tell.

use super::{FoundApp, sources};
use crate::scaffold::text::{from_folder, lies_in, name_of, within};
use crate::scaffold::{Fact, FolderView, package};

/// A migration that was seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::scaffold) struct Migration {
    /// What runs, in the app's folder.
    pub(in crate::scaffold) command: String,
    /// Whose it is, in a word.
    tool: &'static str,
    evidence: String,
}

impl Migration {
    pub(in crate::scaffold) fn fact(&self) -> Fact {
        Fact { what: format!("migrations, by {}", self.tool), evidence: self.evidence.clone() }
    }
}

/// What is known by one file alone: the tool, the file from the app's folder, the command, and the words with which
/// an app's own sources do the same.
const BY_FILE: &[(&str, &str, &str, &[&str])] = &[
    ("Django", "manage.py", ".venv/bin/python manage.py migrate --noinput", &[]),
    ("Alembic", "alembic.ini", ".venv/bin/alembic upgrade head", &["command.upgrade("]),
    ("Rails", "bin/rails", "bin/rails db:migrate", &[]),
    ("Laravel", "artisan", "php artisan migrate --force", &[]),
    ("Diesel", "diesel.toml", "diesel migration run", &["embed_migrations!", "run_pending_migrations"]),
    ("Flyway", "flyway.toml", "flyway migrate", &[]),
    ("Flyway", "flyway.conf", "flyway migrate", &[]),
    ("Knex", "knexfile.js", "npx knex migrate:latest", &["migrate.latest("]),
    ("Knex", "knexfile.ts", "npx knex migrate:latest", &["migrate.latest("]),
    ("Drizzle", "drizzle.config.ts", "npx drizzle-kit migrate", &["/migrator"]),
    ("Sequelize", ".sequelizerc", "npx sequelize-cli db:migrate", &["umzug"]),
];

/// Scripts of `package.json` that people call so.
const SCRIPTS: &[&str] = &[
    "migrate:deploy",
    "migrate:prod",
    "db:migrate:deploy",
    "db:migrate",
    "migrate",
    "migration:run",
    "migrations:run",
];

/// The migration of an app, if it has one and does not do it by itself.
pub(super) fn of(folder: &FolderView, app: &FoundApp) -> Option<Migration> {
    let root = if app.root == "." { "" } else { app.root.as_str() };
    let itself = |words: &[&str]| {
        sources(folder, &app.sources).any(|(_, text)| words.iter().any(|word| text.contains(word)))
    };
    script(folder, root)
        .or_else(|| prisma(folder, root))
        .or_else(|| flask(folder, root))
        .or_else(|| sqlx(folder, root).filter(|_| !itself(&["migrate!(", "Migrator::new("])))
        .or_else(|| {
            BY_FILE.iter().find_map(|(tool, file, command, words)| {
                let evidence = within(root, file);
                let found = folder.has(&evidence) && !itself(words);
                found.then(|| Migration { command: (*command).to_owned(), tool, evidence })
            })
        })
}

/// A script that the project's people call for it.
fn script(folder: &FolderView, root: &str) -> Option<Migration> {
    let packages = package::all(folder);
    let package = packages.iter().find(|package| package.folder == root)?;
    let is_for_work =
        |script: &str| ["migrate dev", "nodemon", "--watch"].iter().any(|word| script.contains(word));
    let name = SCRIPTS.iter().find(|name| package.script(name).is_some_and(|script| !is_for_work(script)))?;
    let command = package.installer(folder).run(name);
    Some(Migration { command, tool: "a script of its own", evidence: package.path() })
}

/// Prisma, once there are migrations: without them its tables are pushed, which is no way for a release.
fn prisma(folder: &FolderView, root: &str) -> Option<Migration> {
    let is_migration = |path: &&str| name_of(path) == "migration.sql" && path.contains("prisma/migrations/");
    let evidence = folder.paths().filter(|path| lies_in(path, root)).find(is_migration)?.to_owned();
    Some(Migration { command: "npx prisma migrate deploy".to_owned(), tool: "Prisma", evidence })
}

fn flask(folder: &FolderView, root: &str) -> Option<Migration> {
    let lists = ["requirements.txt", "pyproject.toml", "Pipfile"];
    let evidence = lists.iter().map(|list| within(root, list)).find(|list| {
        folder.text(list).is_some_and(|text| text.to_ascii_lowercase().contains("flask-migrate"))
    })?;
    let is_there =
        folder.has(&within(root, "migrations/alembic.ini")) || folder.has(&within(root, "migrations/env.py"));
    is_there.then(|| Migration {
        command: ".venv/bin/flask db upgrade".to_owned(),
        tool: "Flask-Migrate",
        evidence,
    })
}

/// `migrations/*.sql` beside a package that needs sqlx.
fn sqlx(folder: &FolderView, root: &str) -> Option<Migration> {
    let needs = folder.text(&within(root, "Cargo.toml")).is_some_and(|text| text.contains("sqlx"));
    let is_migration = |path: &&str| {
        let path = from_folder(path, root);
        path.starts_with("migrations/") && path.ends_with(".sql")
    };
    let first = folder.paths().filter(|path| lies_in(path, root)).find(is_migration).filter(|_| needs)?;
    Some(Migration { command: "sqlx migrate run".to_owned(), tool: "sqlx", evidence: first.to_owned() })
}
