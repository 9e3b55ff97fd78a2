//! A market of any seed, in which something happens to most companies within a given time: for tests that need many
//! splits, halts, listings and delistings close together. The demo's market is the fixed one of `specs`.

use chrono::NaiveDate;
use fastrand::Rng;

use super::specs::{PLAIN, Ratio, Spec};
use super::walk;
use crate::stock::bar::{Bar, Days, Split};
use crate::stock::calendar::{Calendar, Market};
use crate::stock::sample::{Dividend, Series};

/// Sessions before the given days, so that something is stored when they begin.
const HISTORY: usize = 40;

/// Codes that were never given to a company: listings begin at 1301.
const CODES: [&str; 60] = [
    "1201", "1202", "1203", "1204", "1205", "1206", "1207", "1208", "1209", "1210", "1211", "1212", "1213", "1214",
    "1215", "1216", "1217", "1218", "1219", "1220", "1221", "1222", "1223", "1224", "1225", "1226", "1227", "1228",
    "1229", "1230", "1231", "1232", "1233", "1234", "1235", "1236", "1237", "1238", "1239", "1240", "1241", "1242",
    "1243", "1244", "1245", "1246", "1247", "1248", "1249", "1250", "1251", "1252", "1253", "1254", "1255", "1256",
    "1257", "1258", "1259", "1260",
];

/// So many companies at most.
pub const MOST: usize = CODES.len();

const SPLITS: [Ratio; 5] = [ratio(2, 1), ratio(3, 1), ratio(10, 1), ratio(3, 2), ratio(5, 1)];
const CONSOLIDATIONS: [Ratio; 3] = [ratio(1, 10), ratio(1, 5), ratio(1, 2)];

const fn ratio(new: i64, old: i64) -> Ratio {
    Ratio { new, old }
}

/// The companies in the order of their codes; the tenth has the fate of the first again, and so on.
pub(in super::super) fn generated(seed: u64, count: usize, days: Days) -> Vec<Series> {
    let all: Vec<NaiveDate> = Calendar::embedded(Market::Tokyo).sessions(days).collect();
    let first = Calendar::embedded(Market::Tokyo).nth_session_before(days.from, HISTORY);
    let history = Calendar::embedded(Market::Tokyo).sessions(Days { from: first, to: days.to }).collect::<Vec<_>>();
    CODES.iter().take(count).enumerate().map(|(nth, code)| company(seed, nth, code, &all, &history)).collect()
}

/// What becomes of a company besides its prices.
#[derive(Default)]
struct Fate {
    split: Option<(NaiveDate, Ratio)>,
    halt: Option<Days>,
    listed_from: Option<NaiveDate>,
    listed_to: Option<NaiveDate>,
    /// Chance of a session without trade.
    idle: f64,
    ex_dates: Vec<NaiveDate>,
}

fn company(seed: u64, nth: usize, code: &'static str, days: &[NaiveDate], history: &[NaiveDate]) -> Series {
    let mut chances = Rng::with_seed(seed.wrapping_mul(1_000_003).wrapping_add(nth as u64));
    let fate = fate(nth, days, &mut chances);
    let spec = Spec {
        code,
        name: "シミュレーション (simulated)",
        base_yen: 500.0 + 4000.0 * chances.f64(),
        volatility: 0.008 + 0.02 * chances.f64(),
        base_volume: 1_000_000.0,
        split: fate.split,
        idle: fate.idle,
        dividend_yen: None,
        ..PLAIN
    };
    let listed = |day: &NaiveDate| {
        fate.listed_from.is_none_or(|from| from <= *day) && fate.listed_to.is_none_or(|to| *day <= to)
    };
    let mut bars = walk::bars(&spec, seed, history.iter().copied().filter(listed));
    let halted = |bar: &&mut Bar| fate.halt.is_some_and(|days| days.contains(bar.date));
    bars.iter_mut().filter(halted).for_each(|bar| *bar = without_trade(bar.date));
    let amount = (spec.base_yen * 0.03).round();
    Series {
        code,
        name: spec.name,
        market: Market::Tokyo,
        listed_to: fate.listed_to,
        bars,
        splits: fate.split.map(|(date, ratio)| Split { date, ratio: ratio.as_f64() }).into_iter().collect(),
        dividends: fate.ex_dates.iter().map(|ex_date| Dividend { ex_date: *ex_date, amount }).collect(),
    }
}

fn fate(nth: usize, days: &[NaiveDate], chances: &mut Rng) -> Fate {
    // Some way from both ends, so that there is a before and an after to compare.
    let mut some_day = |from: usize, to: usize| {
        let (from, to) = (days.len() * from / 100, (days.len() * to / 100).max(1));
        let place = chances.usize(from..to.max(from + 1));
        (place, days.get(place).copied().unwrap_or_default())
    };
    let halt = |place: usize, sessions: usize| {
        let last = (place + sessions - 1).min(days.len() - 1);
        Some(Days { from: days[place], to: days[last] })
    };
    let round = nth / 10;
    match nth % 10 {
        0 => Fate { split: Some((some_day(15, 85).1, SPLITS[round % SPLITS.len()])), ..Fate::default() },
        1 => {
            Fate { split: Some((some_day(15, 85).1, CONSOLIDATIONS[round % CONSOLIDATIONS.len()])), ..Fate::default() }
        }
        2 => Fate { halt: halt(some_day(5, 85).0, 1 + 2 * round), ..Fate::default() },
        3 => Fate { listed_to: Some(some_day(20, 70).1), ..Fate::default() },
        4 => Fate { listed_from: Some(some_day(10, 60).1), ..Fate::default() },
        5 => Fate { ex_dates: vec![some_day(10, 45).1, some_day(55, 90).1], ..Fate::default() },
        6 => {
            let (place, day) = some_day(20, 80);
            let split = Some((day, SPLITS[round % SPLITS.len()]));
            Fate { split, halt: halt(place - place.min(1), 3), ..Fate::default() }
        }
        7 => Fate { idle: 0.15, ..Fate::default() },
        _ => Fate::default(),
    }
}

fn without_trade(date: NaiveDate) -> Bar {
    Bar { date, open: None, high: None, low: None, close: None, volume: None }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stock::bar::StockCode;

    fn days() -> Days {
        Days { from: "2023-10-30".parse().unwrap(), to: "2024-01-26".parse().unwrap() }
    }

    #[test]
    fn everything_happens_within_the_days_and_again_for_the_same_seed() {
        let market = generated(1, 50, days());
        assert_eq!(market, generated(1, 50, days()));
        assert_ne!(market, generated(2, 50, days()));
        let within = |day: NaiveDate| days().from < day && day < days().to;
        let splits: Vec<&Split> = market.iter().flat_map(|one| &one.splits).collect();
        assert!(splits.iter().all(|split| within(split.date)));
        let (up, down) = splits.iter().partition::<Vec<&&Split>, _>(|split| split.ratio > 1.0);
        assert_eq!((up.len(), down.len()), (10, 5));
        assert_eq!(market.iter().filter_map(|one| one.listed_to).filter(|day| within(*day)).count(), 5);
        assert_eq!(market.iter().filter(|one| within(one.bars[0].date)).count(), 5);
        assert_eq!(market.iter().map(|one| one.dividends.len()).sum::<usize>(), 10);
        let idle = |one: &&Series| one.bars.iter().any(|bar| bar.close.is_none());
        assert!(market.iter().filter(idle).count() >= 15);
    }

    #[test]
    fn prices_are_sane_and_print_with_one_decimal_on_every_basis() {
        for series in generated(3, MOST, days()) {
            assert!(StockCode::parse(series.code).is_ok());
            let adjusted = series.bars_as_of(days().to);
            for bar in series.bars.iter().chain(&adjusted) {
                for price in [bar.open, bar.high, bar.low, bar.close].into_iter().flatten() {
                    assert!((10.0..100_000.0).contains(&price), "{} {} {price}", series.code, bar.date);
                    assert_eq!(format!("{price:.1}").parse::<f64>().unwrap(), price, "{} {}", series.code, bar.date);
                }
                assert!(bar.volume.is_none_or(|volume| volume > 0.0 && volume.fract() == 0.0));
            }
            let closes: Vec<f64> = adjusted.iter().filter_map(|bar| bar.close).collect();
            assert!(closes.windows(2).all(|pair| (0.5..2.0).contains(&(pair[1] / pair[0]))), "{}", series.code);
        }
    }
}
