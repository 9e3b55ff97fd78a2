//! The check of a close against the close before it.

use chrono::NaiveDate;

use super::tally::Tally;
use crate::stock::bar::{Bar, Row, Split};

/// A close that is so many times the one before, or less than that part of it, is a mistake or an unlisted split.
const LEAP: f64 = 5.0;

/// Keeps the bars whose close follows from the last kept one.
///
/// A rejected close is not compared with: after a single wrong row the series goes on, while a lasting shift, an
/// unlisted split, gets every later row rejected and so the whole answer refused, instead of mixing two bases.
pub(super) fn keep_continuous(
    rows: Vec<Row>,
    splits: &[Split],
    stored: Option<(NaiveDate, f64)>,
    tally: &mut Tally,
) -> Vec<Bar> {
    let stored = stored.filter(|(day, close)| {
        close.is_normal() && *close > 0.0 && rows.first().is_some_and(|row| *day < row.bar.date)
    });
    let mut previous = stored.or_else(|| typical_start(&rows));
    let mut from_store = stored.is_some();
    let mut bars = Vec::with_capacity(rows.len());
    for row in rows {
        let Some(close) = row.bar.close else {
            bars.push(row.bar);
            continue;
        };
        if let Some((day, before)) = previous {
            // A stored close may stem from before a split that the whole answer is already adjusted for.
            let relevant = splits.iter().filter(|s| day < s.date && (from_store || s.date <= row.bar.date));
            if !follows(close / before, relevant) {
                tally.reject(row, format!("the close leaps from {before} to {close} without a split"));
                continue;
            }
        }
        previous = Some((row.bar.date, close));
        from_store = false;
        bars.push(row.bar);
    }
    bars
}

/// Without a stored close the median of the first three stands in, so that a wrong first row does not reject the rest.
fn typical_start(rows: &[Row]) -> Option<(NaiveDate, f64)> {
    let mut first: Vec<f64> = rows.iter().filter_map(|row| row.bar.close).take(3).collect();
    first.sort_by(f64::total_cmp);
    let day = rows.first()?.bar.date.pred_opt()?;
    Some((day, *first.get(first.len() / 2)?))
}

/// Whether a step is small enough, as it is or with the splits of the time taken out.
fn follows<'a>(step: f64, splits: impl Iterator<Item = &'a Split>) -> bool {
    let small = |step: f64| (1.0 / LEAP..=LEAP).contains(&step);
    small(step) || small(step * splits.map(|split| split.ratio).product::<f64>())
}
