//! Answers: the packets that come back, and what may be said both ways.
//!
//! A reply has addresses and ports the other way round. ICMP answers only to requests: echo (8 by 0), timestamp
//! (13 by 14), information (15 by 16), address mask (17 by 18), and for IPv6 echo (128 by 129), the code staying
//! (RFC 792, RFC 950, RFC 4443). Other protocols are taken to answer with their own number.

use super::header::{HeaderBox, Sides};
use super::set::PacketSet;
use super::span::Span;
use super::traffic::{ICMP, ICMPV6};

const ICMP_ANSWERS: &[(u8, u8)] = &[(8, 0), (13, 14), (15, 16), (17, 18)];
const ICMPV6_ANSWERS: &[(u8, u8)] = &[(128, 129)];

impl PacketSet {
    /// The answers to these packets.
    #[must_use]
    pub fn replies(&self) -> Self {
        self.turned(|(request, answer)| (request, answer))
    }

    /// The packets that these are answers to.
    #[must_use]
    pub fn requests(&self) -> Self {
        self.turned(|(request, answer)| (answer, request))
    }

    fn turned(&self, way: impl Fn((u8, u8)) -> (u8, u8)) -> Self {
        let mut out = Vec::new();
        for b in self.boxes() {
            let [protocol, from, to, source, destination] = b.sides;
            let mut put = |sides: Sides| out.push(HeaderBox { sides, ..b.clone() });
            let mut open = Some(protocol);
            for (number, answers) in [(ICMP, ICMP_ANSWERS), (ICMPV6, ICMPV6_ANSWERS)] {
                let one = Span::one(number.into());
                if let Some(below) = open.and_then(|s| s.below(one)) {
                    put([below, to, from, destination, source]);
                }
                open = open.and_then(|s| s.above(one));
                if protocol.holds(one) {
                    for (asked, answered) in answers.iter().map(|pair| way(*pair)) {
                        if from.contains(asked.into()) {
                            put([one, Span::one(answered.into()), to, destination, source]);
                        }
                    }
                }
            }
            if let Some(above) = open {
                put([above, to, from, destination, source]);
            }
        }
        // Turning is one-to-one, so disjoint boxes stay disjoint.
        Self::disjoint(out)
    }
}

/// The packets that pass `forward` and whose answers pass `back`, resting on rules of both ways.
///
/// Exact in the ports: an answer goes to the very port that the packet came from. For stateless filters; a
/// security group lets every answer through (Amazon VPC User Guide, "Security groups").
pub fn conversation(forward: &PacketSet, back: &PacketSet) -> PacketSet {
    forward.intersection(&back.requests())
}
