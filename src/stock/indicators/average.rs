//! A moving average pushed one close after the other, bit for bit as [`compute`](super::compute) gives it.

use super::{Kind, MaType, window::Window};

/// The state of a moving average: O(span).
#[derive(Clone, Debug)]
pub struct Average(State);

#[derive(Clone, Debug)]
enum State {
    /// How many closes are still to come before the first value, and the value at the last one.
    Ema { alpha: f64, to_come: u16, previous: Option<f64> },
    /// The weight grows by `step` from the oldest close to the newest; `weights` is the sum.
    Window { window: Window, step: f64, weights: f64 },
}

impl Average {
    #[must_use]
    pub fn new(ma: MaType) -> Self {
        let span = f64::from(ma.span());
        let window = |step, weights| State::Window { window: Window::new(usize::from(ma.span())), step, weights };
        Self(match ma.kind() {
            Kind::Ema => State::Ema { alpha: 2.0 / (span + 1.0), to_come: ma.span() - 1, previous: None },
            Kind::Sma => window(0.0, span),
            Kind::Wma => window(1.0, span * (span + 1.0) / 2.0),
        })
    }

    /// The value at the session with this close; none before the n-th one.
    pub fn push(&mut self, close: f64) -> Option<f64> {
        match &mut self.0 {
            State::Ema { alpha, to_come, previous } => {
                let value = previous.map_or(close, |previous| *alpha * close + (1.0 - *alpha) * previous);
                *previous = Some(value);
                let waiting = *to_come > 0;
                *to_come = to_come.saturating_sub(1);
                (!waiting).then_some(value)
            }
            State::Window { window, step, weights } => {
                let (mut sum, mut weight) = (0.0, 1.0);
                for close in window.push(close)? {
                    sum += weight * close;
                    weight += *step;
                }
                Some(sum / *weights)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::stock::indicators::{SPANS, compute};

    proptest! {
        #[test]
        fn a_pushed_average_is_bit_for_bit_the_computed_one(
            closes in prop::collection::vec(0.01..1e7_f64, 0..900),
            span in SPANS,
            short in 1..30_u16,
        ) {
            for (kind, span) in Kind::ALL.into_iter().flat_map(|kind| [(kind, span), (kind, short)]) {
                let ma = MaType::new(kind, span).unwrap();
                let bits = |values: Vec<Option<f64>>| values.into_iter().map(|v| v.map(f64::to_bits)).collect::<Vec<_>>();
                let mut average = Average::new(ma);
                let pushed = closes.iter().map(|close| average.push(*close)).collect();
                prop_assert_eq!(bits(pushed), bits(compute(&closes, 0, ma, None, 0).unwrap()), "{}", ma);
            }
        }
    }
}
