//! Keys that change nothing in the shape that was chosen.

use terrace_diag::{Diagnostic, Diagnostics, Span};
use terrace_topology::{Egress, Shape, WebServer};

use crate::manifest::{Count, Settings};
use crate::words::Word;
use crate::{Places, Written, code};

/// A key without effect: its name, where it is written, what is so in the shape, what to do.
struct Idle {
    name: &'static str,
    span: Option<Span>,
    label: &'static str,
    shape: &'static str,
    help: &'static str,
}

/// Reports every key that has no effect.
pub(crate) fn report(settings: &Settings, places: &Places, diagnostics: &mut Diagnostics) {
    exits(settings, places, diagnostics);
    let Some(shape) = &settings.shape else { return };
    let all = match shape.value() {
        Shape::Machines => with_machines(settings),
        Shape::Containers => with_containers(settings),
    };
    for idle in all {
        let Some(span) = idle.span else { continue };
        let word = shape.value().word();
        let message = format!("`{}` has no effect in shape `{word}`", idle.name);
        diagnostics.push(
            Diagnostic::warning(code::NO_EFFECT, message)
                .at(span, idle.label)
                .with(shape.span(), idle.shape)
                .help(idle.help),
        );
    }
}

fn place<T>(written: &Option<Written<T>>) -> Option<Span> {
    written.as_ref().map(Written::span)
}

fn count(count: &Count) -> Option<Span> {
    place(&count.min).or_else(|| place(&count.max)).or_else(|| place(&count.cpu))
}

fn with_machines(settings: &Settings) -> Vec<Idle> {
    let app = &settings.app;
    let container = |name, span| Idle {
        name,
        span,
        label: "the size of a container",
        shape: "in this shape the app runs on machines",
        help: "take it out; `machine = \"t3.small\"` says how large a machine is",
    };
    vec![
        Idle {
            name: "app.image",
            span: place(&app.image).filter(|_| app.run.is_some()),
            label: "a container's Dockerfile",
            shape: "in this shape the app runs on machines, by `run`",
            help: "take `image` out, unless an environment has shape `fargate`",
        },
        container("app.cpu", place(&app.cpu)),
        container("app.memory", place(&app.memory)),
    ]
}

fn with_containers(settings: &Settings) -> Vec<Idle> {
    let (web, app) = (&settings.web, &settings.app);
    let page = |name, span, help| Idle {
        name,
        span,
        label: "no server serves the page",
        shape: "in this shape it comes from a bucket behind CloudFront",
        help,
    };
    let machine = |name, span, help| Idle {
        name,
        span,
        label: "no machine runs the app",
        shape: "in this shape it runs in a container",
        help,
    };
    let server = web.server.as_ref().filter(|s| *s.value() == WebServer::Nginx);
    vec![
        page("web.server", server.map(Written::span), "take `server` out"),
        page("web.machine", place(&web.machine), "take `machine` out"),
        page("web.count", count(&web.count), "take `count` out"),
        page("web.setup", place(&web.setup), "take `setup` out"),
        page("web.assets", place(&web.assets), "take `assets` out: all files come from there"),
        machine(
            "app.machine",
            place(&app.machine),
            "take it out; `cpu` and `memory` say how large a container is",
        ),
        machine(
            "app.setup",
            place(&app.setup),
            "take `setup` out; steps belong in the container's Dockerfile",
        ),
        machine("app.files", place(&app.files), "take `files` out; the container's image holds them"),
        machine("app.runtime", place(&app.runtime), "take `runtime` out; the container's image holds it"),
        Idle {
            name: "data.storage",
            span: place(&settings.data.storage),
            label: "the room of a database",
            shape: "in this shape the database is Aurora, whose room grows by itself",
            help: "take `storage` out",
        },
    ]
}

/// Ports of a way out that is not there.
fn exits(settings: &Settings, places: &Places, diagnostics: &mut Diagnostics) {
    let exits = &settings.egress;
    let Some(ports) = &exits.ports else { return };
    let is_open = exits.app.as_ref().is_some_and(|app| *app.value() == Egress::Translated);
    if is_open || places.is_unread("egress.app", &exits.app) {
        return;
    }
    let found = Diagnostic::warning(code::NO_EFFECT, "`egress.ports` has no effect")
        .at(ports.span(), "ports of the internet")
        .help("write `app = \"nat\"` in `[egress]`, or take `ports` out");
    diagnostics.push(match &exits.app {
        Some(app) => found.with(app.span(), "and the app has no way there"),
        None => found,
    });
}
