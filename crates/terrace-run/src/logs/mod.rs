//! What every party prints: read line by line, kept in files, shown to whoever follows.
//!
//! Guarantees: a process is never held up by its log (what cannot be kept up with is dropped, and a note says how
//! much); files are readable by their owner only and bounded in size.

mod file;
mod journal;
mod lines;
mod record;

pub use file::{LogQuery, read};
pub(crate) use journal::{Journal, Said};
pub use lines::{Line, Lines, Stream};
pub use record::LogLine;
