//! The check of a close against the close before it.

use chrono::NaiveDate;

use super::known::Known;
use super::tally::Tally;
use crate::stock::bar::{Bar, Row};

/// A close that is so many times the one before, or less than that part of it, is a mistake or an unlisted split.
const LEAP: f64 = 5.0;

/// Keeps the bars whose close follows from the last kept one, and those that are stored as they are.
///
/// A rejected close is not compared with: after a single wrong row the series goes on, while a lasting shift, an
/// unlisted split, gets every later row rejected and so the whole answer refused, instead of mixing two bases. A listed
/// split explains no leap: prices are adjusted for it (see `splits`).
pub(super) fn keep_continuous(
    rows: Vec<Row>,
    stored: Option<(NaiveDate, f64)>,
    known: Known<'_>,
    tally: &mut Tally,
) -> Vec<Bar> {
    let stored = stored.filter(|(day, close)| {
        close.is_normal() && *close > 0.0 && rows.first().is_some_and(|row| *day < row.bar.date)
    });
    let mut previous = stored.map(|(_, close)| close).or_else(|| typical_start(&rows));
    let mut bars = Vec::with_capacity(rows.len());
    for row in rows {
        let Some(close) = row.bar.close else {
            bars.push(row.bar);
            continue;
        };
        if let Some(before) = previous.filter(|before| !follows(close / before) && !known.has_prices(&row.bar)) {
            tally.reject(row, format!("the close leaps from {before} to {close} without a split"));
            continue;
        }
        previous = Some(close);
        bars.push(row.bar);
    }
    bars
}

/// Without a stored close the median of the first three stands in, so that a wrong first row does not reject the rest.
fn typical_start(rows: &[Row]) -> Option<f64> {
    let mut first: Vec<f64> = rows.iter().filter_map(|row| row.bar.close).take(3).collect();
    first.sort_by(f64::total_cmp);
    first.get(first.len() / 2).copied()
}

fn follows(step: f64) -> bool {
    (1.0 / LEAP..=LEAP).contains(&step)
}
