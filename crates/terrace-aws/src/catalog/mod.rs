//! What AWS offers, as far as known: regions and their zones, machines, databases, names and their limits.
//!
//! It is there so that what AWS would refuse after twenty minutes is refused at once, in the manifest's words. All
//! of it is data with its source and date; nothing is asked of AWS. What is newer than the data is unknown here, so
//! "not in this region" and "not among the versions" are worth saying, with the date that [`AS_OF`] gives.
//!
//! Guarantees: lookups allocate nothing but their answers and never fail on any input; suggestions are names that
//! exist in the same table.

pub mod database;
pub mod endpoints;
pub mod limits;
mod machines;
pub mod managed;
mod nearest;
mod regions;

#[cfg(test)]
mod tests;

pub use machines::{MachineFacts, counterpart_machine, machine, machine_offered_in, nearest_machine};
pub use regions::{Partition, RegionFacts, nearest_region, region, regions};

/// The day up to which the tables were compared with what AWS publishes, `YYYY-MM-DD`.
pub const AS_OF: &str = "2026-10-20";
