//! Whatever a payload or the open frame is, it is read or refused, and no error repeats a token.
//! Run with `cargo +nightly fuzz run ssm_json`.
#![no_main]

use libfuzzer_sys::fuzz_target;
use serde::{Serialize, de::DeserializeOwned};
use terrace_ssm::PortProperties;
use terrace_ssm::acknowledge::Acknowledge;
use terrace_ssm::gateway::ChannelClosed;
use terrace_ssm::handshake::{HandshakeComplete, HandshakeRequest, HandshakeResponse, SessionTypeParameters};
use terrace_ssm::open::OpenDataChannel;

/// What is read is written and read again as the same.
fn around<T: Serialize + DeserializeOwned + PartialEq + std::fmt::Debug>(bytes: &[u8]) {
    if let Ok(value) = serde_json::from_slice::<T>(bytes) {
        let text = serde_json::to_string(&value).expect("JSON");
        assert_eq!(serde_json::from_str::<T>(&text).expect("what we write can be read"), value);
    }
}

fuzz_target!(|bytes: &[u8]| {
    around::<HandshakeRequest>(bytes);
    around::<SessionTypeParameters>(bytes);
    around::<PortProperties>(bytes);
    around::<HandshakeResponse>(bytes);
    around::<HandshakeComplete>(bytes);
    let _ = Acknowledge::decode(bytes);
    let _ = ChannelClosed::output_of(bytes);
    if let Ok(text) = std::str::from_utf8(bytes)
        && let Ok(open) = OpenDataChannel::decode(text)
    {
        assert_eq!(OpenDataChannel::decode(&open.encode()), Ok(open.clone()));
        assert!(!format!("{open:?}").contains("token_value"));
    }
});
