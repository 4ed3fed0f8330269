//! Packets that are to be sent.

use std::net::SocketAddr;

use serde::{Deserialize, Serialize};
use terrace_proof::space::Packet;
use terrace_proof::world::{Party, World};

use crate::plan::{Plan, Unraised};

/// How two ends speak.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Speech {
    /// One connects, the other accepts.
    Tcp,
    /// A datagram, and one in answer.
    Udp,
}

/// A packet from one namespace to another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Probe {
    /// Whence.
    pub from: String,
    /// With which source.
    pub source: SocketAddr,
    /// Who listens.
    pub to: String,
    /// Where, of its own.
    pub listens: SocketAddr,
    /// What the sender calls: the receiver's public address, where it has one and the sender is outside.
    pub called: SocketAddr,
    /// How.
    pub speech: Speech,
    /// How long to wait for what may never come, in milliseconds.
    pub wait: u32,
}

/// What came of a probe.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Heard {
    /// Whether the receiver got it; of a connection only told where it was made.
    pub there: bool,
    /// Whether the sender got an answer.
    pub back: bool,
}

impl Plan {
    /// A packet of a link, as it is sent for real. Its addresses are those of the proof: inside the interfaces' own.
    pub fn probe(
        &self,
        world: &World,
        from: Party,
        to: Party,
        packet: &Packet,
        wait: u32,
    ) -> Result<Probe, Unraised> {
        let nowhere = || Unraised(format!("{packet}: nobody who is raised has an address of it"));
        let (to_space, called) = match to {
            Party::External(id) => {
                (self.outsider(id, packet.destination).ok_or_else(nowhere)?, packet.destination)
            }
            Party::Site(site) => {
                let (name, n) = Self::insider(world, site, packet.destination).ok_or_else(nowhere)?;
                let outside = matches!(from, Party::External(id) if self.is_on_internet(id));
                let public = self.public.get(&n).copied().filter(|_| outside && packet.destination.is_ipv4());
                (name, public.unwrap_or(packet.destination))
            }
        };
        let from_space = match from {
            Party::External(id) => self.outsider(id, packet.source).ok_or_else(nowhere)?,
            Party::Site(site) => Self::insider(world, site, packet.source).ok_or_else(nowhere)?.0,
        };
        let speech = match packet.protocol {
            6 => Speech::Tcp,
            17 => Speech::Udp,
            other => return Err(Unraised(format!("protocol {other} in a probe"))),
        };
        Ok(Probe {
            from: from_space,
            source: SocketAddr::new(packet.source, packet.source_port),
            to: to_space,
            listens: SocketAddr::new(packet.destination, packet.destination_port),
            called: SocketAddr::new(called, packet.destination_port),
            speech,
            wait,
        })
    }
}
