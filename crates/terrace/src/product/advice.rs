//! The Dockerfile that suits an app that has none, as far as its folder tells.

use std::fmt::Write as _;
use std::path::Path;

use terrace_topology::{CommandLine, Runtime, Service};

use super::words;

/// Where it belongs, from the service's folder.
pub(super) const NAME: &str = "Dockerfile";

/// The text; none for what is not known here.
pub(super) fn dockerfile(folder: &Path, service: &Service, line: &CommandLine) -> Option<String> {
    let has = |name: &str| folder.join(name).is_file();
    let (mut text, environment) = match service.runtime {
        Some(Runtime::Java(version)) => (java(version, line), ""),
        Some(Runtime::Python(minor)) => python(folder, minor)?,
        Some(Runtime::Node(major)) => node(folder, major)?,
        Some(Runtime::Native) => return None,
        None if has("package.json") && !has("requirements.txt") => node(folder, 22)?,
        None if has("requirements.txt") || has("pyproject.toml") => python(folder, 12)?,
        None if line.as_str().contains(".jar") => (java(21, line), ""),
        None => return None,
    };
    text.push_str(environment);
    // Writing into a String cannot fail.
    let _ = write!(text, "USER 10001:10001\nCMD {}\n", command(line, service));
    Some(text)
}

/// What the image starts: words where they are plain, else the line for its shell.
fn command(line: &CommandLine, service: &Service) -> String {
    // Packages are in the image's own interpreter.
    let bare = [".venv/bin/", "venv/bin/"].into_iter().find_map(|prefix| line.as_str().strip_prefix(prefix));
    let bare = bare.unwrap_or(line.as_str());
    let words = words::plain(bare, service.port)
        .unwrap_or_else(|| vec!["/bin/sh".into(), "-c".into(), bare.to_owned()]);
    serde_json::to_string(&words).unwrap_or_default()
}

fn python(folder: &Path, minor: u8) -> Option<(String, &'static str)> {
    let has = |name: &str| folder.join(name).is_file();
    let from = format!("FROM python:3.{minor}-slim\nWORKDIR /app\n");
    if has("uv.lock") {
        let steps = "RUN pip install --no-cache-dir uv\nCOPY pyproject.toml uv.lock ./\nRUN uv sync --frozen --no-dev --no-install-project\nCOPY . .\n";
        return Some((from + steps, "ENV PATH=/app/.venv/bin:$PATH\n"));
    }
    let steps = if has("requirements.txt") {
        "COPY requirements.txt .\nRUN pip install --no-cache-dir -r requirements.txt\nCOPY . .\n"
    } else if has("pyproject.toml") {
        "COPY . .\nRUN pip install --no-cache-dir .\n"
    } else {
        return None;
    };
    Some((from + steps, ""))
}

fn node(folder: &Path, major: u8) -> Option<(String, &'static str)> {
    let has = |name: &str| folder.join(name).is_file();
    let package = std::fs::read(folder.join("package.json")).ok()?;
    let package: serde_json::Value = serde_json::from_slice(&package).ok()?;
    let (lock, install, run) = if has("pnpm-lock.yaml") {
        ("pnpm-lock.yaml", "corepack enable && pnpm install --frozen-lockfile", "pnpm run build")
    } else if has("yarn.lock") {
        ("yarn.lock", "corepack enable && yarn install --immutable", "yarn run build")
    } else if has("package-lock.json") {
        ("package-lock.json", "npm ci", "npm run build")
    } else {
        ("", "npm install", "npm run build")
    };
    let lock = if lock.is_empty() { String::new() } else { format!("{lock} ") };
    let build = package.pointer("/scripts/build").map(|_| format!("RUN {run}\n")).unwrap_or_default();
    let text = format!(
        "FROM node:{major}-slim\nWORKDIR /app\nCOPY package.json {lock}./\nRUN {install}\nCOPY . .\n{build}"
    );
    Some((text, "ENV NODE_ENV=production\n"))
}

fn java(version: u8, line: &CommandLine) -> String {
    let jar = line.as_str().split_whitespace().find(|word| word.ends_with(".jar")).unwrap_or("app.jar");
    format!("FROM eclipse-temurin:{version}-jre\nWORKDIR /app\nCOPY {jar} {jar}\n")
}
