//! SSM: sessions of port forwarding, and the instances with an agent.
//!
//! [StartSession](https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_StartSession.html), ResumeSession,
//! TerminateSession, DescribeSessions, GetConnectionStatus, DescribeInstanceInformation. GUARANTEE: a session is granted only
//! to a target that is connected now and to an endpoint of the system itself; a refusal says which there are.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use terrace_net::{Endpoint, Host, Port};
use terrace_ssm::PortProperties;

use super::call::Input;
use super::refusal::{Form, Refusal};
use super::{World, unknown};
use crate::endpoint::faults::Faults;
use crate::endpoint::sessions::{Grant, Serves, SessionId, Wanted};
use crate::endpoint::shells::ShellStart;
use crate::endpoint::system::Shape;

pub(super) const ANSWERED: &[&str] = &[
    "ssm:StartSession",
    "ssm:ResumeSession",
    "ssm:TerminateSession",
    "ssm:DescribeSessions",
    "ssm:GetConnectionStatus",
    "ssm:DescribeInstanceInformation",
];
const TO_REMOTE_HOST: &str = "AWS-StartPortForwardingSessionToRemoteHost";
const TO_THE_TARGET: &str = "AWS-StartPortForwardingSession";
const RUN_SHELL: &str = "SSM-SessionManagerRunShell";
const ONE_COMMAND: &str = "AWS-StartInteractiveCommand";
/// The parameter of ours by which one session is given faults.
const FAULTS: &str = "terraceFaults";

pub(super) fn answer(world: World<'_>, name: &str, input: &Input) -> Result<Value, Refusal> {
    match name {
        "StartSession" => world.sessions.start(wanted(world, input)?).map(|grant| granted(&grant)),
        "ResumeSession" => {
            let id = session(input)?;
            match world.sessions.resume(&id)? {
                Some(grant) => Ok(granted(&grant)),
                // How AWS says that a session is over: clients look for the empty token.
                None => Ok(json!({ "SessionId": id.as_str(), "TokenValue": "", "StreamUrl": "" })),
            }
        }
        "TerminateSession" => {
            let id = session(input)?;
            world.sessions.terminate(&id);
            Ok(json!({ "SessionId": id.as_str() }))
        }
        "DescribeSessions" => Ok(sessions(world, input)),
        "GetConnectionStatus" => {
            let target = input.text("Target").unwrap_or_default();
            let connected = world.system.targets(world.place).iter().any(|one| one == target);
            Ok(json!({ "Target": target, "Status": if connected { "connected" } else { "notconnected" } }))
        }
        "DescribeInstanceInformation" => instances(world, input),
        _ => Err(unknown(Form::Json, &format!("ssm:{name}"))),
    }
}

fn granted(grant: &Grant) -> Value {
    json!({ "SessionId": grant.id.as_str(), "TokenValue": grant.token.as_str(), "StreamUrl": grant.url })
}

fn session(input: &Input) -> Result<SessionId, Refusal> {
    let text = input.text("SessionId").unwrap_or_default();
    SessionId::parse(text).ok_or_else(|| {
        Refusal::invalid("Value at 'sessionId' failed to satisfy constraint: 1 to 96 letters, digits, '-', '_', '.' or '@'")
    })
}

/// What StartSession asks for, once everything about it is right.
fn wanted(world: World<'_>, input: &Input) -> Result<Wanted, Refusal> {
    let parameters = input.lists("Parameters");
    let target = input.text("Target").unwrap_or_default();
    let asked = one(&parameters, FAULTS)?.map(|list| list.parse::<Faults>());
    let faults = asked.transpose().map_err(|error| Refusal::invalid(format!("{FAULTS}: {error}")))?;
    connected(world, target, faults)?;
    let document = input.text("DocumentName").unwrap_or(RUN_SHELL);
    if let Some(command) = shell_command(world, document, &parameters)? {
        let serves = Serves::Shell(Box::new(shell(world, target, command, "TargetNotConnected")?));
        return Ok(Wanted { target: target.to_owned(), document: document.to_owned(), serves, faults });
    }
    let known: &[&str] = match document {
        TO_REMOTE_HOST => &["host", "portNumber", "localPortNumber", FAULTS],
        TO_THE_TARGET => &["portNumber", "localPortNumber", FAULTS],
        _ => {
            let document: String = document.chars().take(128).collect();
            let message = format!(
                "Document with name {document} does not exist in the rehearsal endpoint of `terrace up`, which has {TO_REMOTE_HOST} and {TO_THE_TARGET}."
            );
            return Err(Refusal::new("InvalidDocument", message));
        }
    };
    if let Some(name) = parameters.keys().find(|name| !known.contains(&name.as_str())) {
        let message =
            format!("Unknown parameter {name} for document {document}: it has {}", known.join(", "));
        return Err(Refusal::invalid(message));
    }
    let host = match document {
        TO_REMOTE_HOST => one(&parameters, "host")?
            .ok_or_else(|| Refusal::invalid(format!("Parameter host is required by document {document}")))?,
        _ => "localhost".to_owned(),
    };
    let port = one(&parameters, "portNumber")?.unwrap_or_else(|| "80".to_owned());
    let local = one(&parameters, "localPortNumber")?.unwrap_or_else(|| "0".to_owned());
    if local.parse::<u16>().is_err() || local.starts_with('+') {
        return Err(Refusal::invalid(format!(
            "Parameter localPortNumber must be 0 to 65535, and is not {local}"
        )));
    }
    let dialable = world.system.dialable(world.place);
    let asked = host
        .parse::<Host>()
        .ok()
        .zip(port.parse::<Port>().ok())
        .map(|(host, port)| Endpoint::new(host, port));
    let address = asked.and_then(|endpoint| dialable.get(&endpoint).copied()).ok_or_else(|| {
        let all: Vec<String> = dialable.keys().map(ToString::to_string).collect();
        let host: String = host.chars().take(255).collect();
        Refusal::invalid(format!(
            "{host}:{port} is no endpoint of this system, and the rehearsal endpoint dials no other; there are {}",
            listed(&all)
        ))
    })?;
    let properties = PortProperties {
        host: if document == TO_REMOTE_HOST { host } else { String::new() },
        port_number: port,
        local_port_number: local,
        kind: PortProperties::LOCAL_PORT_FORWARDING.to_owned(),
    };
    let serves = Serves::Port(properties, address);
    Ok(Wanted { target: target.to_owned(), document: document.to_owned(), serves, faults })
}

/// What a shell is to run, if it is one that is asked for and that there can be: `Some(None)` is a shell for itself.
fn shell_command(
    world: World<'_>,
    document: &str,
    parameters: &BTreeMap<String, Vec<String>>,
) -> Result<Option<Option<String>>, Refusal> {
    let machines = matches!(world.system.shape, Shape::Ec2 { .. });
    if !machines || world.sessions.shells().is_none() {
        return Ok(None);
    }
    match document {
        RUN_SHELL => Ok(Some(None)),
        ONE_COMMAND => {
            let command = one(parameters, "command")?;
            let missing =
                || Refusal::invalid(format!("Parameter command is required by document {document}"));
            Ok(Some(Some(command.ok_or_else(missing)?)))
        }
        _ => Ok(None),
    }
}

/// A shell of the replica that is this target; `code` is how the service says that there is none.
pub(super) fn shell(
    world: World<'_>,
    target: &str,
    command: Option<String>,
    code: &'static str,
) -> Result<ShellStart, Refusal> {
    let all = world.system.targets(world.place).into_iter().zip(&world.system.replicas);
    let replica = all.into_iter().find_map(|(one, replica)| (one == target).then_some(replica));
    let surroundings = replica.zip(world.sessions.shells()).and_then(|(replica, shells)| shells.of(replica));
    let surroundings = surroundings.ok_or_else(|| {
        let target: String = target.chars().take(400).collect();
        Refusal::new(
            code,
            format!(
                "{target} is not connected. (Local rehearsal: it has no shells, or its process is gone.)"
            ),
        )
    })?;
    Ok(ShellStart { surroundings, command })
}

/// Refuses a target without a connected agent, as AWS does, and tells which have one.
fn connected(world: World<'_>, target: &str, faults: Option<Faults>) -> Result<(), Refusal> {
    let all = world.system.targets(world.place);
    let fault = faults.unwrap_or(world.sessions.faults()).target_not_connected;
    if !fault && all.iter().any(|one| one == target) {
        return Ok(());
    }
    let target: String = target.chars().take(400).collect();
    let why = match &world.system.shape {
        _ if fault => "the fault `target-not-connected` was asked for".to_owned(),
        Shape::Fargate { exec: false, .. } => "ExecuteCommand is not enabled on the service".to_owned(),
        _ => format!("connected are {}", listed(&all)),
    };
    Err(Refusal::new("TargetNotConnected", format!("{target} is not connected. (Local rehearsal: {why}.)")))
}

fn listed(all: &[String]) -> String {
    if all.is_empty() { "none".to_owned() } else { all.join(", ") }
}

/// The one value of a parameter.
fn one(parameters: &BTreeMap<String, Vec<String>>, name: &str) -> Result<Option<String>, Refusal> {
    match parameters.get(name).map(Vec::as_slice) {
        None | Some([]) => Ok(None),
        Some([value]) => Ok(Some(value.clone())),
        // A list of faults is cut at its commas by the AWS CLI's shorthand.
        Some(values) if name == FAULTS => Ok(Some(values.join(","))),
        Some(_) => Err(Refusal::invalid(format!("Parameter {name} takes one value"))),
    }
}

fn sessions(world: World<'_>, input: &Input) -> Value {
    if input.text("State") == Some("History") {
        return json!({ "Sessions": [] });
    }
    let all: Vec<Value> = world
        .sessions
        .list()
        .into_iter()
        .map(|one| {
            json!({
                "SessionId": one.id.as_str(), "Target": one.target, "Status": "Connected", "DocumentName": one.document,
                "StartDate": one.since, "Owner": format!("arn:aws:iam::{}:user/{}", world.place.account, super::sts::USER),
            })
        })
        .collect();
    json!({ "Sessions": all })
}

fn instances(world: World<'_>, input: &Input) -> Result<Value, Refusal> {
    let replicas = match &world.system.shape {
        // Tasks are no managed instances: AWS does not list them either.
        Shape::Fargate { .. } => &[][..],
        Shape::Ec2 { .. } => world.system.replicas.as_slice(),
    };
    let mut filters = input.filters("Filters");
    filters.extend(input.filters("InstanceInformationFilterList"));
    let mut found: Vec<_> = replicas.iter().collect();
    for (name, values) in filters {
        let has = |value: &str| values.iter().any(|one| one == value);
        match name.as_str() {
            "InstanceIds" => found.retain(|one| has(&one.instance(world.place))),
            "PingStatus" => found.retain(|_| has("Online")),
            "PlatformTypes" => found.retain(|_| has("Linux")),
            "ResourceType" => found.retain(|_| has("EC2Instance")),
            _ => {
                return Err(Refusal::new(
                    "InvalidFilterKey",
                    format!("{name} is no filter of the rehearsal endpoint"),
                ));
            }
        }
    }
    let all: Vec<Value> = found
        .into_iter()
        .map(|one| {
            json!({
                "InstanceId": one.instance(world.place), "PingStatus": "Online", "LastPingDateTime": one.since,
                "AgentVersion": terrace_ssm::Version::AGENT.to_string(), "IsLatestVersion": true, "PlatformType": "Linux",
                "PlatformName": "Amazon Linux", "PlatformVersion": "2023", "ResourceType": "EC2Instance",
                "IPAddress": one.private_address(world.place),
            })
        })
        .collect();
    Ok(json!({ "InstanceInformationList": all }))
}
