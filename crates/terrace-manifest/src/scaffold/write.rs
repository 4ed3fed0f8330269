//! The text of a new manifest: aligned, in the design's order, with a word on what else can be said.

use std::fmt::Write;

use super::plan::Plan;
use super::text::within;
use terrace_topology::Shape;

use crate::print::quoted;
use crate::words::Word;

/// A file in a folder as the project sees it.
pub(super) fn joined(root: &str, file: &str) -> String {
    if root == "." { file.to_owned() } else { within(root, file) }
}

struct Lines {
    text: String,
}

impl Lines {
    fn line(&mut self, text: &str) {
        // Writing to a string does not fail.
        let _ = writeln!(self.text, "{}", text.trim_end());
    }

    /// Keys with their values and remarks, the equals signs and the remarks below each other.
    fn keys(&mut self, keys: &[(&str, String, &str)]) {
        let width = keys.iter().map(|(key, ..)| key.len()).max().unwrap_or_default();
        let remarked = keys.iter().filter(|(_, _, remark)| !remark.is_empty());
        let column = remarked.map(|(_, value, _)| value.chars().count()).max().unwrap_or_default();
        for (key, value, remark) in keys {
            let remark = if remark.is_empty() { String::new() } else { format!("  # {remark}") };
            self.line(&format!("{key:<width$} = {value:<column$}{remark}"));
        }
    }
}

/// The manifest that a plan makes.
pub(super) fn manifest(plan: &Plan) -> String {
    let mut lines = Lines { text: String::new() };
    top(&mut lines, plan);
    web(&mut lines, plan);
    app(&mut lines, plan);
    data(&mut lines, plan);
    lines.text
}

fn top(lines: &mut Lines, plan: &Plan) {
    let other = if plan.shape == "ec2" { "or \"fargate\"" } else { "or \"ec2\"" };
    lines.line("# `terrace check` says what is wrong here, `terrace up` runs it on this machine.");
    lines.keys(&[
        ("name", quoted(&plan.name), ""),
        ("shape", quoted(&plan.shape), other),
        ("region", quoted("us-east-1"), ""),
        ("zones", "2".to_owned(), "or 3"),
    ]);
    lines.line("# domain = \"items.example.com\"  # HTTPS on your own name");
}

fn web(lines: &mut Lines, plan: &Plan) {
    let page = &plan.page;
    lines.line("");
    lines.line("[web]");
    let mut keys = vec![("root", quoted(&page.root), "")];
    keys.extend(page.build.as_ref().map(|build| ("build", quoted(build), "")));
    let remark = if page.spa { "unknown paths serve index.html unless spa = false" } else { "" };
    keys.push(("dist", quoted(&page.dist), remark));
    if !page.spa {
        keys.push(("spa", "false".to_owned(), "unknown paths are 404"));
    }
    lines.keys(&keys);
}

fn app(lines: &mut Lines, plan: &Plan) {
    let app = &plan.app;
    lines.line("");
    lines.line("[app]");
    let mut keys = vec![("root", quoted(&app.root), "")];
    keys.extend(app.build.as_ref().map(|build| ("build", quoted(build), "")));
    keys.extend(app.run.as_ref().map(|run| ("run", quoted(run), "")));
    let image = app.image.as_ref().filter(|_| plan.shape == "fargate");
    keys.extend(image.map(|image| ("image", quoted(image), "the container it runs in on AWS")));
    let paths: Vec<String> = plan.paths.iter().map(|path| quoted(path)).collect();
    keys.push(("port", app.port.to_string(), ""));
    keys.push(("paths", format!("[{}]", paths.join(", ")), ""));
    keys.push(("health", quoted(&plan.health), ""));
    keys.push(("count", "{ min = 2, max = 6, cpu = 60 }".to_owned(), ""));
    lines.keys(&keys);
    lines.line("# concurrency = 64  # requests in flight per replica before others wait");
    lines.line("");
    lines.line("# [app.variables]");
    lines.line("# LOG_LEVEL = \"info\"");
    lines.line("");
    lines.line("# [app.secrets]");
    lines.line("# SESSION_KEY = { generate = 32 }          # made once, never shown");
    lines.line("# MAIL_KEY    = { secret = \"items/mail\" }  # one that exists");
}

fn data(lines: &mut Lines, plan: &Plan) {
    lines.line("");
    lines.line("[data]");
    let other = match plan.engine {
        terrace_topology::Engine::Postgres => "or \"mysql\"",
        terrace_topology::Engine::Mysql => "or \"postgres\"",
    };
    let version = plan.version.clone().or_else(|| {
        Shape::from_word(&plan.shape).and_then(|shape| crate::meaning::default_version(plan.engine, shape))
    });
    let mut keys = vec![("engine", quoted(plan.engine.word()), other)];
    keys.extend(version.map(|version| ("version", quoted(&version.to_string()), "")));
    keys.push(("standby", "true".to_owned(), "a second one in another zone"));
    let migration = plan.app.migration.as_ref().map(|migration| quoted(&migration.command));
    let is_known = migration.is_some();
    keys.extend(migration.map(|command| ("migrate", command, "once for each release, before it serves")));
    lines.keys(&keys);
    if !is_known {
        lines.line("# migrate = \"…\"  # what runs once for each release, before it serves");
    }
    lines.line("");
    lines.line("[egress]");
    lines.keys(&[("app", quoted("none"), "or \"nat\"; the data tier never has any")]);
}
