//! What a task has written, told to the metrics.

use crate::{metrics::Metrics, stock::loading::Loaded};

pub(super) fn count(metrics: &Metrics, loaded: &Loaded) {
    let rows = loaded.rows;
    for (outcome, count) in [
        ("inserted", rows.inserted),
        ("updated", rows.updated),
        ("unchanged", rows.unchanged),
        ("rejected", rows.rejected),
    ] {
        metrics.rows("stockprice", outcome, count);
    }
    metrics.rows("stockprice_ma", "inserted", loaded.indicator_rows);
}
