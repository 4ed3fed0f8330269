//! Images and settings for the tests.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use terrace_image::{Architecture, Executable, Image, ImagePath, Index, Node, Recipe, Tree};
use terrace_registry::{Credentials, Endpoint, Event, Registry, Repository, Settings, Tag};
use tokio::net::TcpSocket;

/// The headers of a static program for a machine, with nothing behind them.
fn program(architecture: Architecture) -> Executable {
    let machine: u16 = if architecture == Architecture::Amd64 { 62 } else { 183 };
    let mut file = b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\x02\0".to_vec();
    file.extend(machine.to_le_bytes());
    file.extend(1_u32.to_le_bytes());
    for offset in [0x40_0078_u64, 64, 0] {
        file.extend(offset.to_le_bytes());
    }
    file.extend([0; 4]);
    for size in [64_u16, 56, 0, 64, 0, 0] {
        file.extend(size.to_le_bytes());
    }
    Executable::new(file, architecture).unwrap()
}

/// Bytes that do not compress, the same each time.
pub(crate) fn noise(size: usize) -> Vec<u8> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()
    };
    std::iter::repeat_with(next).flatten().take(size).collect()
}

/// An image of three layers, the second of which is a little larger than this.
pub(crate) fn image(architecture: Architecture, size: usize) -> Image {
    let path = |text: &str| ImagePath::new(text).unwrap();
    let files = Tree::default().with(path("/srv/noise"), Node::file(noise(size))).unwrap();
    Recipe::new(path("/srv/program"), program(architecture)).files("noise", files).image().unwrap()
}

/// The same for both architectures: they share two layers.
pub(crate) fn index(size: usize) -> Index {
    Index::new(Architecture::ALL.map(|architecture| image(architecture, size)).into()).unwrap()
}

/// An address at which nobody listens, as long as the socket is held.
pub(crate) fn nobody() -> (TcpSocket, String) {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let address = socket.local_addr().unwrap().to_string();
    (socket, address)
}

pub(crate) fn repository(name: &str) -> Repository {
    Repository::new(name).unwrap()
}

pub(crate) fn tag(name: &str) -> Tag {
    Tag::new(name).unwrap()
}

/// Pauses that no test notices, and chunks that small layers have several of.
pub(crate) fn settings() -> Settings {
    Settings { chunk: 10_000, first_pause: Duration::from_millis(1), side_by_side: 1, ..Settings::default() }
}

pub(crate) fn registry(address: &str, credentials: Credentials, settings: Settings) -> Registry {
    Registry::new(Endpoint::new(address).unwrap(), credentials, settings).unwrap()
}

/// What is told, kept.
#[derive(Clone, Default)]
pub(crate) struct Events(Arc<Mutex<Vec<Event>>>);

impl Events {
    pub(crate) fn told(&self) -> impl Fn(Event) + Send + Sync + 'static {
        let events = Arc::clone(&self.0);
        move |event| events.lock().unwrap().push(event)
    }

    pub(crate) fn all(&self) -> Vec<Event> {
        self.0.lock().unwrap().clone()
    }
}
