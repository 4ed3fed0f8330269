//! What is left of the packets of a way while filter after filter is asked.

use std::sync::Arc;

use crate::space::{PacketSet, RuleId};

use super::stance::Stance;

/// Packets that can be sent, and those of them whose answers return.
#[derive(Clone, Debug)]
pub(super) struct Draft<'s> {
    stance: &'s Stance,
    sends: PacketSet,
    /// None: the same.
    talks: Option<PacketSet>,
}

impl<'s> Draft<'s> {
    pub(super) fn new(stance: &'s Stance, sends: PacketSet) -> Self {
        Self { stance, sends, talks: None }
    }

    /// A filter of the packet itself.
    pub(super) fn sent(&mut self, filter: &PacketSet) {
        self.sends = self.stance.meet(&self.sends, filter);
        self.talks = self.talks.as_ref().map(|talks| self.stance.meet(talks, filter));
    }

    /// A filter of the answer, turned round: the packets whose answers pass.
    pub(super) fn answered(&mut self, filter: &PacketSet) {
        self.talks = Some(self.stance.meet(self.talks.as_ref().unwrap_or(&self.sends), filter));
    }

    /// A filter of the packet, and of it and its answer.
    pub(super) fn both(&mut self, sent: &PacketSet, talked: &PacketSet) {
        self.talks = Some(self.stance.meet(self.talks.as_ref().unwrap_or(&self.sends), talked));
        self.sends = self.stance.meet(&self.sends, sent);
    }

    /// As they are.
    pub(super) fn parts(self) -> (Arc<PacketSet>, Arc<PacketSet>) {
        let sends = Arc::new(self.sends);
        let talks = self.talks.map_or_else(|| Arc::clone(&sends), Arc::new);
        (sends, talks)
    }

    /// One more rule without which nothing passes.
    pub(super) fn rest_on(&mut self, rule: RuleId) {
        self.sends = self.sends.resting_on(rule);
        self.talks = self.talks.as_ref().map(|talks| talks.resting_on(rule));
    }

    pub(super) fn is_empty(&self) -> bool {
        self.sends.is_empty()
    }

    /// What can be sent, and what is answered: protocols that answer, and the answers of these that pass.
    pub(super) fn done(mut self, has_answer: &PacketSet) -> (Arc<PacketSet>, Arc<PacketSet>) {
        const ICMP: [u8; 2] = [1, 58];
        let talks = self.talks.as_ref().unwrap_or(&self.sends);
        let asks = talks.boxes().iter().any(|b| {
            let (first, last) = b.protocols();
            ICMP.iter().any(|icmp| (first..=last).contains(icmp))
        });
        if asks {
            self.talks = Some(self.stance.meet(talks, has_answer));
        }
        self.parts()
    }
}
