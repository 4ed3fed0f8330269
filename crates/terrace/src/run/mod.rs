//! Carrying out a run: in this process where a person watches, or in one of its own.

mod detached;
mod failure;
mod foreground;
mod message;
mod ready;

pub(crate) use detached::{background, detach};
pub(crate) use failure::of_build;
pub(crate) use foreground::foreground;

/// How a run is shown.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Shown {
    /// Print the endpoints as JSON.
    pub(crate) json: bool,
    /// Open the page in a browser.
    pub(crate) open: bool,
    /// Show the logs once all is healthy.
    pub(crate) logs: bool,
}

/// A runtime for one command.
pub(crate) fn runtime() -> std::io::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()
}
