//! The market is what its seed says, sane, and as odd as promised.

use std::collections::BTreeSet;

use super::*;
use crate::stock::calendar::Calendar;

const THROUGH: NaiveDate = day(2026, 11, 20);

fn market() -> SimulatedMarket {
    SimulatedMarket::generate(1, THROUGH)
}

fn close_on(bars: &[Bar], date: NaiveDate) -> f64 {
    bars.iter().find(|bar| bar.date == date).unwrap().close.unwrap()
}

#[test]
fn the_same_seed_gives_the_same_market_and_another_seed_another() {
    assert_eq!(market(), market());
    let other = SimulatedMarket::generate(2, THROUGH);
    assert_ne!(market().get("1101").unwrap().bars, other.get("1101").unwrap().bars);
}

#[test]
fn a_later_end_changes_no_earlier_day() {
    let later = market();
    for end in [day(2015, 3, 31), day(2020, 10, 1), day(2021, 9, 28), day(2024, 2, 27)] {
        let sooner = SimulatedMarket::generate(1, end);
        for (short, long) in sooner.series().iter().zip(later.series()) {
            assert_eq!(short.bars, long.raw_as_of(end), "{} {end}", short.code);
            assert_eq!(short.bars_as_of(end), long.bars_as_of(end), "{} {end}", short.code);
            assert_eq!(short.dividends_as_of(end), long.dividends_as_of(end), "{} {end}", short.code);
        }
    }
}

#[test]
fn every_code_has_the_form_of_the_exchange_and_no_real_company_has_it() {
    let letters = "ACDFGHJKLMNPRSTUWXY";
    let fits = |at: usize, c: char| match at {
        0 => ('1'..='9').contains(&c),
        2 => c.is_ascii_digit(),
        _ => c.is_ascii_digit() || letters.contains(c),
    };
    let codes: BTreeSet<_> = SPECS.iter().map(|spec| spec.code).collect();
    assert!(codes.len() >= 10 && codes.len() == SPECS.len());
    for code in codes {
        assert!(code.len() == 4 && code.chars().enumerate().all(|(at, c)| fits(at, c)), "{code}");
        assert!(code < "1301", "{code}");
    }
}

#[test]
fn every_company_says_that_it_is_simulated() {
    assert!(SPECS.iter().all(|spec| spec.name.ends_with("(simulated)") && spec.listed_market.ends_with("(simulated)")));
}

#[test]
fn every_bar_is_a_session_and_every_session_has_one() {
    for (series, spec) in market().series().iter().zip(&SPECS) {
        let days = Days { from: spec.listed_from, to: spec.listed_to.unwrap_or(THROUGH) };
        let dates: Vec<_> = series.bars.iter().map(|bar| bar.date).collect();
        assert_eq!(dates, Calendar::embedded(Market::Tokyo).sessions(days).collect::<Vec<_>>(), "{}", series.code);
        assert!([Some(days.from), spec.listed_to, spec.bad_row].into_iter().flatten().all(|d| dates.contains(&d)));
        assert!(series.splits.iter().all(|split| Calendar::embedded(Market::Tokyo).is_session(split.date)));
    }
}

#[test]
fn prices_are_sane_on_every_basis_and_print_with_one_decimal() {
    let market = market();
    let bad = SimulatedMarket::bad_rows();
    for series in market.series() {
        for bar in series.bars.iter().copied().chain(series.bars_as_of(THROUGH)) {
            let prices = [bar.open, bar.high, bar.low, bar.close];
            assert!(prices.iter().all(Option::is_some) || prices.iter().all(Option::is_none));
            let [open, high, low, close] = prices.map(|price| price.unwrap_or(1000.0));
            for price in [open, high, low, close] {
                assert!((50.0..60_000.0).contains(&price), "{} {} {price}", series.code, bar.date);
                assert_eq!(format!("{price:.1}").parse::<f64>().unwrap(), price, "{} {}", series.code, bar.date);
            }
            let sound = low <= open.min(close) && high >= open.max(close);
            assert_eq!(sound, !bad.contains(&(series.code, bar.date)), "{} {}", series.code, bar.date);
            assert!(bar.volume.is_none_or(|v| v > 0.0 && v.fract() == 0.0));
        }
    }
}

#[test]
fn a_split_leaps_as_traded_and_not_once_adjusted() {
    let market = market();
    for (code, date, ratio) in
        [("1102", day(2021, 9, 29), 5.0), ("1104", day(2023, 3, 30), 3.0), ("1105", day(2018, 9, 26), 0.1)]
    {
        let before = Calendar::embedded(Market::Tokyo).previous_session(date);
        let leap = |bars: &[Bar]| close_on(bars, before) / close_on(bars, date);
        let raw = leap(market.raw_as_of(code, THROUGH));
        assert!((raw / ratio - 1.0).abs() < 0.16, "{code} {raw}");
        assert!((leap(&market.bars_as_of(code, date)) - 1.0).abs() < 0.16);
        let eve = market.bars_as_of(code, before);
        assert_eq!(close_on(&eve, before), close_on(market.raw_as_of(code, before), before));
    }
}

#[test]
fn halted_sessions_are_there_without_prices() {
    let market = market();
    let null_days = |code: &str| -> Vec<NaiveDate> {
        let bars = market.raw_as_of(code, THROUGH);
        bars.iter().filter(|bar| bar.close.is_none() && bar.volume.is_none()).map(|bar| bar.date).collect()
    };
    let outage = day(2020, 10, 1);
    assert_eq!(null_days("1101"), [outage]);
    assert_eq!(null_days("1107"), [day(2017, 5, 10), day(2017, 5, 11), day(2017, 5, 12), outage, day(2022, 8, 3)]);
    assert!((20..200).contains(&null_days("1110").len()));
}

#[test]
fn no_close_leaps_by_more_than_the_daily_limit() {
    for series in market().series() {
        let closes: Vec<f64> = series.bars_as_of(THROUGH).iter().filter_map(|bar| bar.close).collect();
        assert!(closes.windows(2).all(|pair| (0.8..1.2).contains(&(pair[1] / pair[0]))), "{}", series.code);
    }
}

#[test]
fn the_delisted_company_ends_and_the_newcomer_begins_late() {
    let market = market();
    assert_eq!(market.raw_as_of("1108", THROUGH).last().unwrap().date, day(2021, 6, 28));
    assert_eq!(market.raw_as_of("100A", THROUGH)[0].date, day(2024, 2, 27));
    assert!(market.bars_as_of("100A", day(2023, 12, 29)).is_empty());
}

#[test]
fn one_day_has_a_price_and_no_volume() {
    let market = market();
    let all = market.series().iter().flat_map(|one| &one.bars);
    let odd: Vec<_> = all.filter(|bar| bar.close.is_some() && bar.volume.is_none()).map(|bar| bar.date).collect();
    assert_eq!(odd, [day(2016, 11, 9)]);
}
