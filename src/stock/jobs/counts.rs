//! What a task has written, told to the metrics.

use crate::{jobs::RowCounts, metrics::Metrics};

pub(super) fn count(metrics: &Metrics, rows: RowCounts, indicator_rows: u64) {
    for (outcome, count) in [
        ("inserted", rows.inserted),
        ("updated", rows.updated),
        ("unchanged", rows.unchanged),
        ("rejected", rows.rejected),
    ] {
        metrics.rows("stockprice", outcome, count);
    }
    metrics.rows("stockprice_ma", "inserted", indicator_rows);
}
