//! `package.json`: what it needs, what it can do, and who installs it.

use std::collections::BTreeSet;

use serde_json::Value;

use super::FolderView;
use super::text::{folder_of, name_of, within};

/// One `package.json` that could be read.
#[derive(Clone, Debug)]
pub(super) struct Package {
    /// Its folder.
    pub(super) folder: String,
    json: Value,
    dependencies: BTreeSet<String>,
}

/// Every readable `package.json` of the project.
pub(super) fn all(folder: &FolderView) -> Vec<Package> {
    folder
        .paths()
        .filter(|path| name_of(path) == "package.json")
        .filter_map(|path| {
            let json: Value = serde_json::from_str(folder.text(path)?).ok()?;
            let names = |key: &str| -> Vec<String> {
                json.get(key)
                    .and_then(Value::as_object)
                    .into_iter()
                    .flatten()
                    .map(|(k, _)| k.clone())
                    .collect()
            };
            let dependencies =
                [names("dependencies"), names("devDependencies")].into_iter().flatten().collect();
            Some(Package { folder: folder_of(path).to_owned(), json, dependencies })
        })
        .collect()
}

impl Package {
    /// Where it lies.
    pub(super) fn path(&self) -> String {
        within(&self.folder, "package.json")
    }

    /// Whether it needs a package.
    pub(super) fn needs(&self, name: &str) -> bool {
        self.dependencies.contains(name)
    }

    /// The command behind a script's name.
    pub(super) fn script(&self, name: &str) -> Option<&str> {
        self.json.get("scripts")?.get(name)?.as_str().map(str::trim).filter(|script| !script.is_empty())
    }

    /// The file that `main` names.
    pub(super) fn main(&self) -> Option<&str> {
        self.json.get("main")?.as_str()
    }

    /// Who installs it, by the nearest lock file.
    pub(super) fn installer(&self, folder: &FolderView) -> Installer {
        let mut at = self.folder.as_str();
        loop {
            let has = |name: &str| folder.has(&within(at, name));
            if has("package-lock.json") || has("npm-shrinkwrap.json") {
                return Installer::Npm { is_locked: true };
            }
            if has("pnpm-lock.yaml") {
                return Installer::Pnpm;
            }
            if has("yarn.lock") {
                return Installer::Yarn { is_modern: has(".yarnrc.yml") || self.asks_for_modern_yarn() };
            }
            if has("bun.lock") || has("bun.lockb") {
                return Installer::Bun;
            }
            if at.is_empty() {
                return Installer::Npm { is_locked: false };
            }
            at = folder_of(at);
        }
    }

    fn asks_for_modern_yarn(&self) -> bool {
        let asked = self.json.get("packageManager").and_then(Value::as_str).unwrap_or_default();
        asked
            .strip_prefix("yarn@")
            .is_some_and(|version| !version.starts_with("1.") && !version.starts_with("0."))
    }
}

/// Who installs packages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Installer {
    Npm { is_locked: bool },
    Pnpm,
    Yarn { is_modern: bool },
    Bun,
}

impl Installer {
    /// The command that installs what the lock file says.
    pub(super) fn install(self) -> &'static str {
        match self {
            Self::Npm { is_locked: true } => "npm ci",
            Self::Npm { is_locked: false } => "npm install",
            Self::Pnpm => "pnpm install --frozen-lockfile",
            Self::Yarn { is_modern: true } => "yarn install --immutable",
            Self::Yarn { is_modern: false } => "yarn install --frozen-lockfile",
            Self::Bun => "bun install --frozen-lockfile",
        }
    }

    /// The command that runs a script.
    pub(super) fn run(self, script: &str) -> String {
        let program = match self {
            Self::Npm { .. } => "npm",
            Self::Pnpm => "pnpm",
            Self::Yarn { .. } => "yarn",
            Self::Bun => "bun",
        };
        format!("{program} run {script}")
    }

    /// Installs, then runs a script.
    pub(super) fn install_and_run(self, script: &str) -> String {
        format!("{} && {}", self.install(), self.run(script))
    }
}
