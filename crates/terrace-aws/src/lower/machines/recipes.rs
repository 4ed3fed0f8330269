//! What each tier's image is made by: its recipe, as a document of EC2 Image Builder.

use terrace_net::Port;
use terrace_topology::{CommandLine, PartyName, Runtime, Service, WebServer};

use super::super::{Draft, Refusal, codes};
use super::steps::Recipe;
use super::unit::Unit;
use super::{runtime, server};

/// How long the document of a component may be, characters (Image Builder API, `CreateComponent`).
const DOCUMENT: usize = 16_000;

/// `/opt/items`
fn root(draft: &Draft<'_>) -> String {
    format!("/opt/{}", draft.topology.name)
}

pub(super) fn web_recipe<'a>(draft: &Draft<'a>, party: &'a PartyName) -> Recipe<'a> {
    let topology = draft.topology;
    let (root, name) = (root(draft), format!("terrace-{party}"));
    let server = server::of(topology, &name, &root);
    let template = format!("/usr/local/lib/terrace/{}", server.template);
    let filled = format!("/run/{name}/{}", server.template);
    let exec = format!(
        "/usr/local/bin/terrace-boot --config /etc/terrace/boot.json --template {template}={filled} -- {} {filled}",
        server.command
    );
    let unit = Unit {
        about: format!("{}: the page", topology.name),
        name: &name,
        party: party.as_str(),
        folder: format!("{root}/page"),
        exec: &exec,
        port: Port::HTTP,
        compiles: false,
        stop: 30,
    };
    let (programs, check) = match topology.web.server {
        WebServer::Terrace => {
            ("terrace-boot terrace-edge page.tar.gz", "/usr/local/bin/terrace-edge --help\n")
        }
        WebServer::Nginx => ("terrace-boot page.tar.gz", "/usr/sbin/nginx -v\n"),
    };
    Recipe {
        party: party.as_str(),
        unit: unit.text(),
        content: "page",
        files: programs.to_owned(),
        python: String::new(),
        dnf: packages("awscli-2 gzip shadow-utils tar", server.dnf),
        apt: packages("awscli ca-certificates gzip tar", server.apt),
        prepare: server.unwanted,
        configuration: vec![(template, "0644", server.content)],
        log_group: draft.naming.path(party.as_str()),
        setup: topology.web.setup.as_ref().map(CommandLine::as_str),
        checks: format!("[ -f {root}/page/index.html ] || fail 'the page has no index.html'\n{check}"),
        name,
        root,
    }
}

pub(super) fn service_recipe<'a>(
    draft: &Draft<'a>,
    party: &'a PartyName,
    service: &'a Service,
    line: &'a CommandLine,
    runtime: Runtime,
) -> Recipe<'a> {
    let (root, name) = (root(draft), format!("terrace-{party}"));
    let (start, run) = ("/usr/local/lib/terrace/start", "/usr/local/lib/terrace/run");
    let unit = Unit {
        about: format!("{}: {party}", draft.topology.name),
        name: &name,
        party: party.as_str(),
        folder: format!("{root}/{party}"),
        exec: start,
        port: service.port,
        compiles: runtime != Runtime::Native,
        stop: 45,
    };
    let starter = format!(
        "#!/bin/sh\n# Becomes terrace-boot, which reads the settings and starts what `run` says.\nexec /usr/local/bin/terrace-boot --config /etc/terrace/boot.json --watch --shell \"$(cat {run})\"\n"
    );
    let (dnf, apt) = runtime::packages(runtime, line);
    Recipe {
        party: party.as_str(),
        unit: unit.text(),
        content: party.as_str(),
        files: format!("terrace-boot rds-ca.pem {party}.tar.gz"),
        python: runtime.to_string(),
        dnf: packages("awscli-2 gzip shadow-utils tar", &dnf),
        apt: packages("awscli ca-certificates gzip tar", &apt),
        prepare: matches!(runtime, Runtime::Python(_)).then_some(include_str!("../setup/python.sh")),
        configuration: vec![
            (start.to_owned(), "0755", starter),
            (run.to_owned(), "0644", line.as_str().to_owned()),
        ],
        log_group: draft.naming.path(party.as_str()),
        setup: service.setup.as_ref().map(CommandLine::as_str),
        checks: checks(&root, party, line, runtime),
        name,
        root,
    }
}

/// Two lists of packages as one.
fn packages(always: &str, own: &str) -> String {
    if own.is_empty() { always.to_owned() } else { format!("{always} {own}") }
}

/// That what runs is there, and is built for this machine.
fn checks(root: &str, party: &PartyName, line: &CommandLine, runtime: Runtime) -> String {
    let program = runtime::program(line);
    let plain = |c: char| c.is_ascii_alphanumeric() || "_./+@-".contains(c);
    if !program.chars().all(plain) {
        return String::new();
    }
    if !program.contains('/') {
        return format!("command -v {program} >/dev/null || fail '{program} is not installed'\n");
    }
    let mut checks = format!(
        "cd {root}/{party}\n[ -x {program} ] || fail '{program} is not in the release, or cannot be run'\n"
    );
    if runtime == Runtime::Native {
        checks.push_str(&format!(
            "missing=$(ldd {program} 2>&1 | grep 'not found' || true)\n[ -z \"$missing\" ] || fail \"{program} is built for another system: $missing\"\n"
        ));
    }
    checks
}

/// The document of a party's component; refused where Image Builder would not take it.
pub(super) fn document(
    draft: &mut Draft<'_>,
    party: &PartyName,
    recipe: &Recipe<'_>,
    setup: Option<&CommandLine>,
) -> String {
    let setting = format!("{party}.setup");
    if let Some(line) = setup {
        check_line(draft, &setting, line);
    }
    let document = recipe.document(&draft.naming.of(party.as_str(), usize::MAX));
    if document.chars().count() > DOCUMENT {
        let message = format!(
            "the steps of the image come to more than the {DOCUMENT} characters that Image Builder takes"
        );
        draft.refuse(
            Refusal::new(codes::SETUP, setting, message).help(
                "put the long part into a script of the project's that is shipped with it, and call that",
            ),
        );
    }
    document
}

/// Refuses what would not reach a machine as it was written.
pub(super) fn check_line(draft: &mut Draft<'_>, setting: &str, line: &CommandLine) {
    let refusal = |message: &str| Refusal::new(codes::SETUP, setting, message);
    if line.as_str().contains("{{") {
        draft.refuse(
            refusal("`{{` means a value of Image Builder's own where images are made")
                .help("put the command into a script of the project's, and call that"),
        );
    }
    if line.as_str().chars().any(|c| c.is_control() && c != '\n' && c != '\t') {
        draft.refuse(refusal("there are control characters in the command").help("take them out"));
    }
}
