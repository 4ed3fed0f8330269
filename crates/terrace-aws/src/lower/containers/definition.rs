//! What a task's container is told.
//!
//! GUARANTEE: no secret is in it: secrets are named by ARN and key, and ECS puts them in.
//!
//! An image may begin with `terrace-boot`: it finds `TERRACE_DATABASE`, composes `DATABASE_URL`, and asks for the
//! database's secret again when RDS has rotated it. Other images find `DB_USER` and `DB_PASSWORD` as they were when
//! the task began. Either way the region's certificates are expected at [`CERTIFICATES`], where the images that
//! Terrace builds have them; `DB_CA` says so. The plain settings of a release are one variable, [`SETTINGS`], which
//! `terrace-boot` takes apart: so a release replaces them all, and nothing of Terrace's own with them.

use terrace_topology::{Engine, PartyName, Service};

use crate::lower::Ground;
use crate::resource::LogGroup;
use crate::{Json, Name, Ref, Text};

use super::super::Draft;

/// The variable with the plain settings of a release.
const SETTINGS: &str = "TERRACE_SETTINGS";
/// Where an image has the certificates of the region's databases.
pub(crate) const CERTIFICATES: &str = "/etc/terrace/rds-ca.pem";
/// Who the container runs as: nobody that an image knows, and not root.
const USER: &str = "10001:10001";
/// Seconds from SIGTERM to SIGKILL.
const STOP_SECONDS: i64 = 60;
/// What the agent of ECS Exec writes to; the root file system being closed, it needs room of its own.
const AGENT: [(&str, &str); 3] = [
    ("exec-agent", "/managed-agents"),
    ("exec-state", "/var/lib/amazon/ssm"),
    ("exec-log", "/var/log/amazon/ssm"),
];

/// The volumes of a task, and where they are.
pub(super) fn volumes(service: &Service) -> impl Iterator<Item = (&'static str, &'static str)> + use<> {
    let count = if service.exec { AGENT.len() } else { 0 };
    AGENT.into_iter().take(count)
}

/// What a release brings to a task definition.
pub(super) struct Release {
    pub(super) image: Text,
    /// The plain settings, where releases bring them: a JSON object.
    pub(super) settings: Option<Text>,
}

pub(super) fn container(
    draft: &Draft<'_>,
    ground: &Ground<'_>,
    (party, service): (&PartyName, &Service),
    Release { image, settings }: Release,
    log: &Ref<LogGroup>,
) -> Json {
    let port = || Json::Int(i64::from(service.port.get()));
    let mut fields = vec![
        ("name", Json::text(party.as_str())),
        ("image", Json::text(image)),
        ("essential", Json::Bool(true)),
        ("user", Json::text(USER)),
        ("readonlyRootFilesystem", Json::Bool(true)),
        ("stopTimeout", Json::Int(STOP_SECONDS)),
        (
            "linuxParameters",
            Json::object([
                ("initProcessEnabled", Json::Bool(true)),
                (
                    "tmpfs",
                    Json::List(vec![Json::object([
                        ("containerPath", Json::text("/tmp")),
                        ("size", Json::Int(room(service))),
                        ("mountOptions", Json::List(vec![Json::text("nosuid"), Json::text("nodev")])),
                    ])]),
                ),
            ]),
        ),
        (
            "portMappings",
            Json::List(vec![Json::object([
                ("containerPort", port()),
                ("hostPort", port()),
                ("protocol", Json::text("tcp")),
            ])]),
        ),
        ("environment", environment(draft, ground, service, settings)),
        ("secrets", secrets(ground, party)),
    ];
    let mounts: Vec<Json> = volumes(service)
        .map(|(name, path)| {
            Json::object([
                ("sourceVolume", Json::text(name)),
                ("containerPath", Json::text(path)),
                ("readOnly", Json::Bool(false)),
            ])
        })
        .collect();
    if !mounts.is_empty() {
        fields.push(("mountPoints", Json::List(mounts)));
    }
    fields.push((
        "logConfiguration",
        Json::object([
            ("logDriver", Json::text("awslogs")),
            (
                "options",
                Json::object([
                    ("awslogs-group", Json::text(log.attribute::<Name>())),
                    ("awslogs-region", Json::text(draft.topology.region.as_str())),
                    ("awslogs-stream-prefix", Json::text(party.as_str())),
                    // A log that cannot be written holds up no request.
                    ("mode", Json::text("non-blocking")),
                    ("max-buffer-size", Json::text("4m")),
                ]),
            ),
        ]),
    ));
    Json::Object(fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
}

/// How much of the memory `/tmp` may take, in MiB: an eighth, and 1 GiB at most.
fn room(service: &Service) -> i64 {
    i64::from((service.size.memory().get() / 8).min(1024))
}

fn environment(draft: &Draft<'_>, ground: &Ground<'_>, service: &Service, settings: Option<Text>) -> Json {
    let (data, engine): (_, Engine) = (ground.data, draft.topology.database.engine);
    // What the manifest says itself comes from Parameter Store with the rest of its variables, or wins where it is read: what
    // stands here must be the same whatever a release's settings are.
    let within = settings.is_none();
    let own = |name: &str| within && service.variables.keys().any(|known| known.as_str() == name);
    let database = Text::from(format!("{{\"engine\":\"{}\",\"host\":\"", engine.scheme()))
        .then(data.host.clone())
        .then(format!("\",\"port\":{},\"name\":\"{}\",\"secret\":\"", data.port.get(), data.name))
        .then(data.secret.clone())
        .then(format!("\",\"ca\":\"{CERTIFICATES}\"}}"));
    let all = [
        ("DB_CA", Text::from(CERTIFICATES)),
        ("DB_HOST", data.host.clone()),
        ("DB_NAME", Text::from(data.name.as_str())),
        ("DB_PORT", Text::from(data.port.get().to_string())),
        ("HOST", Text::from("0.0.0.0")),
        ("PORT", Text::from(service.port.get().to_string())),
        ("TERRACE_DATABASE", database),
    ];
    let settings = settings.map(|settings| (SETTINGS, settings));
    let listed = all.into_iter().filter(|(name, _)| !own(name)).chain(settings);
    Json::List(
        listed
            .map(|(name, value)| Json::object([("name", Json::text(name)), ("value", Json::text(value))]))
            .collect(),
    )
}

/// By ARN: parameters, whole secrets, and the keys of the database's secret.
fn secrets(ground: &Ground<'_>, party: &PartyName) -> Json {
    let key = |key: &str| ground.data.secret.clone().then(format!(":{key}::"));
    let mut all: Vec<(&str, Text)> = vec![("DB_PASSWORD", key("password")), ("DB_USER", key("username"))];
    let variables = ground.secrets.variables.get(party);
    all.extend(
        variables.into_iter().flatten().map(|(name, parameter)| (name.as_str(), Text::from(parameter))),
    );
    let settings = ground.secrets.settings.get(party);
    all.extend(settings.into_iter().flatten().map(|(name, arn)| (name.as_str(), arn.clone())));
    all.sort_by_key(|(name, _)| *name);
    Json::List(
        all.into_iter()
            .map(|(name, from)| Json::object([("name", Json::text(name)), ("valueFrom", Json::text(from))]))
            .collect(),
    )
}
