//! Averages that begin with a mean: what Wilder's indicators and MACD are made of.

/// The mean of the first n values; then each new value counts `alpha`, and what was before it the rest.
#[derive(Clone, Debug)]
pub(super) struct Smoothed {
    span: u16,
    alpha: f64,
    seen: u16,
    /// The sum of the first values, then the average.
    value: f64,
}

impl Smoothed {
    /// Wilder's: a new value counts 1/n.
    pub(super) fn wilder(span: u16) -> Self {
        Self { span, alpha: 1.0 / f64::from(span), seen: 0, value: 0.0 }
    }

    /// Exponential: a new value counts 2/(n+1). Unlike the moving average `ema` it begins with a mean, as TA-Lib's.
    pub(super) fn exponential(span: u16) -> Self {
        Self { alpha: 2.0 / (f64::from(span) + 1.0), ..Self::wilder(span) }
    }

    /// The average with this value; none before the n-th.
    pub(super) fn push(&mut self, value: f64) -> Option<f64> {
        if self.seen == self.span {
            self.value += self.alpha * (value - self.value);
            return Some(self.value);
        }
        self.seen += 1;
        self.value += value;
        if self.seen < self.span {
            return None;
        }
        self.value /= f64::from(self.span);
        Some(self.value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_value_is_a_mean_and_the_next_ones_are_smoothed() {
        let pushed = |mut smoothed: Smoothed| [1.0, 2.0, 6.0, 9.0].map(|value| smoothed.push(value));
        assert_eq!(pushed(Smoothed::wilder(3)), [None, None, Some(3.0), Some(5.0)]);
        assert_eq!(pushed(Smoothed::exponential(3)), [None, None, Some(3.0), Some(6.0)]);
    }
}
