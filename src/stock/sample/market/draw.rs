//! Chances that stay the same whatever a library's next version does.

use chrono::{Datelike, NaiveDate};

/// The SplitMix64 generator (Steele, Lea, Flood 2014), written out so that no update can change the market.
pub(super) struct Draw(u64);

impl Draw {
    /// The chances of one company on one day. `who` is its code, or anything else that names a series.
    pub(super) fn of(seed: u64, who: &str, date: NaiveDate) -> Self {
        // FNV-1a over the name.
        let name = who
            .bytes()
            .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
        let mut mixer = Self(seed ^ name);
        let day = u64::from(date.num_days_from_ce().unsigned_abs());
        Self(mixer.next() ^ day.wrapping_mul(0xd6e8_feb8_6659_fd93))
    }

    /// In [0, 1).
    pub(super) fn uniform(&mut self) -> f64 {
        /// 53 bits are what an f64 holds.
        const STEP: f64 = 1.0 / (1_u64 << 53) as f64;
        (self.next() >> 11) as f64 * STEP
    }

    /// Mean 0, variance 1, within ±6: the sum of twelve uniforms. A logarithm would give fuller tails
    /// but differs in its last bit from one platform to the next.
    pub(super) fn normal(&mut self) -> f64 {
        (0..12).map(|_| self.uniform()).sum::<f64>() - 6.0
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_generator_is_splitmix64() {
        // The reference implementation's first numbers for the seed 1234567.
        let mut draw = Draw(1_234_567);
        assert_eq!([draw.next(), draw.next()], [6_457_827_717_110_365_317, 3_203_168_211_198_807_973]);
    }

    #[test]
    fn normal_draws_have_mean_0_and_variance_1() {
        let mut draw = Draw(7);
        let draws: Vec<f64> = (0..20_000).map(|_| draw.normal()).collect();
        let mean = draws.iter().sum::<f64>() / 20_000.0;
        let variance = draws.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / 20_000.0;
        assert!(mean.abs() < 0.03 && (variance - 1.0).abs() < 0.05, "{mean} {variance}");
    }
}
