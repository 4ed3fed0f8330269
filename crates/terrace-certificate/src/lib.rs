//! A certificate: the plain facts of a network, what is claimed of it, and a checker that tries the claims.
//!
//! The checker shares nothing with the engine that wrote the certificate: it knows no sets of packets. It takes one packet
//! of each kind (a packet at every end of every range that the filters on its way speak of), carries it by hand as the rules say
//! (`terrace_proof::world`, rules 1 to 9), and stops at the first that arrives where a claim says that none does.
//!
//! Read it in this order: [`mod@format`] (what is written), `run` (addresses), `ground` (every number is one of something), `carry`
//! (what a packet meets), `legs` (who might send to whom), `points` (which packets are tried), `check` (the claims).
//!
//! # What it says, and what not
//! - Facts that may or may not hold are in a certificate so that as much passes as might; what is refused then is refused
//!   whatever they turn out to be. A fact marked `perhaps` is tried both ways.
//! - A claim holds of the facts in the certificate. That the facts are those of a design is for whoever reads both: rules carry
//!   the words and the line that they come from.
//! - The source port of a packet that a translator sends, and its own address, are asked by no filter on the way out; claims
//!   about what is sent are about the way out alone.
//!
//! GUARANTEE: [`check()`] answers [`Checked`] only if every kind of packet was tried for every claim; what is too much to try is
//! refused with [`Wrong::TooLarge`] before anything is tried. No input makes it panic.

mod carry;
mod check;
pub mod format;
mod ground;
mod legs;
mod points;
mod run;

pub use check::{Checked, LARGEST, MOST_WORK, Refuted, Wrong, check, check_within, read, read_and_check};
pub use format::Certificate;
pub use run::Run;
