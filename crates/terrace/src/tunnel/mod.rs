//! Into a private database: who is reached, by which way, and the clients that are started there.

pub(crate) mod child;
pub(crate) mod program;
pub(crate) mod rehearsal;
