//! What is JSON: the handshake and the open frame, in the official parts' words.

use terrace_ssm::PortProperties;
use terrace_ssm::handshake::{HandshakeComplete, HandshakeRequest, HandshakeResponse, SessionTypeParameters};
use terrace_ssm::open::OpenDataChannel;

#[test]
fn an_agents_request() {
    let text = r#"{"AgentVersion":"3.3.3572.0","RequestedClientActions":[{"ActionType":"SessionType","ActionParameters":{"SessionType":"Port","Properties":{"host":"db","portNumber":"5432","localPortNumber":"15432","type":"LocalPortForwarding"}}}]}"#;
    let request: HandshakeRequest = serde_json::from_str(text).unwrap();
    let action = request.requested_client_actions[0].action_parameters.clone();
    let parameters: SessionTypeParameters = serde_json::from_value(action).unwrap();
    let properties: PortProperties = serde_json::from_value(parameters.properties).unwrap();
    let expected = PortProperties {
        host: "db".to_owned(),
        port_number: "5432".to_owned(),
        local_port_number: "15432".to_owned(),
        kind: "LocalPortForwarding".to_owned(),
    };
    assert_eq!((parameters.session_type.as_str(), properties), ("Port", expected));
}

#[test]
fn properties_may_be_missing_null_or_more() {
    let text = r#"{"portNumber":"1","host":null,"localUnixSocket":"","localConnectionType":"x","type":"LocalPortForwarding"}"#;
    let properties: PortProperties = serde_json::from_str(text).unwrap();
    assert_eq!(properties.host, "");
    assert_eq!(properties.port_number, "1");
}

#[test]
fn the_plugins_answer() {
    let text = r#"{"ClientVersion":"1.2.694.0","ProcessedClientActions":[{"ActionType":"SessionType","ActionStatus":1,"ActionResult":null,"Error":""}],"Errors":null}"#;
    let response: HandshakeResponse = serde_json::from_str(text).unwrap();
    assert_eq!(serde_json::to_string(&response).unwrap(), text);
}

#[test]
fn the_end() {
    let text = r#"{"HandshakeTimeToComplete":1234567,"CustomerMessage":"LOCAL REHEARSAL"}"#;
    let complete: HandshakeComplete = serde_json::from_str(text).unwrap();
    assert_eq!(serde_json::to_string(&complete).unwrap(), text);
}

#[test]
fn the_open_frame_hides_its_token() {
    let text = r#"{"MessageSchemaVersion":"1.0","RequestId":"r","TokenValue":"SECRET","ClientId":"c","ClientVersion":"1.2.764.0"}"#;
    let open = OpenDataChannel::decode(text).unwrap();
    assert_eq!(open.encode(), text);
    assert_eq!(open.token_value, "SECRET");
    assert!(!format!("{open:?}").contains("SECRET"));
    for wrong in [r#"{"TokenValue":"SECRET"}"#, r#"{"TokenValue":7,"RequestId":"SECRET"}"#, "SECRET", ""] {
        let error = OpenDataChannel::decode(wrong).unwrap_err();
        assert!(!format!("{error} {error:?}").contains("SECRET"));
    }
}
