//! Identifiers that look like the services' own and are the same in each run.

/// A counter that hands out identifiers, never the same twice.
#[derive(Debug, Default)]
pub(crate) struct Ids(u64);

impl Ids {
    /// A version 4 UUID in form; its bits are a mix of the counter.
    pub(crate) fn uuid(&mut self) -> String {
        let (high, low) = (self.mixed(), self.mixed());
        format!(
            "{:08x}-{:04x}-4{:03x}-{:04x}-{:012x}",
            high >> 32,
            (high >> 16) & 0xffff,
            high & 0xfff,
            (low >> 48) & 0x3fff | 0x8000,
            low & 0xffff_ffff_ffff
        )
    }

    /// A large number that a JSON reader without 64-bit integers still gets right (52 bits).
    pub(crate) fn large(&mut self) -> u64 {
        self.mixed() >> 12
    }

    /// The next number of a rising sequence.
    pub(crate) fn rising(&mut self) -> u64 {
        self.0 += 1;
        2_000_000_000 + self.0
    }

    /// One step of the splitmix64 generator.
    fn mixed(&mut self) -> u64 {
        self.0 += 1;
        let mut z = self.0.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
}
