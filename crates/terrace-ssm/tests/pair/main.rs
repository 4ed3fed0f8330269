//! Both roles against each other, through a link that loses, doubles, delays, cuts and pauses, on a virtual clock.

#![expect(clippy::unwrap_used, reason = "a test may stop where it is wrong")]
#![expect(clippy::panic, reason = "a test may stop where it is wrong")]
#![expect(clippy::indexing_slicing, reason = "a test may stop where it is wrong")]

mod bytes;
mod faults;
mod numbers;
mod shells;
mod stalls;
mod world;
