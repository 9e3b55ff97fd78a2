//! What the first lines of a file say about the rest, and reading a row by it.

use std::borrow::Cow;

use super::cells::{cells, number};
use super::day::{Spelling, day};
use super::layout::Layout;
use super::symbol::Symbol;
use crate::stock::bar::{Bar, Basis, Rejection, Row, Split};
use crate::told::Told;

/// Longest text of a row that is kept with it, in characters.
const RAW: usize = 256;

/// Where the values of a row stand.
#[derive(Clone, Debug, Default)]
pub(super) struct Columns {
    pub date: usize,
    /// Open, high, low, close.
    pub prices: [usize; 4],
    pub volume: Option<usize>,
    /// A close adjusted for splits, beside prices as traded.
    pub adjusted: Option<usize>,
    /// New shares for each old one, on the day of a split; else 0.
    pub split: Option<usize>,
    pub code: Option<usize>,
    pub country: Option<usize>,
    /// `D` for days.
    pub period: Option<usize>,
}

/// How one file is read.
#[derive(Clone, Debug)]
pub(super) struct Form {
    pub layout: Layout,
    pub basis: Basis,
    pub columns: Columns,
    pub spelling: Spelling,
    /// Reads the cell of the code.
    pub symbol: fn(&str) -> Result<Symbol, Told>,
    /// Prices were kept in single precision.
    pub price: fn(f64) -> f64,
    /// The fewest and the most cells of a row.
    pub width: (usize, usize),
    /// There is no header: the first line is a row.
    pub headless: bool,
    /// Two more lines belong to the header: yfinance's.
    pub three_lines: bool,
}

impl Form {
    /// A form without peculiarities.
    pub(super) fn new(layout: Layout, basis: Basis, columns: Columns, width: usize) -> Self {
        Self {
            layout,
            basis,
            columns,
            spelling: Spelling::Plain,
            symbol: super::symbol::plain,
            price: |price| price,
            width: (width, width),
            headless: false,
            three_lines: false,
        }
    }

    /// A row with the split of its day, or the line as a rejection when it is no row.
    pub(super) fn row(&self, line: &str, symbol: &Symbol) -> Result<(Row, Option<Split>), Rejection> {
        let cells = cells(line);
        let raw: String = line.trim().chars().take(RAW).collect();
        let date = cells.get(self.columns.date).and_then(|cell| day(cell, self.spelling, symbol.market()));
        let rejection = |reason: String| Rejection { date, bar: None, raw: raw.clone(), reason, decided: None };
        let (least, most) = self.width;
        if !(least..=most).contains(&cells.len()) {
            let due = if least == most { most.to_string() } else { format!("{least} or {most}") };
            return Err(rejection(format!("{} fields instead of {due}", cells.len())));
        }
        let Some(date) = date else { return Err(rejection("the date cannot be read".to_owned())) };
        let bar = self.bar(&cells, date).map_err(&rejection)?;
        let split = self.columns.split.and_then(|at| number(&cells[at]).ok().flatten());
        let split = split.filter(|ratio| *ratio > 0.0).map(|ratio| Split { date, ratio });
        Ok((Row { bar, raw }, split))
    }

    fn bar(&self, cells: &[Cow<'_, str>], date: chrono::NaiveDate) -> Result<Bar, String> {
        let value = |at: usize| cells.get(at).map_or(Ok(None), |cell| number(cell));
        let mut prices = [None; 4];
        for (price, at) in prices.iter_mut().zip(self.columns.prices) {
            *price = value(at)?.map(self.price);
        }
        let volume = self.columns.volume.map_or(Ok(None), value)?;
        let [open, high, low, close] = prices;
        let bar = Bar { date, open, high, low, close, volume };
        match self.columns.adjusted {
            None => Ok(bar),
            Some(at) => adjusted(bar, value(at)?),
        }
    }
}

/// Prices as traded brought to the basis of the close that is adjusted for splits. The close becomes that close to
/// the last digit, and prices that were equal stay so.
fn adjusted(bar: Bar, to: Option<f64>) -> Result<Bar, String> {
    let (Some(close), Some(to)) = (bar.close, to) else {
        return if bar.close.is_none() && to.is_none() { Ok(bar) } else { Err("only one of two closes".to_owned()) };
    };
    if close <= 0.0 || to <= 0.0 {
        return Err(format!("the close {close} and the adjusted close {to} are not both above 0"));
    }
    #[expect(clippy::float_cmp, reason = "the same number in the same row")]
    let price = |price: Option<f64>| price.map(|price| if price == close { to } else { price * to / close });
    Ok(Bar {
        date: bar.date,
        open: price(bar.open),
        high: price(bar.high),
        low: price(bar.low),
        close: Some(to),
        volume: bar.volume.map(|volume| volume * close / to),
    })
}

/// The names of a header, for layouts to look for theirs.
pub(super) struct Header(Vec<String>);

impl Header {
    pub(super) fn new(cells: &[Cow<'_, str>]) -> Self {
        Self(cells.iter().map(|cell| cell.to_lowercase()).collect())
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    pub(super) fn at(&self, name: &str) -> Option<usize> {
        self.0.iter().position(|cell| cell == name)
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.at(name).is_some()
    }

    pub(super) fn is(&self, names: &[&str]) -> bool {
        self.0 == names
    }

    /// Whether there is no column but these, and none twice.
    pub(super) fn only(&self, names: &[&str]) -> bool {
        let once = |cell: &String| self.0.iter().filter(|other| *other == cell).count() == 1;
        self.0.iter().all(|cell| names.contains(&cell.as_str()) && once(cell))
    }

    /// Open, high, low, close under these names.
    pub(super) fn prices(&self, names: [&str; 4]) -> Option<[usize; 4]> {
        let [open, high, low, close] = names.map(|name| self.at(name));
        Some([open?, high?, low?, close?])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prices_as_traded_are_brought_to_the_adjusted_close_without_losing_their_order() {
        let date = "2018-01-04".parse().unwrap();
        let some = Some;
        let bar = Bar {
            date,
            open: some(1100.0),
            high: some(1110.0),
            low: some(1090.0),
            close: some(1090.0),
            volume: some(1188.0),
        };
        let found = adjusted(bar, Some(741.1)).unwrap();
        assert_eq!((found.close, found.low), (Some(741.1), Some(741.1)));
        assert!(found.high > found.open && found.open > found.close);
        assert!((found.volume.unwrap() * 741.1 - 1188.0 * 1090.0).abs() < 1e-6);
        assert!(adjusted(bar, None).is_err() && adjusted(bar, Some(0.0)).is_err());
    }
}
