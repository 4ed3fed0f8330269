//! The handshake of both roles: what is answered, and what comes of it.

use serde::Serialize;
use serde_json::Value;

use crate::handshake::{
    FAILED, HandshakeRequest, HandshakeResponse, PortProperties, ProcessedAction, RequestedAction, SUCCESS,
    SessionTypeParameters, UNSUPPORTED,
};
use crate::{SessionError, ShellKind, Version};

/// What the client knows of the agent, and of what it serves.
#[derive(Debug)]
pub(super) enum Greeted {
    Port(Version, PortProperties),
    Shell(Version, ShellKind),
}

/// The agent's first message.
pub(super) fn request(session_type: &str, properties: &impl Serialize) -> Vec<u8> {
    let request = HandshakeRequest {
        agent_version: Version::AGENT.to_string(),
        requested_client_actions: vec![RequestedAction {
            action_type: "SessionType".to_owned(),
            action_parameters: SessionTypeParameters { session_type: session_type.to_owned(), properties },
        }],
    };
    serde_json::to_vec(&request).unwrap_or_default()
}

/// The client's answer, if the request can be read, and what it means for the session.
pub(super) fn answer(payload: &[u8], shell: bool) -> (Option<Vec<u8>>, Result<Greeted, SessionError>) {
    let request: HandshakeRequest = match serde_json::from_slice(payload) {
        Ok(request) => request,
        Err(error) => return (None, Err(SessionError::Handshake(error.to_string()))),
    };
    let mut served = Err(SessionError::Handshake("the agent names no type of session".to_owned()));
    let mut refused = None;
    let mut processed = Vec::new();
    for action in request.requested_client_actions {
        let outcome = match action.action_type.as_str() {
            "SessionType" => greeted(action.action_parameters, &request.agent_version, shell).map(|found| {
                served = Ok(found);
                SUCCESS
            }),
            "KMSEncryption" => Err(SessionError::Encryption),
            _ => Ok(UNSUPPORTED),
        };
        let (action_status, error) = match &outcome {
            Ok(SUCCESS) => (SUCCESS, String::new()),
            Ok(status) => (*status, "this client does not know the action".to_owned()),
            Err(error) => (FAILED, error.to_string()),
        };
        refused = refused.or(outcome.err());
        let action_type = action.action_type;
        processed.push(ProcessedAction { action_type, action_status, action_result: Value::Null, error });
    }
    let response = HandshakeResponse {
        client_version: Version::CLIENT.to_string(),
        processed_client_actions: processed,
        errors: None,
    };
    let greeted = match refused {
        Some(error) => Err(error),
        None => served,
    };
    (Some(serde_json::to_vec(&response).unwrap_or_default()), greeted)
}

/// What is served, and by whom.
fn greeted(parameters: Value, announced: &str, shell: bool) -> Result<Greeted, SessionError> {
    if shell {
        let wrong = |error: serde_json::Error| SessionError::Handshake(error.to_string());
        let parameters: SessionTypeParameters = serde_json::from_value(parameters).map_err(wrong)?;
        let kind = ShellKind::of(&parameters.session_type);
        let kind = kind.ok_or_else(|| SessionError::NoShell(short(&parameters.session_type)))?;
        // Shells need nothing that an old agent has not.
        let version = announced
            .parse()
            .map_err(|_| SessionError::Handshake(format!("the agent's version is `{}`", short(announced))))?;
        return Ok(Greeted::Shell(version, kind));
    }
    let properties = port(parameters)?;
    agent(announced).map(|version| Greeted::Port(version, properties))
}

fn port(parameters: Value) -> Result<PortProperties, SessionError> {
    let wrong = |error: serde_json::Error| SessionError::Handshake(error.to_string());
    let parameters: SessionTypeParameters = serde_json::from_value(parameters).map_err(wrong)?;
    if parameters.session_type != "Port" {
        return Err(SessionError::Kind(short(&parameters.session_type)));
    }
    let properties: PortProperties = serde_json::from_value(parameters.properties).map_err(wrong)?;
    if properties.kind == PortProperties::LOCAL_PORT_FORWARDING {
        Ok(properties)
    } else {
        Err(SessionError::Kind(format!("Port of type `{}`", short(&properties.kind))))
    }
}

fn agent(announced: &str) -> Result<Version, SessionError> {
    let version = announced.parse().ok().filter(|version| *version > Version::LAST_BASIC_AGENT);
    version.ok_or_else(|| SessionError::PeerTooOld {
        announced: short(announced),
        needed: "an SSM agent newer than 3.0.196.0, best the newest; update the agent on the target",
    })
}

/// What the agent makes of the client's answer.
pub(super) fn accept(payload: &[u8]) -> Result<Version, SessionError> {
    let response: HandshakeResponse =
        serde_json::from_slice(payload).map_err(|error| SessionError::Handshake(error.to_string()))?;
    if let Some(action) = response.processed_client_actions.iter().find(|a| a.action_status != SUCCESS) {
        let (action, error) = (short(&action.action_type), short(&action.error));
        return Err(SessionError::Refused { action, error });
    }
    let announced = response.client_version;
    let version = announced.parse().ok().filter(|version| *version >= Version::FIRST_MUX_CLIENT);
    version.ok_or_else(|| SessionError::PeerTooOld {
        announced: short(&announced),
        needed: "a session-manager-plugin of at least 1.1.70.0, with four numbers; update the plugin",
    })
}

/// Of a text from outside, as much as fits into a line.
fn short(text: &str) -> String {
    text.chars().take(200).collect()
}
