//! A session's instants, in seconds since 1970 UTC, as stamps on bars.

use chrono::{NaiveDate, NaiveTime, Offset, TimeZone};

use crate::stock::calendar::Market;

/// The opening: 09:00 in Tokyo, 09:30 in New York.
pub(super) fn opening(market: Market, date: NaiveDate) -> i64 {
    at(market, date, if market == Market::Tokyo { (9, 0) } else { (9, 30) })
}

/// The close: 15:00 in Tokyo, from 2024-11-05 15:30; 16:00 in New York.
pub(super) fn closing(market: Market, date: NaiveDate) -> i64 {
    let extended = NaiveDate::from_ymd_opt(2024, 11, 5).is_some_and(|first| first <= date);
    at(
        market,
        date,
        match market {
            Market::Tokyo if extended => (15, 30),
            Market::Tokyo => (15, 0),
            Market::NewYork => (16, 0),
        },
    )
}

/// An instant within the session.
pub(super) fn midway(market: Market, date: NaiveDate) -> i64 {
    at(market, date, (11, 0))
}

/// Seconds east of UTC at the opening.
pub(super) fn utc_offset(market: Market, date: NaiveDate) -> i32 {
    market.zone().offset_from_utc_datetime(&date.and_time(NaiveTime::MIN)).fix().local_minus_utc()
}

/// No market opens or closes in the hour that its clocks skip or repeat.
fn at(market: Market, date: NaiveDate, (hour, minute): (u32, u32)) -> i64 {
    let local = date.and_time(NaiveTime::from_hms_opt(hour, minute, 0).unwrap_or_default());
    market.zone().from_local_datetime(&local).earliest().map_or(0, |instant| instant.timestamp())
}

#[cfg(test)]
mod tests {

    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn tokyo_closes_half_an_hour_later_since_november_2024() {
        let length = |date| closing(Market::Tokyo, date) - opening(Market::Tokyo, date);
        assert_eq!(length(day("2024-11-01")), 6 * 3600);
        assert_eq!(length(day("2024-11-05")), 6 * 3600 + 1800);
        assert_eq!(opening(Market::Tokyo, day("1970-01-02")), 86_400);
    }

    #[test]
    fn new_york_opens_an_hour_sooner_by_utc_in_summer() {
        let hour = |date| (opening(Market::NewYork, date) % 86_400) / 1800;
        assert_eq!((hour(day("2013-01-15")), hour(day("2012-07-16"))), (29, 27));
        assert_eq!(utc_offset(Market::NewYork, day("2012-07-16")), -4 * 3600);
    }
}
