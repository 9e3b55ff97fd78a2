//! Appel's moving average convergence/divergence over 12, 26 and 9 sessions, begun as TA-Lib's `MACD` begins.

use super::smoothing::Smoothed;

const FAST: u16 = 12;
const SLOW: u16 = 26;
const SIGNAL: u16 = 9;

#[derive(Clone, Debug)]
pub(super) struct Macd {
    /// Closes the slow average has seen before the fast one begins: both have their first value at the same session.
    ahead: u16,
    fast: Smoothed,
    slow: Smoothed,
    signal: Smoothed,
}

impl Macd {
    pub(super) fn new() -> Self {
        Self {
            ahead: 0,
            fast: Smoothed::exponential(FAST),
            slow: Smoothed::exponential(SLOW),
            signal: Smoothed::exponential(SIGNAL),
        }
    }

    /// The difference, its signal and what is between them, all from the 34th close on.
    pub(super) fn push(&mut self, close: f64) -> Option<[f64; 3]> {
        let slow = self.slow.push(close);
        if self.ahead < SLOW - FAST {
            self.ahead += 1;
            return None;
        }
        let macd = self.fast.push(close)? - slow?;
        let signal = self.signal.push(macd)?;
        Some([macd, signal, macd - signal])
    }
}
