//! Everything the sample market knows, by stock code.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::NaiveDate;

use super::market::SimulatedMarket;
use super::series::Series;
use super::us;

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
#[derive(Clone, Debug, Default)]
pub struct SampleData(Arc<BTreeMap<&'static str, Series>>);

impl SampleData {
    /// The bundled US bars and the simulated market up to and with `through`.
    /// What lies after an upstream's `as_of` stays unseen, so `through` may lie ahead.
    ///
    /// # Errors
    /// When the bundled file is damaged.
    pub fn demo(through: NaiveDate) -> Result<Self, SampleError> {
        let simulated = SimulatedMarket::generate(DEMO_SEED, through);
        Ok(Self::of(us::series()?.into_iter().chain(simulated.into_series())))
    }

    /// Any series, for tests.
    pub fn of(series: impl IntoIterator<Item = Series>) -> Self {
        Self(Arc::new(series.into_iter().map(|one| (one.code, one)).collect()))
    }

    /// By code in upper case.
    #[must_use]
    pub fn get(&self, code: &str) -> Option<&Series> {
        self.0.get(code)
    }

    /// In the order of their codes.
    pub fn series(&self) -> impl Iterator<Item = &Series> {
        self.0.values()
    }
}
