//! Names of indicators: `sma5`, `rsi14`, `macd`.

use std::{borrow::Cow, fmt, str::FromStr};

use super::{Kind, MaType};

/// What can be computed from the bars of a series.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Indicator {
    Average(MaType),
    Rsi,
    Macd,
    Bollinger,
    Atr,
    Return,
    LogReturn,
    Volatility,
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no indicator: {words} or sma, ema, wma and a span of 1 to 400 sessions are", words = Indicator::WORDS)]
pub struct IndicatorError(String);

impl Indicator {
    /// Those beside the moving averages.
    pub const NAMED: [Self; 7] =
        [Self::Rsi, Self::Macd, Self::Bollinger, Self::Atr, Self::Return, Self::LogReturn, Self::Volatility];

    /// Their names, as a sentence has them.
    pub const WORDS: &'static str = "rsi14, macd, bb20, atr14, return, logreturn, volatility20";

    /// # Errors
    /// When the text is no indicator's name.
    pub fn parse(text: &str) -> Result<Self, IndicatorError> {
        let named = Self::NAMED.into_iter().find(|one| one.to_string() == text);
        let average = || MaType::parse(text).ok().map(Self::Average);
        named.or_else(average).ok_or_else(|| IndicatorError(text.chars().take(16).collect()))
    }

    /// The names of its values.
    #[must_use]
    pub fn outputs(self) -> Vec<Cow<'static, str>> {
        match self {
            Self::Macd => ["macd", "macdSignal", "macdHist"].map(Cow::Borrowed).to_vec(),
            Self::Bollinger => ["bb20Upper", "bb20Middle", "bb20Lower"].map(Cow::Borrowed).to_vec(),
            one => vec![Cow::Owned(one.to_string())],
        }
    }

    /// How many closes before the first session asked for its values depend on; none: on all there are.
    #[must_use]
    pub fn reach(self) -> Option<usize> {
        match self {
            Self::Average(ma) => (ma.kind() != Kind::Ema).then(|| usize::from(ma.span()) - 1),
            Self::Bollinger => Some(19),
            Self::Return | Self::LogReturn => Some(1),
            Self::Volatility => Some(20),
            Self::Rsi | Self::Macd | Self::Atr => None,
        }
    }
}

impl fmt::Display for Indicator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Average(ma) => return ma.fmt(f),
            Self::Rsi => "rsi14",
            Self::Macd => "macd",
            Self::Bollinger => "bb20",
            Self::Atr => "atr14",
            Self::Return => "return",
            Self::LogReturn => "logreturn",
            Self::Volatility => "volatility20",
        })
    }
}

impl FromStr for Indicator {
    type Err = IndicatorError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_name_reads_back_as_what_it_names_and_no_other_text_is_one() {
        let names: Vec<String> = Indicator::NAMED.iter().map(ToString::to_string).collect();
        assert_eq!(names.join(", "), Indicator::WORDS);
        for name in names.iter().map(String::as_str).chain(["sma1", "ema25", "wma400"]) {
            assert_eq!(Indicator::parse(name).unwrap().to_string(), name);
        }
        for text in ["", "rsi", "rsi15", "RSI14", "macd ", "sma0", "sma401", "bb20Upper", "macdHist"] {
            let error = Indicator::parse(text).unwrap_err().to_string();
            assert!(error.contains("volatility20 or sma, ema, wma"), "{error}");
        }
    }
}
