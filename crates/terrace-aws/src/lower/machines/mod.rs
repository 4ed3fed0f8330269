//! The tiers that stand on machines: images, launch templates, groups that scale, and what each may do.

mod artifacts;
mod boot;
mod document;
mod files;
mod groups;
mod images;
mod kinds;
mod roles;
mod runtime;
mod server;
mod shell;
mod steps;
mod unit;

pub use files::{ReleaseFiles, release_files};
pub(crate) use server::HEALTH as WEB_HEALTH;

use std::collections::BTreeMap;

use terrace_net::Port;
use terrace_topology::{CommandLine, PartyName, Runtime, Service, Shape, Tier};

use super::data::Data;
use super::guards::Guards;
use super::logs::Logs;
use super::network::Network;
use super::secrets::Secrets;
use super::{Draft, Refusal, codes};
use crate::resource::{
    AutoScalingGroup, BuildInfrastructure, KmsKey, LoadBalancer, Parameter, ParameterType, Tags,
};
use crate::{Concern, DnsName, Label, Ref, Text};
use artifacts::Artifacts;
use images::Baking;
use steps::Recipe;
use unit::Unit;

/// How long the document of a component may be, characters (Image Builder API, `CreateComponent`).
const DOCUMENT: usize = 16_000;

/// What others need of the machines.
pub(crate) struct Machines {
    /// The group of each party.
    pub(crate) groups: BTreeMap<PartyName, Ref<AutoScalingGroup>>,
}

/// What the tiers are told of the rest.
pub(crate) struct Around<'a> {
    pub(crate) network: &'a Network,
    pub(crate) guards: &'a Guards,
    pub(crate) secrets: &'a Secrets,
    pub(crate) logs: &'a Logs,
    pub(crate) data: &'a Data,
}

pub(crate) fn lower(draft: &mut Draft<'_>, around: &Around<'_>) -> Machines {
    let mut machines = Machines { groups: BTreeMap::new() };
    if draft.topology.shape != Shape::Machines {
        return machines;
    }
    let key: &Ref<KmsKey> = &around.secrets.key;
    let artifacts = artifacts::lower(draft, key);
    let may = roles::builder(draft, &artifacts.bucket, key);
    let profile =
        roles::profile(draft, Concern::App, "builder", "The machines on which images are built", may);
    let group = around.guards.builder.as_ref();
    let Some(infrastructure) = images::infrastructure(draft, around.network, group, &profile, &artifacts)
    else {
        return machines;
    };
    let web = PartyName::web();
    let made = web_tier(draft, around, &web, &artifacts, &infrastructure);
    machines.groups.insert(web, made);
    let topology = draft.topology;
    for (party, service) in &topology.services {
        if let Some(made) = service_tier(draft, around, party, service, &artifacts, &infrastructure) {
            machines.groups.insert(party.clone(), made);
        }
    }
    draft.output("artifacts_bucket", "The bucket that releases lie in.", &artifacts.bucket);
    machines
}

fn web_tier(
    draft: &mut Draft<'_>,
    around: &Around<'_>,
    party: &PartyName,
    artifacts: &Artifacts,
    infrastructure: &Ref<BuildInfrastructure>,
) -> Ref<AutoScalingGroup> {
    let topology = draft.topology;
    let web = &topology.web;
    let part = party.as_str();
    let kind = kinds::of(draft, part, true, web.machine.as_ref());
    let name = draft.naming.path("web/API_HOST");
    let api_host = draft
        .place(Concern::Web, &["api_host"])
        .why("Where the page's machines pass requests on to. They ask for its addresses again and again, since those change.")
        .put(Parameter {
            name: Text::from(name),
            description: None,
            r#type: ParameterType::String,
            value: Text::from(Ref::<LoadBalancer, DnsName>::new(Label::from_words(&["internal"]))),
            tags: Tags::new(),
        });
    let recipe = web_recipe(draft, party);
    let document = document(draft, party, &recipe, web.setup.as_ref());
    let ways = around.guards.ways("builder").cloned().collect();
    let baking = Baking { concern: Concern::Web, party, document, infrastructure, artifacts, ways };
    let image = images::bake(draft, baking);
    let mut may = vec![roles::sessions(), roles::parameters(draft, party)];
    may.extend(around.logs.parties.get(party).map(roles::logs));
    let profile = roles::profile(draft, Concern::Web, part, "The machines that serve the page", may);
    let user_data = boot::user_data(&boot::web(draft));
    let wish = groups::Wish {
        concern: Concern::Web,
        party,
        tier: Tier::Web,
        kind,
        image,
        group: around.guards.web.clone(),
        profile,
        user_data,
        capacity: web.capacity,
        before: api_host.address().into_iter().chain(around.guards.ways(part).cloned()).collect(),
    };
    groups::lower(draft, around.network, wish)
}

fn service_tier(
    draft: &mut Draft<'_>,
    around: &Around<'_>,
    party: &PartyName,
    service: &Service,
    artifacts: &Artifacts,
    infrastructure: &Ref<BuildInfrastructure>,
) -> Option<Ref<AutoScalingGroup>> {
    let part = party.as_str();
    let kind = kinds::of(draft, part, false, service.machine.as_ref());
    let Some(line) = runtime::command(service) else {
        let message = "shape `ec2` starts the service on machines of its own, without containers";
        let refusal = Refusal::new(codes::IMAGE, format!("{part}.image"), message);
        draft.refuse(refusal.help(format!(
            "say with `{part}.run` what runs there (`image` can stay, for shape `fargate`), or write `shape = \"fargate\"`"
        )));
        return None;
    };
    let runtime = match runtime::of(party, service, line) {
        Ok(runtime) => runtime,
        Err(refusal) => {
            draft.refuse(refusal);
            return None;
        }
    };
    check_line(draft, &format!("{part}.run"), line);
    let recipe = service_recipe(draft, party, service, line, runtime);
    let document = document(draft, party, &recipe, service.setup.as_ref());
    let ways = around.guards.ways("builder").cloned().collect();
    let baking = Baking { concern: Concern::App, party, document, infrastructure, artifacts, ways };
    let image = images::bake(draft, baking);
    let mut may = vec![roles::sessions()];
    may.extend(around.secrets.reads(draft, around.data, party));
    may.extend(around.logs.parties.get(party).map(roles::logs));
    let profile =
        roles::profile(draft, Concern::App, part, &format!("The machines of the service {part}"), may);
    let user_data = boot::user_data(&boot::service(draft, around.secrets, around.data, party));
    let before = around.secrets.before.get(party).into_iter().flatten();
    let wish = groups::Wish {
        concern: Concern::App,
        party,
        tier: Tier::App,
        kind,
        image,
        group: around.guards.services.get(party).cloned(),
        profile,
        user_data,
        capacity: service.capacity,
        before: before.chain(around.guards.ways(part)).cloned().collect(),
    };
    Some(groups::lower(draft, around.network, wish))
}

/// `/opt/items`
fn root(draft: &Draft<'_>) -> String {
    format!("/opt/{}", draft.topology.name)
}

fn web_recipe<'a>(draft: &Draft<'a>, party: &'a PartyName) -> Recipe<'a> {
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
        terrace_topology::WebServer::Terrace => {
            ("terrace-boot terrace-edge page.tar.gz", "/usr/local/bin/terrace-edge --help\n")
        }
        terrace_topology::WebServer::Nginx => ("terrace-boot page.tar.gz", "/usr/sbin/nginx -v\n"),
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

fn service_recipe<'a>(
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
fn document(
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
fn check_line(draft: &mut Draft<'_>, setting: &str, line: &CommandLine) {
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
