//! What was sent and is not acknowledged: kept before it is handed out, sent again when it is lost.
//!
//! A transmission is lost when one that was three later, or more, is acknowledged. When the oldest has waited too long, the first message
//! of all is sent again, and the wait doubles. Every transmission has a number of its own, so nothing is searched through.

use std::collections::VecDeque;
use std::time::Duration;

use bytes::Bytes;

use super::estimate::Estimate;

/// How much later a transmission that has arrived was, for one that has not to be taken for lost (RFC 9002, 6.1.1).
const LATER: u64 = 3;
/// How many are taken for lost by an acknowledgement that may be of an earlier transmission: were they, twice as many go
/// with each round trip; were they not, two were too many.
const DOUBTFUL: usize = 2;
/// The unacknowledged messages by their sequence numbers.
#[derive(Debug, Default)]
pub(super) struct Outbox {
    /// After this time without any acknowledgement there is nobody there.
    patience: Duration,
    /// The sequence number of the first slot.
    first: i64,
    slots: VecDeque<Option<Slot>>,
    bytes: usize,
    /// Transmissions as (number, sequence), oldest first. The first is never stale.
    order: VecDeque<(u64, i64)>,
    /// Sequence numbers to be sent again.
    lost: VecDeque<i64>,
    transmissions: u64,
    /// The latest transmission that is known to have arrived.
    reached: u64,
    estimate: Estimate,
    /// Not to be waited for from before this.
    waiting_since: Duration,
    /// The last acknowledgement, or when there began to be something to acknowledge.
    progress: Duration,
    again: u64,
}

#[derive(Debug)]
struct Slot {
    frame: Bytes,
    transmission: u64,
    sent: Duration,
    /// It was sent more than once, so an acknowledgement does not tell of which.
    again: bool,
    lost: bool,
}

impl Outbox {
    /// An empty one that gives up after some time; after `Duration::MAX` never.
    pub(super) fn new(patience: Duration) -> Self {
        Self { patience, ..Self::default() }
    }

    /// The number of the next message.
    pub(super) fn next_sequence(&self) -> i64 {
        self.first.saturating_add(i64::try_from(self.slots.len()).unwrap_or(i64::MAX))
    }

    /// Keeps a message that has that number, before it is sent for the first time.
    pub(super) fn keep(&mut self, frame: Bytes, at: Duration) {
        if self.bytes == 0 {
            self.progress = at;
        }
        let sequence = self.next_sequence();
        self.transmissions += 1;
        self.bytes += frame.len();
        self.order.push_back((self.transmissions, sequence));
        let slot = Slot { frame, transmission: self.transmissions, sent: at, again: false, lost: false };
        self.slots.push_back(Some(slot));
    }

    /// The other side has the message of that number. Unknown numbers have no effect.
    pub(super) fn acknowledge(&mut self, sequence: i64, at: Duration) {
        let Some(slot) = self.slot_mut(sequence).and_then(Option::take) else { return };
        self.bytes = self.bytes.saturating_sub(slot.frame.len());
        let trip = at.saturating_sub(slot.sent);
        if !slot.again {
            self.estimate.sample(trip);
        }
        // An acknowledgement that comes sooner than any before may be for an earlier transmission.
        let doubtful = slot.lost || (slot.again && self.estimate.least().is_none_or(|least| trip < least));
        if !doubtful {
            self.reached = self.reached.max(slot.transmission);
        }
        self.estimate.progress();
        (self.progress, self.waiting_since) = (at, at);
        while self.slots.front().is_some_and(Option::is_none) {
            self.slots.pop_front();
            self.first = self.first.saturating_add(1);
        }
        self.settle(self.reached, usize::MAX, Duration::MAX);
        if doubtful && !slot.lost {
            self.settle(slot.transmission, DOUBTFUL, at.saturating_sub(self.estimate.trip()));
        }
    }

    /// The next message to send again.
    pub(super) fn again(&mut self, at: Duration) -> Option<Bytes> {
        while let Some(sequence) = self.lost.pop_front() {
            let transmission = self.transmissions + 1;
            let Some(Some(slot)) = self.slot_mut(sequence) else { continue };
            (slot.transmission, slot.sent) = (transmission, at);
            (slot.again, slot.lost) = (true, false);
            let frame = slot.frame.clone();
            self.transmissions = transmission;
            self.order.push_back((transmission, sequence));
            self.again += 1;
            return Some(frame);
        }
        None
    }

    /// When [`Outbox::tick`] finds something.
    pub(super) fn deadline(&self) -> Option<Duration> {
        let oldest = self.order.front().and_then(|(_, sequence)| self.slot(*sequence));
        let resend =
            oldest.map(|slot| slot.sent.max(self.waiting_since).saturating_add(self.estimate.timeout()));
        let give_up = (self.bytes > 0).then(|| self.give_up()).filter(|at| *at < Duration::MAX);
        resend.into_iter().chain(give_up).min()
    }

    /// Finds out whether the oldest transmission has waited too long; the first message is lost then.
    ///
    /// # Errors
    /// Where nothing at all was acknowledged for as long as patience lasts.
    pub(super) fn tick(&mut self, at: Duration) -> Result<(), Silent> {
        if self.bytes > 0 && at >= self.give_up() && self.patience < Duration::MAX {
            return Err(Silent);
        }
        let waited = self.oldest().is_some_and(|(sent, timeout)| at >= sent.saturating_add(timeout));
        if waited {
            let first = self.first;
            if let Some(Some(slot)) = self.slots.front_mut()
                && !slot.lost
            {
                slot.lost = true;
                self.lost.push_back(first);
            }
            self.waiting_since = at;
            self.estimate.back_off();
            self.settle(self.reached, usize::MAX, Duration::MAX);
        }
        Ok(())
    }

    fn give_up(&self) -> Duration {
        self.progress.saturating_add(self.patience)
    }

    /// Since when the oldest transmission is waited for, and for how long.
    fn oldest(&self) -> Option<(Duration, Duration)> {
        let slot = self.order.front().and_then(|(_, sequence)| self.slot(*sequence))?;
        Some((slot.sent.max(self.waiting_since), self.estimate.timeout()))
    }

    /// A new connection: all is sent again, in order, and nothing was heard in between.
    pub(super) fn restart(&mut self, at: Duration) {
        self.order.clear();
        self.lost.clear();
        let mut sequence = self.first;
        for slot in &mut self.slots {
            if let Some(slot) = slot {
                (slot.again, slot.lost) = (true, true);
                self.lost.push_back(sequence);
            }
            sequence = sequence.saturating_add(1);
        }
        self.estimate.progress();
        self.resume(at);
    }

    /// Acknowledgements could not be heard until now.
    pub(super) const fn resume(&mut self, at: Duration) {
        self.waiting_since = at;
        self.progress = at;
    }

    /// Messages from the first that is unacknowledged on.
    pub(super) fn span(&self) -> usize {
        self.slots.len()
    }

    /// Bytes in flight.
    pub(super) const fn bytes(&self) -> usize {
        self.bytes
    }

    /// Messages sent again.
    pub(super) const fn retransmissions(&self) -> u64 {
        self.again
    }

    pub(super) const fn estimate(&self) -> &Estimate {
        &self.estimate
    }

    /// Marks up to `most` as lost that were sent until `until` and enough before transmission `reached`, and leaves the
    /// oldest transmission that is still waited for in front.
    fn settle(&mut self, reached: u64, mut most: usize, until: Duration) {
        while let Some(&(transmission, sequence)) = self.order.front() {
            if let Some(Some(slot)) = self.slot_mut(sequence)
                && slot.transmission == transmission
                && !slot.lost
            {
                if transmission + LATER > reached || most == 0 || slot.sent > until {
                    return;
                }
                most -= 1;
                slot.lost = true;
                self.lost.push_back(sequence);
            }
            self.order.pop_front();
        }
    }

    fn index(&self, sequence: i64) -> Option<usize> {
        usize::try_from(sequence.checked_sub(self.first)?).ok()
    }

    fn slot(&self, sequence: i64) -> Option<&Slot> {
        self.slots.get(self.index(sequence)?)?.as_ref()
    }

    fn slot_mut(&mut self, sequence: i64) -> Option<&mut Option<Slot>> {
        let index = self.index(sequence)?;
        self.slots.get_mut(index)
    }
}

/// Nothing was acknowledged for too long.
#[derive(Debug)]
pub(super) struct Silent;
