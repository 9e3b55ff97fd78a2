//! `startDate` and `endDate`: days in the market's zone, both included.

use chrono::{DateTime, NaiveDate, Utc};

use crate::{
    http::{Answer, Problem},
    stock::{bar::Days, companies_csv::fields, company::Company},
};

/// The first day without a `startDate`, as the clients of the original expect.
const FIRST_DAY: NaiveDate = match NaiveDate::from_ymd_opt(2019, 1, 1) {
    Some(day) => day,
    None => NaiveDate::MIN,
};

/// The days asked for; by default from 2019-01-01 to `today`.
///
/// # Errors
/// 400 naming the parameter that is no day, or that starts after the end.
pub(super) fn days(start: Option<&str>, end: Option<&str>, today: NaiveDate) -> Answer<Days> {
    let day = |param: &str, text: Option<&str>, default| {
        text.map_or(Ok(default), fields::day).map_err(|message| Problem::bad_request(param, message))
    };
    let days = Days { from: day("startDate", start, FIRST_DAY)?, to: day("endDate", end, today)? };
    if days.from <= days.to {
        return Ok(days);
    }
    let (param, default) = if end.is_none() { ("startDate", " (today)") } else { ("endDate", "") };
    let message = format!("startDate {} is after endDate {}{default}; start on or before the end", days.from, days.to);
    Err(Problem::bad_request(param, message))
}

/// The day it is where the company is traded; in UTC where no zone is known.
pub(super) fn today(company: &Company, now: DateTime<Utc>) -> NaiveDate {
    company.market().map_or_else(|| now.date_naive(), |market| now.with_timezone(&market.zone()).date_naive())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn today() -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 11, 20).unwrap()
    }

    #[test]
    fn without_parameters_it_is_2019_to_today() {
        let days = days(None, None, today()).unwrap();
        assert_eq!((days.from.to_string(), days.to), ("2019-01-01".to_owned(), today()));
    }

    #[test]
    fn one_day_is_a_range_and_a_start_after_the_end_is_not() {
        assert!(days(Some("2026-11-20"), None, today()).is_ok());
        assert!(days(Some("2026-11-21"), None, today()).is_err());
        assert!(days(None, Some("2018-12-31"), today()).is_err());
        for wrong in ["", "2020-13-01", "20200101", "yesterday"] {
            assert!(days(Some(wrong), None, today()).is_err(), "{wrong}");
        }
    }
}
