//! Bars of which it is proven that they are on the basis of the series they are to join: the only ones that can be
//! written. Each way to make some compares them with the series; there is no other.

use std::ops::Deref;

use chrono::NaiveDate;

use super::{Overlap, compare};
use crate::{
    stock::bar::{Bar, BarBatch, Basis},
    told::Tell,
};

/// Bars of one company, ascending, one for each session, all on the basis of its series. Reads as a slice of bars.
#[derive(Clone, Debug, PartialEq)]
pub struct OneBasis {
    basis: Basis,
    bars: Vec<Bar>,
}

/// A bar is adjusted for something else than the series it was to join.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("it is adjusted for {}, and the stored series for {}", given.as_str(), series.as_str())]
pub struct OtherBasis {
    pub given: Basis,
    pub series: Basis,
}

impl Tell for OtherBasis {
    fn japanese(&self) -> String {
        let (given, series) = (self.given.as_str(), self.series.as_str());
        format!("調整のしかたが違います（この行は {given}、保存済みの系列は {series}）")
    }
}

impl OneBasis {
    /// The bars of an answer that are to be written beside what is stored of the same days, and what the comparison
    /// said. Stored bars that agree up to a vendor's rounding stay as they are. `series` is the basis of what is stored
    /// of the company at all; an answer of another basis joins only where they meet and are equal.
    ///
    /// # Errors
    /// Why the answer does not join the series.
    pub fn join(
        batch: &BarBatch,
        series: Option<Basis>,
        stored: &[Bar],
        same_source: bool,
    ) -> Result<(Self, Overlap), String> {
        let basis = series.unwrap_or(batch.basis);
        let same_basis = basis == batch.basis;
        let found = compare(stored, &batch.bars, same_source, same_basis);
        match &found {
            Overlap::Contradiction { reason } => return Err(reason.clone()),
            Overlap::Nothing if !same_basis => {
                return Err("of another basis, and no stored session to compare with".to_owned());
            }
            _ => {}
        }
        let bars = to_write(&batch.bars, stored, &found);
        Ok((Self { basis, bars }, found))
    }

    /// Those of an answer's bars that are `wanted`, however many stored ones they change: for an answer that is read
    /// again. One of another basis joins only where they meet and are equal.
    ///
    /// # Errors
    /// Why the answer does not join the series.
    pub fn reread(
        batch: &BarBatch,
        series: Option<Basis>,
        stored: &[Bar],
        wanted: impl Fn(&Bar) -> bool,
    ) -> Result<Self, String> {
        let basis = series.unwrap_or(batch.basis);
        if basis != batch.basis && compare(stored, &batch.bars, false, false) != Overlap::Equal {
            return Err("of another basis, and not equal to what is stored".to_owned());
        }
        Ok(Self { basis, bars: batch.bars.iter().filter(|bar| wanted(bar)).copied().collect() })
    }

    /// One bar that somebody vouches for.
    ///
    /// # Errors
    /// When it is of another basis than the series.
    pub fn single(bar: Bar, basis: Basis, series: Option<Basis>) -> Result<Self, OtherBasis> {
        match series {
            Some(series) if series != basis => Err(OtherBasis { given: basis, series }),
            _ => Ok(Self { basis, bars: vec![bar] }),
        }
    }

    /// Bars of an answer by which a series that has no basis gets that of the answer; `settle` has shown that they
    /// may.
    pub(super) fn of_answer(batch: &BarBatch, bars: Vec<Bar>) -> Self {
        Self { basis: batch.basis, bars }
    }

    /// A whole rebased history: these bars as the source gave them, and what only we have, brought to their unit where
    /// it is not in it already. `until` is the last common session that follows the ratio.
    #[must_use]
    pub fn rebased(self, stored: &[Bar], ratio: f64, until: NaiveDate) -> Self {
        let is_given = |day: NaiveDate| self.bars.binary_search_by_key(&day, |bar| bar.date).is_ok();
        let is_priced = |bar: &&Bar| bar.close.is_some();
        // From there on what is stored is in the new unit, or `until` would be later.
        let agreeing = stored.iter().filter(is_priced).map(|bar| bar.date).find(|day| *day > until && is_given(*day));
        let is_older = |bar: &Bar| {
            bar.date <= until || (agreeing.is_none_or(|day| bar.date < day) && self.is_nearer_times(bar, ratio))
        };
        let kept = stored.iter().filter(|bar| !is_given(bar.date));
        let kept = kept.map(|bar| if is_older(bar) { in_unit(bar, ratio) } else { *bar });
        let mut bars: Vec<Bar> = self.bars.iter().copied().chain(kept).collect();
        bars.sort_by_key(|bar| bar.date);
        Self { basis: self.basis, bars }
    }

    /// Whether a bar goes better between its neighbours times `ratio` than as it is. Only this can tell the unit of one
    /// that lies between the last session that follows the ratio and the first that agrees.
    fn is_nearer_times(&self, bar: &Bar, ratio: f64) -> bool {
        let Some(close) = bar.close else { return false };
        let (before, after) = self.bars.split_at(self.bars.partition_point(|other| other.date < bar.date));
        let before = before.iter().rev().find_map(|bar| bar.close);
        let after = after.iter().find_map(|bar| bar.close);
        let apart = |close: f64| before.iter().chain(&after).map(|other| (close / other).ln().abs()).sum::<f64>();
        apart(close * ratio) < apart(close)
    }

    /// Adds sessions without trades, which have no prices and so belong to any basis.
    pub fn add_without_trades(&mut self, sessions: &[NaiveDate]) {
        let bar = |date| Bar { date, open: None, high: None, low: None, close: None, volume: None };
        self.bars.extend(sessions.iter().map(|day| bar(*day)));
        self.bars.sort_by_key(|bar| bar.date);
    }

    /// What the bars are adjusted for.
    #[must_use]
    pub const fn basis(&self) -> Basis {
        self.basis
    }
}

impl Deref for OneBasis {
    type Target = [Bar];

    fn deref(&self) -> &[Bar] {
        &self.bars
    }
}

/// A bar in another unit: so many times its prices, and the volume in as many shares as that makes.
fn in_unit(bar: &Bar, ratio: f64) -> Bar {
    let price = |value: Option<f64>| value.map(|value| value * ratio);
    Bar {
        date: bar.date,
        open: price(bar.open),
        high: price(bar.high),
        low: price(bar.low),
        close: price(bar.close),
        volume: bar.volume.map(|volume| volume / ratio),
    }
}

fn to_write(fetched: &[Bar], stored: &[Bar], found: &Overlap) -> Vec<Bar> {
    let is_stored = |day: NaiveDate| stored.binary_search_by_key(&day, |bar| bar.date).is_ok();
    let is_changed = |day: NaiveDate| match found {
        Overlap::Corrections(corrections) => corrections.iter().any(|correction| correction.date == day),
        Overlap::Rebased { .. } => true,
        Overlap::Nothing | Overlap::Equal | Overlap::Contradiction { .. } => false,
    };
    fetched.iter().filter(|bar| !is_stored(bar.date) || is_changed(bar.date)).copied().collect()
}

#[cfg(test)]
#[path = "one_basis_tests.rs"]
mod tests;
