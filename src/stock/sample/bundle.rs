//! Everything the sample market knows, by stock code.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::NaiveDate;

use super::disturbance::Disturbance;
use super::market::{SimulatedMarket, generated};
use super::series::Series;
use super::us;
use crate::stock::bar::Days;
use crate::stock::calendar::{Calendar, Market};

/// The seed of the market that `demo` shows: the same for everybody, so that people can speak about it.
const DEMO_SEED: u64 = 2015;

#[derive(Debug, thiserror::Error)]
pub enum SampleError {
    /// The file in the binary is not as this version expects: a fault of the build.
    #[error("bundled bars, line {line}: {reason}")]
    Bundle { line: usize, reason: String },
    #[error("bundled bars cannot be unpacked")]
    Unpack(#[from] std::io::Error),
}

/// The series an [`Upstream`](super::Upstream) serves. Cheap to clone.
#[derive(Clone, Debug)]
pub struct SampleData {
    series: Arc<BTreeMap<&'static str, Series>>,
    disturbances: Arc<[Disturbance]>,
    /// The days on which Tokyo really trades.
    calendar: Calendar,
}

impl SampleData {
    /// The bundled US bars and the simulated market up to and with `through`.
    /// What lies after an upstream's `as_of` stays unseen, so `through` may lie ahead.
    ///
    /// # Errors
    /// When the bundled file is damaged.
    pub fn demo(through: NaiveDate) -> Result<Self, SampleError> {
        Self::demo_on(Calendar::embedded(Market::Tokyo), through)
    }

    /// The same market where Tokyo trades on other days than the table has, for tests of what an exchange announces.
    ///
    /// # Errors
    /// As [`demo`](Self::demo).
    pub fn demo_on(calendar: Calendar, through: NaiveDate) -> Result<Self, SampleError> {
        let simulated = SimulatedMarket::on(&calendar, DEMO_SEED, through);
        Ok(Self { calendar, ..Self::of(us::series()?.into_iter().chain(simulated.into_series())) })
    }

    /// Any series, for tests.
    pub fn of(series: impl IntoIterator<Item = Series>) -> Self {
        Self {
            series: Arc::new(series.into_iter().map(|one| (one.code, one)).collect()),
            disturbances: Arc::default(),
            calendar: Calendar::embedded(Market::Tokyo),
        }
    }

    /// The days on which Tokyo really trades.
    #[must_use]
    pub const fn calendar(&self) -> &Calendar {
        &self.calendar
    }

    /// A market of so many companies (at most [`MOST`](super::market::MOST)), with splits, consolidations, halts,
    /// listings, delistings and dividends on the sessions of `days`, and two months of history before them.
    #[must_use]
    pub fn generated(seed: u64, count: usize, days: Days) -> Self {
        Self::of(generated(seed, count, days))
    }

    /// The same market, of which the sources show these mistakes.
    #[must_use]
    pub fn disturbed(self, disturbances: impl IntoIterator<Item = Disturbance>) -> Self {
        Self { disturbances: disturbances.into_iter().collect(), ..self }
    }

    #[must_use]
    pub fn disturbances(&self) -> &[Disturbance] {
        &self.disturbances
    }

    /// By code in upper case.
    #[must_use]
    pub fn get(&self, code: &str) -> Option<&Series> {
        self.series.get(code)
    }

    /// In the order of their codes.
    pub fn series(&self) -> impl Iterator<Item = &Series> {
        self.series.values()
    }
}
