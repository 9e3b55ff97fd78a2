//! The bundled bars of five US companies, as traded, with their splits. Origin and terms: `data/README.md`.

use std::io::Read;

use chrono::NaiveDate;
use flate2::read::GzDecoder;

use super::bundle::SampleError;
use super::market::day;
use super::series::Series;
use crate::stock::bar::{Bar, Split};
use crate::stock::calendar::Market;

const BARS: &[u8] = include_bytes!("data/us.csv.gz");

/// Code, name.
pub(super) const COMPANIES: [(&str, &str); 5] = [
    ("AAPL", "Apple"),
    ("FB", "Meta Platforms (then Facebook)"),
    ("GOOG", "Alphabet (then Google)"),
    ("IBM", "IBM"),
    ("MSFT", "Microsoft"),
];

/// The splits within the series, by the leaps of the original file's adjusted close, which `make.py` checks.
/// GOOG's and AAPL's of 2014 and later lie after the end and so are not applied.
const SPLITS: [(&str, NaiveDate, f64); 3] =
    [("AAPL", day(2000, 6, 21), 2.0), ("AAPL", day(2005, 2, 28), 2.0), ("MSFT", day(2003, 2, 18), 2.0)];

/// The five series, each with the last day of its data as the day it ends.
///
/// # Errors
/// When the bundled file is damaged.
pub fn series() -> Result<Vec<Series>, SampleError> {
    let mut text = String::new();
    GzDecoder::new(BARS).read_to_string(&mut text)?;
    let mut all: Vec<Series> = COMPANIES.iter().map(|(code, name)| empty(code, name)).collect();
    for (number, line) in text.lines().enumerate().skip(1) {
        let fail = |reason: &str| SampleError::Bundle { line: number + 1, reason: reason.to_owned() };
        let (code, fields) = line.split_once(',').ok_or_else(|| fail("no comma"))?;
        let bar = parse(fields).ok_or_else(|| fail("not date, four prices, volume"))?;
        let series = all.iter_mut().find(|one| one.code == code).ok_or_else(|| fail("unknown code"))?;
        series.listed_to = Some(bar.date);
        series.bars.push(bar);
    }
    Ok(all)
}

fn empty(code: &'static str, name: &'static str) -> Series {
    let splits = SPLITS.iter().filter(|split| split.0 == code).map(|&(_, date, ratio)| Split { date, ratio });
    Series {
        code,
        name,
        market: Market::NewYork,
        listed_to: None,
        bars: Vec::new(),
        splits: splits.collect(),
        dividends: Vec::new(),
    }
}

fn parse(fields: &str) -> Option<Bar> {
    let mut fields = fields.split(',');
    let date = fields.next()?.parse().ok()?;
    let mut number = || fields.next()?.parse::<f64>().ok();
    let (open, high, low, close, volume) = (number()?, number()?, number()?, number()?, number()?);
    Some(Bar { date, open: Some(open), high: Some(high), low: Some(low), close: Some(close), volume: Some(volume) })
}

#[cfg(test)]
mod tests {

    use std::collections::BTreeMap;

    use super::*;
    use crate::stock::{
        bar::Days,
        calendar::{Calendar, real_data},
    };

    fn find(code: &str) -> Series {
        series().unwrap().into_iter().find(|one| one.code == code).unwrap()
    }

    #[test]
    fn the_five_series_have_the_bars_of_the_package() {
        let counts: Vec<_> = series().unwrap().iter().map(|one| (one.code, one.bars.len())).collect();
        assert_eq!(counts, [("AAPL", 3270), ("FB", 196), ("GOOG", 2148), ("IBM", 3270), ("MSFT", 3270)]);
    }

    #[test]
    fn every_series_ends_and_every_bar_is_a_session_and_sound() {
        for one in series().unwrap() {
            assert_eq!(one.listed_to, Some(day(2013, 3, 1)));
            for bar in &one.bars {
                assert!(Calendar::embedded(Market::NewYork).is_session(bar.date), "{} {}", one.code, bar.date);
                let ends = [bar.open.unwrap(), bar.close.unwrap()];
                assert!(ends.iter().all(|p| bar.low.unwrap() <= *p && *p <= bar.high.unwrap()));
            }
        }
    }

    #[test]
    fn every_session_of_the_calendar_within_a_series_has_its_bar() {
        for one in series().unwrap() {
            let (first, last) = (one.bars[0].date, one.bars[one.bars.len() - 1].date);
            let due: Vec<NaiveDate> =
                Calendar::embedded(Market::NewYork).sessions(Days { from: first, to: last }).collect();
            let there: Vec<NaiveDate> = one.bars.iter().map(|bar| bar.date).collect();
            assert_eq!(due, there, "{}", one.code);
        }
        // Among these days: September 2001, two presidents' funerals, the hurricane.
        for closed in [
            "2001-09-11",
            "2001-09-12",
            "2001-09-13",
            "2001-09-14",
            "2004-06-11",
            "2007-01-02",
            "2012-10-29",
            "2012-10-30",
        ] {
            let closed: NaiveDate = closed.parse().unwrap();
            assert!(!Calendar::embedded(Market::NewYork).is_session(closed), "{closed}");
            assert!(find("IBM").bars[0].date < closed && closed < day(2013, 3, 1));
        }
    }

    #[test]
    fn after_adjusting_no_close_leaps_where_a_split_was() {
        for one in series().unwrap() {
            let bars = one.bars_as_of(day(2013, 3, 1));
            for pair in bars.windows(2) {
                let leap = pair[1].close.unwrap() / pair[0].close.unwrap();
                // AAPL's profit warning: it lost half its value on 2000-09-29, and that was no split.
                let warning = one.code == "AAPL" && pair[1].date == day(2000, 9, 29);
                assert!(warning || (0.7..1.4).contains(&leap), "{} {} {leap}", one.code, pair[1].date);
            }
        }
    }

    #[test]
    fn both_splits_of_apple_divide_its_first_bar_by_four() {
        let apple = find("AAPL");
        let first = apple.bars_as_of(day(2013, 3, 1))[0];
        assert_eq!(first.close, Some(32.5775));
        assert_eq!(first.volume, Some(38_464_400.0));
        assert_eq!(apple.bars_as_of(day(2004, 1, 2))[0].close, Some(65.155));
    }

    #[test]
    fn the_splits_are_those_the_original_adjusted_close_shows() {
        let Some(text) = real_data::read("us_pkg/stocks.bokeh.csv") else { return };
        let mut before: BTreeMap<String, f64> = BTreeMap::new();
        let mut found = Vec::new();
        for line in text.lines().skip(1) {
            let fields: Vec<&str> = line.split(',').collect();
            let factor = fields[7].parse::<f64>().unwrap() / fields[5].parse::<f64>().unwrap();
            if let Some(previous) = before.insert(fields[0].to_owned(), factor)
                && !(0.67..1.5).contains(&(factor / previous))
            {
                found.push((
                    fields[0].to_owned(),
                    fields[1].parse::<NaiveDate>().unwrap(),
                    (factor / previous).round(),
                ));
            }
        }
        let ours = series()
            .unwrap()
            .into_iter()
            .flat_map(|one| one.splits.into_iter().map(move |split| (one.code.to_owned(), split.date, split.ratio)));
        assert_eq!(found, ours.collect::<Vec<_>>());
    }
}
