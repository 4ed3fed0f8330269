//! A design as found, read as what the proof decides on.
//!
//! GUARANTEE: what a design does not tell becomes an unknown of its name, never a default.

pub mod estate;
pub mod world;
