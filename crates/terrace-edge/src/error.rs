//! Why an edge could not start, or refused what it was told.

use std::io;
use std::path::PathBuf;

/// Why an edge could not start, or refused what it was told.
#[derive(Debug, thiserror::Error)]
pub enum EdgeError {
    /// The configuration contradicts itself.
    #[error("the configuration does not hold together: {0}")]
    Config(String),
    /// The configuration is no JSON of the right form.
    #[error("the configuration in `{path}` cannot be read: {source}")]
    ConfigSyntax {
        /// The file, or `standard input`.
        path: PathBuf,
        /// Where and what.
        source: serde_json::Error,
    },
    /// A file cannot be read or written.
    #[error("`{path}`: {source}")]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// An address cannot be listened on.
    #[error("cannot listen on {address}: {source}")]
    Listen {
        /// Which.
        address: std::net::SocketAddr,
        /// Why.
        source: io::Error,
    },
    /// There are more or fewer sockets than listeners.
    #[error("{sockets} listening sockets were handed over for {listeners} listeners")]
    Listeners {
        /// How many came.
        sockets: usize,
        /// How many are configured.
        listeners: usize,
    },
    /// The control socket broke, or what came over it was not understood.
    #[error("control: {0}")]
    Control(String),
    /// A certificate or key is not usable.
    #[error("certificate: {0}")]
    Certificate(String),
    /// The system refused something.
    #[error("the system refused: {0}")]
    System(io::Error),
}
