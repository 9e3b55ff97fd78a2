//! Bollinger's bands: the mean of 20 closes and two standard deviations on both sides.

use super::window::Window;

const SPAN: u16 = 20;
const DEVIATIONS: f64 = 2.0;

#[derive(Clone, Debug)]
pub(super) struct Bollinger(Window);

impl Bollinger {
    pub(super) fn new() -> Self {
        Self(Window::new(usize::from(SPAN)))
    }

    /// Upper, middle and lower band, from the 20th close on. The deviation is that of the population, over n.
    pub(super) fn push(&mut self, close: f64) -> Option<[f64; 3]> {
        let closes = self.0.push(close)?;
        let span = f64::from(SPAN);
        let middle = closes.iter().sum::<f64>() / span;
        // From the mean, not from the sum of squares, which loses digits where prices are high and move little.
        let squares: f64 = closes.iter().map(|close| (close - middle).powi(2)).sum();
        let width = DEVIATIONS * (squares / span).sqrt();
        Some([middle + width, middle, middle - width])
    }
}
