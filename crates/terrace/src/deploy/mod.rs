//! From a manifest to a system on AWS, and to the next release of it.
//!
//! The order is always the same: what would stop it is looked for ([`ahead`], [`gate`]), the release is built, the
//! foundation is made, the infrastructure is brought to its text if that changed ([`infrastructure`]), the release goes out
//! ([`releasing`]), and somebody looks from outside. One deployment of a system is under way at a time ([`turn`]).
//!
//! GUARANTEE: each step looks before it makes, so that the same command goes on after any break; nothing of the account is
//! changed before all that can be known beforehand is right; a person who says no has changed nothing but the foundation and what lies in it.

mod ahead;
mod asked;
mod back;
mod contents;
mod folders;
pub(crate) mod gate;
pub(crate) mod infrastructure;
mod migrations;
mod order;
mod releasing;
mod show_events;
mod text;
mod turn;
mod upload;
mod visit;
mod weigh;

pub(crate) use asked::{Asked, in_steps};
pub(crate) use back::{Back, back};
pub(crate) use contents::{Ahead, ahead_of};
pub(crate) use folders::known;
pub(crate) use infrastructure::Infrastructure;
pub(crate) use order::{Wanted, build, deploy, in_force};
pub(crate) use text::{Emitted, standing, variables};
pub(crate) use turn::{DESTROYED, Turn};
pub(crate) use weigh::{show, weigh};
