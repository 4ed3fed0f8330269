//! Into a private database: who is reached, by which way, and the clients that are started there.

pub(crate) mod child;
pub(crate) mod door;
pub(crate) mod lines;
pub(crate) mod link;
pub(crate) mod open;
pub(crate) mod program;
pub(crate) mod reach;
pub(crate) mod rehearsal;
pub(crate) mod size;
pub(crate) mod sought;
