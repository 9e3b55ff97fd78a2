//! `startDate` and `endDate`: days where the data are from, both included.

use chrono::NaiveDate;

use crate::{
    http::{
        extract::no_day,
        problem::{Answer, Problem},
    },
    settings::{iso_day, shown},
    told::Told,
};

/// The first day without a `startDate`, as the clients of the original expect.
const FIRST_DAY: NaiveDate = match NaiveDate::from_ymd_opt(2019, 1, 1) {
    Some(day) => day,
    None => NaiveDate::MIN,
};

/// The first and the last day asked for; by default from 2019-01-01 to `today`.
///
/// # Errors
/// 400 naming the parameter that is no day, or that starts after the end.
pub fn days(start: Option<&str>, end: Option<&str>, today: NaiveDate) -> Answer<(NaiveDate, NaiveDate)> {
    day_range(("startDate", start), ("endDate", end), today)
}

/// The same under other names: each parameter's and what it says.
///
/// # Errors
/// As [`days`].
pub fn day_range(
    (start, first): (&str, Option<&str>),
    (end, last): (&str, Option<&str>),
    today: NaiveDate,
) -> Answer<(NaiveDate, NaiveDate)> {
    let (from, to) = (day(start, first, FIRST_DAY)?, day(end, last, today)?);
    if from <= to {
        return Ok((from, to));
    }
    let (param, [today, of_today]) =
        if last.is_none() { (start, [" (today)", "（今日）"]) } else { (end, ["", ""]) };
    let [default, of_default] = if first.is_none() { [" (the default)", "（既定値）"] } else { ["", ""] };
    let message = Told::new(
        format!("{start} {from}{default} is after {end} {to}{today}; start on or before the end"),
        format!(
            "{start} {from}{of_default} が {end} {to}{of_today} より後です。{start} は {end} 以前の日付にしてください"
        ),
    );
    Err(Problem::bad_request(param, message))
}

/// Four, two and two digits, so that each day has one spelling.
fn day(param: &str, text: Option<&str>, default: NaiveDate) -> Answer<NaiveDate> {
    let Some(text) = text else { return Ok(default) };
    iso_day(text).ok_or_else(|| Problem::bad_request(param, no_day(&shown(text))))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn today() -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 11, 20).unwrap()
    }

    #[test]
    fn without_parameters_it_is_2019_to_today() {
        let (from, to) = days(None, None, today()).unwrap();
        assert_eq!((from.to_string(), to), ("2019-01-01".to_owned(), today()));
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
