//! One company's truth: its bars as traded, and how a source shows them on a given day.

use chrono::NaiveDate;

use crate::stock::bar::{Bar, Split};
use crate::stock::calendar::Market;

/// A cash dividend a share, in the market's currency, on the basis of its ex-date.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Dividend {
    pub ex_date: NaiveDate,
    pub amount: f64,
}

/// A company's bars as traded, one a session, with what changed their basis.
#[derive(Clone, Debug, PartialEq)]
pub struct Series {
    /// As its exchange writes it: `1101`, `AAPL`.
    pub code: &'static str,
    /// Says itself that it is simulated, where it is.
    pub name: &'static str,
    pub market: Market,
    /// The last day with a bar, where no newer will come.
    pub listed_to: Option<NaiveDate>,
    /// Ascending, adjusted for nothing.
    pub(super) bars: Vec<Bar>,
    /// Ascending by the first day on the new basis.
    pub(super) splits: Vec<Split>,
    /// Ascending by ex-date.
    pub(super) dividends: Vec<Dividend>,
}

impl Series {
    /// The bars as traded, up to and with `as_of`.
    #[must_use]
    pub fn raw_as_of(&self, as_of: NaiveDate) -> &[Bar] {
        &self.bars[..self.bars.partition_point(|bar| bar.date <= as_of)]
    }

    /// The history as a source that adjusts for splits shows it on `as_of`: a split counts from its day on.
    #[must_use]
    pub fn bars_as_of(&self, as_of: NaiveDate) -> Vec<Bar> {
        self.raw_as_of(as_of)
            .iter()
            .map(|bar| {
                let ratio = self.split_ratio(bar.date, as_of);
                rescaled(bar, 1.0 / ratio, ratio)
            })
            .collect()
    }

    /// The same, adjusted for dividends too, the volume with them, as Stooq does it.
    #[must_use]
    pub fn total_return_bars_as_of(&self, as_of: NaiveDate) -> Vec<Bar> {
        let factors = self.dividend_factors(as_of);
        let rescale = |bar: Bar| {
            let factor = factor_on(&factors, bar.date);
            rescaled(&bar, factor, 1.0 / factor)
        };
        self.bars_as_of(as_of).into_iter().map(rescale).collect()
    }

    /// Splits with effect up to `as_of`.
    #[must_use]
    pub fn splits_as_of(&self, as_of: NaiveDate) -> &[Split] {
        &self.splits[..self.splits.partition_point(|split| split.date <= as_of)]
    }

    /// Dividends with an ex-date up to `as_of`, their amounts adjusted for the splits up to then.
    #[must_use]
    pub fn dividends_as_of(&self, as_of: NaiveDate) -> Vec<Dividend> {
        let known = self.dividends.iter().filter(|dividend| dividend.ex_date <= as_of);
        known.map(|d| Dividend { amount: clean(d.amount / self.split_ratio(d.ex_date, as_of)), ..*d }).collect()
    }

    /// New shares on `as_of` for each share held at the close of `day`.
    fn split_ratio(&self, day: NaiveDate, as_of: NaiveDate) -> f64 {
        self.splits.iter().filter(|split| day < split.date && split.date <= as_of).map(|split| split.ratio).product()
    }

    /// For each dividend the factor on everything before it: 1 - dividend / close before the ex-date,
    /// as the Center for Research in Security Prices defines it.
    pub(super) fn dividend_factors(&self, as_of: NaiveDate) -> Vec<(NaiveDate, f64)> {
        let close_before = |day| self.bars.iter().rev().find(|bar| bar.date < day && bar.close.is_some());
        let known = self.dividends.iter().filter(|dividend| dividend.ex_date <= as_of);
        known
            .filter_map(|dividend| {
                let before = close_before(dividend.ex_date)?;
                // The close on the basis of the ex-date, should that be a split's day too.
                let close = before.close? / self.split_ratio(before.date, dividend.ex_date);
                Some((dividend.ex_date, 1.0 - dividend.amount / close))
            })
            .collect()
    }
}

/// The factor on a day's prices: of all dividends after it.
pub(super) fn factor_on(factors: &[(NaiveDate, f64)], day: NaiveDate) -> f64 {
    factors.iter().filter(|(ex_date, _)| day < *ex_date).map(|(_, factor)| factor).product()
}

fn rescaled(bar: &Bar, price_factor: f64, volume_factor: f64) -> Bar {
    let price = |value: Option<f64>| value.map(|v| clean(v * price_factor));
    Bar {
        date: bar.date,
        open: price(bar.open),
        high: price(bar.high),
        low: price(bar.low),
        close: price(bar.close),
        volume: bar.volume.map(|v| clean(v * volume_factor)),
    }
}

/// Six decimals, so that no trace of a division by 3 or by 0.1 stays in a number that has few.
fn clean(value: f64) -> f64 {
    (value * 1e6).round() / 1e6
}

#[cfg(test)]
mod tests {

    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn bar(date: &str, close: f64, volume: f64) -> Bar {
        let price = Some(close);
        Bar { date: day(date), open: price, high: price, low: price, close: price, volume: Some(volume) }
    }

    fn split_three_for_one() -> Series {
        Series {
            code: "1999",
            name: "test",
            market: Market::Tokyo,
            listed_to: None,
            bars: vec![
                bar("2020-01-06", 1233.3, 100.0),
                bar("2020-01-07", 1200.0, 100.0),
                bar("2020-01-08", 401.0, 300.0),
            ],
            splits: vec![Split { date: day("2020-01-08"), ratio: 3.0 }],
            dividends: vec![Dividend { ex_date: day("2020-01-07"), amount: 123.33 }],
        }
    }

    #[test]
    fn a_split_is_unknown_until_its_day() {
        let series = split_three_for_one();
        assert_eq!(series.bars_as_of(day("2020-01-07")), series.raw_as_of(day("2020-01-07")));
        assert!(series.splits_as_of(day("2020-01-07")).is_empty());
    }

    #[test]
    fn from_its_day_on_a_split_rescales_what_lies_before_and_only_that() {
        let bars = split_three_for_one().bars_as_of(day("2020-01-08"));
        assert_eq!(bars[0], bar("2020-01-06", 411.1, 300.0));
        assert_eq!(bars[1], bar("2020-01-07", 400.0, 300.0));
        assert_eq!(bars[2], bar("2020-01-08", 401.0, 300.0));
    }

    #[test]
    fn a_dividend_lowers_the_total_return_prices_before_it_and_raises_their_volume() {
        let bars = split_three_for_one().total_return_bars_as_of(day("2020-01-08"));
        assert_eq!(bars[0].close, Some(369.99));
        assert_eq!(bars[0].volume, Some(333.333333));
        assert_eq!(bars[1].close, Some(400.0));
    }

    #[test]
    fn a_dividend_before_a_split_is_shown_on_the_new_basis() {
        assert_eq!(split_three_for_one().dividends_as_of(day("2020-01-07"))[0].amount, 123.33);
        assert_eq!(split_three_for_one().dividends_as_of(day("2020-01-08"))[0].amount, 41.11);
    }
}
