//! The companies of the sample market, as the demo registers them.

use chrono::{Datelike, NaiveDate};

use super::market::{SPECS, day};
use super::us;

/// One row of the demo's company table.
#[derive(Clone, Debug, PartialEq)]
pub struct SampleCompany {
    /// `U001` for real US bars, `S001` for simulated ones.
    pub company_id: String,
    /// Says itself that it is simulated, where it is.
    pub company_name: &'static str,
    pub stock_code: &'static str,
    pub country_code: &'static str,
    pub listed_market: &'static str,
    pub foundation_date: Option<NaiveDate>,
    /// Degrees east.
    pub longitude: Option<f64>,
    /// Degrees north.
    pub latitude: Option<f64>,
    /// The first day of the sample's series.
    pub listed_from: Option<NaiveDate>,
    /// The last day of the sample's series, where no newer will come.
    pub listed_to: Option<NaiveDate>,
    /// `active`, `delisted`, or `ended`: listed still, but the sample's series is not continued.
    pub status: &'static str,
}

/// All of them: the five US companies, then the simulated ones.
#[must_use]
pub fn companies() -> Vec<SampleCompany> {
    us_companies().chain(simulated_companies()).collect()
}

/// Market, foundation, degrees east and north of the head office, first day in the data.
type UsFacts = (&'static str, NaiveDate, (f64, f64), NaiveDate);

/// In the order of `us::COMPANIES`.
const US_FACTS: [UsFacts; 5] = [
    ("NASDAQ", day(1976, 4, 1), (-122.01, 37.33), day(2000, 3, 1)),
    ("NASDAQ", day(2004, 2, 4), (-122.15, 37.48), day(2012, 5, 18)),
    ("NASDAQ", day(1998, 9, 4), (-122.08, 37.42), day(2004, 8, 19)),
    ("NYSE", day(1911, 6, 16), (-73.72, 41.11), day(2000, 3, 1)),
    ("NASDAQ", day(1975, 4, 4), (-122.13, 47.64), day(2000, 3, 1)),
];

const US_LAST_DAY: NaiveDate = day(2013, 3, 1);

fn us_companies() -> impl Iterator<Item = SampleCompany> {
    us::COMPANIES.iter().zip(US_FACTS).zip(1..).map(
        |(((code, name), (listed_market, founded, place, first)), number)| SampleCompany {
            company_id: format!("U{number:03}"),
            company_name: name,
            stock_code: code,
            country_code: "US",
            listed_market,
            foundation_date: Some(founded),
            longitude: Some(place.0),
            latitude: Some(place.1),
            listed_from: Some(first),
            listed_to: Some(US_LAST_DAY),
            status: "ended",
        },
    )
}

fn simulated_companies() -> impl Iterator<Item = SampleCompany> {
    SPECS.iter().zip(1..).map(|(spec, number)| SampleCompany {
        company_id: format!("S{number:03}"),
        company_name: spec.name,
        stock_code: spec.code,
        country_code: "JP",
        listed_market: spec.listed_market,
        // Invented like the rest: some decades before the listing.
        foundation_date: spec.listed_from.with_day(1).and_then(|d| d.with_year(d.year() - 10 - 3 * number)),
        longitude: Some(spec.place.0),
        latitude: Some(spec.place.1),
        listed_from: Some(spec.listed_from),
        listed_to: spec.listed_to,
        status: if spec.listed_to.is_some() { "delisted" } else { "active" },
    })
}

#[cfg(test)]
mod tests {

    use std::collections::BTreeSet;

    use super::*;
    use crate::stock::bar::{CompanyId, StockCode};
    use crate::stock::sample::SampleData;

    #[test]
    fn every_company_has_a_series_with_the_days_it_claims() {
        let data = SampleData::demo(day(2026, 11, 20)).unwrap();
        assert_eq!(data.series().count(), companies().len());
        for company in companies() {
            let series = data.get(company.stock_code).unwrap();
            let bars = series.raw_as_of(day(2026, 11, 20));
            assert_eq!(bars.first().map(|bar| bar.date), company.listed_from, "{}", company.stock_code);
            assert_eq!(series.listed_to, company.listed_to);
            assert_eq!(series.name, company.company_name);
            assert_eq!(bars.last().unwrap().date, company.listed_to.unwrap_or(day(2026, 11, 20)));
        }
    }

    #[test]
    fn ids_and_codes_are_valid_and_unique() {
        let ids: BTreeSet<_> = companies().iter().map(|c| CompanyId::parse(&c.company_id).unwrap()).collect();
        let codes: BTreeSet<_> = companies().iter().map(|c| StockCode::parse(c.stock_code).unwrap()).collect();
        assert_eq!((ids.len(), codes.len()), (18, 18));
    }

    #[test]
    fn texts_fit_the_columns() {
        for company in companies() {
            assert!(company.listed_market.chars().count() <= 32 && company.company_name.chars().count() <= 256);
        }
    }
}
