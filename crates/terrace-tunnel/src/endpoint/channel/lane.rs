//! One direction of a channel: frames on their way, with the faults that were asked for.
//!
//! GUARANTEE: which frames are lost, doubled and overtaken follows from the seed and the frames' order alone.

use std::collections::BTreeMap;
use std::time::Duration;

use bytes::Bytes;

use crate::endpoint::faults::{Faults, Share};

/// How long a frame that is overtaken stays behind, at least and beyond that at most.
const BEHIND: Duration = Duration::from_millis(5);
const FURTHER: u64 = 20;

/// Frames on their way.
#[derive(Debug)]
pub(super) struct Lane {
    dice: Dice,
    loss: Share,
    duplicate: Share,
    reorder: Share,
    delay: Duration,
    /// By when they arrive, and in the order in which they were sent.
    frames: BTreeMap<(Duration, u64), Bytes>,
    count: u64,
    bytes: usize,
    held: Option<Duration>,
}

impl Lane {
    pub(super) fn new(faults: &Faults, seed: u64) -> Self {
        Self {
            dice: Dice(seed),
            loss: faults.loss,
            duplicate: faults.duplicate,
            reorder: faults.reorder,
            delay: faults.delay.map(|span| span.duration()).unwrap_or_default(),
            frames: BTreeMap::new(),
            count: 0,
            bytes: 0,
            held: None,
        }
    }

    /// Sends a frame that no fault befalls, as the gateway's own.
    pub(super) fn send(&mut self, frame: Bytes, at: Duration) {
        self.put(frame, at.saturating_add(self.delay));
    }

    /// Sends a frame; it takes `longer` than others.
    pub(super) fn carry(&mut self, frame: Bytes, at: Duration, longer: Duration) {
        // Four throws for each frame, so that a fault more or less does not change what the others do.
        let [lost, doubled, behind] =
            [self.loss, self.duplicate, self.reorder].map(|share| self.dice.falls(share));
        let further = Duration::from_millis(self.dice.below(FURTHER));
        if lost {
            return;
        }
        let mut due = at.saturating_add(self.delay).saturating_add(longer);
        if behind {
            due = due.saturating_add(BEHIND).saturating_add(further);
        }
        if doubled {
            self.put(frame.clone(), due);
        }
        self.put(frame, due);
    }

    fn put(&mut self, frame: Bytes, due: Duration) {
        self.count = self.count.saturating_add(1);
        self.bytes = self.bytes.saturating_add(frame.len());
        self.frames.insert((due, self.count), frame);
    }

    /// The next frame that has arrived.
    pub(super) fn arrived(&mut self, at: Duration) -> Option<Bytes> {
        if self.due()? > at {
            return None;
        }
        let (_, frame) = self.frames.pop_first()?;
        self.bytes = self.bytes.saturating_sub(frame.len());
        Some(frame)
    }

    /// When the next frame arrives.
    pub(super) fn due(&self) -> Option<Duration> {
        let ((due, _), _) = self.frames.first_key_value()?;
        Some(self.held.map_or(*due, |until| until.max(*due)))
    }

    /// How many bytes are on their way.
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    /// Nothing arrives before then.
    pub(super) fn hold(&mut self, until: Duration) {
        self.held = Some(until);
    }

    /// All that is on its way is lost.
    pub(super) fn clear(&mut self) {
        self.frames.clear();
        self.bytes = 0;
        self.held = None;
    }
}

/// Numbers that look random and follow from a seed (SplitMix64).
#[derive(Debug)]
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, bound: u64) -> u64 {
        self.next().checked_rem(bound).unwrap_or_default()
    }

    fn falls(&mut self, share: Share) -> bool {
        self.below(10_000) < u64::from(share.basis_points())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MILLI: Duration = Duration::from_millis(1);

    /// The numbers of the frames that arrive of 10 000, a millisecond apart, in order of arrival.
    fn arrivals(faults: &str, seed: u64) -> Vec<u32> {
        let mut lane = Lane::new(&faults.parse().unwrap(), seed);
        let mut all = Vec::new();
        let mut take = |lane: &mut Lane, at| {
            while let Some(frame) = lane.arrived(at) {
                all.push(u32::from_be_bytes(frame.as_ref().try_into().unwrap()));
            }
        };
        for number in 0..10_000_u32 {
            lane.carry(Bytes::copy_from_slice(&number.to_be_bytes()), MILLI * number, Duration::ZERO);
            take(&mut lane, MILLI * number);
        }
        take(&mut lane, MILLI * 20_000);
        assert_eq!((lane.bytes(), lane.due()), (0, None));
        all
    }

    #[test]
    fn without_faults_all_arrive_at_once_in_order() {
        assert_eq!(arrivals("", 7), (0..10_000).collect::<Vec<_>>());
        assert_eq!(arrivals("delay=20ms", 7), (0..10_000).collect::<Vec<_>>());
    }

    #[test]
    fn faults_come_as_often_as_was_asked_and_follow_from_the_seed() {
        let lost = arrivals("loss=2%", 7);
        assert!((9_700..9_900).contains(&lost.len()), "{}", lost.len());
        assert_eq!(lost, arrivals("loss=2%", 7));
        assert_ne!(lost, arrivals("loss=2%", 8));
        let doubled = arrivals("duplicate=2%", 7);
        assert!((10_100..10_300).contains(&doubled.len()), "{}", doubled.len());
        let mut overtaken = arrivals("reorder=2%", 7);
        let out = overtaken.windows(2).filter(|pair| pair[0] > pair[1]).count();
        assert!((100..300).contains(&out), "{out}");
        overtaken.sort_unstable();
        assert_eq!(overtaken, (0..10_000).collect::<Vec<_>>());
        let all = "loss=2%,duplicate=2%,reorder=2%";
        let (kept, all) = (arrivals("loss=2%", 7), arrivals(all, 7));
        assert!(all.iter().all(|number| kept.contains(number)), "a fault more changes which frames are lost");
    }

    #[test]
    fn nothing_arrives_while_it_is_held() {
        let mut lane = Lane::new(&Faults::default(), 0);
        lane.hold(MILLI * 50);
        lane.send(Bytes::from_static(b"x"), MILLI);
        assert_eq!((lane.arrived(MILLI * 49), lane.due()), (None, Some(MILLI * 50)));
        assert_eq!(lane.arrived(MILLI * 50), Some(Bytes::from_static(b"x")));
    }
}
