//! A company of the master.

use chrono::{NaiveDate, NaiveDateTime};

use super::{
    bar::{CompanyId, Days, StockCode},
    calendar::Market,
};
use crate::{told, told::Told};

/// A country whose sessions are known: without them no run would ever look at the company.
///
/// # Errors
/// When they are not, with the countries where they are.
pub fn watchable_country(country: &str) -> Result<(), Told> {
    if Market::of_country(country).is_some() {
        return Ok(());
    }
    let known: Vec<_> = Market::ALL.into_iter().map(Market::country).collect();
    let [english, japanese] = [" and ", "、"].map(|between| known.join(between));
    Err(told!(
        "the trading days of {country} are not known; those of {english} are",
        "{country} の取引日はわかりません。使えるのは {japanese} です"
    ))
}

/// A code of the country's exchange: a mistyped one would be asked for in vain for ever. Indices, which begin with `^`,
/// have no such form.
///
/// # Errors
/// When it cannot be one, with what would be.
pub fn code_of_exchange(code: &StockCode, country: &str) -> Result<(), Told> {
    if country != Market::Tokyo.country() || code.is_tokyo() || code.as_str().starts_with('^') {
        return Ok(());
    }
    Err(told!(
        "{code} is no code of Tokyo's exchange, such as 7203, 130A or 25935",
        "{code} は東京証券取引所の銘柄コードではありません。7203、130A、25935 のようなコードです"
    ))
}

/// A company whose bars are kept.
#[derive(Clone, Debug, PartialEq)]
pub struct Company {
    pub company_id: CompanyId,
    pub company_name: String,
    pub stock_code: StockCode,
    /// `JP`, `US`.
    pub country_code: String,
    pub listed_market: String,
    pub foundation_date: Option<NaiveDateTime>,
    /// Degrees, east positive.
    pub longitude: Option<f64>,
    /// Degrees, north positive.
    pub latitude: Option<f64>,
    pub status: CompanyStatus,
    /// First day of trading, where known.
    pub listed_from: Option<NaiveDate>,
    /// Last day of trading: nothing is fetched after it.
    pub listed_to: Option<NaiveDate>,
}

/// Whether a company's bars are still fetched.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CompanyStatus {
    Active,
    /// No longer listed; its history up to `listed_to` is kept, and fetched where missing.
    Delisted,
    /// The series ends at `listed_to` though the company goes on: a sample.
    Ended,
    /// Somebody stopped watching it; its bars stay.
    Unwatched,
}

impl CompanyStatus {
    pub const ALL: [Self; 4] = [Self::Active, Self::Delisted, Self::Ended, Self::Unwatched];

    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Delisted => "delisted",
            Self::Ended => "ended",
            Self::Unwatched => "unwatched",
        }
    }

    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == name)
    }
}

impl Company {
    /// The market whose calendar and zone the company's sessions follow; none for a country without one.
    #[must_use]
    pub fn market(&self) -> Option<Market> {
        Market::of_country(&self.country_code)
    }

    /// Whether a run over all companies looks at it.
    #[must_use]
    pub fn is_watched(&self) -> bool {
        self.status != CompanyStatus::Unwatched && self.market().is_some()
    }

    /// Whether it lacks the newest final session: no source has answered for it yet. Nobody expects that of a company
    /// that is delisted, ended or no longer watched.
    #[must_use]
    pub fn is_stale(&self, covered: Option<Days>, newest_final: NaiveDate) -> bool {
        self.status == CompanyStatus::Active && covered.map(|days| days.to) < Some(newest_final)
    }
}
