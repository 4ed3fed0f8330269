//! What each tier's image is made by: its recipe, as a document of EC2 Image Builder.

use terrace_net::Port;
use terrace_topology::{CommandLine, PartyName, Runtime, Service, WebServer};

use super::super::foundation::Foundation;
use super::super::{Draft, Refusal, codes};
use super::steps::{Checks, Recipe};
use super::unit::Unit;
use super::{fetched, runtime, server};

/// How long the document of a component may be, characters (Image Builder API, `CreateComponent`).
const DOCUMENT: usize = 16_000;
/// What looks after a service that has ended.
const ENDED: &str = "/usr/local/lib/terrace/ended";
/// What starts a service.
const START: &str = "/usr/local/lib/terrace/start";

/// `/opt/items`
fn root(draft: &Draft<'_>) -> String {
    format!("/opt/{}", draft.topology.name)
}

pub(super) fn web_recipe<'a>(draft: &Draft<'a>, party: &'a PartyName) -> Recipe<'a> {
    let topology = draft.topology;
    let fetched = draft.foundation == Foundation::Apart;
    let (root, name) = (root(draft), format!("terrace-{party}"));
    let server = server::of(topology, &name, &root);
    let template = format!("/usr/local/lib/terrace/{}", server.template);
    let filled = format!("/run/{name}/{}", server.template);
    let exec = format!(
        "/usr/local/bin/terrace-boot --config /etc/terrace/boot.json --template {template}={filled} -- {} {filled}",
        server.command
    );
    let mut configuration = vec![(template, "0644", server.content)];
    if fetched {
        // systemd takes no unit for sound whose program is still to come.
        configuration.push((START.to_owned(), "0755", format!("#!/bin/sh\nexec {exec}\n")));
    }
    let unit = Unit {
        about: format!("{}: the page", topology.name),
        name: &name,
        party: party.as_str(),
        folder: format!("{root}/page"),
        exec: if fetched { START } else { &exec },
        port: Port::HTTP,
        compiles: false,
        stop: 30,
        ended: None,
        needs: fetched.then_some(fetched::UNIT),
    };
    let mut checks = Checks {
        release: format!("[ -f {root}/page/index.html ] || fail 'the page has no index.html'\n"),
        image: String::new(),
    };
    let programs = match topology.web.server {
        WebServer::Terrace => {
            checks.release.push_str("/usr/local/bin/terrace-edge --help\n");
            "terrace-boot terrace-edge page.tar.gz"
        }
        WebServer::Nginx => {
            checks.image.push_str("/usr/sbin/nginx -v\n");
            "terrace-boot page.tar.gz"
        }
    };
    Recipe {
        party: party.as_str(),
        unit: unit.text(),
        content: "page",
        files: programs.to_owned(),
        python: String::new(),
        dnf: packages("awscli-2 gzip shadow-utils tar", server.dnf),
        apt: packages(always(fetched), server.apt),
        prepare: server.unwanted,
        arrange: None,
        fetched,
        configuration,
        log_group: draft.naming.path(party.as_str()),
        setup: topology.web.setup.as_ref().map(CommandLine::as_str),
        checks,
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
    let fetched = draft.foundation == Foundation::Apart;
    let (root, name) = (root(draft), format!("terrace-{party}"));
    let run = "/usr/local/lib/terrace/run";
    let unit = Unit {
        about: format!("{}: {party}", draft.topology.name),
        name: &name,
        party: party.as_str(),
        folder: format!("{root}/{party}"),
        exec: START,
        port: service.port,
        compiles: runtime != Runtime::Native,
        stop: 45,
        ended: fetched.then_some(ENDED),
        needs: fetched.then_some(fetched::UNIT),
    };
    let boot = "exec /usr/local/bin/terrace-boot --config /etc/terrace/boot.json";
    let about = "# Becomes terrace-boot, which reads the settings and starts what `run` says.";
    let becomes = format!("{boot} --watch --shell \"$(cat {run})\"");
    let mut configuration = Vec::new();
    if fetched {
        let migrates = format!(
            "# On a machine that is there for a migration: the migration, once.\n[ ! -f /etc/terrace/migrated ] || exit 0\n[ ! -f /etc/terrace/migrate ] || {boot} --shell \"$(cat /etc/terrace/migration)\""
        );
        configuration.push((START, "0755", format!("#!/bin/sh\n{about}\n{migrates}\n{becomes}\n")));
        configuration.push((ENDED, "0755", include_str!("../setup/ended.sh").to_owned()));
    } else {
        configuration.push((START, "0755", format!("#!/bin/sh\n{about}\n{becomes}\n")));
    }
    configuration.push((run, "0644", line.as_str().to_owned()));
    let configuration = configuration.into_iter().map(|(path, mode, text)| (path.to_owned(), mode, text));
    let (dnf, apt) = runtime::packages(runtime, line);
    Recipe {
        party: party.as_str(),
        unit: unit.text(),
        content: party.as_str(),
        files: format!(
            "terrace-boot rds-ca.pem{} {party}.tar.gz",
            if fetched { " settings.json" } else { "" }
        ),
        python: runtime.to_string(),
        dnf: packages("awscli-2 gzip shadow-utils tar", &dnf),
        apt: packages(always(fetched), &apt),
        prepare: None,
        arrange: matches!(runtime, Runtime::Python(_)).then_some(include_str!("../setup/python.sh")),
        fetched,
        configuration: configuration.collect(),
        log_group: draft.naming.path(party.as_str()),
        setup: service.setup.as_ref().map(CommandLine::as_str),
        checks: checks(&root, party, line, runtime),
        name,
        root,
    }
}

/// What every image has where packages come by `apt-get`; Amazon Linux always has curl.
const fn always(fetched: bool) -> &'static str {
    if fetched { "awscli ca-certificates curl gzip tar" } else { "awscli ca-certificates gzip tar" }
}

/// Two lists of packages as one.
fn packages(always: &str, own: &str) -> String {
    if own.is_empty() { always.to_owned() } else { format!("{always} {own}") }
}

/// That what runs is there, and is built for this machine.
fn checks(root: &str, party: &PartyName, line: &CommandLine, runtime: Runtime) -> Checks {
    let program = runtime::program(line);
    let plain = |c: char| c.is_ascii_alphanumeric() || "_./+@-".contains(c);
    if !program.chars().all(plain) {
        return Checks::default();
    }
    if !program.contains('/') {
        let image = format!("command -v {program} >/dev/null || fail '{program} is not installed'\n");
        return Checks { image, release: String::new() };
    }
    let mut checks = format!(
        "cd {root}/{party}\n[ -x {program} ] || fail '{program} is not in the release, or cannot be run'\n"
    );
    if runtime == Runtime::Native {
        checks.push_str(&format!(
            "missing=$(ldd {program} 2>&1 | grep 'not found' || true)\n[ -z \"$missing\" ] || fail \"{program} is built for another system: $missing\"\n"
        ));
    }
    Checks { release: checks, image: String::new() }
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
        let shipped = line.as_str().split_whitespace().find(|word| word.starts_with("./"));
        if let Some(shipped) = shipped.filter(|_| recipe.fetched) {
            let message = format!(
                "`{shipped}` is not there yet: `setup` runs when the image is made, before any release"
            );
            let help = "install in `setup` what a release needs, and call the project's own files from `run`";
            draft.warn(Refusal::new(codes::SETUP, setting.clone(), message).help(help));
        }
    }
    let document = recipe.document(&draft.naming.of(party.as_str(), usize::MAX));
    if document.chars().count() > DOCUMENT {
        let message = format!(
            "the steps of the image come to more than the {DOCUMENT} characters that Image Builder takes"
        );
        draft.refuse(Refusal::new(codes::SETUP, setting, message).help(if recipe.fetched {
            "shorten `setup`, or have it fetch the long part"
        } else {
            "put the long part into a script of the project's that is shipped with it, and call that"
        }));
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
