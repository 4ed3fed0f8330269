//! What each value allows and the whole does not.
//!
//! Each check names both places. It runs on whatever could be read, so that one wrong value hides no other.

use terrace_diag::{Diagnostic, Diagnostics};
use terrace_topology::{Entrance, ProjectPath, PublicPath, SettingName, Shape, WebServer};

use crate::manifest::{App, Settings};
use crate::{Places, Written, code, lower};

/// Reports all contradictions and doubts.
pub(crate) fn report(settings: &Settings, places: &Places, diagnostics: &mut Diagnostics) {
    shape(settings, diagnostics);
    count(&settings.app, diagnostics);
    paths(&settings.app, diagnostics);
    port(&settings.app, diagnostics);
    names(&settings.app, diagnostics);
    plain_secrets(&settings.app, diagnostics);
    published(settings, places, diagnostics);
}

fn shape(settings: &Settings, diagnostics: &mut Diagnostics) {
    let Some(shape) = settings.shape.as_ref().filter(|s| *s.value() == Shape::Containers) else { return };
    if let Some(edge) = settings.edge.as_ref().filter(|e| *e.value() == Entrance::LoadBalancer) {
        diagnostics.push(
            Diagnostic::error(code::CONTRADICTION, "`edge = \"alb\"` contradicts `shape = \"fargate\"`")
                .at(edge.span(), "a public load balancer")
                .with(shape.span(), "in this shape only CloudFront is public")
                .help("take `edge` out, or write `edge = \"cloudfront\"` or `shape = \"ec2\"`"),
        );
    }
    if let Some(server) = settings.web.server.as_ref().filter(|s| *s.value() == WebServer::Nginx) {
        diagnostics.push(
            Diagnostic::warning(code::NO_EFFECT, "`web.server` has no effect in shape `fargate`")
                .at(server.span(), "no server serves the page")
                .with(shape.span(), "in this shape it comes from a bucket behind CloudFront")
                .help("take `server` out"),
        );
    }
}

fn count(app: &App, diagnostics: &mut Diagnostics) {
    let (min, max) = lower::bounds(&app.count);
    if let (Some(least), Some(most)) = (&app.count.min, &app.count.max)
        && max < min
    {
        diagnostics.push(
            Diagnostic::error(code::CONTRADICTION, "`app.count.max` is below `app.count.min`")
                .at(most.span(), format!("at most {max}"))
                .with(least.span(), format!("and at least {min}"))
                .help(format!("write `max = {min}` or more, or a smaller `min`")),
        );
    }
    if let Some(cpu) = app.count.cpu.as_ref().filter(|_| max == min) {
        let found = Diagnostic::warning(code::NO_EFFECT, "`app.count.cpu` has no effect")
            .at(cpu.span(), "a target to scale by")
            .help(format!("write `max` above {min} to let it scale, or take `cpu` out"));
        diagnostics.push(match app.count.max.as_ref().or(app.count.min.as_ref()) {
            Some(bound) => found.with(bound.span(), format!("but always {min} run")),
            None => found,
        });
    }
}

fn paths(app: &App, diagnostics: &mut Diagnostics) {
    let Some(paths) = &app.paths else { return };
    let all: Vec<&Written<PublicPath>> = paths.value().iter().collect();
    for (index, path) in all.iter().enumerate() {
        let text = path.value().as_str();
        if path.value().is_everything() {
            diagnostics.push(
                Diagnostic::error(code::SHADOWED_PAGE, "`/*` leaves nothing to the page")
                    .at(path.span(), "every request would reach the app")
                    .help("name what the app answers, such as `paths = [\"/api/*\"]`"),
            );
            continue;
        }
        if text == "/" {
            diagnostics.push(
                Diagnostic::warning(code::SHADOWED_PAGE, "`/` hides the page's front")
                    .at(path.span(), "the app answers it, not `index.html`")
                    .help("take it out, unless the app is meant to answer it"),
            );
        }
        if text == "/api" && !all.iter().any(|other| covers(other.value(), "/api/x")) {
            diagnostics.push(
                Diagnostic::warning(code::SHADOWED_PAGE, "`/api` alone reaches the app, nothing below it")
                    .at(path.span(), "an exact path")
                    .help("did you mean `/api/*`?"),
            );
        }
        let wider = all
            .iter()
            .enumerate()
            .find(|(at, other)| *at != index && hides(other.value(), path.value(), *at < index));
        if let Some((_, wider)) = wider {
            diagnostics.push(
                Diagnostic::warning(code::NO_EFFECT, format!("`{text}` is listed already"))
                    .at(path.span(), "changes nothing")
                    .with(wider.span(), format!("`{}` takes it", wider.value()))
                    .help("take it out"),
            );
        }
    }
}

/// Whether requests for `path` match the pattern.
fn covers(pattern: &PublicPath, path: &str) -> bool {
    match pattern.as_str().strip_suffix('*') {
        Some(stem) => path.starts_with(stem),
        None => pattern.as_str() == path,
    }
}

/// Whether `wide` takes all that `path` does; of two that are the same only the first does.
fn hides(wide: &PublicPath, path: &PublicPath, is_earlier: bool) -> bool {
    if wide == path {
        return is_earlier;
    }
    !wide.is_everything() && covers(wide, path.as_str())
}

fn port(app: &App, diagnostics: &mut Diagnostics) {
    if let Some(port) = app.port.as_ref().filter(|port| port.value().get() < 1024) {
        diagnostics.push(
            Diagnostic::warning(code::PRIVILEGED_PORT, format!("port {} is a privileged one", port.value()))
                .at(port.span(), "below 1024 only root may listen, and the app does not run as root")
                .help("write 1024 or more, such as `port = 8000`; the public's port is not this one"),
        );
    }
}

fn names(app: &App, diagnostics: &mut Diagnostics) {
    for (name, variable) in &app.variables {
        let Some(secret) = app.secrets.get(name) else { continue };
        diagnostics.push(
            Diagnostic::error(code::CONTRADICTION, format!("`{name}` is a variable and a secret"))
                .at(secret.span(), "a secret here")
                .with(variable.span(), "and a variable here")
                .help("take one of them out"),
        );
    }
}

/// The ends of names that hold secrets.
const SECRETIVE: &[&str] = &[
    "PASSWORD",
    "PASSWD",
    "SECRET",
    "SECRET_KEY",
    "API_KEY",
    "PRIVATE_KEY",
    "ACCESS_KEY",
    "TOKEN",
    "CREDENTIALS",
];

fn looks_secret(name: &SettingName) -> bool {
    let name = name.as_str().to_ascii_uppercase();
    SECRETIVE.iter().any(|end| name == *end || name.ends_with(&format!("_{end}")))
}

fn plain_secrets(app: &App, diagnostics: &mut Diagnostics) {
    let plain =
        app.variables.iter().filter(|(name, value)| looks_secret(name) && !value.value().as_str().is_empty());
    for (name, value) in plain {
        diagnostics.push(
            Diagnostic::warning(code::PLAIN_SECRET, format!("`{name}` looks like a secret"))
                .at(value.span(), "readable by everyone who reads this file")
                .help(format!("to have one made, in `[app.secrets]`: `{name} = {{ generate = 32 }}`"))
                .help(format!("to name one that exists: `{name} = {{ secret = \"…\" }}`")),
        );
    }
}

/// The page's folder is public as a whole, so nothing else may lie in it.
fn published(settings: &Settings, places: &Places, diagnostics: &mut Diagnostics) {
    if ["web", "web.root", "web.dist"].iter().any(|key| places.of(key).is_some() && unread(settings, key)) {
        return;
    }
    let (Some(web), Some(app_root)) = (lower::web(&settings.web), lower::app_root(&settings.app)) else {
        return;
    };
    let public = web.root.join(&web.dist);
    let holds_manifest = holds(&public, ".");
    let holds_app = settings.app.root.is_some() && holds(&public, app_root.as_str());
    if !holds_manifest && !holds_app {
        return;
    }
    let Some(place) = places.of("web.dist").or_else(|| places.nearest("web.root")) else { return };
    let what = if holds_manifest { "this manifest and all beside it" } else { "the app's sources" };
    let mut found =
        Diagnostic::error(code::SERVES_PROJECT, format!("the page's folder `{public}` holds {what}"))
            .at(place, "all of it would be public");
    if let Some(root) = settings.app.root.as_ref().filter(|_| holds_app) {
        found = found.with(root.span(), "the app's folder");
    }
    diagnostics.push(found.help("let `dist` name a folder that holds the page's files and nothing else"));
}

/// Whether a key is written and could not be read.
fn unread(settings: &Settings, key: &str) -> bool {
    match key {
        "web.root" => settings.web.root.is_none(),
        "web.dist" => settings.web.dist.is_none(),
        _ => false,
    }
}

/// Whether `inner` is `outer` or lies in it.
fn holds(outer: &ProjectPath, inner: &str) -> bool {
    let outer = outer.as_str();
    if outer == "." {
        return inner != ".." && !inner.starts_with("../");
    }
    let up = outer.split('/').all(|part| part == "..");
    up || inner == outer || inner.strip_prefix(outer).is_some_and(|rest| rest.starts_with('/'))
}
