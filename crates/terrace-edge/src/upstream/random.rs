//! Fast random numbers for choices and jitter, seeded by the system per thread; nothing secret is made of them.

use std::cell::Cell;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::time::Duration;

thread_local! {
    static STATE: Cell<u64> = Cell::new(RandomState::new().build_hasher().finish());
}

/// The next 64 bits (SplitMix64).
pub(crate) fn next() -> u64 {
    STATE.with(|state| {
        let next = state.get().wrapping_add(0x9e37_79b9_7f4a_7c15);
        state.set(next);
        let mixed = (next ^ (next >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    })
}

/// A duration from 90 to 110 % of the one given, so that what began together does not stay together.
pub(crate) fn jitter(duration: Duration) -> Duration {
    let percent = u32::try_from(next() % 21).unwrap_or(0).saturating_add(90);
    duration.saturating_mul(percent) / 100
}
