//! Running a command where a service runs: in its container or on its machine on AWS, or beside its process on this machine.

mod carry;
pub(crate) mod far;
pub(crate) mod near;
pub(crate) mod report;
mod sought;
pub(crate) mod terminal;
