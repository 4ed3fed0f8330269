//! The private Unix socket of a run, and the client that speaks to it.

/// A connection to a run.
#[derive(Debug)]
pub struct Client(());
