//! A manifest as text: what [`crate::parse`] reads back as the same manifest.

use std::fmt::Write;

use terrace_topology::SettingName;
use toml_writer::TomlStringBuilder;

use crate::Written;
use crate::manifest::{App, Count, Manifest, Page, Secret, Settings};
use crate::words::Word;

/// The manifest as text, in the order in which manifests are written.
pub fn print(manifest: &Manifest) -> String {
    let mut printer = Printer { text: String::new() };
    printer.settings(&manifest.settings);
    for (name, own) in &manifest.environments {
        printer.header(&format!("environments.{name}"));
        for (key, value) in assignments(own) {
            printer.line(&key, &value);
        }
    }
    printer.text
}

/// A string in TOML's quotes.
pub(crate) fn quoted(text: &str) -> String {
    let mut quoted = String::new();
    let string = TomlStringBuilder::new(text).as_basic();
    // Writing to a string does not fail.
    let _ = toml_writer::TomlWrite::value(&mut quoted, string);
    quoted
}

struct Printer {
    text: String,
}

impl Printer {
    fn line(&mut self, key: &str, value: &str) {
        let _ = writeln!(self.text, "{key} = {value}");
    }

    fn header(&mut self, path: &str) {
        let gap = if self.text.is_empty() { "" } else { "\n" };
        let _ = writeln!(self.text, "{gap}[{path}]");
    }

    fn settings(&mut self, settings: &Settings) {
        let mut open = String::new();
        // The page may be all defaults, and its table has to be there none the less.
        let mut needs_web = settings.web == Page::default();
        for (path, value) in assignments(settings) {
            let (table, key) = path.rsplit_once('.').unwrap_or(("", &path));
            if table != open {
                if std::mem::take(&mut needs_web) {
                    self.header("web");
                }
                self.header(table);
                table.clone_into(&mut open);
            }
            self.line(key, &value);
        }
        if needs_web {
            self.header("web");
        }
    }
}

type Lines = Vec<(String, String)>;

fn text<T: ToString>(lines: &mut Lines, path: &str, value: &Option<Written<T>>) {
    if let Some(written) = value {
        lines.push((path.to_owned(), quoted(&written.value().to_string())));
    }
}

fn word<T: Word>(lines: &mut Lines, path: &str, value: &Option<Written<T>>) {
    if let Some(written) = value {
        lines.push((path.to_owned(), quoted(written.value().word())));
    }
}

fn bare<T: ToString>(lines: &mut Lines, path: &str, value: &Option<Written<T>>) {
    if let Some(written) = value {
        lines.push((path.to_owned(), written.value().to_string()));
    }
}

/// Every setting as a dotted key and its value, tables kept together.
fn assignments(settings: &Settings) -> Lines {
    let mut lines = Lines::new();
    text(&mut lines, "name", &settings.name);
    word(&mut lines, "shape", &settings.shape);
    text(&mut lines, "region", &settings.region);
    bare(&mut lines, "zones", &settings.zones.as_ref().map(|z| Written::new(z.value().count(), z.span())));
    word(&mut lines, "edge", &settings.edge);
    text(&mut lines, "domain", &settings.domain);
    let web = &settings.web;
    text(&mut lines, "web.root", &web.root);
    text(&mut lines, "web.build", &web.build);
    text(&mut lines, "web.dist", &web.dist);
    bare(&mut lines, "web.spa", &web.spa);
    word(&mut lines, "web.server", &web.server);
    app(&mut lines, &settings.app);
    word(&mut lines, "data.engine", &settings.data.engine);
    text(&mut lines, "data.version", &settings.data.version);
    bare(&mut lines, "data.standby", &settings.data.standby);
    word(&mut lines, "egress.app", &settings.egress.app);
    lines
}

fn app(lines: &mut Lines, app: &App) {
    text(lines, "app.root", &app.root);
    text(lines, "app.build", &app.build);
    text(lines, "app.run", &app.run);
    text(lines, "app.image", &app.image);
    bare(lines, "app.port", &app.port);
    if let Some(paths) = &app.paths {
        let items: Vec<String> = paths.value().iter().map(|path| quoted(path.value().as_str())).collect();
        lines.push(("app.paths".to_owned(), format!("[{}]", items.join(", "))));
    }
    text(lines, "app.health", &app.health);
    count(lines, &app.count);
    bare(lines, "app.concurrency", &app.concurrency);
    let setting = |table: &str, name: &SettingName| format!("app.{table}.{name}");
    for (name, value) in &app.variables {
        lines.push((setting("variables", name), quoted(value.value().as_str())));
    }
    for (name, secret) in &app.secrets {
        let source = match secret {
            Secret::Generate(length) => format!("{{ generate = {} }}", length.value().bytes()),
            Secret::Existing(existing) => format!("{{ secret = {} }}", quoted(existing.value().as_str())),
        };
        lines.push((setting("secrets", name), source));
    }
}

fn count(lines: &mut Lines, count: &Count) {
    let mut parts: Vec<String> = Vec::new();
    parts.extend(count.min.as_ref().map(|min| format!("min = {}", min.value())));
    parts.extend(count.max.as_ref().map(|max| format!("max = {}", max.value())));
    parts.extend(count.cpu.as_ref().map(|cpu| format!("cpu = {}", cpu.value().percent())));
    if !parts.is_empty() {
        lines.push(("app.count".to_owned(), format!("{{ {} }}", parts.join(", "))));
    }
}
