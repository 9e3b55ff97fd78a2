use chrono::Datelike as _;
use proptest::prelude::*;

use super::*;

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn tokyo() -> Calendar {
    Calendar::embedded(Market::Tokyo)
}

fn says(date: &str, is_open: bool) -> MarketDay {
    MarketDay { date: day(date), is_open }
}

#[test]
fn a_week_with_a_holiday_has_four_sessions() {
    let week = Days { from: day("2026-07-18"), to: day("2026-07-25") };
    let found: Vec<_> = tokyo().sessions(week).map(|date| date.to_string()).collect();
    assert_eq!(found, ["2026-07-21", "2026-07-22", "2026-07-23", "2026-07-24"]);
}

#[test]
fn a_range_that_ends_before_it_starts_has_no_session() {
    let days = Days { from: day("2026-07-25"), to: day("2026-07-18") };
    assert_eq!(Calendar::embedded(Market::NewYork).sessions(days).count(), 0);
}

#[test]
fn neighbours_skip_the_turn_of_the_year() {
    assert_eq!(tokyo().next_session_after(day("2025-12-30")), day("2026-01-05"));
    assert_eq!(tokyo().previous_session(day("2026-01-05")), day("2025-12-30"));
    assert_eq!(Calendar::embedded(Market::NewYork).next_session_after(day("2025-12-31")), day("2026-01-02"));
}

#[test]
fn sessions_are_counted_back_from_the_day_before() {
    let tuesday = day("2026-11-24");
    assert_eq!(tokyo().nth_session_before(tuesday, 0), tuesday);
    assert_eq!(tokyo().nth_session_before(tuesday, 1), day("2026-11-20"));
    assert_eq!(tokyo().nth_session_before(tuesday, 10), day("2026-11-09"));
}

#[test]
fn every_session_is_believable() {
    let days = Days { from: day("1949-01-01"), to: day("2035-12-31") };
    for calendar in Market::ALL.map(Calendar::embedded) {
        assert!(calendar.sessions(days).all(|date| calendar.could_be_session(date)));
    }
}

/// The days of 2019 that a table printed in 2017 did not know: a new emperor, and the bridges around the day.
const ACCESSION: [&str; 3] = ["2026-04-30", "2026-05-01", "2026-10-22"];

#[test]
fn what_the_exchange_says_counts_on_its_days_and_on_no_other() {
    let opened = says("2026-11-23", true);
    let days = ACCESSION.map(|date| says(date, false)).into_iter().chain([opened, says("2026-11-24", true)]);
    let announced = Calendar::announced(Market::Tokyo, days, None);
    for date in ACCESSION {
        assert!(tokyo().is_session(day(date)), "{date}");
        assert!(!announced.is_session(day(date)) && !announced.could_be_session(day(date)), "{date}");
    }
    assert!(announced.is_session(opened.date) && announced.could_be_session(opened.date));
    assert!(!tokyo().is_session(opened.date));
    // Thursday the 30th and Friday are closed: after Tuesday, the 28th, comes the Thursday after the holidays.
    assert_eq!(tokyo().next_session_after(day("2026-04-28")), day("2026-04-30"));
    assert_eq!(announced.next_session_after(day("2026-04-28")), day("2026-05-07"));
    assert_eq!(announced.previous_session(day("2026-11-24")), day("2026-11-23"));
    assert_eq!(announced.nth_session_before(day("2026-05-08"), 2), day("2026-04-28"));
    let evening = "2026-05-01T18:00:00+09:00".parse().unwrap();
    assert_eq!(tokyo().newest_final_session(evening), day("2026-05-01"));
    assert_eq!(announced.newest_final_session(evening), day("2026-04-28"));
    let closed: Vec<String> = announced.closed_days().map(|date| date.to_string()).collect();
    assert_eq!(closed, ACCESSION);
}

#[test]
fn a_day_that_the_table_has_by_now_is_no_news() {
    let known = [says("2019-05-01", false), says("2019-05-07", true)];
    assert_eq!(Calendar::announced(Market::Tokyo, known, None), tokyo());
    let differing: Vec<bool> =
        [says("2026-11-23", true), says("2026-11-24", true)].iter().map(|d| tokyo().differs(d)).collect();
    assert_eq!(differing, [true, false]);
}

#[test]
fn the_exchange_knows_its_days_for_longer_than_the_table() {
    let table = tokyo().known_until().unwrap();
    let later = table.with_year(table.year() + 1).unwrap();
    let until = |until| Calendar::announced(Market::Tokyo, [], Some(until)).known_until();
    assert_eq!(until(later), Some(later));
    assert_eq!(until(day("2020-12-31")), Some(table), "the table knows more");
}

prop_compose! {
    fn dates()(days in 0..40_000_i64) -> NaiveDate {
        day("1949-01-01") + chrono::TimeDelta::days(days)
    }
}

proptest! {
    /// The answers of the functions that this value took the place of, in their own words.
    #[test]
    fn without_overrides_it_is_the_table(date in dates(), length in 0..60_i64, n in 0..40_usize) {
        for market in Market::ALL {
            let table = |date: &NaiveDate| embedded::is_session(market, *date);
            let days = Days { from: date, to: date + chrono::TimeDelta::days(length) };
            let far = date - chrono::TimeDelta::days(4 * 40);
            let before: Vec<NaiveDate> = far.iter_days().take_while(|day| *day < date).filter(table).collect();
            let back = n.checked_sub(1).map_or(date, |n| before[before.len() - 1 - n]);
            for calendar in [Calendar::embedded(market), Calendar::announced(market, [], None)] {
                prop_assert_eq!(calendar.is_session(date), table(&date));
                prop_assert_eq!(calendar.could_be_session(date), embedded::could_be_session(market, date));
                prop_assert_eq!(calendar.known_until(), embedded::known_until(market));
                let all: Vec<NaiveDate> = date.iter_days().take_while(|day| *day <= days.to).filter(table).collect();
                prop_assert_eq!(calendar.sessions(days).collect::<Vec<_>>(), all);
                prop_assert_eq!(Some(calendar.next_session_after(date)), date.iter_days().skip(1).find(table));
                prop_assert_eq!(Some(calendar.previous_session(date)), before.last().copied());
                prop_assert_eq!(calendar.nth_session_before(date, n), back);
                let night = date.and_hms_opt(23, 0, 0).unwrap().and_local_timezone(market.zone()).unwrap().to_utc();
                let newest = if table(&date) { Some(date) } else { before.last().copied() };
                prop_assert_eq!(Some(calendar.newest_final_session(night)), newest);
            }
        }
    }

    #[test]
    fn each_day_is_what_the_exchange_says_or_else_what_the_table_says(
        date in dates(),
        said in proptest::collection::btree_map(0..30_i64, any::<bool>(), 0..10),
    ) {
        let said: std::collections::BTreeMap<NaiveDate, bool> =
            said.into_iter().map(|(n, is_open)| (date + chrono::TimeDelta::days(n), is_open)).collect();
        let days = said.iter().map(|(date, is_open)| MarketDay { date: *date, is_open: *is_open });
        let calendar = Calendar::announced(Market::Tokyo, days, None);
        for day in date.iter_days().take(40) {
            let table = embedded::is_session(Market::Tokyo, day);
            prop_assert_eq!(calendar.is_session(day), said.get(&day).copied().unwrap_or(table));
            prop_assert!(calendar.could_be_session(day) || !calendar.is_session(day));
        }
    }
}
