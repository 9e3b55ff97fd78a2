//! `startDate` and `endDate`: days in the market's zone, both included.

use chrono::{DateTime, NaiveDate, Utc};

use crate::{
    http::{Answer, table},
    stock::{bar::Days, company::Company},
};

/// The days asked for; by default from 2019-01-01 to `today`.
///
/// # Errors
/// 400 naming the parameter that is no day, or that starts after the end.
pub(super) fn days(start: Option<&str>, end: Option<&str>, today: NaiveDate) -> Answer<Days> {
    table::days(start, end, today).map(|(from, to)| Days { from, to })
}

/// The day it is where the company is traded; in UTC where no zone is known.
pub(super) fn today(company: &Company, now: DateTime<Utc>) -> NaiveDate {
    company.market().map_or_else(|| now.date_naive(), |market| now.with_timezone(&market.zone()).date_naive())
}
