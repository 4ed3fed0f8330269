//! From a grant to an open socket: signature, dial, open frame.

use std::sync::{Arc, Mutex, PoisonError};

use futures_util::SinkExt as _;
use terrace_ssm::Version;
use terrace_ssm::open::OpenDataChannel;
use tokio_tungstenite::tungstenite::Message;
use uuid::Uuid;
use zeroize::Zeroizing;

use super::{Control, ControlError, Grant, GrantError, Over, SessionId, TunnelError};
use crate::wire::{DialError, Dialer, Socket, StreamUrl};

/// How a session's sockets are had, the first and all later ones.
#[derive(Debug)]
pub(super) struct Dialing<C> {
    pub(super) control: Arc<C>,
    pub(super) dialer: Arc<Dialer>,
    /// Stays for the session.
    client: Uuid,
    /// Where the channel was last.
    url: Mutex<Option<StreamUrl>>,
}

/// A fresh UUID.
pub(super) fn uuid() -> Uuid {
    uuid::Builder::from_random_bytes(seed()).into_uuid()
}

/// Random bytes; ids need to differ, and need not be secret.
pub(super) fn seed() -> [u8; 16] {
    let mut seed = [0; 16];
    if getrandom::fill(&mut seed).is_err() {
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
        seed = (now.as_nanos() ^ (u128::from(std::process::id()) << 96)).to_be_bytes();
    }
    seed
}

impl<C: Control> Dialing<C> {
    pub(super) fn new(control: Arc<C>, dialer: Arc<Dialer>) -> Self {
        Self { control, dialer, client: uuid(), url: Mutex::default() }
    }

    /// Dials what was granted, and sends the open frame.
    pub(super) async fn open(&self, grant: &Grant) -> Result<Socket, TunnelError> {
        let token = grant.token().ok_or(Over::TimedOut)?;
        let url = self.whereabouts(grant).ok_or_else(|| ControlError::Unreadable {
            action: "ssm:StartSession".to_owned(),
            why: GrantError::Field("StreamUrl"),
        })?;
        let session = grant.session();
        let headers = if url.is_signed() { Vec::new() } else { self.control.sign(session, &url).await? };
        let dialled = self.dialer.dial(&url, headers).await;
        let mut socket = dialled.map_err(|error| match error {
            DialError::Refused { status: 401 | 403, says, .. } => {
                TunnelError::Control(ControlError::channel_denied(self.control.region(), session, &says))
            }
            error => TunnelError::Dial(error),
        })?;
        let open = OpenDataChannel {
            message_schema_version: OpenDataChannel::SCHEMA.to_owned(),
            request_id: uuid().to_string(),
            token_value: token.to_owned(),
            client_id: self.client.to_string(),
            client_version: Version::CLIENT.to_string(),
        };
        let text = open.encode();
        drop(Zeroizing::new(open.token_value));
        socket.send(Message::text(text)).await.map_err(|error| {
            TunnelError::Dial(DialError::Protocol { at: url.host().to_owned(), why: error.to_string() })
        })?;
        Ok(socket)
    }

    /// Where the channel is: somewhere else after a resumption; without a word, where it was.
    fn whereabouts(&self, grant: &Grant) -> Option<StreamUrl> {
        let mut last = self.url.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(url) = grant.url() {
            *last = Some(url.clone());
        }
        last.clone()
    }

    /// A new token and a new socket for a session.
    pub(super) async fn resume(&self, session: &SessionId) -> Result<Socket, TunnelError> {
        let grant = self.control.resume(session).await?;
        self.open(&grant).await
    }
}
