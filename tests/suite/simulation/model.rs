//! What one company's series must be, from the answers that were given about it. It knows the market's truth, which
//! the job does not: where the job has to conclude that there was a split, this one looks it up.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use data_infrastructure::stock::{
    bar::{Bar, Split},
    calendar::{Calendar, Market},
    sample::{Disturbance, DisturbanceKind, SampleData, Series},
};

/// Stored sessions that are read again.
const OVERLAP: usize = 10;

pub struct Model<'a> {
    market: &'a SampleData,
    series: &'a Series,
    /// The first day that is ever asked for.
    from: NaiveDate,
    pub stored: BTreeMap<NaiveDate, Bar>,
    /// Of the newest bars.
    source: Option<&'static str>,
    /// Whether the first answer was adjusted for dividends too.
    for_dividends: bool,
    is_rebased: bool,
}

/// What an answer means for the stored series.
#[derive(Debug)]
pub enum Finding {
    /// May be loaded, with these stored bars corrected.
    Fits(Vec<NaiveDate>),
    Rebased(Split),
    Contradicts,
}

/// A stored bar that was changed, or all of them by a split.
#[derive(Clone, Debug, PartialEq)]
pub enum Change {
    Correction { old: Bar, new: Bar },
    Rebase { ratio: f64 },
}

impl<'a> Model<'a> {
    pub fn new(market: &'a SampleData, series: &'a Series, from: NaiveDate) -> Self {
        let stored = BTreeMap::new();
        Self { market, series, from, stored, source: None, for_dividends: false, is_rebased: false }
    }

    pub fn whole_from(&self) -> NaiveDate {
        self.from
    }

    /// The first day that the next evening asks for.
    pub fn asked_from(&self) -> NaiveDate {
        let Some((newest, _)) = self.stored.last_key_value() else { return self.from };
        Calendar::embedded(Market::Tokyo).nth_session_before(*newest, OVERLAP - 1).max(self.from)
    }

    pub fn finding(&self, bars: &BTreeMap<NaiveDate, Bar>, source: &'static str, today: NaiveDate) -> Finding {
        let same_basis = self.stored.is_empty() || self.for_dividends == (source == "stooq");
        let split = self.split_since(source, today);
        let common = || bars.iter().filter_map(|(date, new)| Some((self.stored.get(date)?, new)));
        let differing: Vec<NaiveDate> =
            common().filter(|(old, new)| self.differ(old, new, source)).map(|(old, _)| old.date).collect();
        match split {
            Some(split) if same_basis => Finding::Rebased(split),
            _ if differing.is_empty() => Finding::Fits(differing),
            _ if same_basis && differing.len() <= (common().count() / 5).max(1) => Finding::Fits(differing),
            _ => Finding::Contradicts,
        }
    }

    /// The split that the source shows and the stored series does not have yet.
    fn split_since(&self, source: &str, today: NaiveDate) -> Option<Split> {
        let split = self.series.splits_as_of(today).last().filter(|_| !self.is_rebased)?;
        let has_older = self.stored.keys().next().is_some_and(|first| *first < split.date);
        (has_older && !self.is_late(source, today)).then_some(*split)
    }

    /// The source announces the newest split and has not adjusted for it yet.
    pub fn is_late(&self, source: &str, today: NaiveDate) -> bool {
        let late = |one: &Disturbance| one.kind == DisturbanceKind::LateRebase;
        self.market.disturbances().iter().any(|one| late(one) && one.is_shown(source, self.series.code, today))
    }

    fn differ(&self, old: &Bar, new: &Bar, source: &str) -> bool {
        let prices = |bar: &Bar| [bar.open, bar.high, bar.low, bar.close];
        let apart = prices(old).into_iter().zip(prices(new)).map(|pair| match pair {
            (Some(old), Some(new)) => (new / old - 1.0).abs(),
            (None, None) => 0.0,
            _ => 1.0,
        });
        let most = apart.fold(0.0, f64::max);
        // Between the rounding of two sources and a mistake there is nothing, or nobody could say what is right.
        assert!(most == 0.0 || most > 2e-3, "choose another disturbance: {old:?} {new:?}");
        most > 0.0 || (self.source == Some(source) && old.volume != new.volume)
    }

    /// The answer is loaded; gives what changed of what was stored, with its day.
    pub fn load(
        &mut self,
        bars: &BTreeMap<NaiveDate, Bar>,
        source: &'static str,
        finding: &Finding,
    ) -> Vec<(NaiveDate, Change)> {
        let newest = self.stored.last_key_value().map(|(date, _)| *date);
        if self.stored.is_empty() {
            self.for_dividends = source == "stooq";
            // It is on the basis of its day, whatever split lies before.
            self.is_rebased = bars.keys().next_back().is_some_and(|last| !self.series.splits_as_of(*last).is_empty());
        }
        let mut changes = Vec::new();
        match finding {
            Finding::Rebased(split) => {
                let ratio = 1.0 / split.ratio;
                let is_older = |old: &&mut Bar| old.date < split.date && !bars.contains_key(&old.date);
                for old in self.stored.values_mut().filter(is_older) {
                    *old = Bar {
                        open: old.open.map(|price| price * ratio),
                        high: old.high.map(|price| price * ratio),
                        low: old.low.map(|price| price * ratio),
                        close: old.close.map(|price| price * ratio),
                        volume: old.volume.map(|volume| volume / ratio),
                        ..*old
                    };
                }
                self.stored.extend(bars);
                self.is_rebased = true;
                self.source = Some(source);
                let last = self.stored.keys().next_back().copied().unwrap_or_default();
                return vec![(last, Change::Rebase { ratio })];
            }
            Finding::Fits(corrected) => {
                for date in corrected {
                    let (old, new) = (self.stored[date], bars[date]);
                    changes.push((*date, Change::Correction { old, new }));
                    self.stored.insert(*date, new);
                }
            }
            Finding::Contradicts => unreachable!("nothing is loaded"),
        }
        for (date, bar) in bars {
            self.stored.entry(*date).or_insert(*bar);
        }
        if self.stored.last_key_value().map(|(date, _)| *date) > newest {
            self.source = Some(source);
        }
        changes
    }
}
