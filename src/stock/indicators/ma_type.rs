//! Names of moving averages: `sma5`, `ema25`, `wma75`.

use std::fmt;
use std::ops::RangeInclusive;
use std::str::FromStr;

/// The spans that can be computed, in sessions.
pub const SPANS: RangeInclusive<u16> = 1..=400;

/// How past closes are weighted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// All alike.
    Sma,
    /// Exponentially less the older they are.
    Ema,
    /// Linearly less the older they are.
    Wma,
}

impl Kind {
    pub const ALL: [Self; 3] = [Self::Sma, Self::Ema, Self::Wma];

    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Sma => "sma",
            Self::Ema => "ema",
            Self::Wma => "wma",
        }
    }
}

/// A moving average of a kind over a span; written `sma5` in tables and routes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct MaType {
    kind: Kind,
    span: u16,
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no moving average: sma, ema or wma and a span of 1 to 400 sessions, as in sma5")]
pub struct MaTypeError(String);

impl MaType {
    /// # Errors
    /// When the span is outside [`SPANS`].
    pub fn new(kind: Kind, span: u16) -> Result<Self, MaTypeError> {
        if SPANS.contains(&span) {
            Ok(Self { kind, span })
        } else {
            Err(MaTypeError(format!("{}{span}", kind.as_str())))
        }
    }

    /// Reads `sma5`; a sign, a leading zero or capitals are refused, so that each has one name.
    ///
    /// # Errors
    /// When the text is no such name.
    pub fn parse(text: &str) -> Result<Self, MaTypeError> {
        let error = || MaTypeError(text.chars().take(16).collect());
        let read = |kind: Kind| text.strip_prefix(kind.as_str())?.parse().ok().map(|span| (kind, span));
        let (kind, span) = Kind::ALL.into_iter().find_map(read).ok_or_else(error)?;
        Self::new(kind, span).ok().filter(|ma| ma.to_string() == text).ok_or_else(error)
    }

    #[must_use]
    pub const fn kind(self) -> Kind {
        self.kind
    }

    /// In sessions.
    #[must_use]
    pub const fn span(self) -> u16 {
        self.span
    }
}

impl fmt::Display for MaType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.kind.as_str(), self.span)
    }
}

impl FromStr for MaType {
    type Err = MaTypeError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text)
    }
}

/// Every kind over every span: all SMA in the order of `spans`, then all EMA, then all WMA. Repeated spans count once;
/// spans outside [`SPANS`] are left out, the configuration refuses them before.
#[must_use]
pub fn spec(spans: &[u16]) -> Vec<MaType> {
    let mut all = Vec::with_capacity(spans.len() * Kind::ALL.len());
    for kind in Kind::ALL {
        for ma in spans.iter().filter_map(|span| MaType::new(kind, *span).ok()) {
            if !all.contains(&ma) {
                all.push(ma);
            }
        }
    }
    all
}

#[cfg(test)]
mod tests {

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_default_spans_give_nine_averages_by_kind() {
        let names: Vec<_> = spec(&[5, 25, 75]).iter().map(ToString::to_string).collect();
        assert_eq!(names, ["sma5", "sma25", "sma75", "ema5", "ema25", "ema75", "wma5", "wma25", "wma75"]);
        assert_eq!(spec(&[5, 0, 5, 401]).len(), 3);
    }

    #[test]
    fn what_is_no_name_is_refused_with_what_would_be() {
        for text in ["", "sma", "sma0", "sma401", "sma05", "sma+5", "SMA5", "sma5 ", "5sma", "rsi14", "sma70000"] {
            let error = MaType::parse(text).unwrap_err().to_string();
            assert!(error.ends_with("a span of 1 to 400 sessions, as in sma5"), "{error}");
        }
    }

    proptest! {
        #[test]
        fn a_name_reads_back_as_what_it_names(kind in 0..3_usize, span in SPANS) {
            let ma = MaType::new(Kind::ALL[kind], span).unwrap();
            prop_assert_eq!(MaType::parse(&ma.to_string()), Ok(ma));
        }

        #[test]
        fn any_text_is_read_or_refused(text in ".*") {
            let _ = MaType::parse(&text);
        }
    }
}
