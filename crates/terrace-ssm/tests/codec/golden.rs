//! Bytes of messages, field by field in hexadecimal, as the reference's table and another implementation of SHA-256
//! (Python's `hashlib`) give them.

use bytes::Bytes;
use terrace_ssm::acknowledge::Acknowledge;
use terrace_ssm::message::{Flag, Message, MessageType, PayloadType, SYN, SYN_FIN};
use terrace_ssm::mux::Frame;
use terrace_ssm::{MessageIds, Now, StreamId, gateway};
use uuid::{Uuid, uuid};

const ID: Uuid = uuid!("00112233-4455-6677-8899-aabbccddeeff");

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// One line for each field.
fn lines(mut frame: &[u8]) -> String {
    let mut lines = Vec::new();
    for size in [4, 32, 4, 8, 8, 8, 16, 32, 4, 4] {
        let (field, rest) = frame.split_at(size);
        lines.push(hex(field));
        frame = rest;
    }
    lines.push(hex(frame));
    lines.join("\n")
}

#[test]
fn data() {
    let mut payload = Vec::new();
    Frame::Push(StreamId::FIRST, Bytes::from_static(b"\n")).encode(&mut payload);
    let message = Message {
        kind: MessageType::InputStreamData,
        sequence: 7,
        flags: 0,
        id: ID,
        created: 1_700_000_000_000,
        payload_type: PayloadType::OUTPUT,
        payload: Bytes::from(payload),
    };
    insta::assert_snapshot!(lines(&message.encode()), @"
    00000074
    696e7075745f73747265616d5f64617461202020202020202020202020202020
    00000001
    0000018bcfe56800
    0000000000000007
    0000000000000000
    8899aabbccddeeff0011223344556677
    db2142b14973a90f59321a5204b86ad7e61f2bba4f611a23715d544f9114899a
    00000001
    00000009
    01020100030000000a
    ");
}

#[test]
fn flag() {
    let message = Message {
        kind: MessageType::OutputStreamData,
        sequence: 0,
        flags: SYN,
        id: ID,
        created: 1_700_000_000_001,
        payload_type: PayloadType::FLAG,
        payload: Bytes::copy_from_slice(&Flag::ConnectToPortError.encode()),
    };
    insta::assert_snapshot!(lines(&message.encode()), @r"
    00000074
    6f75747075745f73747265616d5f646174612020202020202020202020202020
    00000001
    0000018bcfe56801
    0000000000000000
    0000000000000001
    8899aabbccddeeff0011223344556677
    88185d128d9922e0e6bcd32b07b6c7f20f27968eab447a1d8d1cdf250f79f7d3
    0000000a
    00000004
    00000003
    ");
}

#[test]
fn nothing_as_payload() {
    let message = Message {
        kind: MessageType::PausePublication,
        sequence: 0,
        flags: SYN_FIN,
        id: ID,
        created: 1_700_000_000_003,
        payload_type: PayloadType::NONE,
        payload: Bytes::new(),
    };
    insta::assert_snapshot!(lines(&message.encode()), @r"
    00000074
    70617573655f7075626c69636174696f6e202020202020202020202020202020
    00000001
    0000018bcfe56803
    0000000000000000
    0000000000000003
    8899aabbccddeeff0011223344556677
    e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855
    00000000
    00000000
    ");
}

#[test]
fn acknowledgement_is_read() {
    let payload = br#"{"AcknowledgedMessageType":"output_stream_data","AcknowledgedMessageId":"00112233-4455-6677-8899-aabbccddeeff","AcknowledgedMessageSequenceNumber":258,"IsSequentialMessage":true}"#;
    let expected = Acknowledge { kind: "output_stream_data".to_owned(), id: ID.to_string(), sequence: 258 };
    assert_eq!(Acknowledge::decode(payload).unwrap(), expected);
}

#[test]
fn the_gateway_closes() {
    let now = Now { unix_millis: 1_700_000_000_004, ..Now::default() };
    let frame = gateway::closed("user-01ab", "The database has gone.", &mut MessageIds::new([0; 16]), now);
    let message = Message::decode(&frame).unwrap();
    assert_eq!((message.kind, message.sequence, message.flags), (MessageType::ChannelClosed, 0, SYN_FIN));
    insta::assert_snapshot!(String::from_utf8(message.payload.to_vec()).unwrap(), @r#"{"MessageType":"channel_closed","MessageId":"00000000-0000-4000-8000-000000000001","DestinationId":"user-01ab","SessionId":"user-01ab","SchemaVersion":1,"CreatedDate":"1700000000004","Output":"The database has gone."}"#);
    assert_eq!(gateway::ChannelClosed::output_of(&message.payload), "The database has gone.");
    for (payload, output) in [
        (r#"{"Output":"Gone.","SchemaVersion":"1"}"#, "Gone."),
        ("{}", ""),
        ("[1]", ""),
        ("Gone.", "Gone."),
        ("", ""),
    ] {
        assert_eq!(gateway::ChannelClosed::output_of(payload.as_bytes()), output);
    }
}
