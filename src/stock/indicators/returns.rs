//! Returns from close to close, and how much they vary.

use super::window::Window;

/// Returns looked at for the volatility.
const SPAN: u16 = 20;
/// Sessions of a year, by convention.
const YEAR: f64 = 252.0;

/// What a close is compared with.
#[derive(Clone, Debug, Default)]
pub(super) struct Previous(Option<f64>);

impl Previous {
    /// The close against the one before it, less 1; from the second close on.
    pub(super) fn simple(&mut self, close: f64) -> Option<f64> {
        self.ratio(close).map(|ratio| ratio - 1.0)
    }

    /// The natural logarithm of the close against the one before it; from the second close on.
    pub(super) fn log(&mut self, close: f64) -> Option<f64> {
        self.ratio(close).map(f64::ln)
    }

    /// None where a price is not above 0.
    fn ratio(&mut self, close: f64) -> Option<f64> {
        let before = self.0.replace(close)?;
        (before > 0.0 && close > 0.0).then(|| close / before)
    }
}

/// The standard deviation of the last 20 logarithmic returns in a sample's sense, over n-1, for a year.
#[derive(Clone, Debug)]
pub(super) struct Volatility {
    previous: Previous,
    returns: Window,
}

impl Volatility {
    pub(super) fn new() -> Self {
        Self { previous: Previous::default(), returns: Window::new(usize::from(SPAN)) }
    }

    /// A share, 0.2 being 20 % a year; from the 21st close on.
    pub(super) fn push(&mut self, close: f64) -> Option<f64> {
        let returns = self.returns.push(self.previous.log(close)?)?;
        let span = f64::from(SPAN);
        let mean = returns.iter().sum::<f64>() / span;
        let squares: f64 = returns.iter().map(|value| (value - mean).powi(2)).sum();
        Some((squares / (span - 1.0)).sqrt() * YEAR.sqrt())
    }
}
