//! What serves the page on its machines: terrace-edge or nginx, each with its configuration as a template.
//!
//! `${API_HOST}` in it is filled in at start by terrace-boot: the internal load balancer's name, which no image knows.

use std::fmt::Write as _;

use terrace_net::Port;
use terrace_topology::{PublicPath, Topology, WebServer};

use super::shell;
use crate::{Json, Text};

/// Where the templates are, and what becomes of them.
pub(super) struct Server {
    /// The template's name: `edge.json`.
    pub(super) template: &'static str,
    pub(super) content: String,
    /// What runs, once it is filled.
    pub(super) command: &'static str,
    pub(super) dnf: &'static str,
    pub(super) apt: &'static str,
    /// What its package brings along and nobody wants.
    pub(super) unwanted: Option<&'static str>,
}

/// The path that says that the web tier's machine serves, whatever the services behind it do.
pub(crate) const HEALTH: &str = "/.terrace/health";

/// The server that was chosen.
pub(super) fn of(topology: &Topology, name: &str, root: &str) -> Server {
    match topology.web.server {
        WebServer::Terrace => Server {
            template: "edge.json",
            content: edge(topology, root),
            command: "/usr/local/bin/terrace-edge",
            dnf: "",
            apt: "",
            unwanted: None,
        },
        WebServer::Nginx => Server {
            template: "nginx.conf",
            content: nginx(topology, name, root),
            command: "/usr/sbin/nginx -e stderr -g 'daemon off;' -c",
            dnf: "nginx",
            apt: "nginx-light",
            unwanted: Some(
                "# Its package's own unit would take the port.\nset -eu\nsystemctl disable --quiet nginx.service\n",
            ),
        },
    }
}

/// Every path that is passed on to a service.
fn proxied(topology: &Topology) -> impl Iterator<Item = &PublicPath> {
    topology.services.values().flat_map(|service| &service.paths)
}

fn nginx(topology: &Topology, name: &str, root: &str) -> String {
    let mut locations = String::new();
    for path in proxied(topology) {
        let text = path.to_string();
        let wanted: Vec<String> = match text.strip_suffix("/*") {
            // Before the page's own patterns, and the folder itself too, without a redirect of nginx's own.
            Some(stem) => vec![format!("^~ {stem}/"), format!("= {stem}")],
            None => vec![format!("= {text}")],
        };
        for wanted in wanted.iter().filter(|wanted| *wanted != "= ") {
            let location = shell::filled(include_str!("../setup/proxied.conf"), &[("PATH", wanted)]);
            let _ = writeln!(locations, "{location}");
        }
    }
    let spa = topology.web.single_page;
    let missing = "\n    # A file that is missing is not the page.\n    location ~ \\.[A-Za-z0-9]+$ {\n      try_files $uri =404;\n    }\n";
    shell::filled(
        include_str!("../setup/nginx.conf"),
        &[
            ("UNIT", name),
            ("ROOT", root),
            ("PORT", &Port::HTTP.to_string()),
            ("PROXIED", locations.trim_end_matches('\n')),
            ("FALLBACK", if spa { "/index.html" } else { "=404" }),
            ("MISSING", if spa { missing } else { "" }),
            ("HEALTH", HEALTH),
        ],
    )
}

/// The configuration of terrace-edge: what it does not say is that program's default. A test tries it for real.
fn edge(topology: &Topology, root: &str) -> String {
    let text = |text: &str| Json::Text(Text::from(text));
    let route = |path: &str, action: Json| Json::object([("path", text(path)), ("action", action)]);
    let page = Json::object([
        ("folder", text(&format!("{root}/page"))),
        ("single_page", Json::Bool(topology.web.single_page)),
    ]);
    let mut routes = vec![route(HEALTH, text("health"))];
    let services = proxied(topology);
    routes.extend(services.map(|path| route(path.as_str(), Json::object([("proxy", text("services"))]))));
    routes.push(route("/*", Json::object([("files", page)])));
    let pool = Json::object([
        ("targets", Json::List(vec![text("${API_HOST}:80")])),
        // Less than the load balancer's own 60 s, and what clients of this machine see more: nobody is hung up on.
        ("keep_alive", Json::Int(50_000)),
    ]);
    let listener = Json::object([("address", text(&format!("0.0.0.0:{}", Port::HTTP)))]);
    let config = Json::object([
        ("name", text("web")),
        ("peer", text("edge")),
        ("listeners", Json::List(vec![listener])),
        ("limits", Json::object([("idle_timeout", Json::Int(75_000))])),
        ("routes", Json::List(routes)),
        ("pools", Json::object([("services", pool)])),
        ("drain", Json::Int(20_000)),
    ]);
    super::document::print(&config)
}
