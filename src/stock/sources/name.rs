//! The closed set of sources, and what is known of each without asking it.

use crate::stock::bar::Basis;
use crate::stock::calendar::Market;

/// A source by its name in configuration, tables and metrics.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum SourceName {
    Jquants,
    Yahoo,
    Kabutan,
    Stooq,
}

impl SourceName {
    /// In the default order of preference.
    pub const ALL: [Self; 4] = [Self::Jquants, Self::Yahoo, Self::Kabutan, Self::Stooq];

    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Jquants => "jquants",
            Self::Yahoo => "yahoo",
            Self::Kabutan => "kabutan",
            Self::Stooq => "stooq",
        }
    }

    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|source| source.as_str() == name)
    }

    /// What the source's prices and volumes are adjusted for, as measured on its files.
    #[must_use]
    pub const fn basis(self) -> Basis {
        match self {
            Self::Jquants | Self::Yahoo | Self::Kabutan => Basis::Split,
            Self::Stooq => Basis::SplitDividend,
        }
    }

    #[must_use]
    pub const fn serves(self, market: Market) -> bool {
        match self {
            Self::Jquants | Self::Kabutan => matches!(market, Market::Tokyo),
            Self::Yahoo | Self::Stooq => true,
        }
    }

    /// What a reader of the data must know of its licence.
    #[must_use]
    pub const fn licence_note(self) -> &'static str {
        match self {
            Self::Jquants => {
                "J-Quants (JPX Market Innovation & Research): private use under its terms, no redistribution"
            }
            Self::Yahoo => "Yahoo Finance: private use, no redistribution",
            Self::Kabutan => "Kabutan (Minkabu the Infonoid): private use, no redistribution",
            Self::Stooq => "Stooq: private use, no redistribution",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_reads_back_and_no_other_does() {
        for name in SourceName::ALL {
            assert_eq!(SourceName::parse(name.as_str()), Some(name));
        }
        assert_eq!(SourceName::parse("Yahoo"), None);
    }

    #[test]
    fn only_tokyo_is_asked_of_japanese_sources() {
        let serving: Vec<_> = SourceName::ALL.into_iter().filter(|s| s.serves(Market::NewYork)).collect();
        assert_eq!(serving, [SourceName::Yahoo, SourceName::Stooq]);
        assert!(SourceName::ALL.into_iter().all(|s| s.serves(Market::Tokyo)));
    }
}
