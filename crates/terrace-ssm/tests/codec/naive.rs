//! Plain readers, written from the tables byte by byte. They share no code with the crate, but for SHA-256.

use sha2::{Digest, Sha256};

/// The fields of a message as they lie there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fields {
    pub(crate) kind: String,
    pub(crate) created: u64,
    pub(crate) sequence: i64,
    pub(crate) flags: u64,
    /// In the order in which a UUID is written.
    pub(crate) id: [u8; 16],
    pub(crate) payload_type: u32,
    pub(crate) payload: Vec<u8>,
}

fn number(bytes: &[u8], offset: usize, size: usize) -> u64 {
    let mut number = 0;
    for index in 0..size {
        number = number * 256 + u64::from(bytes[offset + index]);
    }
    number
}

/// Reads a message, or says that the official receivers refuse it.
pub(crate) fn message(frame: &[u8]) -> Option<Fields> {
    if frame.len() < 36 {
        return None;
    }
    let mut kind = Vec::new();
    for byte in &frame[4..36] {
        if *byte >= 128 {
            return None;
        }
        kind.push(*byte);
    }
    let blank = |b: &u8| [0, b' ', b'\t', b'\n', b'\r', 12].contains(b);
    while kind.last().is_some_and(blank) {
        kind.pop();
    }
    while kind.first().is_some_and(blank) {
        kind.remove(0);
    }
    let kind = String::from_utf8(kind).unwrap();
    if kind == "start_publication" || kind == "pause_publication" {
        let (id, payload) = ([0; 16], Vec::new());
        return Some(Fields { kind, created: 1, sequence: 0, flags: 3, id, payload_type: 0, payload });
    }
    if frame.len() < 120 {
        return None;
    }
    let start = usize::try_from(number(frame, 0, 4)).unwrap() + 4;
    if start < 120 || start > frame.len() || number(frame, 40, 8) == 0 {
        return None;
    }
    let payload = frame[start..].to_vec();
    if number(frame, 116, 4) != 0 && Sha256::digest(&payload)[..] != frame[80..112] {
        return None;
    }
    let mut id = [0; 16];
    id[..8].copy_from_slice(&frame[72..80]);
    id[8..].copy_from_slice(&frame[64..72]);
    Some(Fields {
        kind,
        created: number(frame, 40, 8),
        sequence: number(frame, 48, 8).cast_signed(),
        flags: number(frame, 56, 8),
        id,
        payload_type: u32::try_from(number(frame, 112, 4)).unwrap(),
        payload,
    })
}

/// What smux's bytes say, one by one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Said {
    Syn(u32),
    Fin(u32),
    Byte(u32, u8),
    Nop(u32),
    Wrong,
}

/// Reads smux from the beginning; stops where it is wrong.
pub(crate) fn smux(bytes: &[u8]) -> Vec<Said> {
    let mut said = Vec::new();
    let mut at = 0;
    while bytes.len() - at >= 8 {
        let length = usize::from(bytes[at + 2]) + 256 * usize::from(bytes[at + 3]);
        let mut stream = 0;
        for index in (4..8).rev() {
            stream = stream * 256 + u32::from(bytes[at + index]);
        }
        let command = bytes[at + 1];
        if bytes[at] != 1 || command > 3 || (command != 2 && length != 0) {
            said.push(Said::Wrong);
            return said;
        }
        at += 8;
        match command {
            0 => said.push(Said::Syn(stream)),
            1 => said.push(Said::Fin(stream)),
            3 => said.push(Said::Nop(stream)),
            _ => {
                for _ in 0..length {
                    let Some(byte) = bytes.get(at) else { return said };
                    said.push(Said::Byte(stream, *byte));
                    at += 1;
                }
            }
        }
    }
    said
}
