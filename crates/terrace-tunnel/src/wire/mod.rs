//! WebSocket over tokio: dialling with TLS, a proxy and a signature, and a session shared by its socket and its streams.
//!
//! RFC 6455 by tokio-tungstenite; the roots are the machine's (`SSL_CERT_FILE` and `SSL_CERT_DIR` count), the proxy is the
//! environment's (`HTTPS_PROXY`, `ALL_PROXY`, `NO_PROXY`).
//!
//! GUARANTEE: nothing is sent in the clear to another machine; a dial ends within its time limit.

mod address;
mod dial;
mod proxy;
mod pump;
mod shared;
mod trust;

pub use address::{StreamUrl, StreamUrlError};
pub use dial::{DialError, Dialer, Socket, Wire, buffered, config};
pub use pump::{Ending, Waiting, pump};
pub use shared::{Read, Reset, Shared, Stream};
