//! What was measured of one kind of request, as a line of the table.

use std::time::Duration;

/// Answers, and how long each took.
#[derive(Default)]
pub struct Figures {
    /// In microseconds.
    pub latencies: Vec<u32>,
    pub bytes: u64,
    pub seconds: f64,
    /// Seconds of the processor, where they are known: the daemon's, and this process's as its client.
    pub daemon: Option<f64>,
    pub client: Option<f64>,
}

impl Figures {
    pub const HEAD: &str = "                                        requests/s   of the   p50 ms   p99 ms  kB each  \
                            processor ms each:\n                                                  baseline                           \
                            daemon  client";

    pub fn push(&mut self, took: Duration) {
        self.latencies.push(u32::try_from(took.as_micros()).unwrap_or(u32::MAX));
    }

    pub fn rate(&self) -> f64 {
        self.latencies.len() as f64 / self.seconds
    }

    /// Prints the line.
    pub fn tell(mut self, what: &str, baseline: Option<f64>) {
        self.latencies.sort_unstable();
        let count = self.latencies.len().max(1) as f64;
        let ms = |share: f64| {
            let last = self.latencies.len().saturating_sub(1) as f64;
            self.latencies.get((last * share).round() as usize).map_or(f64::NAN, |us| f64::from(*us) / 1000.0)
        };
        let ratio = baseline.map_or_else(|| "-".to_owned(), |baseline| format!("{:.2}", self.rate() / baseline));
        let each =
            |seconds: Option<f64>| seconds.map_or_else(|| "-".to_owned(), |s| format!("{:.2}", s * 1000.0 / count));
        println!(
            "{what:<40}{:>10.0} {ratio:>8} {:>8.1} {:>8.1} {:>8.1} {:>8} {:>7}",
            self.rate(),
            ms(0.5),
            ms(0.99),
            self.bytes as f64 / 1000.0 / count,
            each(self.daemon),
            each(self.client),
        );
    }
}
