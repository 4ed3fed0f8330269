//! The request log: one JSON line a request, gathered in memory and written by a thread of its own.

mod line;
mod writer;

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use http::{HeaderValue, Method, StatusCode, Uri};
use terrace_edge_config::{AccessLog as Destination, EdgeName};

use crate::context::RequestContext;
use crate::failure::Failure;
use crate::server::ConnectionState;
use writer::Writer;

/// What is known of a request when its response begins.
#[derive(Debug)]
pub(crate) struct Draft {
    /// Who asked, which identifiers it carries, what the proxy did.
    pub(crate) context: RequestContext,
    /// The method.
    pub(crate) method: Method,
    /// The target; only its path is written, because a query may hold secrets.
    pub(crate) target: Uri,
    /// The client's own name for itself.
    pub(crate) user_agent: Option<HeaderValue>,
    /// The status answered.
    pub(crate) status: StatusCode,
    /// Why it failed, if it did.
    pub(crate) failure: Option<Failure>,
}

/// Where request lines go.
#[derive(Debug)]
pub(crate) struct AccessLog {
    name: EdgeName,
    writer: Option<Arc<Writer>>,
}

impl AccessLog {
    /// The log of an edge; starts its thread if there is anything to write to.
    pub(crate) fn new(name: EdgeName, destination: Destination) -> std::io::Result<Self> {
        let writer = match destination {
            Destination::Off => None,
            Destination::Stdout => Some(Writer::start(std::io::stdout())?),
        };
        Ok(Self { name, writer })
    }

    /// Whether lines are written at all.
    pub(crate) fn is_on(&self) -> bool {
        self.writer.is_some()
    }

    /// Writes the line of a request that ended.
    pub(crate) fn write(&self, draft: &Draft, sent: u64, whole: bool) {
        if let Some(writer) = &self.writer {
            writer.append(|out| line::request(out, &self.name, draft, sent, whole));
        }
    }

    /// Writes the line of a message that was refused before it was a request.
    pub(crate) fn refused(
        &self,
        connection: &ConnectionState,
        failure: Failure,
        id: &crate::context::RequestId,
        sent: u64,
    ) {
        if let Some(writer) = &self.writer {
            writer.append(|out| line::refusal(out, &self.name, connection, failure, id, sent));
        }
    }

    /// Writes what has been gathered, and waits until it is out.
    pub(crate) fn flush(&self) {
        if let Some(writer) = &self.writer {
            writer.flush();
        }
    }
}

/// Milliseconds since 1970.
fn now() -> Duration {
    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default()
}
