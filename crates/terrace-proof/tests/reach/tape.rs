//! A tape of numbers that a world is made from. A shorter tape, or one of smaller numbers, makes a smaller world, so
//! that shrinking a failure is shrinking its tape.

/// Numbers drawn one after the other; after the end there are only zeros.
#[derive(Clone, Debug)]
pub(crate) struct Tape {
    numbers: Vec<u32>,
    at: usize,
}

impl Tape {
    /// Of these numbers.
    pub(crate) fn new(numbers: Vec<u32>) -> Self {
        Self { numbers, at: 0 }
    }

    /// Of so many numbers by SplitMix64 (Steele, Lea, Flood, OOPSLA 2014).
    pub(crate) fn seeded(seed: u64, length: usize) -> Self {
        let mut state = seed;
        let next = || {
            state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mut z = state;
            z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            u32::try_from((z ^ (z >> 31)) >> 32).unwrap()
        };
        Self::new(std::iter::repeat_with(next).take(length).collect())
    }

    /// A number below `bound`.
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        let number = self.numbers.get(self.at).copied().unwrap_or(0);
        self.at += 1;
        number as usize % bound.max(1)
    }

    /// Yes, `percent` times of a hundred; no at the end of the tape.
    pub(crate) fn chance(&mut self, percent: usize) -> bool {
        self.below(100) >= 100 - percent
    }

    /// One of these.
    pub(crate) fn pick<T: Clone>(&mut self, all: &[T]) -> T {
        all[self.below(all.len())].clone()
    }

    /// All its numbers.
    pub(crate) fn numbers(&self) -> Vec<u32> {
        self.numbers.clone()
    }
}

/// The smallest tape found that still fails, by leaving out runs and lowering numbers.
pub(crate) fn shrink(mut tape: Vec<u32>, fails: impl Fn(&[u32]) -> bool) -> Vec<u32> {
    loop {
        let before = tape.clone();
        let mut run = tape.len().max(1);
        while run > 0 {
            let mut at = 0;
            while at < tape.len() {
                let end = (at + run).min(tape.len());
                let without: Vec<u32> = [&tape[..at], &tape[end..]].concat();
                let mut zeros = tape.clone();
                zeros[at..end].fill(0);
                if fails(&without) {
                    tape = without;
                } else if tape[at..end].iter().any(|n| *n != 0) && fails(&zeros) {
                    tape = zeros;
                } else {
                    at += run;
                }
            }
            run /= 2;
        }
        for at in 0..tape.len() {
            for lower in [tape[at] % 100, tape[at] % 12, tape[at] / 2, tape[at].saturating_sub(1)] {
                if lower < tape[at] {
                    let mut with = tape.clone();
                    with[at] = lower;
                    if fails(&with) {
                        tape = with;
                    }
                }
            }
        }
        if tape == before {
            return tape;
        }
    }
}
