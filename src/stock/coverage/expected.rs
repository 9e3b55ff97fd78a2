//! From which day to which a company's sessions should be there.

use chrono::NaiveDate;

use crate::stock::{
    bar::Days,
    company::{Company, CompanyStatus},
};

/// What is stored of a company, by its ends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Extent {
    /// The oldest and the newest row.
    pub first: Option<NaiveDate>,
    pub newest: Option<NaiveDate>,
    /// The days a source has answered for.
    pub covered: Option<Days>,
}

/// The days whose sessions should be there; none when there is nothing to expect.
///
/// They begin with the listing, or with the first row where the listing is not known, or where sources have answered
/// for the days before it and had nothing. They end with the last day of trading or the newest session that is final; of
/// a company that nobody watches any more, with its newest row.
#[must_use]
pub fn expected(company: &Company, extent: &Extent, newest_final: NaiveDate) -> Option<Days> {
    let from = start(company.listed_from, extent)?;
    let due = company.listed_to.map_or(newest_final, |last| last.min(newest_final));
    let to = match company.status {
        CompanyStatus::Active => due,
        CompanyStatus::Delisted | CompanyStatus::Ended if company.listed_to.is_some() => due,
        CompanyStatus::Delisted | CompanyStatus::Ended | CompanyStatus::Unwatched => extent.newest?.min(newest_final),
    };
    (from <= to).then_some(Days { from, to })
}

fn start(listed: Option<NaiveDate>, extent: &Extent) -> Option<NaiveDate> {
    let answered_from_the_listing = |listed: NaiveDate| extent.covered.is_some_and(|covered| covered.contains(listed));
    match (listed, extent.first) {
        (Some(listed), first) if !answered_from_the_listing(listed) => {
            Some(first.map_or(listed, |first| first.min(listed)))
        }
        // Without any row, and nobody had one: there is nothing to wait for.
        (_, first) => first,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stock::bar::{CompanyId, StockCode};

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn days(from: &str, to: &str) -> Days {
        Days { from: day(from), to: day(to) }
    }

    fn company(status: CompanyStatus, listed_from: Option<&str>, listed_to: Option<&str>) -> Company {
        Company {
            company_id: CompanyId::parse("0001").unwrap(),
            company_name: "a company".into(),
            stock_code: StockCode::parse("1101").unwrap(),
            country_code: "JP".into(),
            listed_market: "market".into(),
            foundation_date: None,
            longitude: None,
            latitude: None,
            status,
            listed_from: listed_from.map(day),
            listed_to: listed_to.map(day),
        }
    }

    fn stored(covered: Option<Days>) -> Extent {
        Extent { first: Some(day("2019-01-04")), newest: Some(day("2026-11-17")), covered }
    }

    fn of(company: &Company, extent: &Extent) -> Option<Days> {
        expected(company, extent, day("2026-11-20"))
    }

    #[test]
    fn without_a_known_listing_the_first_row_begins_it() {
        let active = company(CompanyStatus::Active, None, None);
        assert_eq!(of(&active, &stored(None)), Some(days("2019-01-04", "2026-11-20")));
        let asked_since_2000 = stored(Some(days("2000-01-01", "2026-11-17")));
        assert_eq!(of(&active, &asked_since_2000), Some(days("2019-01-04", "2026-11-20")));
        assert_eq!(of(&active, &Extent::default()), None);
    }

    #[test]
    fn what_nobody_has_asked_for_since_the_listing_is_expected_and_what_nobody_has_is_not() {
        let listed = company(CompanyStatus::Active, Some("2018-06-01"), None);
        assert_eq!(of(&listed, &stored(None)), Some(days("2018-06-01", "2026-11-20")));
        let later = stored(Some(days("2019-01-01", "2026-11-17")));
        assert_eq!(of(&listed, &later), Some(days("2018-06-01", "2026-11-20")));
        let from_before = stored(Some(days("2018-01-01", "2026-11-17")));
        assert_eq!(of(&listed, &from_before), Some(days("2019-01-04", "2026-11-20")));
        assert_eq!(of(&listed, &Extent::default()), Some(days("2018-06-01", "2026-11-20")));
        let given_up = Extent { covered: Some(days("2018-01-01", "2026-11-20")), ..Extent::default() };
        assert_eq!(of(&listed, &given_up), None);
    }

    #[test]
    fn nothing_is_expected_after_the_last_day_of_trading_or_of_one_no_longer_watched() {
        let delisted = company(CompanyStatus::Delisted, None, Some("2026-11-18"));
        assert_eq!(of(&delisted, &stored(None)), Some(days("2019-01-04", "2026-11-18")));
        let unknown_end = company(CompanyStatus::Delisted, None, None);
        assert_eq!(of(&unknown_end, &stored(None)), Some(days("2019-01-04", "2026-11-17")));
        let unwatched = company(CompanyStatus::Unwatched, None, None);
        assert_eq!(of(&unwatched, &stored(None)), Some(days("2019-01-04", "2026-11-17")));
        let not_yet = company(CompanyStatus::Active, Some("2027-01-04"), None);
        assert_eq!(of(&not_yet, &Extent::default()), None);
    }
}
