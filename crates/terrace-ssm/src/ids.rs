//! What a session is told because it cannot find out: the time, and where its message ids begin.

use std::time::Duration;

use uuid::Uuid;

/// The time as the driver tells it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Now {
    /// Monotonic, since any start that stays the same for the session's life.
    pub at: Duration,
    /// The wall clock in milliseconds since 1970, for the messages' `CreatedDate` and nothing else.
    pub unix_millis: u64,
}

/// UUIDs that never repeat, counted on from a seed: random in look (version 4), without randomness inside.
///
/// Two sessions need two seeds; ids are no secrets.
#[derive(Clone, Debug)]
pub struct MessageIds {
    high: u64,
    low: u64,
}

impl MessageIds {
    /// The ids that follow from a seed of 16 bytes, which the driver draws at random.
    pub const fn new(seed: [u8; 16]) -> Self {
        let number = u128::from_be_bytes(seed);
        #[expect(clippy::cast_possible_truncation, reason = "the two halves of a number")]
        Self { high: (number >> 64) as u64, low: number as u64 }
    }

    /// The next id. All 2^62 of a seed differ.
    pub fn next_id(&mut self) -> Uuid {
        self.low = self.low.wrapping_add(1);
        let number = (u128::from(self.high) << 64) | u128::from(self.low);
        uuid::Builder::from_random_bytes(number.to_be_bytes()).into_uuid()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_follow_from_the_seed() {
        let mut ids = MessageIds::new([0xff; 16]);
        let text: Vec<String> = (0..3).map(|_| ids.next_id().to_string()).collect();
        assert_eq!(
            text,
            [
                "ffffffff-ffff-4fff-8000-000000000000",
                "ffffffff-ffff-4fff-8000-000000000001",
                "ffffffff-ffff-4fff-8000-000000000002"
            ]
        );
    }
}
