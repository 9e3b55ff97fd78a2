//! How fresh the stored data are, told to the metrics.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};

use crate::{
    db::{Connection, DbError},
    metrics::Metrics,
    stock::{
        calendar::{Market, newest_final_session},
        company::CompanyStatus,
        store::{companies, series},
    },
};

/// Measures each country: its newest bar, and its active companies that lack the newest final session.
///
/// # Errors
/// What the database says.
pub async fn measure(connection: &impl Connection, metrics: &Metrics, now: DateTime<Utc>) -> Result<(), DbError> {
    let series: BTreeMap<String, series::Series> = series::list(connection).await?.into_iter().collect();
    let mut countries: BTreeMap<&'static str, (Option<NaiveDate>, u64)> =
        Market::ALL.into_iter().map(|market| (market.country(), (None, 0))).collect();
    for company in companies::list(connection).await? {
        let Some(market) = company.market() else { continue };
        let known = series.get(company.company_id.as_str());
        let Some((newest, stale)) = countries.get_mut(market.country()) else { continue };
        *newest = known.and_then(|series| series.newest_date).max(*newest);
        let covered = known.and_then(|series| series.covered).map(|days| days.to);
        let lacks = covered < Some(newest_final_session(market, now));
        *stale += u64::from(company.status == CompanyStatus::Active && lacks);
    }
    for (country, (newest, stale)) in countries {
        if let Some(newest) = newest {
            metrics.newest_bar(country, newest);
        }
        metrics.stale_companies(country, stale);
    }
    Ok(())
}
