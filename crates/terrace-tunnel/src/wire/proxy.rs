//! Through a proxy by `CONNECT` (RFC 9110, section 9.3.6).

use http::HeaderValue;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use super::Wire;

/// No proxy says more before the tunnel begins.
const LONGEST: usize = 16 << 10;

/// Asks for a tunnel to a host and port; what the proxy refuses is told in its words.
pub(super) async fn connect(
    wire: &mut Box<dyn Wire>,
    authority: &str,
    authorization: Option<&HeaderValue>,
) -> Result<(), String> {
    let mut asked = format!("CONNECT {authority} HTTP/1.1\r\nHost: {authority}\r\n").into_bytes();
    if let Some(value) = authorization {
        asked.extend_from_slice(b"Proxy-Authorization: ");
        asked.extend_from_slice(value.as_bytes());
        asked.extend_from_slice(b"\r\n");
    }
    asked.extend_from_slice(b"\r\n");
    wire.write_all(&asked).await.map_err(|error| error.to_string())?;
    wire.flush().await.map_err(|error| error.to_string())?;
    // Byte by byte: what follows the head is the tunnel's.
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        if head.len() >= LONGEST {
            return Err("its answer has no end".to_owned());
        }
        match wire.read_u8().await {
            Ok(byte) => head.push(byte),
            Err(error) => return Err(format!("it closed the connection ({error})")),
        }
    }
    let head = String::from_utf8_lossy(&head);
    let first = head.lines().next().unwrap_or_default();
    match first.split(' ').nth(1) {
        Some(status) if status.starts_with('2') && status.len() == 3 => Ok(()),
        _ => Err(format!("it answered `{first}`")),
    }
}
