//! What is said of one packet.

use terrace_proof::reach::{Link, reach};
use terrace_proof::space::Packet;
use terrace_proof::world::{Bound, ExternalId, Party, SiteId, World};

use crate::plain::{Ask, Clients, Plain};
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
    let mut points = Points::of(world, &mut Tape::new(Vec::new()));
    points.addresses.push(packet.source);
    let plain = Plain { world, points: &points, clients: &Clients::of(world, &points) };
    assert_eq!(plainly(plain, from, to, &packet), says, "the plain reading: {from:?} to {to:?}: {packet}");
    assert_bounds(world, from, to, packet, says, says);
}

/// What the engine says under both bounds.
pub(crate) fn assert_bounds(world: &World, from: Party, to: Party, packet: Packet, least: Says, most: Says) {
    for (bound, says) in [(Bound::Least, least), (Bound::Most, most)] {
        let link = reach(world, bound).link(from, to);
        assert_eq!(by_engine(link.as_ref(), &packet), says, "{bound:?}: {from:?} to {to:?}: {packet}");
    }
}

/// By the engine.
pub(crate) fn by_engine(link: Option<&Link>, packet: &Packet) -> Says {
    match link {
        Some(link) if link.carries(packet) => Says::Talks,
        Some(link) if link.sends(packet) => Says::Sends,
        _ => Says::Nothing,
    }
}

/// Everyone, insiders first.
pub(crate) fn parties(world: &World) -> Vec<Party> {
    let sites = (0..).zip(&world.sites).map(|(n, _)| Party::Site(SiteId(n)));
    let externals = (0..).zip(&world.externals).map(|(n, _)| Party::External(ExternalId(n)));
    sites.chain(externals).collect()
}
