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

    /// A whole rebased history: these bars as the source gave them, and what only we have, brought to their unit.
    #[must_use]
    pub fn rebased(self, stored: &[Bar], ratio: f64) -> Self {
        let given = |day: NaiveDate| self.bars.binary_search_by_key(&day, |bar| bar.date).is_ok();
        let price = |value: Option<f64>| value.map(|value| value * ratio);
        let kept = stored.iter().filter(|bar| !given(bar.date)).map(|bar| Bar {
            date: bar.date,
            open: price(bar.open),
            high: price(bar.high),
            low: price(bar.low),
            close: price(bar.close),
            volume: bar.volume.map(|volume| volume / ratio),
        });
        let mut bars: Vec<Bar> = self.bars.iter().copied().chain(kept).collect();
        bars.sort_by_key(|bar| bar.date);
        Self { basis: self.basis, bars }
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
mod tests {
    use super::*;
    use crate::stock::bar::Days;

    fn bar(day: u32, close: f64) -> Bar {
        let date = NaiveDate::from_ymd_opt(2026, 1, day).unwrap();
        let price = Some(close);
        Bar { date, open: price, high: price, low: price, close: price, volume: Some(1000.0) }
    }

    fn batch(basis: Basis, bars: &[Bar]) -> BarBatch {
        BarBatch { source: "yahoo", basis, bars: bars.to_vec(), rejected: Vec::new(), vouched: Days::EVER }
    }

    #[test]
    fn bars_of_another_basis_join_only_where_they_meet_the_series_and_are_equal() {
        let stored: Vec<Bar> = (5..10).map(|day| bar(day, 100.0)).collect();
        let join = |bars: &[Bar]| {
            let batch = batch(Basis::SplitDividend, bars);
            OneBasis::join(&batch, Some(Basis::Split), &stored, false).map(|(bars, _)| (bars.basis(), bars.len()))
        };
        let equal: Vec<Bar> = (5..12).map(|day| bar(day, 100.0)).collect();
        assert_eq!(join(&equal), Ok((Basis::Split, 2)));
        assert!(join(&[bar(20, 100.0)]).is_err(), "they do not meet");
        assert!(join(&[bar(8, 97.0), bar(9, 97.0), bar(10, 97.0)]).is_err(), "they differ");
    }

    #[test]
    fn a_single_bar_joins_a_series_of_its_basis_or_begins_one() {
        let single = |series| OneBasis::single(bar(5, 1.0), Basis::SplitDividend, series).map(|bars| bars.basis());
        assert_eq!(single(None), Ok(Basis::SplitDividend));
        assert_eq!(single(Some(Basis::SplitDividend)), Ok(Basis::SplitDividend));
        let refused = single(Some(Basis::Split)).unwrap_err();
        assert_eq!(refused.to_string(), "it is adjusted for split_dividend, and the stored series for split");
    }

    #[test]
    fn a_rebased_history_keeps_what_only_we_have_in_the_new_unit() {
        let (given, _) = OneBasis::join(&batch(Basis::Split, &[bar(6, 50.0)]), None, &[], true).unwrap();
        let bars = given.rebased(&[bar(5, 100.0), bar(6, 100.0)], 0.5);
        assert_eq!(bars.len(), 2);
        assert_eq!((bars[0].close, bars[0].volume, bars[1].close), (Some(50.0), Some(2000.0), Some(50.0)));
    }
}
