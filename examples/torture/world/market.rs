//! The sample market behind the stock job's sources, a session further on now and then.

use std::sync::{Mutex, PoisonError};

use chrono::NaiveDate;
use data_infrastructure::stock::{
    calendar::{Calendar, Market as Exchange},
    sample::{SampleData, Upstream},
};
use tokio_util::sync::CancellationToken;

/// The first day loaded. One company splits in March of 2023, soon after the first day that is shown.
const HISTORY_FROM: (i32, u32, u32) = (2022, 6, 1);
const FIRST_SHOWN: (i32, u32, u32) = (2023, 3, 22);
const SOURCES: [&str; 3] = ["yahoo", "kabutan", "stooq"];

/// Serves until it is dropped.
pub struct Market {
    upstream: Upstream,
    data: SampleData,
    today: Mutex<NaiveDate>,
    end: CancellationToken,
}

impl Market {
    pub async fn open() -> anyhow::Result<Self> {
        let data = SampleData::demo(day((2025, 12, 30)))?;
        let end = CancellationToken::new();
        let upstream = Upstream::start(data.clone(), day(FIRST_SHOWN), end.clone()).await?;
        Ok(Self { upstream, data, today: Mutex::new(day(FIRST_SHOWN)), end })
    }

    /// Shows one more session.
    pub fn turn(&self) {
        let mut today = self.today.lock().unwrap_or_else(PoisonError::into_inner);
        *today = Calendar::embedded(Exchange::Tokyo).next_session_after(*today);
        self.upstream.set_as_of(*today);
    }

    /// The sections of a daemon's configuration that lead here. `reload` counts their changes.
    pub fn configuration(&self, reload: u64) -> String {
        let (year, month, day) = HISTORY_FROM;
        let schedule = match reload {
            0 => "0 0 29 2 *",
            odd if odd % 2 == 1 => "*/20 * * * * *",
            _ => "*/30 * * * * *",
        };
        let overlap = ["queue", "skip"][usize::from(reload % 2 == 1)];
        let mut text = format!(
            "[jobs.stock]\nschedule = \"{schedule}\"\ntimezone = \"UTC\"\noverlap = \"{overlap}\"\n\
             max_attempts = 10\nretry_backoff = \"300ms\"\nparallel = 2\n\
             history_from = {year}-{month:02}-{day:02}\nma_spans = [5, 25]\n"
        );
        for source in SOURCES {
            let url = self.upstream.base_url(source);
            text += &format!("[sources.{source}]\nbase_url = \"{url}\"\nmin_interval = \"5ms\"\ntimeout = \"5s\"\n");
        }
        text
    }

    /// What a company's bars must be: day, open, high, low, close, volume.
    pub fn truth(&self, code: &str) -> Vec<BarRow> {
        let today = *self.today.lock().unwrap_or_else(PoisonError::into_inner);
        let bars = self.data.get(code).map_or_else(Vec::new, |series| series.bars_as_of(today));
        let loaded = bars.into_iter().filter(|bar| bar.date >= day(HISTORY_FROM));
        loaded.map(|bar| (bar.date, bar.open, bar.high, bar.low, bar.close, bar.volume)).collect()
    }
}

impl Drop for Market {
    fn drop(&mut self) {
        self.end.cancel();
    }
}

/// A bar as its table has it.
pub type BarRow = (NaiveDate, Option<f64>, Option<f64>, Option<f64>, Option<f64>, Option<f64>);

fn day((year, month, day): (i32, u32, u32)) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, month, day).unwrap()
}
