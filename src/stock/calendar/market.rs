//! The markets whose sessions are known.

use chrono_tz::Tz;

/// A market with its own trading days.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Market {
    /// The Tokyo Stock Exchange.
    Tokyo,
    /// The New York Stock Exchange; Nasdaq keeps the same days.
    NewYork,
}

impl Market {
    pub const ALL: [Self; 2] = [Self::Tokyo, Self::NewYork];

    /// The market of a company, by its `country_code`; none when its calendar is not known.
    #[must_use]
    pub fn of_country(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|market| market.country() == code)
    }

    /// The ISO 3166 code of the country, as in `company.country_code`.
    #[must_use]
    pub const fn country(self) -> &'static str {
        match self {
            Self::Tokyo => "JP",
            Self::NewYork => "US",
        }
    }

    /// The zone in which a trading day is a date.
    #[must_use]
    pub const fn zone(self) -> Tz {
        match self {
            Self::Tokyo => Tz::Asia__Tokyo,
            Self::NewYork => Tz::America__New_York,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_market_is_found_by_its_country_and_only_by_it() {
        for market in Market::ALL {
            assert_eq!(Market::of_country(market.country()), Some(market));
        }
        for unknown in ["", "jp", "GB", "USA"] {
            assert_eq!(Market::of_country(unknown), None);
        }
    }
}
