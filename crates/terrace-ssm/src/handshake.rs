//! What agent and client say before the first byte: JSON in the payloads of types 5, 6 and 7.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The session document's properties after its parameters were put in. All are text on the wire.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct PortProperties {
    /// What the agent dials; empty for the target itself.
    #[serde(deserialize_with = "nullable")]
    pub host: String,
    /// The port that the agent dials.
    #[serde(deserialize_with = "nullable")]
    pub port_number: String,
    /// The port that the client is to listen on; empty or `0` for any.
    #[serde(deserialize_with = "nullable")]
    pub local_port_number: String,
    /// `LocalPortForwarding` if connections are multiplexed.
    #[serde(rename = "type", deserialize_with = "nullable")]
    pub kind: String,
}

impl PortProperties {
    /// The only kind that is multiplexed.
    pub const LOCAL_PORT_FORWARDING: &'static str = "LocalPortForwarding";
}

/// Payload type 5, the agent's first message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", bound(deserialize = "P: Default + Deserialize<'de>"))]
pub struct HandshakeRequest<P = Value> {
    /// The agent's version; decides what both speak.
    pub agent_version: String,
    /// What the client is to do; `P` are the actions' parameters, of any kind when read.
    #[serde(default, deserialize_with = "nullable")]
    pub requested_client_actions: Vec<RequestedAction<P>>,
}

/// One thing that the client is to do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct RequestedAction<P = Value> {
    /// `SessionType` or `KMSEncryption`.
    pub action_type: String,
    /// What there is to know of it.
    #[serde(default)]
    pub action_parameters: P,
}

/// The parameters of the action `SessionType`.
#[derive(Default, Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct SessionTypeParameters<P = Value> {
    /// `Port`, `Standard_Stream`, …
    pub session_type: String,
    /// What is known of the port; null for other types.
    #[serde(default)]
    pub properties: P,
}

/// Payload type 6, the client's first message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct HandshakeResponse {
    /// The client's version; decides what both speak.
    pub client_version: String,
    /// What became of each action.
    #[serde(default, deserialize_with = "nullable")]
    pub processed_client_actions: Vec<ProcessedAction>,
    /// What else went wrong; null if nothing did.
    #[serde(default)]
    pub errors: Option<Vec<String>>,
}

/// What became of one action.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct ProcessedAction {
    /// As it was asked.
    pub action_type: String,
    /// [`SUCCESS`], [`FAILED`] or [`UNSUPPORTED`].
    pub action_status: u32,
    /// Null for the actions of port sessions.
    #[serde(default)]
    pub action_result: Value,
    /// Why it failed.
    #[serde(default)]
    pub error: String,
}

/// The action was done.
pub const SUCCESS: u32 = 1;
/// The action failed.
pub const FAILED: u32 = 2;
/// The action is not known.
pub const UNSUPPORTED: u32 = 3;

/// Payload type 7: data may be sent from now on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct HandshakeComplete {
    /// Nanoseconds since the request.
    #[serde(default)]
    pub handshake_time_to_complete: i64,
    /// The agent's words for the customer.
    #[serde(default, deserialize_with = "nullable")]
    pub customer_message: String,
}

/// What Go writes for an empty list is null.
fn nullable<'de, D, T>(from: D) -> Result<T, D::Error>
where
    D: serde::Deserializer<'de>,
    T: Default + Deserialize<'de>,
{
    Option::<T>::deserialize(from).map(Option::unwrap_or_default)
}
