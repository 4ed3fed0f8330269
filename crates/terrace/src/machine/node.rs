//! `package.json`: the scripts, lock files and versions that commands rely on.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use semver::{Version, VersionReq};
use terrace_diag::{Diagnostic, Diagnostics};

use super::command_line::{Step, steps};
use super::{Commanded, Depth, Site, code};

/// Checks what a command's package managers will look for.
pub(super) fn inspect(site: &Site<'_>, command: &Commanded<'_>, depth: Depth, found: &mut Diagnostics) {
    let mut uses_node = None;
    for step in steps(command.line.as_str()) {
        let folder = site.path(command.root).join(&step.folder);
        let Some(wish) = Wish::of(&step) else {
            if step.program() == "node" {
                uses_node = Some(folder);
            }
            continue;
        };
        match wish {
            Wish::Script(name) => script(site, command, &step, &folder, name, found),
            Wish::Locked(manager) => lock(site, command, &step, &folder, manager, found),
            Wish::Package => {}
        }
        uses_node = Some(folder);
    }
    if let (Depth::Everything, Some(folder)) = (depth, uses_node) {
        version(site, command, &folder, found);
    }
}

/// What a package manager is asked for.
enum Wish<'a> {
    /// To run a script of `package.json`.
    Script(&'a str),
    /// To install exactly what the lock file says.
    Locked(&'static Manager),
    /// Something else that needs no more than Node.js.
    Package,
}

/// A package manager, and the files it locks versions in.
struct Manager {
    name: &'static str,
    locks: &'static [&'static str],
    unlocked: &'static str,
}

const NPM: Manager =
    Manager { name: "npm", locks: &["package-lock.json", "npm-shrinkwrap.json"], unlocked: "npm install" };
const YARN: Manager = Manager { name: "yarn", locks: &["yarn.lock"], unlocked: "yarn install" };
const PNPM: Manager = Manager { name: "pnpm", locks: &["pnpm-lock.yaml"], unlocked: "pnpm install" };
const BUN: Manager = Manager { name: "bun", locks: &["bun.lock", "bun.lockb"], unlocked: "bun install" };

impl<'a> Wish<'a> {
    fn of(step: &'a Step) -> Option<Self> {
        let manager = match step.program() {
            "npm" => &NPM,
            "yarn" => &YARN,
            "pnpm" => &PNPM,
            "bun" => &BUN,
            "npx" => return Some(Self::Package),
            _ => return None,
        };
        let elsewhere =
            ["--prefix", "-C", "--dir", "--cwd", "-w", "--workspace", "--workspaces", "--filter", "-r"];
        let words = || step.words.iter().map(String::as_str);
        let goes =
            words().any(|word| elsewhere.iter().any(|e| word == *e || word.starts_with(&format!("{e}="))));
        let lenient = words().any(|word| word == "--if-present");
        if goes || lenient {
            return Some(Self::Package);
        }
        let mut arguments = step.arguments();
        let frozen = step.has("--frozen-lockfile") || step.has("--immutable");
        Some(match (arguments.next(), arguments.next()) {
            (Some("run" | "run-script"), Some(name)) => Self::Script(name),
            (Some(name @ ("start" | "test")), _) if manager.name != "bun" => Self::Script(name),
            (Some("ci" | "clean-install"), _) if manager.name == "npm" => Self::Locked(&NPM),
            (Some("install" | "i") | None, _) if frozen => Self::Locked(manager),
            (Some(name @ "build"), None) if matches!(manager.name, "yarn" | "pnpm") => Self::Script(name),
            _ => Self::Package,
        })
    }
}

fn script(
    site: &Site<'_>,
    command: &Commanded<'_>,
    step: &Step,
    folder: &Path,
    name: &str,
    found: &mut Diagnostics,
) {
    let place = command.root.as_str();
    let program = step.program();
    let package = match package(folder) {
        Package::Read(package) => package,
        Package::Missing => {
            let diagnostic = Diagnostic::error(code::MISSING_FILE, format!("`{place}` has no package.json"));
            let label = format!("`{program}` looks for it there");
            found.push(site.point(diagnostic, &command.key, program, label));
            return;
        }
        Package::Broken(error) => {
            let message = format!("package.json of `{place}` is not JSON: {error}");
            let diagnostic = Diagnostic::error(code::MISSING_FILE, message);
            found.push(site.point(diagnostic, &command.key, program, format!("`{program}` reads it")));
            return;
        }
    };
    let scripts: Vec<&str> = package
        .get("scripts")
        .and_then(|s| s.as_object())
        .into_iter()
        .flatten()
        .map(|(k, _)| k.as_str())
        .collect();
    if scripts.contains(&name) || (name == "start" && folder.join("server.js").is_file()) {
        return;
    }
    let message = format!("package.json of `{place}` has no script `{name}`");
    let diagnostic = Diagnostic::error(code::MISSING_SCRIPT, message);
    let diagnostic = site.point(diagnostic, &command.key, name, "");
    found.push(match (nearest(name, scripts.iter().copied()), scripts.is_empty()) {
        (Some(near), _) => diagnostic.help(format!("did you mean `{near}`?")),
        (None, true) => diagnostic.help("it has no scripts at all"),
        (None, false) => diagnostic.help(format!("it has `{}`", scripts.join("`, `"))),
    });
}

fn lock(
    site: &Site<'_>,
    command: &Commanded<'_>,
    step: &Step,
    folder: &Path,
    manager: &Manager,
    found: &mut Diagnostics,
) {
    let has = |folder: &Path, manager: &Manager| manager.locks.iter().any(|lock| folder.join(lock).is_file());
    // In a workspace the lock file lies at its top, which is in the same repository.
    let mut within = vec![folder];
    for above in folder.ancestors().skip(1) {
        if within.last().is_some_and(|below| below.join(".git").exists()) {
            break;
        }
        within.push(above);
    }
    if !folder.join("package.json").is_file() || within.iter().any(|folder| has(folder, manager)) {
        return;
    }
    let place = command.root.as_str();
    let name = manager.locks.first().copied().unwrap_or_default();
    let word = if manager.name == "npm" { "ci" } else { manager.name };
    let diagnostic = Diagnostic::error(code::MISSING_LOCK, format!("`{place}` has no {name}"));
    let label = format!("`{}` installs exactly what it says", step.words.join(" "));
    let diagnostic = site.point(diagnostic, &command.key, word, label);
    let other = [&NPM, &YARN, &PNPM, &BUN].into_iter().find(|other| has(folder, other));
    found.push(match other {
        Some(other) => {
            diagnostic.help(format!("it has the lock file of `{0}`: build with `{0}`", other.name))
        }
        None => diagnostic
            .help(format!("run `{}` once in `{place}` and keep the file it writes", manager.unlocked)),
    });
}

/// `engines.node` against the Node.js that runs here.
fn version(site: &Site<'_>, command: &Commanded<'_>, folder: &Path, found: &mut Diagnostics) {
    let Package::Read(package) = package(folder) else { return };
    let Some(wanted) = package.get("engines").and_then(|e| e.get("node")).and_then(|n| n.as_str()) else {
        return;
    };
    let Some(node) = site.tools.find("node") else { return };
    let Some(here) = ask_version(&node) else { return };
    if satisfies(&here, wanted) != Some(false) {
        return;
    }
    let place = command.root.as_str();
    let diagnostic =
        Diagnostic::warning(code::OLD_TOOL, format!("Node.js here is {here}, `{place}` wants {wanted}"));
    let diagnostic = site.point(diagnostic, &command.key, "", "`engines.node` of its package.json");
    found.push(diagnostic.help("install a version that fits, or change `engines.node` if this one does"));
}

fn ask_version(node: &Path) -> Option<Version> {
    let output =
        Command::new(node).arg("--version").stdin(Stdio::null()).stderr(Stdio::null()).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    Version::parse(text.trim().trim_start_matches('v')).ok()
}

/// Whether a version is in a range of node-semver; none if the range has a form that is not understood here.
fn satisfies(version: &Version, range: &str) -> Option<bool> {
    let mut any = false;
    for alternative in range.split("||") {
        if alternative.contains(" - ") {
            return None;
        }
        // `>= 18` is one comparator, `>=18 <23` is two.
        let mut comparators: Vec<String> = Vec::new();
        for word in alternative.split_whitespace() {
            match comparators.last_mut() {
                Some(last) if last.ends_with(['>', '<', '=', '^', '~']) => last.push_str(word),
                _ => comparators.push(word.to_owned()),
            }
        }
        // A bare version is exactly that one there, and a caret here; a bare major is the same in both.
        for comparator in &mut comparators {
            let bare = comparator.trim_start_matches('v').to_owned();
            let is_full = bare.starts_with(|c: char| c.is_ascii_digit()) && !bare.contains(['x', 'X', '*']);
            *comparator = match (is_full, bare.matches('.').count()) {
                (true, 0) => format!("{bare}.*"),
                (true, 1) => format!("~{bare}"),
                (true, _) => format!("={bare}"),
                (false, _) => bare,
            };
        }
        let wanted = if comparators.is_empty() { "*".to_owned() } else { comparators.join(", ") };
        any |= VersionReq::parse(&wanted).ok()?.matches(version);
    }
    Some(any)
}

enum Package {
    Read(serde_json::Value),
    Missing,
    Broken(serde_json::Error),
}

fn package(folder: &Path) -> Package {
    let file: PathBuf = folder.join("package.json");
    match std::fs::read(file) {
        Err(_) => Package::Missing,
        Ok(bytes) => match serde_json::from_slice(bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes)) {
            Ok(package) => Package::Read(package),
            Err(error) => Package::Broken(error),
        },
    }
}

/// The known name that was probably meant.
pub(crate) fn nearest<'a>(typed: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let near = |name: &str| {
        let distance = strsim::damerau_levenshtein(typed, name);
        (distance <= typed.chars().count().max(3) / 3).then_some(distance)
    };
    known.filter_map(|name| near(name).map(|distance| (distance, name))).min().map(|(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_of_node_are_understood() {
        let cases = [
            ("22.12.0", ">=18", Some(true)),
            ("18.19.0", "^20.19.0 || >=22.12.0", Some(false)),
            ("22.12.0", "^20.19.0 || >=22.12.0", Some(true)),
            ("20.1.0", "20", Some(true)),
            ("21.0.0", "20", Some(false)),
            ("20.9.0", "20.x", Some(true)),
            ("20.9.0", ">= 18 < 20", Some(false)),
            ("20.9.0", "20.8.0", Some(false)),
            ("20.9.0", "*", Some(true)),
            ("20.9.0", "18 - 22", None),
            ("20.9.0", "lts", None),
        ];
        for (version, range, expected) in cases {
            assert_eq!(satisfies(&Version::parse(version).unwrap(), range), expected, "{version} in {range}");
        }
    }
}
