//! Pushes and pulls against registries: one of ours that plays faults, and Debian's.
#![expect(clippy::unwrap_used, reason = "a test stops where something is missing")]

mod debian;
mod faults;
mod given;
mod play;
mod pushes;
mod secrets;
