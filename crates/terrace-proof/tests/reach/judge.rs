//! What is said of one packet.

use terrace_proof::space::Packet;
use terrace_proof::world::{Party, World};

use crate::plain::{Ask, Plain};
use crate::points::Points;
use crate::tape::Tape;

/// How far a packet comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Says {
    /// It does not arrive.
    Nothing,
    /// It arrives; its answer does not.
    Sends,
    /// Both arrive.
    Talks,
}

/// By the plain reading.
pub(crate) fn plainly(plain: Plain<'_>, from: Party, to: Party, packet: &Packet) -> Says {
    if plain.carries(from, to, packet, Ask::There).is_err() {
        Says::Nothing
    } else if plain.carries(from, to, packet, Ask::AndBack).is_err() {
        Says::Sends
    } else {
        Says::Talks
    }
}

/// That both readings say this.
pub(crate) fn assert_says(world: &World, from: Party, to: Party, packet: Packet, says: Says) {
    let points = Points::of(world, &mut Tape::new(Vec::new()));
    let plain = Plain { world, points: &points };
    assert_eq!(plainly(plain, from, to, &packet), says, "the plain reading: {from:?} to {to:?}: {packet}");
}
