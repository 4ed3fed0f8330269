//! Who reaches whom in a [`World`](crate::world::World): directly, by which ways, resting on what.
//!
//! [`reach`] compiles a world for one [`Bound`](crate::world::Bound) by the rules that `world` gives; [`Reach::link`] says
//! which conversations one party can have with another, one hop far. Interfaces that no filter tells apart are one
//! [`Class`]; what passes between two is a [`Flow`], of boxes that rest on every rule, entry, route, gateway, listener
//! and target without which they would not pass.
//!
//! GUARANTEE: what `Least` passes is passed in every world that the unknowns allow, and what `Most` does not pass in
//! none. Nothing is sampled; what is too much to decide is left out of `Least`, taken whole into `Most`, and
//! [told](Reach::overflowed). Nothing panics, and equal worlds give equal answers in equal order.

mod block;
mod dead;
mod draft;
mod flow;
mod gate;
mod graph;
mod ground;
mod link;
mod outside;
mod pass;
mod path;
mod proxy;
mod runs;
mod stance;
mod table;
mod verdict;
mod wall;
mod why;

pub use block::{Block, Turn};
pub use dead::{Dead, Service, dead};
pub use flow::Flow;
pub use graph::{Reach, reach};
pub use ground::{Class, ClassId};
pub use link::{Link, Step, Way, WayKind, speaking_of, tcp};
pub use path::{Hop, Path, Through};
pub use runs::Runs;
pub use stance::TOO_MUCH;
pub use verdict::{Bounds, Claim, Must, UNMODELLED, Verdict, unknowns};
pub use why::blocked;
