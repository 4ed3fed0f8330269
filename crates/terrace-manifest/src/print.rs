//! A manifest as text: what [`crate::parse`] reads back as the same manifest.

use std::fmt::Write;

use terrace_topology::SettingName;
use toml_writer::TomlStringBuilder;

use crate::Written;
use crate::manifest::{App, Count, Data, Manifest, Page, Secret, Settings, ZoneChoice};
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
    text(&mut lines, "account", &settings.account);
    if let Some(zones) = &settings.zones {
        let text = match zones.value() {
            ZoneChoice::Count(zones) => zones.count().to_string(),
            ZoneChoice::Letters(letters) => listed(letters.letters().iter().map(|l| quoted(&l.to_string()))),
        };
        lines.push(("zones".to_owned(), text));
    }
    bare(&mut lines, "production", &settings.production);
    word(&mut lines, "architecture", &settings.architecture);
    word(&mut lines, "edge", &settings.edge);
    text(&mut lines, "domain", &settings.domain);
    text(&mut lines, "zone", &settings.zone);
    page(&mut lines, &settings.web);
    app(&mut lines, &settings.app);
    data(&mut lines, &settings.data);
    word(&mut lines, "egress.app", &settings.egress.app);
    list(&mut lines, "egress.ports", &settings.egress.ports, |port| port.to_string());
    text(&mut lines, "network.cidr", &settings.network.cidr);
    for (tier, blocks) in &settings.network.subnets {
        let path = format!("network.subnets.{}", tier.name());
        list(&mut lines, &path, &Some(blocks.clone()), |block| quoted(&block.to_string()));
    }
    text(&mut lines, "alerts.email", &settings.alerts);
    number(&mut lines, "budget.monthly", &settings.budget, |budget| budget.get());
    number(&mut lines, "logs.days", &settings.log_days, |days| days.get().into());
    number(&mut lines, "releases.keep", &settings.kept_releases, |keep| keep.get().into());
    lines
}

fn listed(items: impl Iterator<Item = String>) -> String {
    format!("[{}]", items.collect::<Vec<_>>().join(", "))
}

fn list<T>(
    lines: &mut Lines,
    path: &str,
    value: &Option<Written<Vec<Written<T>>>>,
    text: impl Fn(&T) -> String,
) {
    if let Some(written) = value {
        let items = written.value().iter().map(|item| text(item.value()));
        lines.push((path.to_owned(), listed(items)));
    }
}

fn number<T>(lines: &mut Lines, path: &str, value: &Option<Written<T>>, number: impl Fn(&T) -> u32) {
    if let Some(written) = value {
        lines.push((path.to_owned(), number(written.value()).to_string()));
    }
}

fn page(lines: &mut Lines, web: &Page) {
    text(lines, "web.root", &web.root);
    text(lines, "web.build", &web.build);
    text(lines, "web.dist", &web.dist);
    bare(lines, "web.spa", &web.spa);
    word(lines, "web.server", &web.server);
    text(lines, "web.machine", &web.machine);
    count(lines, "web.count", &web.count);
    text(lines, "web.setup", &web.setup);
    word(lines, "web.assets", &web.assets);
}

fn data(lines: &mut Lines, data: &Data) {
    word(lines, "data.engine", &data.engine);
    text(lines, "data.version", &data.version);
    bare(lines, "data.standby", &data.standby);
    text(lines, "data.class", &data.class);
    number(lines, "data.storage", &data.storage, |storage| storage.get());
    number(lines, "data.backups", &data.backups, |days| days.get().into());
    bare(lines, "data.protect", &data.protect);
    text(lines, "data.migrate", &data.migrate);
}

fn app(lines: &mut Lines, app: &App) {
    text(lines, "app.root", &app.root);
    text(lines, "app.build", &app.build);
    text(lines, "app.run", &app.run);
    text(lines, "app.image", &app.image);
    bare(lines, "app.port", &app.port);
    list(lines, "app.paths", &app.paths, |path| quoted(path.as_str()));
    text(lines, "app.health", &app.health);
    count(lines, "app.count", &app.count);
    bare(lines, "app.concurrency", &app.concurrency);
    text(lines, "app.machine", &app.machine);
    number(lines, "app.cpu", &app.cpu, |cpu| cpu.get().into());
    number(lines, "app.memory", &app.memory, |memory| memory.get());
    text(lines, "app.setup", &app.setup);
    list(lines, "app.files", &app.files, |path| quoted(path.as_str()));
    text(lines, "app.runtime", &app.runtime);
    bare(lines, "app.exec", &app.exec);
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

fn count(lines: &mut Lines, path: &str, count: &Count) {
    let mut parts: Vec<String> = Vec::new();
    parts.extend(count.min.as_ref().map(|min| format!("min = {}", min.value())));
    parts.extend(count.max.as_ref().map(|max| format!("max = {}", max.value())));
    parts.extend(count.cpu.as_ref().map(|cpu| format!("cpu = {}", cpu.value().percent())));
    if !parts.is_empty() {
        lines.push((path.to_owned(), format!("{{ {} }}", parts.join(", "))));
    }
}
