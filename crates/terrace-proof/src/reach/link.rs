//! Links: by which ways one party reaches another directly.

use crate::space::{Packet, PacketSet, PortSpan, Rests, RuleId, Traffic, Transport};
use crate::world::{BalancerId, NatId, Party, PeeringId, TransitId};

use super::flow::Flow;
use super::ground::ClassId;

/// By what a way leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum WayKind {
    /// Within a network.
    Local,
    /// A peering.
    Peering(PeeringId),
    /// A transit gateway, to another network or to someone beyond it.
    Transit(TransitId),
    /// An internet gateway.
    Internet,
    /// A translator, and an internet gateway behind it.
    Nat(NatId),
    /// An egress-only internet gateway.
    EgressOnly,
    /// A private way to a network that is not told.
    Beyond,
    /// A gateway endpoint.
    Endpoint,
    /// A balancer's own connection to a target.
    Forward(Step),
    /// From clients to a distribution.
    Cdn,
    /// A distribution's connection to an origin over the internet.
    CdnOrigin {
        /// The origin.
        origin: RuleId,
        /// Whether it sends the secret header.
        secret: bool,
    },
    /// A distribution's connection to an origin from inside of its network.
    VpcOrigin {
        /// The origin.
        origin: RuleId,
        /// Whether it sends the secret header.
        secret: bool,
    },
}

/// A balancer's step from a listener to a target.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Step {
    /// Which balancer.
    pub balancer: BalancerId,
    /// Which of its listeners, by its place.
    pub listener: u32,
    /// Which of the listener's forwards.
    pub forward: RuleId,
    /// The target.
    pub target: RuleId,
    /// Whether only who knows the secret header comes through.
    pub secret: bool,
    /// Whether the target sees the client's address.
    pub keeps_client: bool,
}

/// One way from some interfaces to others.
#[derive(Clone, Debug)]
pub struct Way {
    /// By what.
    pub kind: WayKind,
    /// From which interfaces; none for an external and a distribution.
    pub from: Option<ClassId>,
    /// To which.
    pub to: Option<ClassId>,
    /// The packets that pass and whose answers do.
    pub conversation: Flow,
    /// The packets that pass, answered or not: what data can leave by.
    pub sends: Flow,
}

/// All ways from one party to another. What can only be sent, without an answer, makes a link too: ask
/// [`Link::converses`].
#[derive(Clone, Debug)]
pub struct Link {
    /// Who opens connections.
    pub from: Party,
    /// To whom.
    pub to: Party,
    /// How; never empty, in a fixed order.
    pub ways: Vec<Way>,
}

impl Link {
    /// Whether anything is answered.
    pub fn converses(&self) -> bool {
        self.ways.iter().any(|way| !way.conversation.is_empty())
    }

    /// Whether a packet passes and its answer does.
    pub fn carries(&self, packet: &Packet) -> bool {
        self.ways.iter().any(|way| way.conversation.contains(packet))
    }

    /// Whether a packet passes, answered or not.
    pub fn sends(&self, packet: &Packet) -> bool {
        self.ways.iter().any(|way| way.sends.contains(packet))
    }

    /// The packets of all conversations. As many boxes as [`Flow::packets`] says.
    pub fn conversation(&self) -> PacketSet {
        let all = self.ways.iter().map(|way| way.conversation.packets());
        all.reduce(|one, other| one.union(&other)).unwrap_or_default()
    }

    /// Everything that a conversation rests on.
    pub fn rests(&self) -> Rests {
        let rests = self.ways.iter().map(|way| way.conversation.rests());
        rests.fold(Rests::default(), |all, more| all.and(&more))
    }

    /// The protocols, first and last, and the ports that can be conversed on.
    pub fn services(&self) -> Vec<((u8, u8), PortSpan)> {
        let boxes = self.ways.iter().flat_map(|way| way.conversation.boxes().to_vec());
        PacketSet::of(boxes).services()
    }
}

/// All packets of some traffic, resting on nothing; none given means all.
pub fn speaking_of(traffic: &[Traffic]) -> PacketSet {
    if traffic.is_empty() {
        return PacketSet::everything();
    }
    let boxes = traffic.iter().flat_map(|t| super::ground::ported(RuleId(0), *t).boxes().to_vec());
    PacketSet::of(boxes).bare().simplified()
}

/// TCP to one port, for questions.
pub fn tcp(port: u16) -> Traffic {
    Traffic::Ports(Transport::Tcp, PortSpan::new(port, port).unwrap_or(PortSpan::ALL))
}
