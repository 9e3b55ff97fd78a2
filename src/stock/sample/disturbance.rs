//! What a source shows instead of the truth, and when. Unlike a fault, which spoils an answer, a disturbance is a
//! good answer with wrong data in it, of the kinds that vendors are known for.

use chrono::NaiveDate;

use super::series::Series;
use crate::stock::bar::Bar;

/// One source's mistake about one company.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Disturbance {
    /// `yahoo`, `kabutan` or `stooq`.
    pub source: &'static str,
    pub code: &'static str,
    /// The first day on which the source shows it.
    pub from: NaiveDate,
    /// The last one; for ever when none.
    pub until: Option<NaiveDate>,
    pub kind: DisturbanceKind,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum DisturbanceKind {
    /// A row on this day without a session: the last close once more, volume 0.
    Phantom(NaiveDate),
    /// All prices of the session are so many times the true ones.
    Wrong { on: NaiveDate, factor: f64 },
    /// The session's high is below all its other prices.
    Unsound(NaiveDate),
    /// The session comes once more, with a higher close.
    Duplicate(NaiveDate),
    /// The session's row as it was half way through.
    Provisional(NaiveDate),
    /// The session is not published yet.
    Late(NaiveDate),
    /// Only so many of the newest rows are there.
    Newest(usize),
    /// Splits are applied and not told.
    Unannounced,
    /// The newest split is told, and the rows before it are still as they were.
    LateRebase,
    /// The source does not know the company.
    Forgotten,
}

impl Disturbance {
    #[must_use]
    pub fn is_shown(&self, source: &str, code: &str, as_of: NaiveDate) -> bool {
        self.source == source
            && self.code == code
            && self.from <= as_of
            && self.until.is_none_or(|until| as_of <= until)
    }

    /// Spoils the rows of a source, which are ascending and adjusted as of a day.
    pub(super) fn spoil(&self, bars: &mut Vec<Bar>, series: &Series, as_of: NaiveDate) {
        match self.kind {
            DisturbanceKind::Phantom(on) => add_phantom(bars, on),
            DisturbanceKind::Wrong { on, factor } => change(bars, on, |bar| scaled(bar, factor)),
            DisturbanceKind::Unsound(on) => change(bars, on, unsound),
            DisturbanceKind::Duplicate(on) => {
                let row = bars.iter().position(|bar| bar.date == on);
                if let Some((row, bar)) = row.and_then(|row| Some((row, *bars.get(row)?))) {
                    bars.insert(row + 1, scaled(&bar, 1.01));
                }
            }
            DisturbanceKind::Provisional(on) => change(bars, on, provisional),
            DisturbanceKind::Late(on) => bars.retain(|bar| bar.date != on),
            DisturbanceKind::Newest(rows) => drop(bars.drain(..bars.len().saturating_sub(rows))),
            DisturbanceKind::LateRebase => undo_the_newest_split(bars, series, as_of),
            DisturbanceKind::Unannounced | DisturbanceKind::Forgotten => {}
        }
    }
}

/// A bar half way through its session: the open is true, everything else will change.
pub(super) fn provisional(bar: &Bar) -> Bar {
    let now = bar.open.zip(bar.close).map(|(open, close)| ((open + close) * 5.0).round() / 10.0);
    Bar {
        high: bar.open.zip(now).map(|(open, now)| open.max(now)),
        low: bar.open.zip(now).map(|(open, now)| open.min(now)),
        close: now,
        volume: bar.volume.map(|volume| (volume / 200.0).floor() * 100.0),
        ..*bar
    }
}

fn change(bars: &mut [Bar], on: NaiveDate, changed: impl Fn(&Bar) -> Bar) {
    if let Some(bar) = bars.iter_mut().find(|bar| bar.date == on) {
        *bar = changed(bar);
    }
}

/// To a tenth of the currency, as every source can show it. Rounding keeps the order of the prices.
fn scaled(bar: &Bar, factor: f64) -> Bar {
    let price = |price: Option<f64>| price.map(|price| (price * factor * 10.0).round() / 10.0);
    Bar { open: price(bar.open), high: price(bar.high), low: price(bar.low), close: price(bar.close), ..*bar }
}

fn unsound(bar: &Bar) -> Bar {
    Bar { high: scaled(bar, 0.98).low, ..*bar }
}

fn add_phantom(bars: &mut Vec<Bar>, on: NaiveDate) {
    let place = bars.partition_point(|bar| bar.date < on);
    let close = bars[..place].iter().rev().find_map(|bar| bar.close);
    if place < bars.len() && close.is_some() {
        bars.insert(place, Bar { date: on, open: close, high: close, low: close, close, volume: Some(0.0) });
    }
}

fn undo_the_newest_split(bars: &mut [Bar], series: &Series, as_of: NaiveDate) {
    let Some(split) = series.splits_as_of(as_of).last() else { return };
    let Some(before) = split.date.pred_opt() else { return };
    for old in series.bars_as_of(before) {
        change(bars, old.date, |_| old);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stock::bar::Split;
    use crate::stock::calendar::Market;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    /// Split 2:1 on the last day.
    fn series() -> Series {
        let bar = |date: &str, close: f64| Bar {
            date: day(date),
            open: Some(close - 4.0),
            high: Some(close + 10.0),
            low: Some(close - 10.0),
            close: Some(close),
            volume: Some(1000.0),
        };
        Series {
            code: "1201",
            name: "test",
            market: Market::Tokyo,
            listed_to: None,
            bars: vec![bar("2024-05-01", 1000.0), bar("2024-05-02", 1020.0), bar("2024-05-07", 500.0)],
            splits: vec![Split { date: day("2024-05-07"), ratio: 2.0 }],
            dividends: Vec::new(),
        }
    }

    fn shown(kind: DisturbanceKind) -> Vec<(String, Option<f64>)> {
        let (series, as_of) = (series(), day("2024-05-07"));
        let mut bars = series.bars_as_of(as_of);
        let disturbance = Disturbance { source: "yahoo", code: "1201", from: as_of, until: None, kind };
        disturbance.spoil(&mut bars, &series, as_of);
        bars.iter().map(|bar| (bar.date.to_string()[5..].to_owned(), bar.close)).collect()
    }

    fn rows(rows: &[(&str, f64)]) -> Vec<(String, Option<f64>)> {
        rows.iter().map(|(day, close)| ((*day).to_owned(), Some(*close))).collect()
    }

    #[test]
    fn each_kind_does_what_it_says() {
        let (first, second, last) = (("05-01", 500.0), ("05-02", 510.0), ("05-07", 500.0));
        let on = day("2024-05-02");
        assert_eq!(shown(DisturbanceKind::Unannounced), rows(&[first, second, last]));
        let phantom = ("05-03", 510.0);
        assert_eq!(shown(DisturbanceKind::Phantom(day("2024-05-03"))), rows(&[first, second, phantom, last]));
        assert_eq!(shown(DisturbanceKind::Wrong { on, factor: 1.1 }), rows(&[first, ("05-02", 561.0), last]));
        assert_eq!(shown(DisturbanceKind::Duplicate(on)), rows(&[first, second, ("05-02", 515.1), last]));
        assert_eq!(shown(DisturbanceKind::Provisional(on)), rows(&[first, ("05-02", 509.0), last]));
        assert_eq!(shown(DisturbanceKind::Late(day("2024-05-07"))), rows(&[first, second]));
        assert_eq!(shown(DisturbanceKind::Newest(2)), rows(&[second, last]));
        assert_eq!(shown(DisturbanceKind::LateRebase), rows(&[("05-01", 1000.0), ("05-02", 1020.0), last]));
    }

    #[test]
    fn an_unsound_row_has_its_high_below_its_low() {
        let bar = unsound(&series().bars[0]);
        assert!(bar.high < bar.low && bar.high < bar.close && bar.low < bar.open);
    }

    #[test]
    fn it_is_shown_by_its_source_on_its_days_alone() {
        let kind = DisturbanceKind::Unannounced;
        let (from, until) = (day("2024-05-01"), Some(day("2024-05-02")));
        let disturbance = Disturbance { source: "yahoo", code: "1201", from, until, kind };
        assert!(disturbance.is_shown("yahoo", "1201", day("2024-05-02")));
        for (source, code, as_of) in
            [("kabutan", "1201", "2024-05-02"), ("yahoo", "1202", "2024-05-02"), ("yahoo", "1201", "2024-05-07")]
        {
            assert!(!disturbance.is_shown(source, code, day(as_of)));
        }
    }
}
