//! What a company's prices are counted in. Pure.

use crate::stock::calendar::Market;

/// The unit of prices, and with how many decimals they are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Currency {
    /// ISO 4217; none where the country's market is not known.
    pub code: Option<&'static str>,
    pub decimals: usize,
}

impl Currency {
    /// Of rows whose company's country is not at hand, and where its market is not known.
    pub const UNKNOWN: Self = Self { code: None, decimals: 2 };

    pub(super) fn of(country: &str) -> Self {
        match Market::of_country(country) {
            // Tokyo's smallest step is a tenth of a yen.
            Some(Market::Tokyo) => Self { code: Some("JPY"), decimals: 1 },
            Some(Market::NewYork) => Self { code: Some("USD"), decimals: 2 },
            None => Self::UNKNOWN,
        }
    }

    /// Behind what it belongs to: `close (JPY)`.
    pub(super) fn behind(self, name: &str) -> String {
        self.code.map_or_else(|| name.to_owned(), |code| format!("{name} ({code})"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_price_has_the_unit_of_its_market_and_none_where_that_is_unknown() {
        assert_eq!(Currency::of("JP").behind("close"), "close (JPY)");
        assert_eq!(Currency::of("US").behind("close"), "close (USD)");
        assert_eq!(Currency::of("GB").behind("close"), "close");
    }
}
