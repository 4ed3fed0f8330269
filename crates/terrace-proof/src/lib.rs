//! The exact decision procedure: who can reach what, who may do what, and why.
//!
//! GUARANTEE: every decision is exact within what is modelled and names what it rests on; what is not known gives
//! "depends", never a guess.

pub mod access;
pub mod estate;
pub mod reach;
pub mod space;
pub mod world;
