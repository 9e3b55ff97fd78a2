//! An indicator as a small machine that is pushed one session after the other: a history of any length takes the memory
//! of a window.

use super::{
    Average, Indicator,
    atr::Atr,
    bollinger::Bollinger,
    macd::Macd,
    returns::{Previous, Volatility},
    rsi::Rsi,
};
use crate::stock::bar::Bar;

/// As many values as an indicator has at most.
pub const MOST_OUTPUTS: usize = 3;

/// The values at a session in the order of [`Indicator::outputs`], the rest none.
pub type Outputs = [Option<f64>; MOST_OUTPUTS];

/// An indicator on its way through a series.
#[derive(Clone, Debug)]
pub struct Operator(State);

#[derive(Clone, Debug)]
enum State {
    Average(Average),
    Rsi(Rsi),
    Macd(Macd),
    Bollinger(Bollinger),
    Atr(Atr),
    Return(Previous),
    LogReturn(Previous),
    Volatility(Volatility),
}

impl Operator {
    /// At the beginning of a series.
    #[must_use]
    pub fn new(indicator: Indicator) -> Self {
        Self(match indicator {
            Indicator::Average(ma) => State::Average(Average::new(ma)),
            Indicator::Rsi => State::Rsi(Rsi::new()),
            Indicator::Macd => State::Macd(Macd::new()),
            Indicator::Bollinger => State::Bollinger(Bollinger::new()),
            Indicator::Atr => State::Atr(Atr::new()),
            Indicator::Return => State::Return(Previous::default()),
            Indicator::LogReturn => State::LogReturn(Previous::default()),
            Indicator::Volatility => State::Volatility(Volatility::new()),
        })
    }

    /// The values at the next session; none before the definition has its first, and none where there was no close,
    /// which counts as no session. What is given is finite.
    pub fn push(&mut self, bar: &Bar) -> Outputs {
        let Some(close) = bar.close.filter(|close| close.is_finite()) else { return [None; MOST_OUTPUTS] };
        let one = |value| [value, None, None];
        let three = |values: Option<[f64; 3]>| values.map_or([None; MOST_OUTPUTS], |values| values.map(Some));
        let values = match &mut self.0 {
            State::Average(state) => one(state.push(close)),
            State::Rsi(state) => one(state.push(close)),
            State::Macd(state) => three(state.push(close)),
            State::Bollinger(state) => three(state.push(close)),
            State::Atr(state) => one(state.push(bar, close)),
            State::Return(state) => one(state.simple(close)),
            State::LogReturn(state) => one(state.log(close)),
            State::Volatility(state) => one(state.push(close)),
        };
        values.map(|value| value.filter(|value| value.is_finite()))
    }
}
