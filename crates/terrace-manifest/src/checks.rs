//! What each value allows and the whole does not.
//!
//! Each check names both places. It runs on whatever could be read, so that one wrong value hides no other.

use terrace_diag::{Diagnostic, Diagnostics};
use terrace_topology::{
    Assets, ContainerSize, CpuUnits, Entrance, ProjectPath, PublicPath, SettingName, Shape,
};

use crate::manifest::{App, Count, Settings};
use crate::{Places, Written, code, effect, meaning, migration, network};

/// Reports all contradictions and doubts.
pub(crate) fn report(settings: &Settings, places: &Places, diagnostics: &mut Diagnostics) {
    shape(settings, diagnostics);
    image(settings, places, diagnostics);
    assets(settings, places, diagnostics);
    backups(settings, diagnostics);
    hosted_zone(settings, places, diagnostics);
    count("web", &settings.web.count, diagnostics);
    count("app", &settings.app.count, diagnostics);
    size(&settings.app, places, diagnostics);
    files(&settings.app, diagnostics);
    paths(&settings.app, diagnostics);
    port(&settings.app, diagnostics);
    names(&settings.app, diagnostics);
    migration::report(settings, diagnostics);
    plain_secrets(&settings.app, diagnostics);
    published(settings, places, diagnostics);
    network::report(settings, places, diagnostics);
    effect::report(settings, places, diagnostics);
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
}

/// Machines run what `build` makes; only a command says how.
fn image(settings: &Settings, places: &Places, diagnostics: &mut Diagnostics) {
    let Some(shape) = settings.shape.as_ref().filter(|s| *s.value() == Shape::Machines) else { return };
    let Some(image) = settings.app.image.as_ref().filter(|_| places.of("app.run").is_none()) else { return };
    diagnostics.push(
        Diagnostic::error(code::CONTRADICTION, "`app.image` alone does not run in shape `ec2`")
            .at(image.span(), "a container's Dockerfile")
            .with(shape.span(), "in this shape the app runs on machines, without containers")
            .help("write `run`, the command that the Dockerfile ends with, or `shape = \"fargate\"`"),
    );
}

fn assets(settings: &Settings, places: &Places, diagnostics: &mut Diagnostics) {
    let Some(assets) = settings.web.assets.as_ref().filter(|a| *a.value() == Assets::Cdn) else { return };
    let is_behind = meaning::entrance(settings) != Some(Entrance::LoadBalancer)
        || places.is_unread("edge", &settings.edge);
    let Some(shape) = settings.shape.as_ref().filter(|s| *s.value() == Shape::Machines) else { return };
    if is_behind {
        return;
    }
    let found =
        Diagnostic::error(code::CONTRADICTION, "`web.assets = \"cdn\"` needs `edge = \"cloudfront\"`")
            .at(assets.span(), "CloudFront would serve the assets");
    let found = match &settings.edge {
        Some(edge) => found.with(edge.span(), "and here a load balancer meets the public"),
        None => found.with(shape.span(), "and in this shape a load balancer meets the public"),
    };
    diagnostics.push(found.help("write `edge = \"cloudfront\"` at the top, or take `assets` out"));
}

fn backups(settings: &Settings, diagnostics: &mut Diagnostics) {
    let Some(shape) = settings.shape.as_ref().filter(|s| *s.value() == Shape::Containers) else { return };
    if let Some(days) = settings.data.backups.as_ref().filter(|days| days.value().get() == 0) {
        diagnostics.push(
            Diagnostic::error(code::CONTRADICTION, "`data.backups = 0` contradicts `shape = \"fargate\"`")
                .at(days.span(), "no backups")
                .with(shape.span(), "in this shape the database is Aurora, which always keeps some")
                .help("write `backups = 1` or more"),
        );
    }
}

fn hosted_zone(settings: &Settings, places: &Places, diagnostics: &mut Diagnostics) {
    let Some(zone) = &settings.zone else { return };
    let name = zone.value();
    if places.is_unread("domain", &settings.domain) {
        return;
    }
    let Some(domain) = &settings.domain else {
        diagnostics.push(
            Diagnostic::error(code::CONTRADICTION, "`zone` is written without `domain`")
                .at(zone.span(), "the zone of no name")
                .help(format!("write `domain = \"{name}\"` or a name below it, or take `zone` out")),
        );
        return;
    };
    let is_within = domain.value() == name
        || domain.value().as_str().strip_suffix(name.as_str()).is_some_and(|rest| rest.ends_with('.'));
    if !is_within {
        diagnostics.push(
            Diagnostic::error(
                code::CONTRADICTION,
                format!("`{}` is not in the zone `{name}`", domain.value()),
            )
            .at(zone.span(), "records for the domain cannot be made in this zone")
            .with(domain.span(), "the domain")
            .help("write the zone that holds it: the domain itself, or what stands after one of its dots"),
        );
    }
}

fn count(table: &str, count: &Count, diagnostics: &mut Diagnostics) {
    let (min, max) = meaning::bounds(count);
    if let (Some(least), Some(most)) = (&count.min, &count.max)
        && max < min
    {
        diagnostics.push(
            Diagnostic::error(
                code::CONTRADICTION,
                format!("`{table}.count.max` is below `{table}.count.min`"),
            )
            .at(most.span(), format!("at most {max}"))
            .with(least.span(), format!("and at least {min}"))
            .help(format!("write `max = {min}` or more, or a smaller `min`")),
        );
    }
    if let Some(cpu) = count.cpu.as_ref().filter(|_| max == min) {
        let found = Diagnostic::warning(code::NO_EFFECT, format!("`{table}.count.cpu` has no effect"))
            .at(cpu.span(), "a target to scale by")
            .help(format!("write `max` above {min} to let it scale, or take `cpu` out"));
        diagnostics.push(match count.max.as_ref().or(count.min.as_ref()) {
            Some(bound) => found.with(bound.span(), format!("but always {min} run")),
            None => found,
        });
    }
}

fn size(app: &App, places: &Places, diagnostics: &mut Diagnostics) {
    if places.is_unread("app.cpu", &app.cpu) {
        return;
    }
    let (Some(written), Some((memory, Err(error)))) = (&app.memory, meaning::size(app)) else { return };
    let found = Diagnostic::error(
        code::CONTRADICTION,
        format!("no container has {} CPU units and {} MiB", error.cpu().get(), memory.get()),
    )
    .at(written.span(), error.to_string());
    let found = match &app.cpu {
        Some(cpu) => found.with(cpu.span(), "the CPU units"),
        None => found,
    };
    let fits = |units: &u16| CpuUnits::new(*units).is_ok_and(|cpu| ContainerSize::new(cpu, memory).is_ok());
    diagnostics.push(match CpuUnits::ALL.iter().find(|units| fits(units)) {
        Some(units) => found.help(format!("`cpu = {units}` takes this memory")),
        None => found,
    });
}

fn files(app: &App, diagnostics: &mut Diagnostics) {
    for path in app.files.iter().flat_map(Written::value) {
        let text = path.value().as_str();
        if text == ".." || text.starts_with("../") {
            diagnostics.push(
                Diagnostic::error(code::CONTRADICTION, format!("`{text}` does not lie in the app's folder"))
                    .at(path.span(), "outside of `app.root`")
                    .help("name files and folders below `root`, or a `root` that holds them all"),
            );
        }
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
    let web = &settings.web;
    if places.is_unread("web.root", &web.root) || places.is_unread("web.dist", &web.dist) {
        return;
    }
    let (Some((root, dist)), Some(app_root)) =
        (meaning::page_folders(&settings.web), meaning::app_root(&settings.app))
    else {
        return;
    };
    let public = root.join(&dist);
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

/// Whether `inner` is `outer` or lies in it.
fn holds(outer: &ProjectPath, inner: &str) -> bool {
    let outer = outer.as_str();
    if outer == "." {
        return inner != ".." && !inner.starts_with("../");
    }
    let up = outer.split('/').all(|part| part == "..");
    up || inner == outer || inner.strip_prefix(outer).is_some_and(|rest| rest.starts_with('/'))
}
