//! Apps: what answers requests behind the page.

mod container;
mod go;
pub(super) mod migration;
mod node;
mod python;
mod rust;

use super::text::{as_root, lies_in, number_after};
use super::{Fact, FolderView};
use migration::Migration;

/// An app that was seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct FoundApp {
    /// Its folder, from the project's.
    pub(super) root: String,
    /// What it is made with.
    pub(super) kind: String,
    pub(super) build: Option<String>,
    pub(super) run: Option<String>,
    /// Its Dockerfile, from `root`.
    pub(super) image: Option<String>,
    /// What brings its tables to what it expects.
    pub(super) migration: Option<Migration>,
    pub(super) port: u16,
    /// The folder whose sources are the app's, from the project's; empty for the project's own.
    pub(super) sources: String,
    /// Whether the command itself passes the port on, so that the sources need not read it.
    pub(super) passes_port: bool,
    /// Where it was seen.
    pub(super) evidence: String,
}

impl FoundApp {
    pub(super) fn fact(&self) -> Fact {
        let place = if self.root == "." { "here".to_owned() } else { format!("in {}", self.root) };
        Fact { what: format!("an app, {}, {place}", self.kind), evidence: self.evidence.clone() }
    }
}

/// Every app of the project, the likeliest first.
pub(super) fn all(folder: &FolderView) -> Vec<FoundApp> {
    let mut apps = rust::all(folder);
    apps.extend(python::all(folder));
    apps.extend(go::all(folder));
    apps.extend(node::all(folder));
    let files = container::all(folder);
    if apps.is_empty() {
        apps.extend(files.iter().map(container::Dockerfile::app));
    } else {
        for app in &mut apps {
            let own = files.iter().find(|file| as_root(&file.folder) == app.root);
            app.image = own.map(|file| file.name.clone());
        }
    }
    for app in &mut apps {
        if let Some(port) = port(folder, &app.sources) {
            app.port = port;
        }
        app.migration = migration::of(folder, app);
    }
    apps.sort_by_key(|app| (rank(&app.root), app.root.clone(), app.kind.clone()));
    apps
}

/// How unlikely a folder is to hold the app.
fn rank(root: &str) -> usize {
    const LIKELY: &[&str] = &["backend", "api", "server", "service", "app", "src", "."];
    const UNLIKELY: &[&str] =
        &["docs", "examples", "example", "e2e", "test", "tests", "scripts", "tools", "xtask"];
    let parts: Vec<&str> = root.split('/').collect();
    if parts.iter().any(|part| UNLIKELY.contains(part)) {
        return 100;
    }
    LIKELY.iter().position(|name| parts.contains(name)).unwrap_or(50)
}

/// The texts of the sources of one folder.
pub(super) fn sources<'f>(folder: &'f FolderView, root: &'f str) -> impl Iterator<Item = (&'f str, &'f str)> {
    const ENDINGS: &[&str] = &["rs", "py", "go", "js", "mjs", "cjs", "ts", "mts", "cts"];
    folder
        .paths()
        .filter(move |path| lies_in(path, root))
        .filter(|path| path.rsplit_once('.').is_some_and(|(_, ending)| ENDINGS.contains(&ending)))
        .filter_map(|path| Some((path, folder.text(path)?)))
}

/// The port that the sources fall back to.
fn port(folder: &FolderView, root: &str) -> Option<u16> {
    sources(folder, root).find_map(|(_, text)| {
        ["PORT", "listen(", "ListenAndServe(", "0.0.0.0", "127.0.0.1", "port="]
            .iter()
            .find_map(|word| number_after(text, word))
    })
}
