//! Whether the program that is run is the one that Cargo builds: its profile, its name, its place.

use std::path::{Path, PathBuf};

use terrace_diag::{Diagnostic, Diagnostics};

use super::command_line::{Step, steps};
use super::{Commanded, Purpose, Site, code, nearest};

/// Compares a service's `run` with the `cargo build` before it.
pub(super) fn inspect(site: &Site<'_>, command: &Commanded<'_>, found: &mut Diagnostics) {
    let (Purpose::Run, Some(build)) = (command.purpose, command.build) else { return };
    let run = steps(command.line.as_str());
    let build = steps(build.as_str());
    let (Some(run), Some(cargo)) = (run.first(), build.iter().find(|step| is_build(step))) else { return };
    let Some(built) = Built::of(run.program()) else { return };
    let folder = site.path(command.root).join(&cargo.folder);
    let diagnostic = other_profile(site, command, cargo, &built)
        .or_else(|| other_name(site, command, cargo, &folder, &built))
        .or_else(|| other_place(site, command, &folder, &built));
    if let Some(diagnostic) = diagnostic {
        found.push(diagnostic);
    }
}

/// Whether it is a build whose result is at the usual place.
pub(crate) fn is_build(step: &Step) -> bool {
    let elsewhere =
        ["--profile", "--target", "--target-dir", "--manifest-path", "--config", "--artifact-dir"];
    let starts = |word: &String| elsewhere.iter().any(|e| word == e || word.starts_with(&format!("{e}=")));
    step.program() == "cargo" && (step.has("build") || step.has("b")) && !step.words.iter().any(starts)
}

/// A program in Cargo's folder: `target/release/shop`.
struct Built<'a> {
    whole: &'a str,
    profile: &'a str,
    name: &'a str,
}

impl<'a> Built<'a> {
    fn of(whole: &'a str) -> Option<Self> {
        let rest = whole.trim_start_matches("./").strip_prefix("target/")?;
        let (profile, name) = rest.split_once('/')?;
        let plain = matches!(profile, "debug" | "release") && !name.contains('/') && !name.is_empty();
        plain.then_some(Self { whole, profile, name })
    }
}

fn other_profile(
    site: &Site<'_>,
    command: &Commanded<'_>,
    cargo: &Step,
    built: &Built<'_>,
) -> Option<Diagnostic> {
    let released = cargo.has("--release") || cargo.has("-r");
    let (label, help) = match (released, built.profile) {
        (true, "debug") => ("the build makes a release", format!("run `target/release/{}`", built.name)),
        (false, "release") => {
            ("the build has no `--release`", "build with `cargo build --release`".to_owned())
        }
        _ => return None,
    };
    let message = format!("the build does not make `{}`", built.whole);
    let diagnostic = Diagnostic::warning(code::OTHER_BUILD, message);
    Some(site.point(diagnostic, &command.key, built.whole, label).help(help))
}

fn other_name(
    site: &Site<'_>,
    command: &Commanded<'_>,
    cargo: &Step,
    folder: &Path,
    built: &Built<'_>,
) -> Option<Diagnostic> {
    if ["-p", "--package", "--workspace", "--all", "--examples", "--example"]
        .iter()
        .any(|word| cargo.has(word))
    {
        return None;
    }
    let names = programs(folder)?;
    if names.iter().any(|name| name == built.name) {
        return None;
    }
    let message = format!("the build does not make `{}`", built.whole);
    let diagnostic = Diagnostic::error(code::OTHER_BUILD, message);
    let label = format!("Cargo.toml of `{}` has no program of this name", command.root);
    let diagnostic = site.point(diagnostic, &command.key, built.whole, label);
    let near = nearest(built.name, names.iter().map(String::as_str));
    let near = near.or_else(|| names.first().filter(|_| names.len() == 1).map(String::as_str));
    let help = match near {
        Some(name) => format!("it makes `target/{}/{name}`", built.profile),
        None if names.is_empty() => "it makes no program: is it a library only?".to_owned(),
        None => format!("it makes `{}`", names.join("`, `")),
    };
    Some(diagnostic.help(help))
}

/// The programs that a package makes (The Cargo Book, Cargo Targets); none if its manifest says that elsewhere.
fn programs(folder: &Path) -> Option<Vec<String>> {
    let text = std::fs::read_to_string(folder.join("Cargo.toml")).ok()?;
    let manifest: toml::Table = toml::from_str(&text).ok()?;
    if manifest.contains_key("workspace") {
        return None;
    }
    let package = manifest.get("package")?;
    let own = package.get("name")?.as_str()?.to_owned();
    let mut names: Vec<String> = manifest
        .get("bin")
        .and_then(toml::Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(|bin| bin.get("name")?.as_str().map(str::to_owned))
        .collect();
    if package.get("autobins").and_then(toml::Value::as_bool) == Some(false) {
        return Some(names);
    }
    if folder.join("src/main.rs").is_file() {
        names.push(own);
    }
    for entry in std::fs::read_dir(folder.join("src/bin")).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.extension().is_some_and(|e| e == "rs") || path.join("main.rs").is_file() {
            names.extend(path.file_stem().and_then(|stem| stem.to_str()).map(str::to_owned));
        }
    }
    Some(names)
}

/// A member of a workspace is built into the workspace's folder, not into its own.
fn other_place(
    site: &Site<'_>,
    command: &Commanded<'_>,
    folder: &Path,
    built: &Built<'_>,
) -> Option<Diagnostic> {
    let top = workspace(folder)?;
    let depth = folder.canonicalize().ok()?.strip_prefix(&top).ok()?.components().count();
    let right = format!("{}{}", "../".repeat(depth), built.whole.trim_start_matches("./"));
    let message = format!("the build does not make `{}`", built.whole);
    let diagnostic = Diagnostic::error(code::OTHER_BUILD, message);
    let label =
        format!("`{}` is a member of the workspace above it, which has its own `target`", command.root);
    Some(site.point(diagnostic, &command.key, built.whole, label).help(format!("run `{right}`")))
}

/// The folder of the workspace above a package that names it as a member.
fn workspace(folder: &Path) -> Option<PathBuf> {
    let folder = folder.canonicalize().ok()?;
    for above in folder.ancestors().skip(1) {
        let Ok(text) = std::fs::read_to_string(above.join("Cargo.toml")) else { continue };
        let manifest: toml::Table = toml::from_str(&text).ok()?;
        let workspace = manifest.get("workspace")?;
        let relative = folder.strip_prefix(above).ok()?.to_str()?.to_owned();
        let lists = |key: &str| {
            let all = workspace.get(key).and_then(toml::Value::as_array).into_iter().flatten();
            all.filter_map(toml::Value::as_str)
                .any(|pattern| covers(pattern.trim_end_matches('/'), &relative))
        };
        return (lists("members") && !lists("exclude")).then(|| above.to_owned());
    }
    None
}

/// Whether a pattern of `members` covers a path; `*` stands for one part of it.
fn covers(pattern: &str, path: &str) -> bool {
    let (pattern, path): (Vec<&str>, Vec<&str>) = (pattern.split('/').collect(), path.split('/').collect());
    let same = |(wanted, part): (&&str, &&str)| *wanted == "*" || wanted == part;
    pattern.len() == path.len() && pattern.iter().zip(&path).all(same)
}
