//! Apps in Rust.

use toml::Table;

use super::FoundApp;
use crate::scaffold::FolderView;
use crate::scaffold::text::{as_root, folder_of, from_folder, lies_in, name_of, within};

const FRAMEWORKS: &[(&str, &str)] = &[
    ("axum", "axum"),
    ("actix-web", "Actix Web"),
    ("rocket", "Rocket"),
    ("poem", "poem"),
    ("salvo", "salvo"),
    ("warp", "warp"),
    ("tide", "tide"),
    ("hyper", "hyper"),
];

/// Every package that serves HTTP.
pub(super) fn all(folder: &FolderView) -> Vec<FoundApp> {
    let manifests: Vec<(&str, Table)> = folder
        .paths()
        .filter(|path| name_of(path) == "Cargo.toml")
        .filter_map(|path| Some((folder_of(path), folder.text(path)?.parse().ok()?)))
        .collect();
    manifests.iter().filter_map(|(root, manifest)| app(folder, root, manifest, &manifests)).collect()
}

fn app(folder: &FolderView, root: &str, manifest: &Table, all: &[(&str, Table)]) -> Option<FoundApp> {
    let package = manifest.get("package")?.as_table()?.get("name")?.as_str()?;
    let dependencies = manifest.get("dependencies")?.as_table()?;
    let (_, framework) = FRAMEWORKS.iter().find(|(name, _)| dependencies.contains_key(*name))?;
    let program = program(folder, root, manifest, package)?;
    // Cargo builds into the workspace's folder, wherever it is called.
    let workspace = all
        .iter()
        .filter(|(at, manifest)| *at != root && lies_in(root, at) && manifest.contains_key("workspace"))
        .map(|(at, _)| *at)
        .min_by_key(|at| at.len());
    let (home, build) = match workspace {
        Some(workspace) => (workspace, format!("cargo build --release -p {package}")),
        None => (root, "cargo build --release".to_owned()),
    };
    Some(FoundApp {
        root: as_root(home).to_owned(),
        kind: format!("{framework} in Rust"),
        build: Some(build),
        run: Some(format!("target/release/{program}")),
        image: None,
        migration: None,
        port: 8000,
        sources: root.to_owned(),
        passes_port: false,
        evidence: within(root, "Cargo.toml"),
    })
}

/// The program that the package makes: `default-run`, its only `[[bin]]`, or itself.
fn program(folder: &FolderView, root: &str, manifest: &Table, package: &str) -> Option<String> {
    let default = manifest.get("package").and_then(|p| p.get("default-run")).and_then(|name| name.as_str());
    let named = manifest
        .get("bin")
        .and_then(|bins| bins.as_array())
        .and_then(|bins| bins.iter().find_map(|bin| bin.get("name")?.as_str()));
    if let Some(name) = default.or(named) {
        return Some(name.to_owned());
    }
    if folder.has(&within(root, "src/main.rs")) {
        return Some(package.to_owned());
    }
    folder
        .paths()
        .filter(|path| lies_in(path, root))
        .map(|path| from_folder(path, root))
        .find_map(|path| path.strip_prefix("src/bin/")?.strip_suffix(".rs"))
        .map(str::to_owned)
}
