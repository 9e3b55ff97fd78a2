//! The simulated Japanese market: a random walk per company, from a seed, with everything that makes real
//! series hard: splits, halts, a delisting, a newcomer, a bad row. No price in it belongs to a real company.
//!
//! The same seed gives the same market on every machine, and a later end adds days without changing any:
//! each day's chances are drawn from (seed, company, day), and only arithmetic that IEEE 754 fixes is used.

mod draw;
mod generated;
mod specs;
mod walk;

use chrono::{Datelike, NaiveDate};

use self::specs::Spec;
use super::series::{Dividend, Series};
use crate::stock::bar::{Bar, Days, Split};
use crate::stock::calendar::{Calendar, Market};

pub use self::generated::MOST;
pub(super) use self::generated::generated;
pub(super) use self::specs::{SPECS, day};

/// Every simulated company's history from 2015-01-05 on.
#[derive(Clone, Debug, PartialEq)]
pub struct SimulatedMarket {
    series: Vec<Series>,
}

impl SimulatedMarket {
    /// The market of this seed, up to and with `through`.
    #[must_use]
    pub fn generate(seed: u64, through: NaiveDate) -> Self {
        Self::on(&Calendar::embedded(Market::Tokyo), seed, through)
    }

    /// The same on the sessions of another calendar of Tokyo's.
    #[must_use]
    pub fn on(calendar: &Calendar, seed: u64, through: NaiveDate) -> Self {
        let days: Vec<_> = calendar.sessions(Days { from: specs::FIRST_DAY, to: through }).collect();
        Self { series: SPECS.iter().map(|spec| generate_one(calendar, spec, seed, &days, through)).collect() }
    }

    /// In the order of the codes.
    #[must_use]
    pub fn series(&self) -> &[Series] {
        &self.series
    }

    #[must_use]
    pub fn into_series(self) -> Vec<Series> {
        self.series
    }

    #[must_use]
    pub fn get(&self, code: &str) -> Option<&Series> {
        self.series.iter().find(|one| one.code == code)
    }

    /// As traded, adjusted for nothing. Empty for an unknown code.
    #[must_use]
    pub fn raw_as_of(&self, code: &str, as_of: NaiveDate) -> &[Bar] {
        self.get(code).map_or(&[], |one| one.raw_as_of(as_of))
    }

    /// As a source shows it on `as_of`, adjusted for the splits up to then. Empty for an unknown code.
    #[must_use]
    pub fn bars_as_of(&self, code: &str, as_of: NaiveDate) -> Vec<Bar> {
        self.get(code).map_or_else(Vec::new, |one| one.bars_as_of(as_of))
    }

    /// Code and day of the rows that are served with high below low: the checks must quarantine them.
    #[must_use]
    pub fn bad_rows() -> Vec<(&'static str, NaiveDate)> {
        SPECS.iter().filter_map(|spec| spec.bad_row.map(|date| (spec.code, date))).collect()
    }
}

fn generate_one(calendar: &Calendar, spec: &Spec, seed: u64, days: &[NaiveDate], through: NaiveDate) -> Series {
    let last = spec.listed_to.unwrap_or(through).min(through);
    let listed = days.iter().copied().filter(|date| spec.listed_from <= *date && *date <= last);
    Series {
        code: spec.code,
        name: spec.name,
        market: Market::Tokyo,
        listed_to: spec.listed_to,
        bars: walk::bars(spec, seed, listed),
        // A split yet to come is known to the walk, which needs it, and shown to nobody before its day.
        splits: spec.split.map(|(date, ratio)| Split { date, ratio: ratio.as_f64() }).into_iter().collect(),
        dividends: spec.dividend_yen.map_or_else(Vec::new, |yen| dividends(calendar, spec, yen, last)),
    }
}

/// Twice a year, on the session before the last of March and September.
fn dividends(calendar: &Calendar, spec: &Spec, yen: f64, last: NaiveDate) -> Vec<Dividend> {
    let years = spec.listed_from.year()..=last.year();
    let months = years.flat_map(|year| [(year, 3, 31), (year, 9, 30)]);
    let ex_dates = months.filter_map(|(year, month, end)| {
        let (from, to) = NaiveDate::from_ymd_opt(year, month, 1).zip(NaiveDate::from_ymd_opt(year, month, end))?;
        calendar.sessions(Days { from, to }).collect::<Vec<_>>().into_iter().rev().nth(1)
    });
    ex_dates
        .filter(|date| spec.listed_from < *date && *date <= last)
        .map(|ex_date| Dividend { ex_date, amount: yen })
        .collect()
}

#[cfg(test)]
mod tests;
