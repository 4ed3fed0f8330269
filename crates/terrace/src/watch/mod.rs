//! What the commands share that watch a deployed system: which side is meant, and how it is put into words.

pub(crate) mod changed;
pub(crate) mod side;
pub(crate) mod words;
