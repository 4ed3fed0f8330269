//! The sessions of one endpoint: granted, dialled, resumed, ended.
//!
//! GUARANTEE: a token opens one connection of one session, once, and is compared in constant time; of a token only its
//! digest is kept. There are at most [`MOST`] sessions.

use std::collections::{BTreeMap, VecDeque};
use std::fmt;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use http::StatusCode;
use terrace_ssm::{MessageIds, PortProperties};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use zeroize::Zeroizing;

use super::answer::refusal::Refusal;
use super::channel::{self, Command, Start};
use super::faults::Faults;
use super::shells::{ShellStart, Shells};

/// The most sessions at a time.
const MOST: usize = 64;
/// How many ended sessions are remembered, so that ResumeSession can say that they are over.
const REMEMBERED: usize = 1024;
/// What the client prints first.
const BANNER: &str = "LOCAL REHEARSAL - not AWS";

/// A session's id: `rehearsal-0a1b2c3d4e5f67890`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct SessionId(String);

/// A token as it is given away: a secret.
pub(super) struct Token(Zeroizing<String>);

/// What StartSession and ResumeSession answer.
pub(super) struct Grant {
    pub(super) id: SessionId,
    pub(super) token: Token,
    pub(super) url: String,
}

/// What StartSession was asked for, found to be right.
pub(super) struct Wanted {
    pub(super) target: String,
    pub(super) document: String,
    pub(super) serves: Serves,
    /// Other faults than the endpoint's.
    pub(super) faults: Option<Faults>,
}

/// What a session serves.
pub(super) enum Serves {
    /// A port. Where it really is: as on the agent, found once, when the session begins.
    Port(PortProperties, SocketAddr),
    Shell(Box<ShellStart>),
}

/// A session as DescribeSessions tells it.
#[derive(Clone, Debug)]
pub(super) struct Listed {
    pub(super) id: SessionId,
    pub(super) target: String,
    pub(super) document: String,
    /// In seconds of Unix time.
    pub(super) since: u64,
}

/// All sessions of an endpoint.
#[derive(Clone)]
pub(super) struct Sessions {
    held: Arc<Mutex<Held>>,
    address: SocketAddr,
    faults: Faults,
    seed: u64,
    shells: Option<Shells>,
}

struct Held {
    open: BTreeMap<SessionId, Entry>,
    over: VecDeque<SessionId>,
    count: u64,
    closed: bool,
}

struct Entry {
    listed: Listed,
    /// The digest of the token that has not been used yet.
    token: Option<blake3::Hash>,
    commands: mpsc::UnboundedSender<Command>,
    task: JoinHandle<()>,
}

impl SessionId {
    /// What can be a session's id (AWS: 1 to 96 characters).
    pub(super) fn parse(text: &str) -> Option<Self> {
        let fits = (1..=96).contains(&text.len())
            && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.' | b'@'));
        fits.then(|| Self(text.to_owned()))
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

impl Token {
    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(..)")
    }
}

impl fmt::Debug for Sessions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sessions").field("address", &self.address).finish_non_exhaustive()
    }
}

impl Sessions {
    pub(super) fn new(address: SocketAddr, faults: Faults, seed: u64, shells: Option<Shells>) -> Self {
        let held = Held { open: BTreeMap::new(), over: VecDeque::new(), count: 0, closed: false };
        Self { held: Arc::new(Mutex::new(held)), address, faults, seed, shells }
    }

    fn lock(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The faults of sessions that ask for none.
    pub(super) fn faults(&self) -> Faults {
        self.faults
    }

    /// The replicas' shells, if they have any.
    pub(super) const fn shells(&self) -> Option<&Shells> {
        self.shells.as_ref()
    }

    /// Begins a session. Nothing is dialled before its client has come.
    pub(super) fn start(&self, wanted: Wanted) -> Result<Grant, Refusal> {
        let id = SessionId(format!("{}-0{}", super::answer::USER, hex(&random::<8>()?)));
        let token = Token(Zeroizing::new(hex(&random::<32>()?)));
        let ids = [random::<16>()?, random::<16>()?].map(MessageIds::new);
        let mut held = self.lock();
        if held.closed {
            return Err(Refusal::new("InternalServerError", "the rehearsal endpoint is closing"));
        }
        if held.open.len() >= MOST {
            let message = format!("the rehearsal endpoint keeps at most {MOST} sessions; end some");
            return Err(Refusal::new("ThrottlingException", message));
        }
        held.count = held.count.saturating_add(1);
        let (sender, commands) = mpsc::unbounded_channel();
        let [agent, gateway] = ids;
        let start = Start {
            id: id.as_str().to_owned(),
            banner: BANNER,
            serves: wanted.serves,
            faults: wanted.faults.unwrap_or(self.faults),
            // The same faults at the same frames whenever the same session of a run is the same one in order.
            seed: self.seed.wrapping_add(held.count),
            agent,
            gateway,
            commands,
        };
        let (sessions, over) = (self.clone(), id.clone());
        let task = tokio::spawn(async move {
            channel::run(start).await;
            sessions.ended(&over);
        });
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
        let listed = Listed { id: id.clone(), target: wanted.target, document: wanted.document, since };
        let entry = Entry { listed, token: Some(digest(token.as_str())), commands: sender, task };
        held.open.insert(id.clone(), entry);
        Ok(self.grant(id, token))
    }

    fn grant(&self, id: SessionId, token: Token) -> Grant {
        let Self { address, .. } = self;
        let url = format!(
            "ws://{address}/v1/data-channel/{}?role=publish_subscribe&cell-number=AAEAAQ",
            id.as_str()
        );
        Grant { id, token, url }
    }

    /// A new token for a session; `None` if it is over.
    pub(super) fn resume(&self, id: &SessionId) -> Result<Option<Grant>, Refusal> {
        let token = Token(Zeroizing::new(hex(&random::<32>()?)));
        let mut held = self.lock();
        if let Some(entry) = held.open.get_mut(id) {
            entry.token = Some(digest(token.as_str()));
            return Ok(Some(self.grant(id.clone(), token)));
        }
        if held.over.contains(id) {
            return Ok(None);
        }
        Err(Refusal::new("DoesNotExistException", format!("Session {} does not exist", id.as_str())))
    }

    /// Ends a session; one that is over stays over.
    pub(super) fn terminate(&self, id: &SessionId) {
        if let Some(entry) = self.lock().open.get(id) {
            let _ = entry.commands.send(Command::Terminate);
        }
    }

    /// The sessions that are open.
    pub(super) fn list(&self) -> Vec<Listed> {
        self.lock().open.values().map(|entry| entry.listed.clone()).collect()
    }

    /// Where to bring the connection of a client that has this token; the token is used up.
    pub(super) fn admit(&self, id: &SessionId, token: &str) -> Option<mpsc::UnboundedSender<Command>> {
        let mut held = self.lock();
        let entry = held.open.get_mut(id)?;
        // Digests are compared in constant time.
        (entry.token? == digest(token)).then(|| {
            entry.token = None;
            entry.commands.clone()
        })
    }

    fn ended(&self, id: &SessionId) {
        let mut held = self.lock();
        if held.open.remove(id).is_some() {
            held.over.push_back(id.clone());
            if held.over.len() > REMEMBERED {
                held.over.pop_front();
            }
        }
    }

    /// Ends all sessions with these words, and begins no more. Gives back what is to be awaited.
    pub(super) fn close(&self, output: &str) -> Vec<JoinHandle<()>> {
        let mut held = self.lock();
        held.closed = true;
        let all = std::mem::take(&mut held.open);
        all.into_values()
            .map(|entry| {
                let _ = entry.commands.send(Command::Stop { output: output.to_owned() });
                entry.task
            })
            .collect()
    }

    /// Breaks off all sessions at once.
    pub(super) fn abort(&self) {
        let mut held = self.lock();
        held.closed = true;
        held.open.values().for_each(|entry| entry.task.abort());
        held.open.clear();
    }
}

fn digest(token: &str) -> blake3::Hash {
    blake3::hash(token.as_bytes())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn random<const N: usize>() -> Result<[u8; N], Refusal> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|error| {
        Refusal::new("InternalServerError", format!("this machine gives no random numbers: {error}"))
            .status(StatusCode::INTERNAL_SERVER_ERROR)
    })?;
    Ok(bytes)
}
