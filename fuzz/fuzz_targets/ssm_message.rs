//! Whatever a frame is, it is read or refused; what was read is written and read again as the same.
//! Run with `cargo +nightly fuzz run ssm_message`.
#![no_main]

use bytes::Bytes;
use libfuzzer_sys::fuzz_target;
use terrace_ssm::message::{Message, MessageType};

fuzz_target!(|bytes: &[u8]| {
    let Ok(message) = Message::decode(&Bytes::copy_from_slice(bytes)) else { return };
    let again = Message::decode(&message.encode()).expect("what we write can be read");
    if let MessageType::Other(name) = &message.kind {
        // A name of blanks and NULs is one only as long as nothing is trimmed.
        assert_eq!(again.kind.name(), name.trim_matches(|c: char| c == '\0' || c.is_ascii_whitespace()));
    }
    assert_eq!(again, message);
});
