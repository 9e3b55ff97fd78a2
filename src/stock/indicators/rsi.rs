//! Wilder's relative strength index over 14 changes.

use super::smoothing::Smoothed;

const SPAN: u16 = 14;

#[derive(Clone, Debug)]
pub(super) struct Rsi {
    previous: Option<f64>,
    gains: Smoothed,
    losses: Smoothed,
}

impl Rsi {
    pub(super) fn new() -> Self {
        Self { previous: None, gains: Smoothed::wilder(SPAN), losses: Smoothed::wilder(SPAN) }
    }

    /// 0 to 100, from the 15th close on; none while the price has never moved: there is no strength to compare.
    pub(super) fn push(&mut self, close: f64) -> Option<f64> {
        let change = close - self.previous.replace(close)?;
        let (gain, loss) = (self.gains.push(change.max(0.0)), self.losses.push((-change).max(0.0)));
        let (gain, loss) = (gain?, loss?);
        (gain + loss > 0.0).then(|| 100.0 * gain / (gain + loss))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_price_that_only_rises_has_100_and_one_that_stands_still_none() {
        let last = |close: fn(i32) -> f64| {
            let mut rsi = Rsi::new();
            (0..20).map(|i| rsi.push(close(i))).last().flatten()
        };
        assert_eq!(last(|i| 100.0 + f64::from(i)), Some(100.0));
        assert_eq!(last(|i| 100.0 - f64::from(i)), Some(0.0));
        assert_eq!(last(|_| 100.0), None);
    }
}
