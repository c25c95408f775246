//! Drawing by a seed: the same seed draws the same items on every machine.

use rust_decimal::Decimal;

/// `SplitMix64`, after Steele, Lea and Flood, "Fast splittable pseudorandom number generators" (2014): a counter
/// with a step, each value mixed. Small enough to be checked by hand, and never to be changed: worksheets that are
/// out were drawn by it.
#[derive(Clone, Debug)]
pub struct Generator {
    state: u64,
}

impl Generator {
    /// A generator at its seed.
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        Self { state: seed }
    }

    /// The next 64 bits.
    pub const fn bits(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A whole number from 0 to below `bound`, each as likely; 0 for a bound of 0.
    pub fn below(&mut self, bound: u64) -> u64 {
        let bound = bound.max(1);
        // The uppermost numbers that do not make a whole round would favour small remainders.
        let spare = (u64::MAX % bound + 1) % bound;
        loop {
            let bits = self.bits();
            if bits <= u64::MAX - spare {
                return bits % bound;
            }
        }
    }
}

/// The places of the items hit by a step of `interval` (yuan, whole fen, above zero) from a random start in
/// [1 fen, interval] through the running sum of the books, all above zero. An item of an interval or more is
/// always among them, and one that is hit twice is there once.
pub(super) fn systematic(books: impl Iterator<Item = Decimal>, interval: Decimal, seed: u64) -> Vec<usize> {
    let fen = u64::try_from((interval * Decimal::ONE_HUNDRED).trunc()).unwrap_or(u64::MAX);
    let start = Generator::new(seed).below(fen).saturating_add(1);
    let mut next = Decimal::from(start) / Decimal::ONE_HUNDRED;
    let mut sum = Decimal::ZERO;
    let mut hit = Vec::new();
    for (at, book) in books.enumerate() {
        sum += book;
        if next <= sum {
            hit.push(at);
            let steps = ((sum - next) / interval).trunc() + Decimal::ONE;
            next += steps * interval;
        }
    }
    hit
}

/// The places of `size` of `all` items, each as likely, none twice, in the order of the items: the first steps of
/// the shuffle of Fisher and Yates.
pub(super) fn without_replacement(size: usize, all: usize, seed: u64) -> Vec<usize> {
    let mut places: Vec<usize> = (0..all).collect();
    let mut generator = Generator::new(seed);
    for at in 0..size.min(all) {
        let further = usize::try_from(generator.below((all - at) as u64)).unwrap_or(0);
        places.swap(at, at + further);
    }
    places.truncate(size);
    places.sort_unstable();
    places
}
