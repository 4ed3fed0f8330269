//! How unknown things are taken, and how much is too much.

use std::sync::atomic::{AtomicBool, Ordering};

use crate::space::{HeaderBox, PacketSet};
use crate::world::{Bound, UnknownId, Unknowns, When};

/// Stands for "there was too much to decide", among what a verdict depends on.
pub const TOO_MUCH: UnknownId = UnknownId(u32::MAX);

/// Boxes that a set may have.
const MOST_BOXES: usize = 20_000;
/// Pairs of boxes that an intersection may look at.
const MOST_PAIRS: usize = 40_000_000;

/// A bound, some unknowns being taken the other way: for finding out which of them matter.
#[derive(Debug)]
pub(super) struct Stance {
    pub(super) bound: Bound,
    settled: Unknowns,
    overflowed: AtomicBool,
}

impl Stance {
    pub(super) fn new(bound: Bound, settled: Unknowns) -> Self {
        Self { bound, settled, overflowed: AtomicBool::new(false) }
    }

    /// Whether it might hold and is not settled.
    pub(super) fn is_open(&self, when: &When) -> bool {
        match when {
            When::Always => false,
            When::Perhaps(on) => self.bound == Bound::Most && on.is_disjoint(&self.settled),
        }
    }

    /// Whether something that lets packets pass is taken to be there.
    pub(super) fn lets(&self, when: &When) -> bool {
        *when == When::Always || self.is_open(when)
    }

    /// Whether something that stops packets is.
    pub(super) fn stops(&self, when: &When) -> bool {
        !self.is_open(when)
    }

    pub(super) fn is_most(&self) -> bool {
        self.bound == Bound::Most
    }

    /// What stands for a set that has too many boxes: nothing for `Least`, this for `Most`.
    pub(super) fn too_much(&self, at_most: impl FnOnce() -> PacketSet) -> PacketSet {
        self.overflowed.store(true, Ordering::Relaxed);
        if self.is_most() { at_most() } else { PacketSet::nothing() }
    }

    pub(super) fn overflowed(&self) -> bool {
        self.overflowed.load(Ordering::Relaxed)
    }

    /// The packets of all boxes.
    pub(super) fn union(&self, boxes: Vec<HeaderBox>) -> PacketSet {
        let mut set = PacketSet::nothing();
        let mut chunk = Vec::new();
        for next in boxes {
            chunk.push(next);
            if chunk.len() == 64 {
                set = set.union(&PacketSet::of(chunk.drain(..)));
                if set.boxes().len() > MOST_BOXES {
                    return self.too_much(PacketSet::everything);
                }
            }
        }
        set.union(&PacketSet::of(chunk))
    }

    /// The packets of both.
    pub(super) fn meet(&self, set: &PacketSet, filter: &PacketSet) -> PacketSet {
        if set.boxes().len().saturating_mul(filter.boxes().len()) > MOST_PAIRS {
            return self.too_much(|| set.clone());
        }
        let both = set.intersection(filter);
        if both.boxes().len() > MOST_BOXES {
            return self.too_much(|| set.clone());
        }
        both
    }
}
